//! Streams that break off, say nothing, or have no end.

use super::stream::{DONE, KEY, chunk, event, next, of, read, stop, stream, text, whole};
use crate::stream::{MAX_BYTES, Piece};
use common::http::Kind;
use serde_json::json;

#[test]
fn a_stream_that_ends_before_its_end_is_no_draft() {
    let said = text("It is on");
    let error = event(
        &json!({ "error": { "message": format!("Overloaded, {KEY}."), "type": "server_error" } }),
    );
    for (body, breaks, words) in [
        (
            said.clone(),
            false,
            "broke off, or took longer than 25 seconds.",
        ),
        (
            said.clone(),
            true,
            "broke off, or took longer than 25 seconds.",
        ),
        (
            [&*said, "data: {\"choices\":[{\"del"].concat(),
            false,
            "broke off, or",
        ),
        (
            [&*said, "data: <html>\n\n", DONE].concat(),
            false,
            "broke off, or",
        ),
        (
            [&*said, &error, DONE].concat(),
            false,
            "broke off: Overloaded, ***.",
        ),
        (
            [&*said, "event: error\ndata: {\"message\":\"Too many\"}\n\n"].concat(),
            false,
            "broke off: Too many.",
        ),
        (
            [
                &*said,
                "error: {\"code\":400,\"message\":\"Too long\"}\n\n",
                DONE,
            ]
            .concat(),
            false,
            "broke off: Too long.",
        ),
    ] {
        let (stream, is_over) = stream([body.clone().into_bytes()], breaks);
        let (texts, end) = read(stream);
        let error = end.unwrap_err();
        assert_eq!(
            (error.kind(), texts),
            (Kind::Unavailable, vec!["It is on".to_owned()]),
            "{body}"
        );
        assert!(
            error.message().contains(words),
            "{} {words}",
            error.message()
        );
        assert!(!error.message().contains(KEY) && is_over.get());
    }
}

#[test]
fn a_stream_without_a_text_is_no_draft() {
    let refused = ["I cannot ", "help with\u{202e} that."]
        .map(|words| chunk(&json!({ "refusal": words }), None));
    let declined = of([&*refused.concat(), &stop(), DONE].concat().as_bytes())
        .1
        .unwrap_err();
    assert_eq!(declined.kind(), Kind::ProviderRejected);
    assert!(
        declined.message().ends_with(": I cannot help with that."),
        "{}",
        declined.message()
    );
    for body in [
        String::new(),
        " \n".to_owned(),
        DONE.to_owned(),
        "{}".to_owned(),
        "{\"choices\":[".to_owned(),
        whole(&[]),
        whole(&[" \n", "\u{200b}\u{0}"]),
        whole(&["<think>It never", " ends"]),
        [
            &*chunk(&json!({ "tool_calls": [{ "index": 0 }] }), None),
            &stop(),
            DONE,
        ]
        .concat(),
    ] {
        let (texts, end) = of(body.as_bytes());
        assert_eq!(
            (end.unwrap_err().kind(), texts.len()),
            (Kind::Unavailable, 0),
            "{body}"
        );
    }
}

#[test]
fn a_stream_has_no_more_than_is_read() {
    let thought = text(&"x".repeat(1_000));
    let padded = event(&json!({ "choices": [], "obfuscation": "x".repeat(1_000) }));
    let line = ["data: ", &"x".repeat(MAX_BYTES)].concat();
    let json = ["{\"choices\":[", &" ".repeat(MAX_BYTES)].concat();
    let pieces = |first: &str, other: &str, count: usize| {
        let pieces = std::iter::once(first).chain(std::iter::repeat_n(other, count));
        pieces
            .map(|piece| piece.as_bytes().to_vec())
            .collect::<Vec<_>>()
    };
    for (name, pieces) in [
        ("a long thought", pieces(&text("<think>"), &thought, 300)),
        ("chunks without end", pieces("", &padded, 5_000)),
        ("one event", pieces("", &line, 1)),
        ("one object", pieces("", &json, 1)),
    ] {
        let (stream, is_over) = stream(pieces, false);
        let (texts, end) = read(stream);
        let error = end.unwrap_err();
        assert_eq!(
            (error.kind(), texts.len()),
            (Kind::ProviderRejected, 0),
            "{name}"
        );
        assert!(is_over.get(), "{name}");
    }
}

#[test]
fn behind_the_longest_draft_nothing_more_is_read() {
    let pieces = std::iter::repeat_n(text(&"é".repeat(900)).into_bytes(), 5);
    let (mut stream, is_over) = stream(pieces.chain([b"data: nonsense\n\n".to_vec()]), false);
    let mut length = 0;
    let end = loop {
        match next(&mut stream).unwrap().unwrap() {
            Piece::Text(text) => length += text.chars().count(),
            Piece::End(draft) => break draft,
        }
        assert_eq!(is_over.get(), length >= 4_000, "{length}");
    };
    assert_eq!(
        (length, end.text.chars().count(), end.is_cut),
        (4_000, 4_000, true)
    );
}
