use super::super::postmark::ID_FIELD;
use super::{FileContent, MAX_ANSWER_BYTES, OutboundEmail, is_success, json_of};
use channels::outbound::{FetchResult, SEND_TIMEOUT_MS, SendOutcome, SendingAccount};
use channels::outcomes::{SOON_SECONDS, again, refused, retry_after, unanswered, uncertain};
use common::json::tolerant::text;
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, OutboundResponse, Ports};

/// Postmark's API (channels.md §7.1). It takes no links, so that one goes as a line of the text.
pub(super) fn shape(
    ports: &Ports<'_>,
    account: &SendingAccount,
    email: &OutboundEmail<'_>,
) -> OutboundRequest {
    let mut body = email.text.to_owned();
    let mut files = Vec::new();
    for file in &email.files {
        match &file.content {
            FileContent::Inline(base64) => {
                let json = JsonWriter::default()
                    .text("Name", &file.name)
                    // Base64 needs no escapes.
                    .json("Content", &["\"", base64, "\""].concat())
                    .text("ContentType", file.mime_type);
                files.push(json.finish());
            }
            FileContent::At(url) => {
                for part in ["\n\n", &file.name, ": ", url] {
                    body.push_str(part);
                }
            }
        }
    }
    let body = match body.trim() {
        // A mail has to have a text.
        "" => " ",
        _ => body.as_str(),
    };
    let html = match body == email.text {
        true => email.html.clone(),
        false => super::html_of(body),
    };
    let metadata = JsonWriter::default().text(ID_FIELD, email.message_id.as_str());
    let mut mail = JsonWriter::default()
        .text("From", &email.from)
        .text("To", email.to)
        .maybe("ReplyTo", email.reply_to)
        .text("Subject", email.subject)
        .text("TextBody", body)
        .text("HtmlBody", &html)
        .json("Metadata", &metadata.finish());
    let headers = email.headers().into_iter().map(|(name, value)| {
        let json = JsonWriter::default().text("Name", name);
        json.text("Value", value).finish()
    });
    let headers: Vec<_> = headers.collect();
    if !headers.is_empty() {
        mail = mail.json("Headers", &format!("[{}]", headers.join(",")));
    }
    if !files.is_empty() {
        mail = mail.json("Attachments", &format!("[{}]", files.join(",")));
    }
    OutboundRequest {
        method: "POST",
        url: format!("{}/email", base_url(ports)),
        headers: vec![
            ("accept", "application/json".into()),
            ("content-type", "application/json".into()),
            (
                "x-postmark-server-token",
                token(account.credentials.api_key.as_deref()),
            ),
        ],
        body: Some(mail.finish().into_bytes()),
        timeout_ms: SEND_TIMEOUT_MS,
        max_bytes: MAX_ANSWER_BYTES,
        ..OutboundRequest::default()
    }
}

/// Where Postmark is.
pub fn base_url(ports: &Ports<'_>) -> String {
    ports.base_url("POSTMARK_API_BASE", "https://api.postmarkapp.com")
}

fn token(api_key: Option<&str>) -> String {
    api_key.unwrap_or_default().to_owned()
}

/// Codes of Postmark's that are of the account and not of the message: its token, its sender, its
/// credit, its state.
const OF_ACCOUNT: [&str; 8] = ["10", "400", "401", "405", "410", "411", "412", "413"];

pub(super) fn classify(answered: &FetchResult) -> SendOutcome {
    let response = match answered {
        Ok(response) => response,
        Err(no_answer) => return unanswered(no_answer),
    };
    let body = json_of(response);
    let code = text(&body, "ErrorCode").unwrap_or_default();
    let id = text(&body, "MessageID").filter(|_| is_success(response) && code == "0");
    match id {
        Some(provider_id) => SendOutcome::Sent { provider_id },
        None => failed(response, &code, &text(&body, "Message").unwrap_or_default()),
    }
}

fn failed(response: &OutboundResponse, code: &str, message: &str) -> SendOutcome {
    let wait = || retry_after(response).unwrap_or(SOON_SECONDS);
    match response.status {
        429 => again(wait(), None, "http_429", message),
        // Its own errors, which say that nothing was taken; a gateway's say nothing.
        500 | 503 if !code.is_empty() => again(wait(), None, code, message),
        500..=599 | 408 => uncertain("Postmark broke off after the message had left."),
        200..=299 if code.is_empty() || code == "0" => {
            uncertain("Postmark gave an answer that cannot be read.")
        }
        401 => refused(code, message, true),
        status => {
            let code = match code {
                "" => format!("http_{status}"),
                code => code.to_owned(),
            };
            let is_of_account = OF_ACCOUNT.contains(&code.as_str());
            refused(code, message, is_of_account)
        }
    }
}
