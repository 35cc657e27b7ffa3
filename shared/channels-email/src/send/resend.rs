use super::super::resend::ID_TAG;
use super::{FileContent, MAX_ANSWER_BYTES, OutboundEmail, is_success, json_of, repeatable};
use channels::outbound::{FetchResult, SEND_TIMEOUT_MS, SendOutcome, SendingAccount};
use channels::outcomes::{SOON_SECONDS, again, refused, retry_after, uncertain};
use common::json::tolerant::text;
use common::json::writer::{JsonWriter, quoted};
use common::ports::{OutboundRequest, OutboundResponse, Ports};

/// How long to wait where a day's or a month's mails are used up, in seconds.
const QUOTA_SECONDS: u32 = 3600;

/// Resend's API (channels.md §7.1).
pub(super) fn shape(
    ports: &Ports<'_>,
    account: &SendingAccount,
    email: &OutboundEmail<'_>,
) -> OutboundRequest {
    let mut mail = JsonWriter::default()
        .text("from", &email.from)
        .json("to", &format!("[{}]", quoted(email.to)))
        .maybe("reply_to", email.reply_to)
        .text("subject", email.subject);
    if !email.text.is_empty() || email.files.is_empty() {
        mail = mail.text("text", email.text).text("html", &email.html);
    } else {
        // One of them there has to be.
        mail = mail.text("text", " ");
    }
    let headers = email.headers();
    if !headers.is_empty() {
        let mut json = JsonWriter::default();
        for (name, value) in headers {
            json = json.text(name, value);
        }
        mail = mail.json("headers", &json.finish());
    }
    let tag = JsonWriter::default()
        .text("name", ID_TAG)
        .text("value", email.message_id.as_str());
    mail = mail.json("tags", &format!("[{}]", tag.finish()));
    if !email.files.is_empty() {
        let files = email.files.iter().map(|file| {
            let json = JsonWriter::default().text("filename", &file.name);
            match &file.content {
                FileContent::Inline(base64) => json
                    .text("content_type", file.mime_type)
                    // Base64 needs no escapes.
                    .json("content", &["\"", base64, "\""].concat()),
                FileContent::At(url) => json.text("path", url),
            }
            .finish()
        });
        let files: Vec<_> = files.collect();
        mail = mail.json("attachments", &format!("[{}]", files.join(",")));
    }
    OutboundRequest {
        method: "POST",
        url: format!("{}/emails", base_url(ports)),
        headers: vec![
            (
                "authorization",
                authorization(account.credentials.api_key.as_deref()),
            ),
            ("content-type", "application/json".into()),
            // The same key is answered with the same mail, so that what had no answer goes again.
            ("idempotency-key", email.message_id.to_string()),
        ],
        body: Some(mail.finish().into_bytes()),
        timeout_ms: SEND_TIMEOUT_MS,
        max_bytes: MAX_ANSWER_BYTES,
        ..OutboundRequest::default()
    }
}

/// Where Resend is.
pub fn base_url(ports: &Ports<'_>) -> String {
    ports.base_url("RESEND_API_BASE", "https://api.resend.com")
}

/// What speaks for an account there.
pub fn authorization(api_key: Option<&str>) -> String {
    format!("Bearer {}", api_key.unwrap_or_default())
}

pub(super) fn classify(answered: &FetchResult) -> SendOutcome {
    let response = match answered {
        Ok(response) => response,
        Err(no_answer) => return repeatable(no_answer),
    };
    let body = json_of(response);
    let id = text(&body, "id").filter(|_| is_success(response));
    match id {
        Some(provider_id) => SendOutcome::Sent { provider_id },
        None => failed(
            response,
            &text(&body, "name").unwrap_or_default(),
            &text(&body, "message").unwrap_or_default(),
        ),
    }
}

fn failed(response: &OutboundResponse, name: &str, message: &str) -> SendOutcome {
    let code = || match name {
        "" => format!("http_{}", response.status),
        name => name.to_owned(),
    };
    let wait = |otherwise: u32| retry_after(response).unwrap_or(otherwise);
    match (response.status, name) {
        (_, "concurrent_idempotent_requests") => again(SOON_SECONDS, None, name, message),
        // It was taken before, as it was then.
        (_, "invalid_idempotent_request") => {
            uncertain("Resend took the message before, and did not say under which id.")
        }
        (429, "daily_quota_exceeded" | "monthly_quota_exceeded") => {
            again(wait(QUOTA_SECONDS), None, name, message)
        }
        (429, _) => again(wait(SOON_SECONDS), None, code(), message),
        (401 | 403, _) => refused(code(), message, true),
        (500..=599 | 408, _) => again(wait(SOON_SECONDS), None, code(), message),
        // An answer without an id: the same key gives the same answer, with it.
        (200..=299, _) => again(SOON_SECONDS, None, "no_id", "Resend gave no id."),
        _ => refused(code(), message, false),
    }
}
