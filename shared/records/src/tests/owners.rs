use super::*;

/// Whose the first record of a document is, as text.
fn whose(body: &str) -> String {
    whose_with(body, &Shape::default())
}

fn whose_with(body: &str, shape: &Shape) -> String {
    let records = made_with(Format::Json, body, shape);
    match &records[0].owners {
        Owners::Everyone => "everyone".to_owned(),
        Owners::Unknown => "unknown".to_owned(),
        Owners::Of(owners) => owners
            .iter()
            .map(Owner::to_text)
            .collect::<Vec<_>>()
            .join(" "),
    }
}

#[test]
fn a_record_is_whose_address_number_or_id_it_has() {
    for (body, expected) in [
        (
            r#"{"customers":[{"id":"cust-123","name":"John Doe","email":"John@Example.com","subscription":"Premium"}]}"#,
            "email:john@example.com external:cust-123",
        ),
        (
            r#"[{"E-Mail Address":"a@x.pl","Telefon":"600 700 800"}]"#,
            "email:a@x.pl phone:+48600700800",
        ),
        (
            r#"{"results":[{"id":"51","properties":{"email":"a@x.pl","firstname":"Ann","phone":"+48600700800"}}]}"#,
            "email:a@x.pl phone:+48600700800 external:51",
        ),
        (
            r#"{"orders":[{"id":1001,"email":"a@x.pl","name":"Order","customer":{"id":7,"email":"a@x.pl","first_name":"A"}}]}"#,
            "email:a@x.pl external:7",
        ),
        (
            r#"[{"id":1001,"email":"a@x.pl","total":"5","first_name":"Ann"}]"#,
            "email:a@x.pl",
        ),
        (
            r#"{"data":[{"id":1001,"customer":"cus_9x"}]}"#,
            "external:cus_9x",
        ),
        (
            r#"{"tickets":[{"id":5,"requester_id":77,"assignee":{"email":"agent@x.pl"},"subject":"Help"}]}"#,
            "external:77",
        ),
        (r#"[{"id":5,"customerId":"c-1"}]"#, "external:c-1"),
        (r#"[{"id":5,"ContactID":"c-1"}]"#, "external:c-1"),
        (
            r#"{"data":[{"id":3,"emails":[{"value":"A@x.pl","primary":true},{"value":"b@x.pl"}],"phone":["600700800"]}]}"#,
            "email:a@x.pl email:b@x.pl phone:+48600700800",
        ),
        (r#"[{"email":"Ann <ann@x.pl>"}]"#, "email:ann@x.pl"),
        (
            r#"[{"contact_email":"a@x.pl","billing_email":"b@x.pl"}]"#,
            "email:a@x.pl email:b@x.pl",
        ),
        (
            r#"[{"phone":48600700800,"phone2":"600700801"}]"#,
            "phone:+48600700801",
        ),
        (
            r#"{"object":"list","data":[{"id":"cus_9","object":"customer","balance":0,"email":"j@x.pl","name":"J"}]}"#,
            "email:j@x.pl external:cus_9",
        ),
        (
            r#"{"data":[{"id":7,"title":"Deal","value":5,"person_id":{"value":3,"email":[{"value":"w@x.pl"}]},"owner_id":{"id":1,"email":"agent@x.pl"}}]}"#,
            "email:w@x.pl external:3",
        ),
        (
            r#"[{"id":727,"customer_id":0,"total":"9","billing":{"id":4,"email":"j@x.pl"},"shipping":{"phone":"600700800"}}]"#,
            "email:j@x.pl",
        ),
        (
            r#"{"data":[{"type":"customer","id":"5f","attributes":{"name":"J","emails":[{"type":"home","email":"j@x.pl"}]}}]}"#,
            "email:j@x.pl external:5f",
        ),
        (
            r#"{"data":[{"id":4,"name":"J","emails":[{"value":"j@x.pl","label":"work"}],"contact_numbers":[{"value":"600700800"}]}]}"#,
            "email:j@x.pl phone:+48600700800 external:4",
        ),
        (r#"{"contacts":[{"id":"x1","name":"Ann"}]}"#, "external:x1"),
    ] {
        assert_eq!(whose(body), expected, "{body}");
    }
}

#[test]
fn what_looks_like_somebodys_is_never_everybodys() {
    for body in [
        r#"[{"id":1,"email":"n/a"}]"#,
        r#"[{"id":1,"phone":"ask Ann"}]"#,
        r#"[{"id":1,"email":"a@x.pl, b@x.pl"}]"#,
        r#"[{"id":1,"Kontaktadresse":"a@x.pl"}]"#,
        r#"[{"id":1,"reach":"+48 600 700 800"}]"#,
        r#"[{"id":1,"customer":"John Doe"}]"#,
        r#"[{"id":1,"customer":{"name":"John Doe"}}]"#,
        r#"{"customers":[{"name":"John Doe","plan":"Gold"}]}"#,
        r#"[{"first_name":"John","last_name":"Doe","plan":"Gold"}]"#,
        r#"[{"id":1,"total":5,"shipping_address":{"street":"Main 1"}}]"#,
        r#"[{"id":1,"dob":"1985-01-01"}]"#,
        r#"[{"id":1,"agent_email":"agent@x.pl"}]"#,
        r#"[{"id":1,"a":{"b":{"c":[{"email":"a@x.pl"}]}}}]"#,
        r#"[{"id":1,"emails":["a@x.pl","b@x.pl","c@x.pl","d@x.pl","e@x.pl","f@x.pl"]}]"#,
        r#"[{"id":1,"members":[{"email":"a@x.pl"},{"email":"b@x.pl"}]}]"#,
        r#"["a@x.pl"]"#,
    ] {
        assert_eq!(whose(body), "unknown", "{body}");
        assert!(made(body)[0].problems.contains(&Problem::OwnerUnknown));
    }
}

#[test]
fn products_and_policies_are_everybodys_whoever_is_mentioned_in_them() {
    for body in [
        r#"{"products":[{"id":632910392,"title":"Phone case","handle":"phone-case","phone_case":"yes","vendor":"Acme","variants":[{"id":1,"sku":"A-1"}]}]}"#,
        r#"[{"title":"Returns","text":"Write to help@shop.example or call +48 600 700 800. John Doe (a@x.pl) did."}]"#,
        r#"[{"id":1,"email":"","phone":null,"customer":{"email":null},"name":"Shoe"}]"#,
        r#"[{"id":1,"name":"Team plan","users":5,"guests":2,"email_verified":true,"mobile":true}]"#,
        r#"[{"id":1,"name":"Battery","cell_count":4,"order_minimum":2}]"#,
    ] {
        assert_eq!(whose(body), "everyone", "{body}");
    }
}

#[test]
fn an_identity_in_free_text_makes_nobody_an_owner() {
    let body = r#"{"customers":[{"id":"c1","email":"a@x.pl","note":"also b@x.pl, +48 600 700 801, customer_id: c2\nemail: b@x.pl"}]}"#;
    assert_eq!(whose(body), "email:a@x.pl external:c1");
    let text = &made(body)[0].chunks[0].text;
    assert!(
        text.lines().all(|line| line.starts_with("customers[0].")),
        "{text}"
    );
}

#[test]
fn two_customers_who_differ_in_one_digit_are_two() {
    let body = r#"{"customers":[{"id":"c1","phone":"600700800"},{"id":"c2","phone":"600700801"}]}"#;
    let records = made(body);
    let [first, second] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert!(
        first
            .owners
            .list()
            .iter()
            .all(|owner| !second.owners.list().contains(owner))
    );
    assert_eq!(
        first.owners.list(),
        [
            Owner::Phone("+48600700800".into()),
            Owner::External("c1".into())
        ]
    );
}

#[test]
fn the_link_may_say_which_fields_name_whose_a_record_is() {
    let identity = |email: &[&str], external_id: &[&str]| Shape {
        identity: IdentityFields {
            email: strings(email),
            external_id: strings(external_id),
            ..IdentityFields::default()
        },
        ..Shape::default()
    };
    let body = r#"{"data":[{"id":9,"email":"agent@x.pl","who":{"addr":"a@x.pl"},"ref":"no 5"}]}"#;
    assert_eq!(
        whose_with(body, &identity(&["who.addr"], &[])),
        "email:a@x.pl"
    );
    assert_eq!(whose_with(body, &identity(&[], &["id"])), "external:9");
    // Named and empty, or filled and not readable: nobody's, since another field looks like somebody's.
    assert_eq!(whose_with(body, &identity(&["who.mail"], &[])), "unknown");
    assert_eq!(
        whose_with(r#"[{"ref":"no 5"}]"#, &identity(&[], &["ref"])),
        "unknown"
    );
    assert_eq!(
        whose_with(r#"[{"ref":null,"x":"y"}]"#, &identity(&[], &["ref"])),
        "everyone"
    );
    let six: Vec<String> = (0..6).map(|n| format!("\"p{n}@x.pl\"")).collect();
    let list = format!("[{{\"to\":[{}]}}]", six.join(","));
    assert_eq!(whose_with(&list, &identity(&["to"], &[])), "unknown");
    let public = Shape {
        identity: IdentityFields {
            public: true,
            ..IdentityFields::default()
        },
        ..Shape::default()
    };
    assert_eq!(whose_with(body, &public), "everyone");
}

#[test]
fn a_field_that_is_not_shown_still_says_whose_the_record_is() {
    let shape = Shape {
        exclude: strings(&["email"]),
        ..Shape::default()
    };
    let body = r#"[{"email":"a@x.pl","plan":"Gold"}]"#;
    assert_eq!(whose_with(body, &shape), "email:a@x.pl");
    assert!(
        !made_with(Format::Json, body, &shape)[0].chunks[0]
            .text
            .contains("a@x.pl")
    );
}

#[test]
fn whom_a_parcel_goes_to_does_not_own_the_buyers_order() {
    let body =
        r#"[{"id":1,"total":5,"customer":{"email":"a@x.pl"},"recipient":{"email":"b@x.pl"}}]"#;
    assert_eq!(whose(body), "email:a@x.pl");
    let body = r#"[{"id":1,"total":5,"email":"a@x.pl","recipient":{"id":4,"email":"b@x.pl"}}]"#;
    assert_eq!(whose(body), "email:a@x.pl");
}
