use crm::lists::{Base, List, Lists};

/// What CRM links read. The links of a page forget its size, and name the host that the server takes itself for, so pages
/// are counted.
pub static LISTS: Lists = Lists {
    connector: "krayin",
    lists: &[
        List::new("persons", "/contacts/persons").of("emails.value", "contact_numbers.value"),
        List::new("organizations", "/contacts/organizations"),
        List::new("leads", "/leads").of("person.emails.value", "person.contact_numbers.value"),
        List::new("quotes", "/quotes").of("person.emails.value", "person.contact_numbers.value"),
        List::new("products", "/products").public(),
    ],
    named: None,
    told: "`persons`, `organizations`, `leads`, `quotes` and `products`",
    base: Base::Setting("api_url"),
    key: "api_token",
    query: "?limit=100&sort=id&order=asc&page=1",
    counts_pages: true,
    excluded: &[],
};
