//! Records by which a domain says whose it is, asked by DNS over HTTPS.

use common::context::Context;
use common::form;
use common::json::raw::{Object, part};
use common::json::tolerant::{checked, objects, text};
use common::ports::OutboundRequest;
use common::signatures::sha256_hex;

/// Who is asked, where `DNS_RESOLVER` does not say otherwise: a resolver that answers in JSON
/// (channels.md §8.1).
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

/// The record by which domains say that they are this business's. It is no secret, and no key that may
/// change goes into it: only who runs a domain can publish it there.
#[must_use]
pub fn record_of(business: &str) -> String {
    let mut token = sha256_hex(format!("domain verification\n{business}").as_bytes());
    token.truncate(TOKEN_CHARS);
    [PREFIX, &token].concat()
}

/// What a domain says of whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Why it is not proven to be the caller's; `None` where it is.
    pub missing: Option<String>,
    /// All that it says; nothing where the resolver does not tell.
    pub records: Vec<String>,
}

/// Whether a domain says that it is the caller's, and all that it says.
pub async fn ask(cx: &Context<'_>, domain: &str) -> Said {
    let record = record_of(cx.business_id());
    let Some(records) = records(cx, domain).await else {
        let why = ["The resolver did not tell the records of `", domain, "`."];
        return Said {
            missing: Some(why.concat()),
            records: Vec::new(),
        };
    };
    let missing = (!records.contains(&record))
        .then(|| ["`", domain, "` lacks the TXT record `", &record, "`."].concat());
    Said { missing, records }
}

/// The TXT records of a domain; `None` where the resolver does not tell.
async fn records(cx: &Context<'_>, domain: &str) -> Option<Vec<String>> {
    let resolver = cx.ports.base_url("DNS_RESOLVER", DEFAULT_RESOLVER);
    let query = form::encoded([("name", domain), ("type", "TXT")]);
    let question = OutboundRequest {
        method: "GET",
        url: [&*resolver, "?", &query].concat(),
        headers: vec![("accept", "application/dns-json".to_owned())],
        body: None,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let answer = cx.ports.http.fetch(question).await.ok()?;
    let json = checked(&answer.body).filter(|_| answer.status == 200 && !answer.is_cut)?;
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
