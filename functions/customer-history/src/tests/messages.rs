use super::{Desk, conversation, path_of};
use serde_json::{Value as Json, json};
use testkit::{Answer, CUSTOMER_ID, answer};

/// A message there, of this second.
fn message(id: &str, direction: &str, second: u8) -> Json {
    json!({ "type": "message", "id": id,
        "attributes": {
            "channel": "whatsapp", "direction": direction, "preview": format!("Text of {id}"),
            "status": if direction == "in" { "received" } else { "sent" },
            "sentAt": format!("2025-12-01T10:00:{second:02}.000Z"),
            "createdAt": "2025-12-01T11:00:00.000Z",
        },
        "relationships": { "createdBy": { "data": { "type": "user", "id": "u1" } } },
    })
}

/// Has Kustomer tell these conversations, and these messages of each that is not `broken` or `gone`.
fn desk(conversations: &[&str], messages: &Json) -> Desk {
    let desk = Desk::new();
    desk.link("customer", CUSTOMER_ID, "k1");
    let list: Vec<_> = (1..)
        .zip(conversations)
        .map(|(n, id)| conversation(id, 28 - n))
        .collect();
    let list = json!({ "data": list });
    let messages = json!({ "data": messages });
    desk.stack.ports.respond(move |request| {
        let users = json!({ "data": [{ "type": "user", "id": "u1",
            "attributes": { "displayName": "Sarah" } }] });
        Some(match path_of(request) {
            "/v1/users" => answer(200, &users),
            "/v1/customers/k1/conversations" => answer(200, &list),
            path if path.contains("broken") => answer(500, &json!({})),
            path if path.contains("gone") => answer(404, &json!({})),
            _ => answer(200, &messages),
        })
    });
    desk
}

fn texts(response: &Answer, n: usize) -> Option<Vec<&str>> {
    let messages = response.json["conversations"][n]["messages"].as_array()?;
    Some(
        messages
            .iter()
            .map(|one| one["content"].as_str().unwrap())
            .collect(),
    )
}

#[test]
fn messages_come_oldest_first_with_who_wrote_them_and_which_are_ours() {
    let all = [
        message("m2", "out", 2),
        message("m1", "in", 1),
        message("m3", "out", 3),
    ];
    let desk = desk(&["c1"], &json!(all));
    desk.link("message", "ours", "m2");
    let response = desk.ask("&include_messages=true");
    assert_eq!(
        texts(&response, 0).unwrap(),
        ["Text of m1", "Text of m2", "Text of m3"]
    );
    let messages = &response.json["conversations"][0]["messages"];
    assert_eq!(
        messages[1],
        json!({
            "id": "m2", "direction": "outbound", "channel": "whatsapp", "subject": null,
            "content": "Text of m2", "status": "sent", "author": "Sarah",
            "sent_at": "2025-12-01T10:00:02.000000Z", "created_at": "2025-12-01T11:00:00.000000Z",
            "ours": "ours",
        })
    );
    assert_eq!(
        (&messages[0]["author"], &messages[0]["ours"]),
        (&Json::Null, &Json::Null)
    );
    assert_eq!(response.json["cached"], false);
    let again = desk.ask("&include_messages=true");
    assert_eq!(again.json["cached"], true);
    assert_eq!(again.json["conversations"], response.json["conversations"]);
    assert_eq!(
        desk.ask("").json["conversations"][0]["messages"],
        Json::Null
    );
    assert_eq!(
        desk.requests_made().len(),
        3,
        "the list, the people, the messages: once"
    );
}

#[test]
fn a_page_with_messages_is_short_since_each_conversation_is_a_request() {
    let desk = desk(&["c1", "c2", "c3", "c4", "c5", "c6"], &json!([]));
    let response = desk.ask("&include_messages=true");
    assert_eq!(response.json["conversations"].as_array().unwrap().len(), 5);
    assert_eq!(
        (texts(&response, 4), &response.json["has_more"]),
        (Some(vec![]), &json!(true))
    );
    assert_eq!(desk.requests_made().len(), 7);
}

#[test]
fn messages_that_cannot_be_had_are_null_and_those_remembered_are_told() {
    let ids = ["c1", "broken", "c3", "broken too", "c5"];
    let desk = desk(&ids, &json!([message("m1", "in", 1)]));
    let had = |response: &Answer| {
        (0..5)
            .map(|n| texts(response, n).is_some())
            .collect::<Vec<_>>()
    };
    let response = desk.ask("&include_messages=true");
    assert_eq!(response.status, 200);
    assert_eq!(had(&response), [true, false, true, false, false]);
    assert_eq!(
        (&response.json["stale"], &response.json["cached"]),
        (&json!(true), &json!(false))
    );
    // What was told is there; what was not is asked for again.
    desk.requests_made();
    let response = desk.ask("&include_messages=true");
    assert_eq!(had(&response), [true, false, true, false, false]);
    assert_eq!(
        desk.requests_made(),
        [
            "/v1/conversations/broken/messages?page=1&pageSize=100",
            "/v1/conversations/broken%20too/messages?page=1&pageSize=100"
        ]
    );
}

#[test]
fn a_conversation_that_was_deleted_there_meanwhile_is_no_trouble() {
    let desk = desk(&["c1", "gone", "c3"], &json!([message("m1", "in", 1)]));
    let response = desk.ask("&include_messages=true");
    assert_eq!(
        (texts(&response, 1), texts(&response, 2)),
        (None, Some(vec!["Text of m1"]))
    );
    assert_eq!(response.json["stale"], false);
}

#[test]
fn a_budget_of_the_day_that_is_used_up_leaves_the_rest_for_the_next_call() {
    let desk = desk(
        &["c1", "c2", "c3", "c4", "c5"],
        &json!([message("m1", "in", 1)]),
    );
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day, used)
         VALUES ('{business}', 'kustomer', 100, 8.0, {0}, {0} / 86400000000, 9996)",
        desk.stack.now().micros()
    ));
    let had = || {
        let response = desk.ask("&include_messages=true");
        assert_eq!(response.status, 200);
        (0..5).filter(|n| texts(&response, *n).is_some()).count()
    };
    assert_eq!(had(), 2);
    assert_eq!(had(), 2);
    desk.advance_seconds(86_400);
    assert_eq!(had(), 5);
}

#[test]
fn of_a_conversation_with_long_messages_the_newest_come() {
    let mut long = Vec::new();
    for n in 0..60 {
        let mut one = message(&format!("m{n}"), "in", n);
        one["attributes"]["preview"] = json!("x".repeat(10_240));
        long.push(one);
    }
    let desk = desk(&["c1"], &json!(long));
    let response = desk.ask("&include_messages=true");
    let messages = response.json["conversations"][0]["messages"]
        .as_array()
        .unwrap();
    assert!((20..26).contains(&messages.len()), "{}", messages.len());
    assert_eq!(messages.last().unwrap()["id"], "m59");
}
