//! A call that can be pasted into a shell.

use crate::Result;
use crate::document::example;
use crate::entry::{CSV, Entry, FORM, FORM_ENCODED};
use crate::openapi::CodeSample;
use common::http::ledger::BASE_PATH;
use common::http::{Access, Method, Route, Scope};

/// Where `scripts/dev` serves.
pub const ORIGIN: &str = "http://127.0.0.1:8787";

/// The connector of the sample calls.
pub const CONNECTOR: &str = "kustomer";

/// A path of a sample call: `target` stands for its `{id}` or `{path}`, or behind it.
#[must_use]
pub fn path_of(route: &Route, target: &str) -> String {
    let path = route.path.replace("{connector}", CONNECTOR);
    let named = path
        .split_once("{id}")
        .or_else(|| path.split_once("{path}"));
    match named {
        Some((before, after)) => format!("{before}{target}{after}"),
        None => format!("{path}{target}"),
    }
}

/// The sample call of an operation.
///
/// # Errors
/// When the example of the body is no JSON.
pub fn sample(route: &Route, entry: &Entry) -> Result<CodeSample> {
    let mut parts = Vec::new();
    let path = path_of(route, entry.sample_target);
    let url = format!("\"{ORIGIN}{BASE_PATH}{path}\"");
    match route.method {
        Method::Get => parts.push(format!("curl {url}")),
        other => parts.extend([format!("curl -X {other}"), url]),
    }
    match route.access {
        Access::Public => {}
        Access::Provider if entry.request.is_some() => {
            let headers = match entry.operation {
                "chatwoot_receive" => &[
                    "X-Chatwoot-Timestamp: $TIMESTAMP",
                    "X-Chatwoot-Signature: sha256=$SIGNATURE",
                ],
                "twilio_receive" => ["X-Twilio-Signature: $SIGNATURE"].as_slice(),
                "email_receive" => &[
                    "svix-id: $DELIVERY_ID",
                    "svix-timestamp: $TIMESTAMP",
                    "svix-signature: v1,$SIGNATURE",
                ],
                "crm_link_receive" => &[
                    "webhook-id: $PUSH_ID",
                    "webhook-timestamp: $TIMESTAMP",
                    "webhook-signature: v1,$SIGNATURE",
                ],
                _ => &["X-Hub-Signature-256: sha256=$SIGNATURE"],
            };
            parts.extend(headers.iter().map(|header| format!("-H \"{header}\"")));
        }
        Access::Provider => {}
        Access::Key(Scope::Admin) => parts.push("-H \"x-api-key: $ADMIN_KEY\"".into()),
        Access::Key(_) => parts.push("-H \"x-api-key: $API_KEY\"".into()),
        Access::Session(_) => parts.push("-H \"Authorization: Bearer $SESSION_TOKEN\"".into()),
        Access::Platform => parts.push("-H \"Authorization: Bearer $PLATFORM_TOKEN\"".into()),
        Access::Inbox => parts.push("-H \"Authorization: Bearer $INBOX_TOKEN\"".into()),
    }
    match &entry.request {
        None => {}
        Some(shape) if [FORM, FORM_ENCODED].contains(&shape.media) => {
            let option = if shape.media == FORM {
                "-F"
            } else {
                "--data-urlencode"
            };
            for (name, value) in example(shape)?.object().into_iter().flatten() {
                let value = value.text().unwrap_or_default();
                parts.push(format!("{option} \"{name}={value}\""));
            }
        }
        Some(shape) if shape.media == CSV => {
            parts.push(format!("-H \"Content-Type: {}\"", shape.media));
            parts.push("--data-binary @prices.csv".into());
        }
        Some(shape) => {
            parts.push(format!("-H \"Content-Type: {}\"", shape.media));
            parts.push(format!(
                "-d '{}'",
                example(shape)?.pretty().replace('\'', "'\\''")
            ));
        }
    }
    let source = parts.join(" \\\n  ");
    Ok(CodeSample {
        lang: "Shell",
        label: "curl",
        source,
    })
}
