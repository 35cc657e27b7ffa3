//! Incoming webhooks of Slack, and of whatever takes the same (slack.md §1, §2).

use crate::notify::words::Words;
use channels::outcomes::retry_after;
use common::Context;
use common::http::Result;
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, PublicUrl};
use mail::{Outcome, Told, again_or_failed, excerpt};

/// How long the other side may take to answer.
const TIMEOUT_MS: u32 = 10_000;
/// Most bytes of an answer that are read.
const MAX_BYTES: usize = 4 * 1024;

/// Posts a text. A redirect is a failure, since it could lead anywhere.
pub(super) async fn send(cx: &Context<'_>, url: &str, words: &Words) -> Result<Told> {
    // The rules may have become stricter since it was stored.
    if !PublicUrl::is_one(&cx.ports, url) {
        return Ok(Told::failed("The URL may not be called."));
    }
    let body = JsonWriter::default().text("text", &escaped(&words.text));
    let request = OutboundRequest {
        url: url.to_owned(),
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let answered = cx
        .ports
        .http
        .fetch(request.with_json("POST", body.finish()));
    let response = match answered.await {
        Ok(response) => response,
        Err(_) => {
            return Ok(Told {
                outcome: Outcome::Again(0),
                status: None,
                answer: "The server did not answer within 10 seconds.".to_owned(),
            });
        }
    };
    let outcome = match response.status {
        200..=299 => Outcome::Sent,
        status => again_or_failed(status, retry_after(&response)),
    };
    let said = excerpt(&String::from_utf8_lossy(&response.body));
    Ok(Told {
        outcome,
        status: Some(response.status),
        answer: match said.as_str() {
            "" => format!("It answered {} and nothing else.", response.status),
            _ => said,
        },
    })
}

/// A text in which nothing is markup: names in it are given by others, and could call a whole channel.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}
