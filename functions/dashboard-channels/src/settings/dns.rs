//! Records by which a domain says whose it is, asked by DNS over HTTPS.

use super::owner::Evidence;
use common::context::Context;
use common::form;
use common::http::Error;
use common::json::raw::{Object, part};
use common::json::tolerant::{checked, objects, text};
use common::ports::OutboundRequest;
use common::signatures::hmac_sha256_hex;

/// Who is asked, where `DNS_RESOLVER` does not say otherwise: a resolver that answers in JSON
/// (<https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>).
const DEFAULT_RESOLVER: &str = "https://cloudflare-dns.com/dns-query";
/// How long it may take to answer.
const TIMEOUT_MS: u32 = 5_000;
/// Largest answer that is read, in bytes: all TXT records of a domain.
const MAX_BYTES: usize = 64 * 1024;
/// The number of the type TXT (RFC 1035 §3.2.2).
const TXT: &str = "16";
/// What a record begins with.
const PREFIX: &str = "tieline-verify=";
/// Digits of a record's token.
const TOKEN_CHARS: usize = 32;

/// The record by which a domain says that it is this business's.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub(super) fn record_of(cx: &Context<'_>, business: &str, domain: &str) -> Result<String, Error> {
    let key = cx.ports.key_for("domain verification")?;
    let mut token = hmac_sha256_hex(&key, format!("{business}\n{domain}").as_bytes());
    token.truncate(TOKEN_CHARS);
    Ok([PREFIX, &token].concat())
}

/// Whether a domain says that it is the caller's, and all that it says.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub(super) async fn evidence(
    cx: &Context<'_>,
    domain: &str,
) -> Result<(Evidence, Vec<String>), Error> {
    let record = record_of(cx, cx.business_id(), domain)?;
    Ok(match records(cx, domain).await {
        None => (Evidence::Unknown, Vec::new()),
        Some(records) if records.contains(&record) => (Evidence::Proven, records),
        Some(records) => (Evidence::Denied, records),
    })
}

/// The TXT records of a domain; `None` where the resolver does not tell.
async fn records(cx: &Context<'_>, domain: &str) -> Option<Vec<String>> {
    let resolver = cx.ports.base_url("DNS_RESOLVER", DEFAULT_RESOLVER);
    let query = form::encoded([("name", domain), ("type", "TXT")]);
    let question = OutboundRequest {
        method: "GET",
        url: format!("{resolver}?{query}"),
        headers: vec![("accept", "application/dns-json".to_owned())],
        body: None,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
    };
    let answer = cx.ports.http.fetch(question).await.ok()?;
    let json = checked(&answer.body).filter(|_| answer.status == 200)?;
    let body = part(&json);
    // No such domain (3) is an answer, too; a server that fails (2) is none.
    let status = text(&body, "Status")?;
    if !matches!(status.as_str(), "0" | "3") {
        return None;
    }
    let answers = objects(&body, "Answer");
    Some(answers.iter().filter_map(text_of).collect())
}

/// The text of a TXT record, which comes as its parts in quotes: `"v=spf1 " "-all"`.
fn text_of(record: &Object<'_>) -> Option<String> {
    if text(record, "type")? != TXT {
        return None;
    }
    let data = text(record, "data")?;
    let parts: Vec<_> = data.split('"').collect();
    Some(match parts.len() {
        1 => data.clone(),
        _ => parts.into_iter().skip(1).step_by(2).collect(),
    })
}
