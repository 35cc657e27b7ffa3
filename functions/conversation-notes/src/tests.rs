use common::Context;
use common::db::Value;
use common::time::SECOND;
use conversation_notes::handler::handle;
use serde_json::{Value as Json, json};
use testkit::{Answer, CONVERSATION_ID, Stack, Tenant};

fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    (stack, tenant)
}

fn add(stack: &Stack, tenant: &Tenant, more: Json) -> Answer {
    let mut body = more;
    if body["conversation_id"].is_null() {
        body["conversation_id"] = CONVERSATION_ID.into();
    }
    let call = stack.call("conversation-notes", "POST", "/api-conversation-notes");
    call.key(&tenant.api_key).json(&body).send(handle)
}

fn list(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let path = format!("/api-conversation-notes{query}");
    let call = stack.call("conversation-notes", "GET", &path);
    call.key(&tenant.api_key).send(handle)
}

fn of_conversation(stack: &Stack, tenant: &Tenant, more: &str) -> Answer {
    let query = format!("?conversation_id={CONVERSATION_ID}{more}");
    list(stack, tenant, &query)
}

fn changed(stack: &Stack) -> i64 {
    let sql = "SELECT count(*) FROM outbox WHERE event = 'inbox.changed'";
    stack.db.value(sql).as_integer().unwrap()
}

#[test]
fn conversation_note_add_answers_the_note_with_its_author() {
    let (stack, tenant) = stack();
    let content = "Wants <b>a \"refund\"\n\u{1f} & more";
    let answer = add(
        &stack,
        &tenant,
        json!({"content": content, "author": " Ann "}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let note = &answer.json["note"];
    assert_eq!(answer.json["success"], true);
    assert_eq!(
        (&note["author"], &note["content"], &note["conversation_id"]),
        (&json!("Ann"), &json!(content), &json!(CONVERSATION_ID))
    );
    assert_eq!(note["created_at"], stack.now().to_string());
    let listed = of_conversation(&stack, &tenant, "");
    assert_eq!(listed.json["notes"], json!([note]));
    assert_eq!(changed(&stack), 1);
}

#[test]
fn a_note_without_an_author_is_the_keys() {
    let (stack, tenant) = stack();
    let author = || add(&stack, &tenant, json!({"content": "x"})).json["note"]["author"].clone();
    let name = stack.db.value(&format!(
        "SELECT name FROM api_keys WHERE 'tl_' || id = substr('{}', 1, 3 + length(id))",
        tenant.api_key
    ));
    assert_eq!(Some(author().as_str().unwrap()), name.as_text());
    stack.db.sql("UPDATE api_keys SET name = ''");
    assert_eq!(author(), "API");
}

#[test]
fn conversation_note_add_refuses_callers_without_a_key_or_the_scope() {
    let (stack, tenant) = stack();
    let call = stack.call("conversation-notes", "POST", "/api-conversation-notes");
    let answer = call.json(&json!({})).send(handle);
    assert_eq!(answer.refusal(), (401, "missing_api_key"));
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'conversations:read'");
    let answer = add(&stack, &tenant, json!({"content": "x"}));
    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
    assert_eq!(changed(&stack), 0);
}

#[test]
fn conversation_note_add_refuses_invalid_input() {
    let (stack, tenant) = stack();
    for body in [
        json!({}),
        json!({"content": ""}),
        json!({"content": " \n"}),
        json!({"content": "x".repeat(10_001)}),
        json!({"content": 1}),
        json!({"content": "x", "author": " "}),
        json!({"content": "x", "author": "x".repeat(201)}),
        json!({"content": "x", "conversation_id": 1}),
        json!({"content": "x", "colour": "red"}),
    ] {
        let answer = add(&stack, &tenant, body.clone());
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    assert_eq!(changed(&stack), 0);
    let longest = add(&stack, &tenant, json!({"content": "😀".repeat(10_000)}));
    assert_eq!(longest.status, 200);
}

#[test]
fn conversation_notes_answers_pages_oldest_first() {
    let (stack, tenant) = stack();
    let empty = of_conversation(&stack, &tenant, "");
    let nothing = json!({"notes": [], "has_more": false, "next_cursor": null});
    assert_eq!((empty.status, &empty.json), (200, &nothing));
    for n in 0..5 {
        stack.advance(SECOND);
        add(&stack, &tenant, json!({"content": n.to_string()}));
    }
    // Notes of the same moment are each on one page.
    stack
        .db
        .sql("UPDATE conversation_notes SET created_at = 1 WHERE content < '3'");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = of_conversation(&stack, &tenant, &format!("&limit=2{cursor}"));
        let notes = page.json["notes"].as_array().unwrap();
        seen.extend(notes.iter().map(|note| note["content"].clone()));
        cursor = format!("&cursor={}", page.json["next_cursor"].as_str().unwrap());
        if page.json["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen[3..], ["3", "4"]);
    seen.sort_by_key(Json::to_string);
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    // One may go on from there, for what comes later.
    stack.advance(SECOND);
    add(&stack, &tenant, json!({"content": "later"}));
    let later = of_conversation(&stack, &tenant, &cursor);
    assert_eq!(later.json["notes"][0]["content"], "later");
}

#[test]
fn conversation_notes_refuses_callers_without_a_key() {
    let (stack, _) = stack();
    let call = stack.call("conversation-notes", "GET", "/api-conversation-notes");
    assert_eq!(call.send(handle).refusal(), (401, "missing_api_key"));
}

#[test]
fn conversation_notes_refuses_invalid_input() {
    let (stack, tenant) = stack();
    for query in ["", "&limit=0", "&limit=201", "&cursor=x", "&colour=red"] {
        let answer = match query {
            "" => list(&stack, &tenant, ""),
            query => of_conversation(&stack, &tenant, query),
        };
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}

#[test]
fn a_conversation_of_another_business_is_not_there() {
    let (stack, tenant) = stack();
    add(&stack, &tenant, json!({"content": "Ours"}));
    let other = stack.tenant("Another business");
    for id in [CONVERSATION_ID, "019b0000-0000-7000-8000-000000000009", "x"] {
        let body = json!({"content": "Mine?", "conversation_id": id});
        let added = add(&stack, &other, body);
        assert_eq!(added.refusal(), (404, "not_found"));
        let listed = list(&stack, &other, &format!("?conversation_id={id}"));
        assert_eq!(listed.refusal(), (404, "not_found"));
    }
    let notes = stack.db.value("SELECT count(*) FROM conversation_notes");
    assert_eq!((notes, changed(&stack)), (Value::Integer(1), 1));
}

#[test]
fn a_note_of_the_inbox_is_listed_too_and_one_of_the_api_shown_there() {
    let (stack, tenant) = stack();
    add(
        &stack,
        &tenant,
        json!({"content": "By the API", "author": "CRM"}),
    );
    stack.advance(SECOND);
    let token = stack.inbox_token(&tenant, None, Some(("7", "Ann"))).token;
    let inbox = |method: &str, path: &str, body: Json| {
        let call = stack
            .call("embed-api", method, path)
            .bearer(&token)
            .json(&body);
        call.send(async |cx: &Context<'_>, request: common::http::Request| {
            if request.route.operation == "inbox_note" {
                let note = embed_api::note::NoteRequest::parse(request.text()?)?;
                return embed_api::note::inbox_note(cx, &note, None).await;
            }
            let query = embed_api::thread::ThreadQuery::from_query(&request.query)?;
            let json = embed_api::thread::inbox_thread(cx, &query).await?;
            Ok(common::http::Response::json_text(200, json))
        })
    };
    let body = json!({"conversation_id": CONVERSATION_ID, "content": "By Ann"});
    assert_eq!(inbox("POST", "/embed/api/notes", body).status, 200);
    let path = format!("/embed/api/conversation?id={CONVERSATION_ID}");
    let shown = inbox("GET", &path, json!({}));
    let listed = of_conversation(&stack, &tenant, "");
    for answer in [&shown, &listed] {
        let notes = &answer.json["notes"];
        let line = |n: usize| format!("{}: {}", notes[n]["author"], notes[n]["content"]);
        assert_eq!(line(0), "\"CRM\": \"By the API\"", "{}", answer.text());
        assert_eq!(line(1), "\"Ann\": \"By Ann\"");
    }
}
