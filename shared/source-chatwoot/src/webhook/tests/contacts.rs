use super::*;
use common::time::Timestamp;

fn contact(payload: &Value) -> ContactEvent {
    match parsed(payload).event {
        Event::Contact(contact) => *contact,
        other => panic!("{other:?}"),
    }
}

fn changed(changed: Value) -> Value {
    json!({
        "event": "contact_updated", "id": 46, "name": "Ana", "email": "Ana@x.com", "phone_number": "5511912345678", "identifier": null,
        "thumbnail": "", "avatar": "", "blocked": false, "additional_attributes": {"city": "Recife"}, "custom_attributes": {"plan": "pro"},
        "account": {"id": 1, "name": "Acme"}, "changed_attributes": changed,
    })
}

fn pair(name: &str, before: Value, after: Value) -> Value {
    json!({name: {"previous_value": before, "current_value": after}})
}

#[test]
fn a_contact_is_read_and_what_every_message_changes_is_bookkeeping() {
    let event = contact(&changed(json!([
        pair("email", json!(null), json!("ana@x.com")),
        pair("updated_at", json!("a"), json!("b"))
    ])));
    let who = &event.contact;
    assert_eq!(
        (who.id.as_str(), who.email.as_deref(), who.phone.as_deref()),
        ("46", Some("ana@x.com"), Some("+5511912345678"))
    );
    assert_eq!(
        (who.additional.as_str(), who.custom.as_str()),
        (r#"{"city":"Recife"}"#, r#"{"plan":"pro"}"#)
    );
    assert_eq!(
        event.changed.as_deref(),
        Some(&["email".to_owned(), "updated_at".to_owned()][..])
    );
    let quiet = |list: Value| contact(&changed(list)).is_bookkeeping;
    let custom = |before, after| pair("custom_attributes", before, after);
    let seen = pair("last_activity_at", json!(null), json!("now"));
    for (list, is_quiet) in [
        (json!([pair("email", json!(null), json!("x@y.z"))]), false),
        (json!([pair("updated_at", json!(1), json!(2)), seen]), true),
        (
            json!({"updated_at": {"previous_value": 1, "current_value": 2}}),
            true,
        ),
        (
            json!([custom(
                json!({"plan": "pro"}),
                json!({"plan": "pro", "crm_ids": "krayin:person:1", "krayin_person_id": "1"})
            )]),
            true,
        ),
        (
            json!([custom(json!(null), json!({"krayin_lead_id": "2"}))]),
            true,
        ),
        (
            json!([custom(
                json!({"plan": "pro"}),
                json!({"plan": "free", "crm_ids": "krayin:person:1"})
            )]),
            false,
        ),
        (
            json!([custom(
                json!({"plan": "pro", "a": 1}),
                json!({"a": 1, "plan": "pro", "crm_ids": "x"})
            )]),
            true,
        ),
        (json!([]), false),
        (json!(null), false),
        (json!("email"), false),
    ] {
        assert_eq!(quiet(list.clone()), is_quiet, "{list}");
    }
    assert_eq!(contact(&changed(json!(null))).changed, None);
}

#[test]
fn a_visitor_is_nobody_until_something_tells_them_from_others() {
    let visitor = |more: Value| {
        let mut payload = json!({"event": "contact_created", "id": 46, "name": "snowy-sun-611", "email": null, "phone_number": null, "identifier": null});
        payload
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        contact(&payload).contact
    };
    let anonymous = visitor(json!({}));
    assert_eq!(
        (anonymous.is_identifiable(), anonymous.own_name()),
        (false, None)
    );
    for (more, is_known) in [
        (json!({"email": ""}), false),
        (json!({"email": "a@b.c"}), true),
        (json!({"phone_number": "+15550100"}), true),
        (json!({"identifier": "user:42"}), true),
        (json!({"additional_attributes": []}), false),
        (
            json!({"additional_attributes": {"social_profiles": {"github": "", "twitter": ""}}}),
            false,
        ),
        (
            json!({"additional_attributes": {"social_profiles": {"twitter": "ana"}}}),
            true,
        ),
        (
            json!({"additional_attributes": {"social_telegram_user_name": "ana"}}),
            true,
        ),
        (
            json!({"additional_attributes": {"city": "Recife", "created_at_ip": "::1"}}),
            false,
        ),
    ] {
        assert_eq!(visitor(more.clone()).is_identifiable(), is_known, "{more}");
    }
    assert_eq!(
        visitor(json!({"name": "Ana-Maria"})).own_name(),
        Some("Ana-Maria")
    );
    for (name, is_made) in [
        ("wild-moon-7", true),
        ("Wild-moon-7", false),
        ("wild-moon", false),
        ("wild-moon-1234", false),
        ("a-b-c", false),
        ("a-b-1-2", false),
    ] {
        assert_eq!(is_visitor_name(name), is_made, "{name}");
    }
}

#[test]
fn a_conversation_tells_its_state_and_names_no_account_of_its_own() {
    let mut payload = incoming()["conversation"].clone();
    let more = json!({
        "event": "conversation_status_changed", "status": "resolved", "priority": "high", "changed_attributes": null, "updated_at": 1772359500.12,
    });
    payload
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    payload["meta"]["assignee"] = json!({"id": 3, "name": "Bia", "type": "user", "thumbnail": ""});
    payload["meta"]["team"] = json!({"id": 1, "name": "sales"});
    let read = |payload: &Value| match parsed(payload).event {
        Event::Conversation(event) => *event,
        other => panic!("{other:?}"),
    };
    let ConversationEvent {
        conversation,
        changed,
    } = read(&payload);
    assert_eq!(
        (
            conversation.state,
            conversation.priority.as_deref(),
            changed
        ),
        (Some(State::Closed), Some("high"), None)
    );
    let assignee = conversation.assignee.unwrap();
    assert_eq!(
        (
            assignee.id.as_str(),
            assignee.email,
            conversation.team.as_deref()
        ),
        ("3", None, Some("sales"))
    );
    assert_eq!(
        conversation.updated_at.map(Timestamp::micros),
        Some(1_772_359_500_120_000)
    );
    // Its message tells the account, if it has one.
    assert_eq!(parsed(&payload).account_id.as_deref(), Some("1"));
    payload["messages"] = json!([]);
    payload["changed_attributes"] = json!([pair("status", json!("open"), json!("resolved"))]);
    assert_eq!(parsed(&payload).account_id, None);
    assert_eq!(
        read(&payload).changed.as_deref(),
        Some(&["status".to_owned()][..])
    );
    payload["status"] = json!("archived");
    payload["labels"] = json!(null);
    let odd = read(&payload).conversation;
    assert_eq!((odd.state, odd.labels), (None, None));
    for state in [State::Open, State::Pending, State::Snoozed, State::Closed] {
        assert_eq!(
            State::to_chatwoot(state.as_str()).and_then(State::parse),
            Some(state)
        );
    }
}
