use super::{Desk, encoded, ids};

/// A desk with three customers who wrote, by name.
fn desk() -> (Desk, [String; 3]) {
    let desk = Desk::new();
    let all = ["353871234561", "353871234562", "353871234563"].map(|n| desk.receive(n, "Hello"));
    let names = ["Éamon Mac-Donald", "JOHN \"Jack\" O'Neill", "Joan Neill"];
    for (conversation, name) in all.iter().zip(names) {
        let (customer, name) = (desk.customer_of(conversation), name.replace('\'', "''"));
        desk.stack.db.sql(&format!(
            "UPDATE customers SET name = '{name}' WHERE id = '{customer}'"
        ));
    }
    (desk, all)
}

fn found(desk: &Desk, q: &str) -> Vec<String> {
    ids(&desk.get(&format!("conversations?status=all&q={}", encoded(q))))
}

#[test]
fn a_customer_is_found_by_the_beginning_of_any_word_of_the_name() {
    let (desk, [eamon, john, joan]) = desk();
    let none: [String; 0] = [];
    for (q, expected) in [
        ("jo", vec![&joan, &john]),
        ("JOHN", vec![&john]),
        ("éam", vec![&eamon]),
        ("ÉAMON", vec![&eamon]),
        ("donald", vec![&eamon]),
        ("mac-don", vec![&eamon]),
        ("neill", vec![&joan]),
        ("o'ne", vec![&john]),
        ("joan neill", vec![&joan]),
        ("neill joan", vec![&joan]),
        ("\"jack", vec![&john]),
    ] {
        assert_eq!(
            found(&desk, q),
            expected.into_iter().cloned().collect::<Vec<_>>(),
            "{q}"
        );
    }
    for q in ["john neillson", "ohn", "%", "*", "' OR 1=1 --"] {
        assert_eq!(found(&desk, q), none, "{q}");
    }
}

#[test]
fn a_new_name_is_found_and_the_old_one_is_not() {
    let (desk, [eamon, ..]) = desk();
    let customer = desk.customer_of(&eamon);
    desk.stack.db.sql(&format!(
        "UPDATE customers SET name = NULL, first_name = 'Brigid' WHERE id = '{customer}'"
    ));
    assert_eq!(found(&desk, "donald"), [""; 0]);
    assert_eq!(found(&desk, "brig"), [eamon]);
}

#[test]
fn a_customer_is_found_by_number_address_and_the_crms_id() {
    let (desk, [eamon, ..]) = desk();
    let customer = desk.customer_of(&eamon);
    for (kind, value) in [("email", "e.mac@b.ie"), ("external_id", "CRM-77")] {
        desk.stack.db.sql(&format!(
            "INSERT INTO identities (business_id, kind, value, system, customer_id)
             VALUES ('{}', '{kind}', '{value}', '', '{customer}')",
            desk.tenant.business_id
        ));
    }
    for q in [
        "E.Mac@",
        "CRM-7",
        "+353 87 1234 561",
        "00353871234561",
        "353-871234561",
    ] {
        assert_eq!(found(&desk, q), [eamon.as_str()], "{q}");
    }
    let other = desk.stack.tenant("Another business");
    let token = desk.stack.inbox_token(&other, None, None).token;
    for q in ["CRM-7", "joan", "hello"] {
        let answer = desk.get_by(&token, &format!("conversations?status=all&q={q}"));
        assert_eq!(ids(&answer), [""; 0], "{q}");
    }
}

#[test]
fn a_conversation_is_found_by_its_newest_message() {
    let (desk, [eamon, john, _]) = desk();
    desk.receive("353871234561", "The PARCEL is lost");
    assert_eq!(found(&desk, "parcel is"), [eamon.as_str()]);
    assert_eq!(found(&desk, "hello").len(), 2);
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET status = 'closed' WHERE id = '{john}'"
    ));
    let open = ids(&desk.get("conversations?q=hello"));
    assert_eq!(open.len(), 1);
    let closed = ids(&desk.get("conversations?status=closed&q=john"));
    assert_eq!(closed, [john]);
}

#[test]
fn an_erased_customer_is_found_no_more() {
    let (desk, [eamon, ..]) = desk();
    let customer = desk.customer_of(&eamon);
    let note = serde_json::json!({"conversation_id": eamon, "content": "Is moving house"});
    assert_eq!(desk.post("notes", &note).status, 200);
    let business = desk.tenant.business_id.clone();
    desk.stack
        .job("", async |cx: &common::Context<'_>, _: &str| {
            let own = cx.of_business(&business);
            customers::erasure::customer_erase(&own, &customer).await?;
            Ok(())
        });
    for q in ["donald", "+353871234561", "hello"] {
        assert!(!found(&desk, q).contains(&eamon), "{q}");
    }
    let thread = desk.get(&format!("conversation?id={eamon}"));
    assert_eq!(thread.json["notes"], serde_json::json!([]));
    assert!(!thread.text().contains("Donald"));
}
