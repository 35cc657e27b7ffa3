use crm::lists::{Base, List, Lists, Named};

/// The longest name of a class, in bytes.
const MAX_CLASS: usize = 64;

/// What CRM links read: pages of JSON:API (kustomer.md), which lead to the next one.
pub static LISTS: Lists = Lists {
    connector: "kustomer",
    lists: &[
        List::new("customers", "/v1/customers")
            .of("attributes.emails.email", "attributes.phones.phone"),
        List::new("conversations", "/v1/conversations"),
        List::new("companies", "/v1/companies"),
    ],
    named: Some(Named {
        prefix: "klasses/",
        path: "/v1/klasses/",
        most: MAX_CLASS,
    }),
    told: "`customers`, `conversations`, `companies` and `klasses/{name}`",
    base: Base::Label {
        setting: "subdomain",
        host: ".api.kustomerapp.com",
        variable: "KUSTOMER_API_BASE",
    },
    key: "api_key",
    query: "?page=1&pageSize=100",
    counts_pages: false,
    excluded: &["relationships", "links"],
};
