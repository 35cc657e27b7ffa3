//! The requests and the answers that crm-links-guide.md prints, as they stand there.

use super::{get, page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{LINKED_PAGE, Links};

const URL: &str = "https://api.crm.com/customers";

fn printed() -> Value {
    json!({
        "page_id": "123456789", "channels": ["facebook", "messenger"], "name": "Customer Database",
        "url": URL, "type": "api", "api_key": "your-api-key",
        "headers": { "X-Custom-Header": "value" }, "description": "Main customer database",
        "is_active": true,
    })
}

fn added(links: &Links, body: &Value) -> Value {
    let added = links.call("POST", "crm-links", body);
    assert_eq!(added.status, 201, "{}", added.text());
    added.json
}

/// The fields that the guide prints of a link.
fn assert_printed(link: &Value) {
    let expected = json!({
        "name": "Customer Database", "url": URL, "type": "api",
        "channels": ["facebook", "messenger"], "api_key": "***",
        "headers": { "X-Custom-Header": "value" }, "description": "Main customer database",
        "is_active": true,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&link[name], value, "{name}");
    }
}

fn names(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn a_link_is_added_and_listed_as_printed() {
    let links = Links::new();
    let answer = added(&links, &printed());
    assert_eq!(
        names(&answer),
        BTreeSet::from(["message", "crm_link", "channels", "page_id"])
    );
    assert_eq!(answer["message"], "CRM link added successfully");
    assert_eq!(answer["channels"], json!(["facebook", "messenger"]));
    assert_eq!(answer["page_id"], "123456789");
    assert_printed(&answer["crm_link"]);

    let mut list = get(&links, &page("&channel=facebook")).json;
    assert_printed(&list["crm_links"].as_array_mut().unwrap().remove(0));
    let rest = json!({
        "crm_links": [], "page_id": "123456789", "channel": "facebook", "total": 1,
        "active_count": 1, "inactive_count": 0,
    });
    assert_eq!(list, rest);
}

#[test]
fn a_link_is_turned_off_and_deleted_as_printed() {
    let links = Links::new();
    added(&links, &printed());
    let status = json!({
        "page_id": "123456789", "url": URL, "channels": ["facebook"], "is_active": false,
    });
    let answer = links.call("PUT", "crm-links/status", &status);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = json!({
        "message": "CRM link status updated successfully", "updated_count": 1, "url": URL,
        "channels": ["facebook"], "is_active": false,
    });
    assert_eq!(answer.json, expected);
    let of = |channel: &str| get(&links, &page(&format!("&channel={channel}"))).json;
    assert_eq!(of("facebook")["inactive_count"], 1);
    assert_eq!(of("facebook")["crm_links"][0]["is_active"], false);
    assert_eq!(of("messenger")["active_count"], 1);

    let delete = json!({
        "page_id": "123456789", "url": URL, "channels": ["facebook", "messenger"],
    });
    let answer = links.call("DELETE", "crm-links", &delete);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = json!({
        "message": "CRM link deleted successfully", "deleted_count": 2, "url": URL,
        "channels": ["facebook", "messenger"],
    });
    assert_eq!(answer.json, expected);
    assert_eq!(get(&links, &page("")).json["total"], 0);
}

#[test]
fn all_links_are_listed_as_printed() {
    let links = Links::new();
    let none = json!({});
    let _ = links
        .stack
        .channel(&links.tenant, "facebook", LINKED_PAGE, &none, &none);
    for n in 0..4 {
        let mut link = printed();
        link["url"] = format!("{URL}/{n}").into();
        let channel = ["facebook", "messenger"][n % 2];
        link["channels"] = json!([channel]);
        link["is_active"] = (n > 0).into();
        added(&links, &link);
    }
    let all = get(&links, "crm-links/all").json;
    let expected = [
        "company_id",
        "company_name",
        "pages_data",
        "total_pages",
        "total_crm_links",
        "total_active",
        "total_inactive",
    ];
    assert_eq!(names(&all), BTreeSet::from(expected));
    assert_eq!(all["company_id"], *links.tenant.business_id);
    assert_eq!(all["company_name"], "Test business");
    let counts = [
        "total_pages",
        "total_crm_links",
        "total_active",
        "total_inactive",
    ];
    assert_eq!(counts.map(|name| all[name].as_u64().unwrap()), [1, 4, 3, 1]);
    let page = &all["pages_data"][0];
    let expected = [
        "page_id",
        "page_name",
        "facebook_crm_links",
        "messenger_crm_links",
        "legacy_crm_links",
        "total_active",
        "total_inactive",
        "other_crm_links",
    ];
    assert_eq!(names(page), BTreeSet::from(expected));
    assert_eq!(
        (&page["page_id"], &page["page_name"]),
        (&json!("123456789"), &json!("facebook"))
    );
    assert_eq!(page["legacy_crm_links"], json!([]));
    let size = |list: &str| page[list].as_array().unwrap().len();
    assert_eq!(
        (size("facebook_crm_links"), size("messenger_crm_links")),
        (2, 2)
    );
    assert_eq!(
        (&page["total_active"], &page["total_inactive"]),
        (&json!(3), &json!(1))
    );
}

#[test]
fn what_is_fetched_becomes_the_text_that_is_printed() {
    let links = Links::new();
    let body = r#"{
      "customers": [
        {
          "id": "cust-123",
          "name": "John Doe",
          "email": "john@example.com",
          "subscription": "Premium",
          "support_level": "Gold"
        }
      ]
    }"#;
    links.serve_text(URL, 200, &[("content-type", "application/json")], body);
    added(&links, &printed());
    links.run();
    let asked = links.stack.ports.take_requests();
    let header = |name: &str| {
        let custom = asked[0].custom_headers.iter();
        custom
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(header("authorization"), ["Bearer your-api-key"]);
    assert_eq!(header("x-custom-header"), ["value"]);
    let listed = get(&links, "rag/documents/details?page_id=123456789&source=crm").json;
    let text = "customers[0].id: cust-123\ncustomers[0].name: John Doe\n\
                customers[0].email: john@example.com\ncustomers[0].subscription: Premium\n\
                customers[0].support_level: Gold";
    assert_eq!(listed["documents"][0]["content"], text);
    assert_eq!(listed["total"], 1);
}

#[test]
fn the_examples_of_shopify_hubspot_and_others_are_added_as_printed() {
    let links = Links::new();
    let examples = [
        json!({
            "page_id": "123456789", "channels": ["messenger"], "name": "Shopify Customers",
            "url": "https://mystore.myshopify.com/admin/api/2024-01/customers.json", "type": "api",
            "api_key": "shppa_1234567890",
            "headers": { "X-Shopify-Access-Token": "shppa_1234567890" },
            "description": "Shopify customer database", "is_active": true,
        }),
        json!({
            "page_id": "123456789", "channels": ["facebook", "messenger"], "name": "HubSpot Contacts",
            "url": "https://api.hubapi.com/crm/v3/objects/contacts", "type": "api",
            "api_key": "pat-na1-1234567890", "headers": { "Content-Type": "application/json" },
            "description": "HubSpot CRM contacts", "is_active": true,
        }),
        json!({
            "page_id": "123456789", "channels": ["facebook"], "name": "Internal CRM",
            "url": "https://crm.company.com/api/customers", "type": "api",
            "headers": { "X-API-Key": "internal-key-123", "X-Client-ID": "facebook-bot" },
            "description": "Company internal CRM", "is_active": true,
        }),
    ];
    for example in &examples {
        links.stack.advance(1);
        let link = &added(&links, example)["crm_link"];
        for name in [
            "name",
            "url",
            "type",
            "channels",
            "description",
            "is_active",
        ] {
            assert_eq!(link[name], example[name], "{name}");
        }
    }
    let list = get(&links, &page("")).json;
    let shown = list["crm_links"].as_array().unwrap();
    assert_eq!(
        shown[0]["headers"],
        json!({ "X-Shopify-Access-Token": "***" })
    );
    assert_eq!(
        shown[1]["headers"],
        json!({ "Content-Type": "application/json" })
    );
    assert_eq!(
        shown[2]["headers"],
        json!({ "X-API-Key": "***", "X-Client-ID": "facebook-bot" })
    );
    assert!(shown[2].get("api_key").is_none());
    links.run();
    let asked = links.stack.ports.take_requests();
    let sent = |n: usize| {
        asked[n]
            .custom_headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
    };
    assert!(sent(0).any(|header| header == "x-shopify-access-token: shppa_1234567890"));
    assert!(sent(1).any(|header| header == "authorization: Bearer pat-na1-1234567890"));
    assert!(sent(2).any(|header| header == "x-api-key: internal-key-123"));
    assert!(sent(2).any(|header| header == "x-client-id: facebook-bot"));
}
