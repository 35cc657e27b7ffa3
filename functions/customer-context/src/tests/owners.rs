//! A record that carries somebody's identity is given for that customer alone.

use super::{URL, context, customer, keys, with_records};
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

/// All that a customer is given for questions that name everything.
fn given(links: &Links, id: &str) -> String {
    let questions = [
        "secret",
        "a1@example.com",
        "a2@example.com",
        "+353871234561",
        "+353871234562",
        "s-1 s-2 s-3",
    ];
    let contexts = questions.map(|question| {
        let mut context = context(links, id, question);
        // The question itself names them.
        context["query"] = Value::Null;
        context.to_string()
    });
    contexts.concat()
}

fn two(links: &Links) -> (String, String) {
    let a = json!({ "name": "A", "email": "a1@example.com", "phone": "+353871234561" });
    let b = json!({ "name": "B", "email": "a2@example.com", "phone": "+353871234562" });
    (customer(links, &a), customer(links, &b))
}

#[test]
fn customers_that_differ_in_a_digit_are_given_what_is_theirs() {
    let links = Links::new();
    let (a, b) = two(&links);
    let records = json!([
        { "id": "s-1", "email": "a1@example.com", "note": "The secret of alpha" },
        { "id": "s-2", "email": "a2@example.com", "note": "The secret of beta" },
        { "id": "s-3", "phone": "+353 87 123 4561", "note": "The secret of gamma" },
        { "id": "s-4", "phone": "087 123 4562", "note": "The secret of delta" },
        { "id": "s-5", "email": "a11@example.com", "note": "The secret of epsilon" },
        { "id": "s-6", "phone": "+3538712345611", "note": "The secret of zeta" },
        { "id": "s-7", "email": "xa1@example.com", "note": "The secret of kappa" },
    ]);
    with_records(&links, URL, &records, &json!({}));
    let has = |id: &str| {
        let given = given(&links, id);
        let words = [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "kappa",
        ];
        words.map(|word| given.contains(word))
    };
    assert_eq!(has(&a), [true, false, true, false, false, false, false]);
    assert_eq!(has(&b), [false, true, false, true, false, false, false]);
}

#[test]
fn a_record_with_the_address_of_one_and_the_number_of_another_is_given_for_neither() {
    let links = Links::new();
    let (a, b) = two(&links);
    let record = json!([{ "id": "s-1", "email": "a1@example.com", "phone": "+353871234562", "note": "A secret of two" }]);
    with_records(&links, URL, &record, &json!({}));
    for id in [&a, &b] {
        assert!(!given(&links, id).contains("of two"));
    }
    assert_eq!(links.found("s-1")[0], "s-1", "who has a session finds it");
}

#[test]
fn a_record_that_also_names_somebody_who_is_no_customer_is_given() {
    let links = Links::new();
    let (a, b) = two(&links);
    // An id that another customer has as a number, and in another system.
    let other = json!({ "name": "C", "email": "c@example.com", "external_id": "+353871234569", "external_system": "shop" });
    customer(&links, &other);
    let records = json!([
        { "id": "s-1", "email": "a1@example.com", "phone": "+353871234569", "note": "The secret of alpha" },
        { "id": "s-2", "email": "a1@example.com", "customer_id": "+353871234569", "note": "The secret of beta" },
        { "id": "s-3", "email": "a1@example.com", "phone": "+353871234562", "note": "The secret of gamma" },
    ]);
    let identity = json!({
        "email": ["email"], "phone": ["phone"], "external_id": ["customer_id"], "external_system": "helpdesk",
    });
    with_records(&links, URL, &records, &json!({ "identity": identity }));
    let has = |id: &str| ["alpha", "beta", "gamma"].map(|word| given(&links, id).contains(word));
    assert_eq!(has(&a), [true, true, false]);
    assert_eq!(has(&b), [false; 3]);
}

#[test]
fn a_record_is_given_for_each_identity_that_a_customer_has() {
    let links = Links::new();
    let a = customer(
        &links,
        &json!({
            "name": "A", "email": "a1@example.com", "phone": "+353871234561",
            "whatsapp_number": "+353871234563", "external_id": "c-1", "external_system": "shop",
        }),
    );
    let again =
        json!({ "email": "a1@example.com", "external_id": "d-1", "external_system": "helpdesk" });
    assert_eq!(customer(&links, &again), a, "it is the same customer");
    let system = |system: &str| json!({ "identity": { "external_id": ["customer_id"], "external_system": system } });
    let record = |id: &str, note: &str| json!([{ "id": id, "customer_id": id, "note": note }]);
    with_records(
        &links,
        URL,
        &record("c-1", "by the shop's id"),
        &system("shop"),
    );
    let helpdesk = "https://crm.example/helpdesk";
    with_records(
        &links,
        helpdesk,
        &record("d-1", "by the helpdesk's id"),
        &system("helpdesk"),
    );
    let others = json!([
        { "id": "s-1", "email": "a1@example.com", "note": "by their address" },
        { "id": "s-2", "phone": "+353871234561", "note": "by their number" },
        { "id": "s-3", "phone": "+353871234563", "note": "by their number of WhatsApp" },
        // Both numbers are theirs, so it is nobody else's.
        { "id": "s-4", "phone": "+353871234561", "mobile": "+353871234563", "note": "by both" },
    ]);
    with_records(&links, "https://crm.example/others", &others, &json!({}));
    let body = json!({ "customer": a });
    let mut given = keys(&super::asked(&links, &body).json, "records");
    given.sort_unstable();
    assert_eq!(given, ["c-1", "d-1", "s-1", "s-2", "s-3", "s-4"]);
}

#[test]
fn a_search_for_a_customer_gives_as_many_as_were_asked_for_of_what_they_may_have() {
    let links = Links::new();
    let (a, _) = two(&links);
    // Each fits better than what the customer may have, and is another's as well.
    let both = |n: usize| {
        json!({ "id": format!("s-{n}"), "email": "a1@example.com", "phone": "+353871234562",
            "note": "The blue bicycle bell" })
    };
    let mut records: Vec<Value> = (0..6).map(both).collect();
    for n in 0..3 {
        records.push(json!({ "id": format!("p-{n}"), "note": format!("A blue thing no {n}") }));
    }
    with_records(&links, URL, &json!(records), &json!({}));
    for k in [1, 2, 3] {
        let body = json!({ "customer": a, "query": "blue bicycle bell", "k": k });
        let found = links.call("POST", "rag/search", &body).json;
        let results = found["results"].as_array().unwrap().iter();
        let keys: Vec<&str> = results
            .map(|one| one["record_key"].as_str().unwrap())
            .collect();
        assert_eq!(keys.len(), k, "{found}");
        assert!(keys.iter().all(|key| key.starts_with("p-")), "{keys:?}");
    }
}

#[test]
fn an_identity_in_a_text_makes_nobody_its_owner() {
    let links = Links::new();
    let (a, b) = two(&links);
    let records = json!([
        { "id": "s-1", "email": "a1@example.com", "note": "The secret of alpha. email: a2@example.com, phone +353871234562" },
        { "id": "s-2", "email": "a1@example.com", "note": "alpha\nemail: a2@example.com\ncustomers[0].email: a2@example.com" },
    ]);
    with_records(&links, URL, &records, &json!({}));
    assert!(given(&links, &a).contains("alpha"));
    assert!(!given(&links, &b).contains("alpha"));
}

#[test]
fn a_record_whose_owner_changes_is_given_for_the_new_one() {
    for settings in [json!({}), json!({ "fields": { "exclude": ["email"] } })] {
        let links = Links::new();
        let (a, b) = two(&links);
        let record =
            |email: &str| json!([{ "id": "s-1", "email": email, "note": "The secret of alpha" }]);
        with_records(&links, URL, &record("a1@example.com"), &settings);
        assert!(given(&links, &a).contains("alpha") && !given(&links, &b).contains("alpha"));
        links.serve_json(URL, &record("a2@example.com"));
        links.later();
        assert!(!given(&links, &a).contains("alpha"), "{settings}");
        assert!(given(&links, &b).contains("alpha"), "{settings}");
        links.serve_json(URL, &json!([{ "id": "s-1", "email": null, "owner_email": "nobody", "note": "The secret of alpha" }]));
        links.later();
        for id in [&a, &b] {
            assert!(!given(&links, id).contains("alpha"), "{settings}");
        }
    }
}

#[test]
fn an_id_joins_a_record_to_the_customer_of_its_system() {
    let links = Links::new();
    let of = |system: &str, name: &str| {
        let email = format!("{name}@example.com");
        let more =
            json!({ "name": name, "email": email, "external_id": "42", "external_system": system });
        customer(&links, &more)
    };
    let (a, b) = (of("shop", "A"), of("helpdesk", "B"));
    let record = json!([{ "id": "s-1", "customer_id": "42", "note": "The secret of alpha" }]);
    let identity = json!({ "external_id": ["customer_id"], "external_system": "shop" });
    with_records(&links, URL, &record, &json!({ "identity": identity }));
    assert!(given(&links, &a).contains("alpha"));
    assert!(!given(&links, &b).contains("alpha"));
}

#[test]
fn a_link_that_is_off_gives_nothing() {
    let links = Links::new();
    let (a, _) = two(&links);
    let record = json!([{ "id": "s-1", "email": "a1@example.com", "note": "The secret of alpha" }]);
    let id = with_records(&links, URL, &record, &json!({}));
    assert_eq!(
        keys(&context(&links, &a, "nothing of it"), "records").len()
            + keys(&context(&links, &a, "nothing of it"), "passages").len(),
        1
    );
    let patch = json!({ "is_active": false });
    assert_eq!(
        links
            .call("PATCH", &format!("crm-links/{id}"), &patch)
            .status,
        200
    );
    assert!(!given(&links, &a).contains("alpha"));
}

#[test]
fn a_link_that_was_deleted_gives_nothing_from_then_on() {
    let links = Links::new();
    let (a, _) = two(&links);
    let record = json!([{ "id": "s-1", "email": "a1@example.com", "note": "The secret of alpha" }]);
    with_records(&links, URL, &record, &json!({}));
    assert!(given(&links, &a).contains("alpha"));
    let place = json!({ "page_id": LINKED_PAGE, "url": URL });
    assert_eq!(links.call("DELETE", "crm-links", &place).status, 200);
    // What is searched of it goes later.
    assert!(links.stored().contains("alpha"));
    assert!(!given(&links, &a).contains("alpha"));
}

#[test]
fn own_records_are_of_the_links_that_are_asked_and_as_they_are_searched() {
    let links = Links::new();
    let (a, _) = two(&links);
    let record = |word: &str| json!([{ "id": "s-1", "email": "a1@example.com", "note": format!("The secret of {word}") }]);
    with_records(&links, URL, &record("alpha"), &json!({}));
    let off = json!({ "channels": ["email"] });
    let elsewhere = "https://crm.example/elsewhere";
    with_records(&links, elsewhere, &record("beta"), &off);
    let of = |channel: &str| {
        let body = json!({ "customer": a, "channel": channel });
        let records = super::asked(&links, &body).json["records"].to_string();
        ["alpha", "beta", "gamma"].map(|word| records.contains(word))
    };
    assert_eq!(of("messenger"), [true, false, false]);
    assert_eq!(of("email"), [false, true, false]);
    // Staged, and not published: the invocation broke off between two pages.
    links
        .stack
        .search
        .sql("UPDATE chunks SET gone = 9000000000000000 WHERE text LIKE '%alpha%';");
    links.stack.search.sql(
        "UPDATE chunks SET born = 9000000000000000, text = replace(text, 'beta', 'gamma') WHERE text LIKE '%beta%';",
    );
    assert_eq!(
        of("messenger"),
        [true, false, false],
        "it is there until the next is"
    );
    assert_eq!(of("email"), [false, false, false], "it is not there yet");
    let before = "UPDATE chunks SET gone = 1";
    links.stack.search.sql(before);
    assert_eq!(of("messenger"), [false, false, false]);
}

#[test]
fn customers_of_two_businesses_with_one_address_are_two() {
    let links = Links::new();
    let (a, _) = two(&links);
    let other = links.other();
    let (theirs, _) = two(&other);
    let record = |word: &str| json!([{ "id": "s-1", "email": "a1@example.com", "note": format!("The secret of {word}") }]);
    with_records(&links, URL, &record("ours"), &json!({}));
    with_records(
        &other,
        "https://other.example/",
        &record("theirs"),
        &json!({}),
    );
    let (for_us, for_them) = (given(&links, &a), given(&other, &theirs));
    assert!(for_us.contains("of ours") && !for_us.contains("of theirs"));
    assert!(for_them.contains("of theirs") && !for_them.contains("of ours"));
}
