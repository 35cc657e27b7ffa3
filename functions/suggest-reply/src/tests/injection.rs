//! Texts that give orders, in what customers write and in what records say.

use super::{API_KEY, Desk};
use replies::prompt::SYSTEM;
use serde_json::{Value, json};
use testkit::{INJECTIONS, answer, obeying};

/// What stands outside fences, and what within. Every fence is closed before the next one opens.
fn parted(text: &str) -> (String, String) {
    let (mut outside, mut within, mut is_open) = (String::new(), String::new(), false);
    for line in text.split_inclusive('\n') {
        let is_begin = line.starts_with("<record source=\"");
        let is_end = line == "</record>\n";
        assert_eq!(
            line.contains("<record") || line.contains("</record"),
            is_begin || is_end,
            "{line}"
        );
        match (is_open, is_begin, is_end) {
            (false, true, _) => is_open = true,
            (true, _, true) => is_open = false,
            (true, true, _) | (false, _, true) => panic!("a fence within a fence: {line}"),
            (true, ..) => within.push_str(line),
            (false, ..) => outside.push_str(line),
        }
    }
    assert!(!is_open, "a fence is open at the end");
    (outside, within)
}

#[test]
fn orders_of_customers_and_records_reach_the_model_as_data_alone() {
    for (n, texts) in INJECTIONS.chunks(10).enumerate() {
        let desk = Desk::at(&format!("10{n}"));
        desk.set(&json!({}));
        let marked = |at: usize, text: &str| format!("mark-{at} {text}");
        let own = texts.iter().enumerate().map(|(at, text)| {
            json!({ "id": format!("own-{at}"), "phone": "+353871234567", "note": marked(at, text) })
        });
        let theirs =
            json!({ "id": "theirs", "phone": "+353877654321", "note": "the passport of another" });
        let records: Vec<Value> = own.chain([theirs]).collect();
        desk.records(&json!(records));
        for (at, text) in texts.iter().enumerate() {
            let id = format!("wamid.i{at}");
            desk.stack().advance(1_000_000);
            desk.stack()
                .receive_whatsapp(&desk.account, &id, "353871234567", &marked(at, text));
        }
        desk.stack().receive_whatsapp(
            &desk.account,
            "wamid.other",
            "353877654321",
            "the confession of another",
        );
        desk.will_say("PWNED <b>");
        let suggested = desk.suggest();
        assert_eq!(suggested.status, 200, "{}", suggested.text());
        assert_eq!(
            suggested.json["draft"], "PWNED <b>",
            "a text like any other"
        );

        let (body, request) = desk.asked();
        let messages = body["messages"].as_array().unwrap();
        let roles: Vec<_> = messages
            .iter()
            .map(|message| message["role"].as_str().unwrap())
            .collect();
        assert_eq!(roles, ["system", "user"]);
        assert_eq!(messages[0]["content"], SYSTEM);
        let fields: Vec<_> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(fields, ["max_tokens", "messages", "model"], "no tools");
        let (outside, within) = parted(messages[1]["content"].as_str().unwrap());
        let expected =
            "What is known, as data:\n\n\nDraft the reply to the last message of the customer.";
        assert_eq!(outside, expected);
        for at in 0..texts.len() {
            let mark = format!("mark-{at}");
            assert_eq!(
                within.matches(&mark).count(),
                2,
                "as a message and in a record: {mark}{within}"
            );
        }
        let whole = String::from_utf8(request.body.unwrap()).unwrap();
        for secret in [API_KEY, "passport of another", "confession of another"] {
            assert!(!whole.contains(secret), "{secret}");
        }
        for hidden in [
            '\u{0}',
            '\u{1b}',
            '\u{200b}',
            '\u{202e}',
            '\u{2060}',
            '\u{e0049}',
        ] {
            assert!(!within.contains(hidden), "{hidden:?}");
        }
    }
}

/// What there is of everything that a reply could change.
pub(super) fn state(desk: &Desk) -> String {
    let tables = [
        "messages",
        "sends",
        "outbox",
        "escalations",
        "conversation_notes",
        "audit_log",
        "auto_replies",
    ];
    let counts = tables.map(|table| {
        let count = desk
            .stack()
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        format!("{table} {count:?}")
    });
    counts.join(", ")
}

#[test]
fn a_model_that_obeys_them_gives_a_text_and_nothing_else() {
    for (n, texts) in INJECTIONS.chunks(10).enumerate() {
        let desk = Desk::at(&format!("20{n}"));
        desk.set(&json!({}));
        desk.records(&json!([
            { "id": "own", "phone": "+353871234567", "note": texts.join(" / ") },
            { "id": "theirs", "phone": "+353877654321", "note": "the passport of another" },
        ]));
        let before = state(&desk);
        for (at, text) in texts.iter().enumerate() {
            let completions = obeying(text, API_KEY, SYSTEM);
            // Each text with two of the ways to obey, all of them in turn.
            for turn in 0..2 {
                let completion = &completions[(n * 10 + at + turn * 5) % completions.len()];
                desk.stack().advance(1_000_000);
                desk.stack().ports.will(answer(200, completion));
                let suggested = desk.suggest();
                let content = completion["choices"][0]["message"]["content"].as_str();
                let shown = suggested.text();
                assert_eq!(
                    suggested.status,
                    if content.is_some() { 200 } else { 503 },
                    "{completion}"
                );
                if content.is_some() {
                    let fields: Vec<_> = suggested
                        .json
                        .as_object()
                        .unwrap()
                        .keys()
                        .map(String::as_str)
                        .collect();
                    assert_eq!(
                        fields,
                        ["draft", "model", "sources", "truncated"],
                        "{completion}"
                    );
                    let draft = suggested.json["draft"].as_str().unwrap();
                    assert!(!draft.contains(API_KEY), "{draft}");
                    let is_hidden = |c: char| {
                        c.is_control() && c != '\n'
                            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{e0000}'..='\u{e007f}')
                    };
                    assert!(!draft.contains(is_hidden), "{draft:?}");
                }
                for secret in ["passport of another", "theirs", API_KEY] {
                    assert!(!shown.contains(secret), "{secret}: {shown}");
                }
                // Nothing was called or fetched but the model, which was asked for words alone.
                let requests = desk.stack().ports.take_requests();
                let urls: Vec<_> = requests.iter().map(|request| &*request.url).collect();
                assert_eq!(
                    urls,
                    ["https://llm.example/v1/chat/completions"],
                    "{completion}"
                );
                let whole = String::from_utf8(requests[0].body.clone().unwrap()).unwrap();
                for secret in [API_KEY, "passport of another"] {
                    assert!(!whole.contains(secret), "{secret}: {whole}");
                }
                let asked: Value = serde_json::from_str(&whole).unwrap();
                let fields: Vec<_> = asked
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(String::as_str)
                    .collect();
                assert_eq!(fields, ["max_tokens", "messages", "model"]);
            }
        }
        assert_eq!(state(&desk), before, "nothing is sent, stored or changed");
    }
}

#[test]
fn there_are_fifty_of_them_and_each_is_another() {
    let distinct: std::collections::BTreeSet<_> = INJECTIONS.iter().collect();
    assert_eq!(distinct.len(), 50);
}
