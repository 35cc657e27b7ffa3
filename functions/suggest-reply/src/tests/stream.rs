//! Drafts that are told while they are written.

use super::{API_KEY, Desk, PATH, completion};
use common::Context;
use common::http::{Event, Events, Request, Response, Result};
use common::ports::{Async, OutboundResponse};
use serde_json::{Value, json};
use std::cell::Cell;
use std::future::ready;
use suggest_reply::handler::handle;
use testkit::{Answer, INJECTIONS, answer, obeying, refused};

/// What a server sends that streams this completion, in texts of so many characters.
pub(super) fn streamed(completion: &Value, size: usize) -> OutboundResponse {
    let choice = &completion["choices"][0];
    let message = &choice["message"];
    let content: Vec<_> = message["content"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .collect();
    let mut deltas = vec![json!({ "role": "assistant", "content": "", "refusal": null })];
    deltas.extend(
        content
            .chunks(size)
            .map(|some| json!({ "content": String::from_iter(some) })),
    );
    for field in ["refusal", "tool_calls", "function_call"] {
        let told = message.get(field).filter(|told| !told.is_null());
        deltas.extend(told.map(|told| json!({ field: told })));
    }
    let mut chunks: Vec<_> = deltas
        .into_iter()
        .map(|delta| (delta, &Value::Null))
        .collect();
    chunks.push((json!({}), &choice["finish_reason"]));
    let mut body: String = chunks
        .iter()
        .map(|(delta, reason)| {
            let chunk = json!({ "object": "chat.completion.chunk", "model": "small",
                "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] });
            format!("data: {chunk}\n\n")
        })
        .collect();
    body.push_str("data: [DONE]\n\n");
    OutboundResponse {
        status: 200,
        headers: vec![("content-type".into(), "text/event-stream".into())],
        body: body.into_bytes(),
        is_cut: false,
    }
}

impl Desk {
    fn will_stream(&self, text: &str) {
        self.stack().ports.will(Ok(streamed(&completion(text), 3)));
    }

    fn suggest_with(&self, headers: &[(&str, &str)]) -> Answer {
        let call = self.stack().call("suggest-reply", "POST", PATH);
        let call = call
            .key(&self.tenant().api_key)
            .json(&json!({ "conversation_id": self.conversation }));
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        call.send(handle)
    }

    fn stream(&self) -> Answer {
        self.suggest_with(&[("accept", "text/event-stream")])
    }
}

/// The names of events in a row once each, and the texts of all deltas.
fn told(answer: &Answer) -> (Vec<&str>, String) {
    let mut names: Vec<_> = answer
        .events
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.dedup();
    let deltas = answer.events.iter().filter(|(name, _)| name == "delta");
    let texts = deltas.map(|(_, told)| told["text"].as_str().unwrap());
    (names, texts.collect())
}

#[test]
fn reply_suggest_answers_with_events_where_they_are_asked_for() {
    let desk = Desk::set_up();
    desk.records(
        &json!([{ "id": 7, "phone": "+353871234567", "order": "A-77", "state": "on its way" }]),
    );
    desk.will_say("It is on its way.");
    let whole = desk.suggest();
    let (mut body, _) = desk.asked();
    for size in [0, 1, 100] {
        desk.stack().ports.piece_bytes.set(size);
        desk.will_stream(" It is on its way.\u{7} ");
        let suggested = desk.stream();
        assert_eq!(suggested.status, 200, "{}", suggested.text());
        assert_eq!(suggested.header("content-type"), Some("text/event-stream"));
        assert_eq!(suggested.header("cache-control"), Some("no-store"));
        let (names, text) = told(&suggested);
        assert_eq!(names, ["sources", "delta", "done"]);
        assert_eq!(text, "It is on its way.");
        assert_eq!(
            suggested.events[0].1,
            json!({ "sources": whole.json["sources"] })
        );
        assert_eq!(suggested.events.last().unwrap().1, whole.json);
        let sent: usize = suggested
            .events
            .iter()
            .map(|(name, data)| format!("event: {name}\ndata: {data}\n\n").len())
            .sum();
        assert_eq!(suggested.log["response_bytes"], sent);
        let (asked, request) = desk.asked();
        body["stream"] = json!(true);
        assert_eq!(asked, body, "asked as for the whole");
        let accepted = request.headers.iter().find(|(name, _)| *name == "accept");
        assert!(accepted.unwrap().1.starts_with("text/event-stream"));
    }
    assert!(desk.stack().ports.pieces_read.get() > 100);
}

#[test]
fn a_draft_is_whole_where_events_are_not_asked_for_or_it_is_to_be_repeated() {
    let desk = Desk::set_up();
    let repeated = [("accept", "text/event-stream"), ("idempotency-key", "1")];
    for headers in [
        &[("accept", "application/json, text/event-stream")][..],
        &[("accept", "*/*")],
        &repeated,
    ] {
        desk.will_say("It is on its way.");
        let suggested = desk.suggest_with(headers);
        assert_eq!(suggested.json["draft"], "It is on its way.", "{headers:?}");
        assert!(suggested.events.is_empty());
        assert_eq!(desk.asked().0.get("stream"), None);
    }
    assert_eq!(
        desk.suggest_with(&repeated).json["draft"],
        "It is on its way."
    );
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn a_server_that_answers_whole_is_told_in_one_piece() {
    let desk = Desk::set_up();
    desk.stack().ports.piece_bytes.set(10);
    desk.will_say("It is on its way.");
    let suggested = desk.stream();
    assert_eq!(suggested.events.len(), 3);
    assert_eq!(told(&suggested).1, "It is on its way.");
}

#[test]
fn inbox_suggest_answers_with_events_too() {
    let desk = Desk::set_up();
    let token = desk.stack().inbox_token(desk.tenant(), None, None).token;
    desk.will_stream("Hello!");
    let call = desk
        .stack()
        .call("suggest-reply", "POST", "/embed/api/suggest-reply");
    let suggested = call
        .bearer(&token)
        .header("accept", "text/event-stream")
        .json(&json!({ "conversation_id": desk.conversation }))
        .send(handle);
    assert_eq!(told(&suggested).1, "Hello!");
}

#[test]
fn what_fails_before_the_draft_begins_is_an_answer_like_any_other() {
    let desk = Desk::set_up();
    let failing = |status: u16| answer(status, &json!({ "error": { "message": "Why" } }));
    for (outcomes, requests, refusal) in [
        (vec![failing(401)], 1, (422, "provider_rejected")),
        (vec![failing(500), failing(500)], 2, (503, "unavailable")),
        (vec![refused()], 1, (503, "unavailable")),
    ] {
        for outcome in outcomes {
            desk.stack().ports.will(outcome);
        }
        let failed = desk.stream();
        assert_eq!(failed.refusal(), refusal, "{}", failed.text());
        assert!(failed.events.is_empty());
        assert_eq!(desk.stack().ports.take_requests().len(), requests);
    }
    desk.stack().ports.will(failing(503));
    desk.will_stream("Here it is.");
    assert_eq!(told(&desk.stream()).1, "Here it is.", "asked once more");
    desk.settings("DELETE", &Value::Null);
    assert_eq!(desk.stream().refusal(), (409, "not_set_up"));
}

#[test]
fn what_fails_later_is_an_event_with_the_body_of_an_error() {
    let desk = Desk::set_up();
    let begun = streamed(&completion("It is on its way."), 3);
    let cut = |is_cut: bool| OutboundResponse {
        body: begun.body[..begun.body.len() / 2].to_vec(),
        is_cut,
        ..begun.clone()
    };
    let mut overloaded = cut(false);
    let words = format!("data: {{\"error\":{{\"message\":\"Overloaded, {API_KEY}\"}}}}\n\n");
    overloaded.body.extend_from_slice(b"\n\n");
    let end = overloaded
        .body
        .windows(2)
        .rposition(|two| two == b"}\n")
        .unwrap();
    overloaded.body.truncate(end + 3);
    overloaded.body.extend_from_slice(words.as_bytes());
    for (answer, words) in [
        (cut(true), "took longer than 25 seconds"),
        (cut(false), "broke off"),
        (overloaded, "broke off: Overloaded, ***."),
    ] {
        desk.stack().ports.piece_bytes.set(50);
        desk.stack().ports.will(Ok(answer));
        let failed = desk.stream();
        assert_eq!(failed.status, 200, "it has begun");
        let (names, text) = told(&failed);
        assert_eq!(names, ["sources", "delta", "error"]);
        assert!("It is on its way.".starts_with(&text), "{text}");
        let error = &failed.events.last().unwrap().1;
        assert_eq!(error["code"], "unavailable");
        assert!(error["error"].as_str().unwrap().contains(words), "{error}");
        assert!(!error.to_string().contains(API_KEY));
        assert_eq!(error["request_id"], failed.header("x-request-id").unwrap());
        assert_eq!(
            (
                &failed.log["level"],
                &failed.log["code"],
                &failed.log["status"]
            ),
            (&json!("error"), &json!("unavailable"), &json!(200))
        );
        assert_eq!(
            desk.stack().ports.take_requests().len(),
            1,
            "not asked again"
        );
    }
}

#[test]
fn a_model_is_not_heard_beyond_the_longest_draft() {
    let desk = Desk::set_up();
    desk.stack().ports.piece_bytes.set(500);
    desk.stack()
        .ports
        .will(Ok(streamed(&completion(&"é".repeat(9_000)), 50)));
    let suggested = desk.stream();
    let done = &suggested.events.last().unwrap().1;
    assert_eq!(done["truncated"], true);
    assert_eq!(done["draft"].as_str().unwrap().chars().count(), 4_000);
    assert_eq!(told(&suggested).1, done["draft"].as_str().unwrap());
    assert_eq!(desk.stack().ports.hung_up.get(), 1);
}

#[test]
fn a_model_that_obeys_orders_tells_in_pieces_what_it_tells_as_a_whole() {
    let desk = Desk::set_up();
    let before = super::injection::state(&desk);
    for (n, text) in INJECTIONS.iter().enumerate() {
        let completions = obeying(text, API_KEY, replies::prompt::SYSTEM);
        for turn in 0..2 {
            let completion = &completions[(n + turn * 5) % completions.len()];
            desk.stack().advance(1_000_000);
            desk.stack().ports.will(answer(200, completion));
            let whole = desk.suggest();
            desk.stack().ports.piece_bytes.set(1 + n);
            desk.stack()
                .ports
                .will(Ok(streamed(completion, 1 + turn * 4)));
            let streamed = desk.stream();
            let (names, text) = told(&streamed);
            let last = &streamed.events.last().unwrap().1;
            if whole.status == 200 {
                assert_eq!(names, ["sources", "delta", "done"], "{completion}");
                assert_eq!(last, &whole.json, "{completion}");
                assert_eq!(last["draft"], text);
            } else {
                assert_eq!(
                    (names, last["code"].clone()),
                    (vec!["sources", "error"], whole.json["code"].clone())
                );
            }
            // What somebody sees who reads along, at any moment.
            assert!(!text.contains(API_KEY), "{text}");
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{e0000}'..='\u{e007f}')));
            assert_eq!(
                desk.stack().ports.take_requests().len(),
                2,
                "nothing else was called"
            );
        }
    }
    assert_eq!(
        super::injection::state(&desk),
        before,
        "nothing is sent, stored or changed"
    );
}

/// Events that are over at once.
struct Over;

impl Events for Over {
    fn next(&mut self) -> Async<'_, Option<Result<Event>>> {
        Box::pin(ready(None))
    }
}

#[test]
fn an_answer_in_events_is_never_stored_to_be_repeated() {
    let desk = Desk::set_up();
    let runs = Cell::new(0);
    let answers = async |_: &Context<'_>, _: Request| {
        runs.set(runs.get() + 1);
        Ok(Response::events(Box::new(Over)))
    };
    for _ in 0..2 {
        let call = desk.stack().call("suggest-reply", "POST", PATH);
        let call = call
            .key(&desk.tenant().api_key)
            .header("idempotency-key", "1");
        let answered = call
            .json(&json!({ "conversation_id": desk.conversation }))
            .send(answers);
        assert_eq!(answered.header("content-type"), Some("text/event-stream"));
    }
    assert_eq!(runs.get(), 2);
}
