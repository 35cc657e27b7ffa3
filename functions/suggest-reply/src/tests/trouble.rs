//! A server that fails, refuses, or answers what is no draft.

use super::{API_KEY, Desk, completion};
use common::ports::OutboundResponse;
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

fn error(status: u16, message: &str, retry_after: Option<&str>) -> OutboundResponse {
    let mut response = answer(status, &json!({ "error": { "message": message } })).unwrap();
    let header = retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_owned()));
    response.headers.extend(header);
    response
}

#[test]
fn a_server_that_asks_for_a_moment_is_asked_once_more() {
    let desk = Desk::set_up();
    for (status, retry_after, waited) in [(429, Some("2"), 2), (500, None, 1), (503, Some("1"), 1)]
    {
        let begin = desk.stack().now();
        desk.stack()
            .ports
            .will(Ok(error(status, "Slow down", retry_after)));
        desk.will_say("Here it is.");
        let suggested = desk.suggest();
        assert_eq!(
            (suggested.status, &suggested.json["draft"]),
            (200, &json!("Here it is."))
        );
        assert_eq!(desk.stack().ports.take_requests().len(), 2);
        let waited_for = desk.stack().now().micros() - begin.micros();
        assert_eq!(waited_for, waited * 1_000_000, "{status}");
    }
}

#[test]
fn a_server_that_goes_on_failing_is_503_with_its_words_and_without_keys() {
    let desk = Desk::set_up();
    for (outcomes, requests, words) in [
        (
            vec![Ok(error(503, &format!("Overloaded, {API_KEY}"), None)); 2],
            2,
            "503: Overloaded, ***.",
        ),
        (
            vec![Ok(error(429, "Rate limit reached", Some("30")))],
            1,
            "429: Rate limit reached.",
        ),
        (vec![refused()], 1, "cannot be reached"),
        (vec![timed_out()], 1, "within 25 seconds"),
    ] {
        for outcome in outcomes {
            desk.stack().ports.will(outcome);
        }
        let failed = desk.suggest();
        assert_eq!(failed.refusal(), (503, "unavailable"), "{words}");
        assert!(failed.text().contains(words), "{} {words}", failed.text());
        assert!(!failed.text().contains(API_KEY));
        assert!(failed.header("retry-after").is_some());
        assert_eq!(
            desk.stack().ports.take_requests().len(),
            requests,
            "{words}"
        );
    }
}

#[test]
fn a_refusal_of_the_server_tells_what_to_check() {
    let desk = Desk::set_up();
    for (status, message, words) in [
        (
            401,
            format!("Incorrect API key provided: {API_KEY}"),
            "***. Check its `api_key`.",
        ),
        (
            404,
            "The model `small` does not exist".into(),
            "does not exist. Check `base_url` and `model`.",
        ),
        (
            400,
            "max_tokens is not supported".into(),
            "Check what is set for replies.",
        ),
        (302, "Moved".into(), "Set `base_url` to where it leads."),
    ] {
        desk.stack().ports.will(Ok(error(status, &message, None)));
        let failed = desk.suggest();
        assert_eq!(failed.refusal(), (422, "provider_rejected"));
        assert!(failed.text().contains(words), "{}", failed.text());
        assert!(!failed.text().contains(API_KEY));
        assert_eq!(desk.stack().ports.take_requests().len(), 1, "{status}");
    }
}

#[test]
fn an_answer_without_a_text_is_no_draft() {
    let desk = Desk::set_up();
    let message = |message: Value| json!({ "choices": [{ "message": message }] });
    for body in [
        json!({}),
        json!([]),
        json!({ "choices": [] }),
        message(json!({ "content": null })),
        message(json!({ "content": " \n\u{200b}\u{0}" })),
        message(json!({ "content": "<think>It never ends" })),
        message(json!({ "content": null, "tool_calls": [{ "id": "t", "type": "function" }] })),
    ] {
        desk.stack().ports.will(answer(200, &body));
        assert_eq!(desk.suggest().refusal(), (503, "unavailable"), "{body}");
    }
    let declined = message(json!({ "content": null, "refusal": "I cannot help with that." }));
    desk.stack().ports.will(answer(200, &declined));
    let failed = desk.suggest();
    assert_eq!(failed.refusal(), (422, "provider_rejected"));
    assert!(
        failed.text().contains("I cannot help with that."),
        "{}",
        failed.text()
    );
}

#[test]
fn a_draft_is_plain_text_of_4000_characters_at_most() {
    let desk = Desk::set_up();
    let draft = |text: &str| {
        desk.will_say(text);
        let suggested = desk.suggest();
        assert_eq!(suggested.status, 200, "{}", suggested.text());
        (
            suggested.json["draft"].as_str().unwrap().to_owned(),
            suggested.json["truncated"].clone(),
        )
    };
    for (said, expected) in [
        (
            "  Hello,\r\nAoife\u{7} \u{202e}evil\u{202c}\tx  ",
            "Hello,\nAoife evil x",
        ),
        (
            "<think>\nWhich order?\n</think>\n\nIt is on its way.",
            "It is on its way.",
        ),
        (
            "<img src=x onerror=alert(1)>",
            "<img src=x onerror=alert(1)>",
        ),
        (
            "\u{1f469}\u{200d}\u{1f527} \u{e0041}",
            "\u{1f469}\u{200d}\u{1f527}",
        ),
    ] {
        assert_eq!(draft(said), (expected.to_owned(), json!(false)), "{said:?}");
    }
    let (text, is_cut) = draft(&"é".repeat(4_100));
    assert_eq!((text.chars().count(), is_cut), (4_000, json!(true)));
    let mut ended = completion("It is on");
    ended["choices"][0]["finish_reason"] = json!("length");
    desk.stack().ports.will(answer(200, &ended));
    assert_eq!(desk.suggest().json["truncated"], true);
    let mut large = answer(200, &completion("x")).unwrap();
    large.is_cut = true;
    desk.stack().ports.will(Ok(large));
    assert_eq!(desk.suggest().refusal(), (422, "provider_rejected"));
}
