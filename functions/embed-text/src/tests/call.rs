//! What other functions get.

use super::TABLE;
use common::Context;
use common::ports::ServiceResponse;
use embed_text::handler::run;
use knowledge::embedder::{EMBEDDER, MAX_BYTES, embed};
use knowledge::vector::Vector;
use serde_json::{Value, json};
use testkit::Stack;

fn asked(body: &str) -> ServiceResponse {
    let stack = Stack::new();
    let before = stack.db.calls();
    let answered = stack.answer_call(EMBEDDER, "embed_texts", body.as_bytes(), run);
    assert_eq!(stack.db.calls(), before);
    answered
}

fn with_texts(texts: &[String]) -> ServiceResponse {
    asked(&json!({"version": 1, "texts": texts}).to_string())
}

fn code(answered: &ServiceResponse) -> (u16, &str) {
    (answered.status, str::from_utf8(&answered.body).unwrap())
}

/// What the client gives, or the code of its failure.
fn embedded(stack: &Stack, texts: &[String]) -> Result<Vec<Option<Vector>>, String> {
    let mut vectors = Vec::new();
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        vectors = embed(cx, texts).await?;
        Ok(())
    });
    match log["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(vectors),
    }
}

#[test]
fn a_call_is_answered_with_one_vector_for_each_text_as_version_1_has_it() {
    let golden = include_str!("../../../../tests/native/src/calls/embed_texts.v1.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    let answered = asked(&golden["call"].to_string());
    let answered: Value = serde_json::from_slice(&answered.body).unwrap();
    assert_eq!(answered, golden["answer"]);
    let nothing: Value = serde_json::from_slice(&with_texts(&[]).body).unwrap();
    assert_eq!(nothing["vectors"], json!([]));
}

#[test]
fn a_call_of_another_version_or_shape_is_refused() {
    for body in [
        r#"{"version":2,"texts":["a"]}"#,
        r#"{"texts":["a"]}"#,
        r#"{"version":1}"#,
        r#"{"version":1,"texts":"a"}"#,
        r#"{"version":1,"texts":[1]}"#,
        "",
    ] {
        assert_eq!(code(&asked(body)), (400, "malformed_json"), "{body}");
    }
}

#[test]
fn a_call_has_at_most_1000_texts_and_1_mib_of_them() {
    let most = with_texts(&vec!["a".to_owned(); 1000]);
    assert!(most.is_done());
    // What a caller reads of an answer (edge).
    assert!(most.body.len() < 256 * 1024, "{}", most.body.len());
    let refused = (400, "malformed_request");
    assert_eq!(code(&with_texts(&vec!["a".to_owned(); 1001])), refused);
    let half = "a".repeat(MAX_BYTES / 2);
    assert!(with_texts(&[half.clone(), half.clone()]).is_done());
    assert_eq!(
        code(&with_texts(&[half.clone(), half, "a".into()])),
        refused
    );
}

#[test]
fn the_client_puts_1000_texts_into_a_call_and_keeps_their_order() {
    let stack = Stack::new();
    let mut texts = vec!["a parcel".to_owned(); 1001];
    texts[500] = "\u{1f4e6}".into();
    texts[1000] = "a refund".into();
    let vectors = embedded(&stack, &texts).unwrap();
    assert_eq!(vectors.len(), 1001);
    assert_eq!(vectors[499], TABLE.embed("a parcel"));
    assert_eq!(vectors[500], None);
    assert_eq!(vectors[1000], TABLE.embed("a refund"));
    assert_eq!(stack.ports.call_logs.borrow().len(), 2);
    assert_eq!(embedded(&stack, &[]).unwrap(), []);
    assert_eq!(stack.ports.call_logs.borrow().len(), 2);
}

#[test]
fn the_client_says_what_fails() {
    let stack = Stack::new();
    let too_long = ["a".repeat(MAX_BYTES + 1)];
    assert_eq!(embedded(&stack, &too_long), Err("invalid_request".into()));
    stack.ports.services_are_down.set(true);
    assert_eq!(embedded(&stack, &["a".into()]), Err("unavailable".into()));
}
