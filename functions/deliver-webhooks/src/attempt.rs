//! One attempt at a delivery: the request with its signatures, and what came of it.

use crate::outcome::{Outcome, outcome_of};
use common::context::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::ids::{DeliveryId, EndpointId};
use common::ports::{FetchError, OutboundRequest, PublicUrl};
use common::signatures::{standard_webhook_signature, webhook_signature};
use common::time::{SECOND, Timestamp};
use webhooks::RetrySchedule;
use webhooks::secret::secret_context;

/// How long an endpoint has to answer, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;
/// How much of an answer is kept, in bytes.
const EXCERPT_BYTES: usize = 4096;

/// Where to, and how it is signed.
pub(crate) struct Recipient {
    url: String,
    secret: String,
    /// While a rotation goes on.
    old_secret: Option<String>,
    /// How long a delivery is tried.
    retries: RetrySchedule,
    /// Since when everything failed.
    pub(crate) failing_since: Option<Timestamp>,
}

/// What is to be posted.
pub(crate) struct Claimed {
    pub(crate) id: DeliveryId,
    event: String,
    event_id: String,
    pub(crate) tries: i64,
    /// None, where it could not be built; empty, where the person it was about is erased.
    body: Option<String>,
}

/// The result.
pub(crate) struct Attempted {
    pub(crate) at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) status_code: Option<u16>,
    pub(crate) excerpt: Option<String>,
    pub(crate) error: Option<&'static str>,
    pub(crate) outcome: Outcome,
}

impl Recipient {
    /// Reads TARGET_GET, and opens its secrets.
    pub(crate) fn of_row(
        cx: &Context<'_>,
        endpoint_id: &EndpointId,
        row: &Row,
    ) -> Result<Self, Error> {
        let context = secret_context(cx.business_id(), endpoint_id);
        let mut columns = Columns::of(row);
        let url = columns.text("url")?;
        let secret = columns.str("secret")?;
        let old = columns.str_or_null("old_secret")?;
        let old_until = columns.time_or_null("old_secret_until")?;
        let old = old.filter(|_| old_until.is_some_and(|until| until > cx.now));
        Ok(Self {
            url,
            secret: cx.ports.open(&context, secret)?,
            old_secret: old.map(|old| cx.ports.open(&context, old)).transpose()?,
            failing_since: columns.time_or_null("failing_since")?,
            retries: columns.parsed("retries", RetrySchedule::named)?,
        })
    }

    /// The request. While a rotation goes on, the header that can carry both signatures does, and
    /// the other stays with the old secret.
    fn request(&self, claimed: &Claimed, body: &str, now: Timestamp) -> OutboundRequest {
        let timestamp = now.micros().div_euclid(SECOND);
        let hexadecimal = webhook_signature(
            self.old_secret.as_ref().unwrap_or(&self.secret),
            timestamp,
            body,
        );
        let standard: Vec<String> = [Some(&self.secret), self.old_secret.as_ref()]
            .into_iter()
            .flatten()
            .map(|secret| standard_webhook_signature(secret, &claimed.event_id, timestamp, body))
            .collect();
        OutboundRequest {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-webhook-event", claimed.event.clone()),
                ("x-webhook-id", claimed.event_id.clone()),
                ("x-webhook-timestamp", timestamp.to_string()),
                ("x-webhook-signature", hexadecimal),
                ("webhook-id", claimed.event_id.clone()),
                ("webhook-timestamp", timestamp.to_string()),
                ("webhook-signature", standard.join(" ")),
            ],
            body: Some(body.as_bytes().to_vec()),
            timeout_ms: TIMEOUT_MS,
            max_bytes: EXCERPT_BYTES,
            ..OutboundRequest::default()
        }
    }
}

impl Claimed {
    /// Reads DELIVERY_CLAIMED.
    pub(crate) fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            event: columns.text("event")?,
            event_id: columns.text("event_id")?,
            tries: columns.integer("tries")?,
            body: columns.text_or_null("body")?,
        })
    }

    /// Posts it. `now` tells the time as it goes on.
    pub(crate) async fn attempt(
        &self,
        cx: &Context<'_>,
        to: &Recipient,
        now: &dyn Fn() -> Timestamp,
    ) -> Attempted {
        let at = now();
        let Some(body) = &self.body else {
            return Attempted::refused(at, "the event has no body", "unbuildable");
        };
        if body.is_empty() {
            return Attempted::refused(at, "the person it was about is erased", "erased");
        }
        // What was safe when it was entered need not be so in this deployment any more.
        if !PublicUrl::is_one(&cx.ports, &to.url) {
            return Attempted::refused(at, "the URL is not public", "refused");
        }
        let answer = cx.ports.http.fetch(to.request(self, body, at)).await;
        let ended_at = now();
        let response = answer.as_ref().ok();
        Attempted {
            at,
            ended_at,
            status_code: response.map(|response| response.status),
            excerpt: response.map(|response| excerpt_of(&response.body)),
            error: answer.as_ref().err().map(reason_text),
            outcome: outcome_of(response, to.retries.pause_seconds(self.tries), ended_at),
        }
    }
}

impl Attempted {
    /// Nothing was posted, and nothing will be.
    fn refused(at: Timestamp, error: &'static str, reason: &'static str) -> Self {
        Self {
            at,
            ended_at: at,
            status_code: None,
            excerpt: None,
            error: Some(error),
            outcome: Outcome::Failed(reason),
        }
    }
}

/// Why there was no response, in our own words: the platform's message may quote the URL, which may
/// contain a token.
fn reason_text(reason: &FetchError) -> &'static str {
    match reason {
        FetchError::NotSent(_) => "no connection could be made",
        FetchError::Unsure(reason) => {
            let reason = reason.to_ascii_lowercase();
            let timed_out = ["time", "abort"].iter().any(|word| reason.contains(word));
            if timed_out {
                "no answer within 10 seconds"
            } else {
                "the connection broke"
            }
        }
    }
}

/// The beginning of an answer as text that can be shown: without control characters, and without a
/// character that was cut in two.
fn excerpt_of(body: &[u8]) -> String {
    let body = body.get(..EXCERPT_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(shown).collect();
    text.trim_end_matches('\u{fffd}').to_owned()
}
