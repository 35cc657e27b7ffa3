use super::super::resend::ID_TAG;
use super::{FileContent, Letter, MAX_ANSWER_BYTES, is_success, json_of, repeatable};
use channels::outbound::{Answered, SEND_TIMEOUT_MS, SendOutcome, SendingAccount};
use channels::outcomes::{SOON_SECONDS, again, refused, retry_after, uncertain};
use common::json::lenient::text;
use common::json::written::{Written, quoted};
use common::outside::{OutboundRequest, OutboundResponse, Outside};

/// How long to wait where a day's or a month's mails are used up, in seconds.
const QUOTA_SECONDS: u32 = 3600;

/// Resend's API (channels.md §7.1).
pub(super) fn shape(
    outside: &Outside<'_>,
    account: &SendingAccount,
    letter: &Letter<'_>,
) -> OutboundRequest {
    let mut mail = Written::default()
        .text("from", &letter.from)
        .json("to", &format!("[{}]", quoted(letter.to)))
        .maybe("reply_to", letter.reply_to)
        .text("subject", letter.subject);
    if !letter.text.is_empty() || letter.files.is_empty() {
        mail = mail.text("text", letter.text).text("html", &letter.html);
    } else {
        // One of them there has to be.
        mail = mail.text("text", " ");
    }
    let headers = letter.headers();
    if !headers.is_empty() {
        let mut json = Written::default();
        for (name, value) in headers {
            json = json.text(name, value);
        }
        mail = mail.json("headers", &json.finish());
    }
    let tag = Written::default()
        .text("name", ID_TAG)
        .text("value", letter.message_id);
    mail = mail.json("tags", &format!("[{}]", tag.finish()));
    if !letter.files.is_empty() {
        let files = letter.files.iter().map(|file| {
            let json = Written::default().text("filename", &file.name);
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
        url: format!("{}/emails", base_url(outside)),
        headers: vec![
            (
                "authorization",
                authorization(account.credentials.api_key.as_deref()),
            ),
            ("content-type", "application/json".into()),
            // The same key is answered with the same mail, so that what had no answer goes again.
            ("idempotency-key", letter.message_id.to_owned()),
        ],
        body: Some(mail.finish().into_bytes()),
        timeout_ms: SEND_TIMEOUT_MS,
        max_bytes: MAX_ANSWER_BYTES,
    }
}

/// Where Resend is.
pub fn base_url(outside: &Outside<'_>) -> String {
    outside.base_url("RESEND_API_BASE", "https://api.resend.com")
}

/// What speaks for an account there.
pub fn authorization(api_key: Option<&str>) -> String {
    format!("Bearer {}", api_key.unwrap_or_default())
}

pub(super) fn classify(answered: &Answered) -> SendOutcome {
    let response = match answered {
        Ok(response) => response,
        Err(no_answer) => return repeatable(no_answer),
    };
    let said = json_of(response);
    let id = text(&said, "id").filter(|_| is_success(response));
    match id {
        Some(provider_id) => SendOutcome::Sent { provider_id },
        None => failed(
            response,
            &text(&said, "name").unwrap_or_default(),
            &text(&said, "message").unwrap_or_default(),
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
