use super::probe::{ChannelTest, failed, passed};
use channels::Credentials;
use channels_email::{MailSender, postmark_base, resend_authorization, resend_base};
use common::context::Context;
use common::json::Fields;
use common::json::raw::{Object, part};
use common::json::tolerant::{objects, text};
use common::ports::{OutboundRequest, OutboundResponse};

/// How long the provider may take to answer.
const TIMEOUT_MS: u32 = 10_000;
/// Largest answer that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Asks an account's provider whether it takes the key, and whether it may send from the address.
pub(super) async fn test(
    cx: &Context<'_>,
    ids: &Fields<String>,
    credentials: &Credentials,
) -> ChannelTest {
    let key = credentials.api_key.as_deref().unwrap_or_default();
    let address = ids.get("address").map(String::as_str).unwrap_or_default();
    match MailSender::of(ids) {
        None => {
            let mut detail = Fields::new();
            detail.insert("receives", "by Cloudflare's Email Routing".to_owned());
            passed(detail)
        }
        Some(_) if key.is_empty() => failed("The account has no `api_key`, so it cannot send."),
        Some(MailSender::Resend) => {
            let headers = vec![("authorization", resend_authorization(Some(key)))];
            let url = format!("{}/domains", resend_base(&cx.ports));
            match get(cx, url, headers).await {
                Ok(answer) => of_resend(&answer, address),
                Err(why) => failed(&format!("Resend {why}")),
            }
        }
        Some(MailSender::Postmark) => {
            let headers = vec![
                ("accept", "application/json".to_owned()),
                ("x-postmark-server-token", key.to_owned()),
            ];
            let url = format!("{}/server", postmark_base(&cx.ports));
            match get(cx, url, headers).await {
                Ok(answer) => of_postmark(&answer),
                Err(why) => failed(&format!("Postmark {why}")),
            }
        }
    }
}

async fn get(
    cx: &Context<'_>,
    url: String,
    headers: Vec<(&'static str, String)>,
) -> Result<OutboundResponse, &'static str> {
    let question = OutboundRequest {
        method: "GET",
        url,
        headers,
        body: None,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let answer = cx.ports.http.fetch(question).await;
    answer.map_err(|_| "did not answer within 10 seconds.")
}

fn body(answer: &OutboundResponse) -> Object<'_> {
    let body = std::str::from_utf8(&answer.body).unwrap_or_default();
    match common::json::raw::object(body) {
        Some(_) => part(body.trim_start()),
        None => Object::default(),
    }
}

fn of_resend(answer: &OutboundResponse, address: &str) -> ChannelTest {
    let body = body(answer);
    if text(&body, "name").as_deref() == Some("restricted_api_key") {
        return failed(
            "The key may only send. Make one with full access: mail that comes is fetched with it.",
        );
    }
    if answer.status != 200 {
        return refused("Resend", answer.status);
    }
    let (_, domain) = address.split_once('@').unwrap_or_default();
    let known = objects(&body, "data");
    let is_it = |one: &&Object<'_>| {
        let name = text(one, "name").unwrap_or_default().to_lowercase();
        name == domain || domain.ends_with(&format!(".{name}"))
    };
    let Some(found) = known.iter().find(is_it) else {
        return failed("The account at Resend does not have the address's domain.");
    };
    let status = text(found, "status").unwrap_or_default();
    if status != "verified" {
        return failed("The address's domain is not verified at Resend.");
    }
    let mut detail = Fields::new();
    detail.insert("domain", text(found, "name").unwrap_or_default());
    detail.insert("status", status);
    passed(detail)
}

fn of_postmark(answer: &OutboundResponse) -> ChannelTest {
    if answer.status != 200 {
        return refused("Postmark", answer.status);
    }
    let mut detail = Fields::new();
    let body = body(answer);
    for (name, field) in [("server", "Name"), ("delivery_type", "DeliveryType")] {
        if let Some(value) = text(&body, field) {
            detail.insert(name, value);
        }
    }
    passed(detail)
}

fn refused(provider: &str, status: u16) -> ChannelTest {
    match status {
        401 | 403 => failed(&format!(
            "{provider} refused the key. Make a new one and replace it here."
        )),
        status => failed(&format!("{provider} answered with status {status}.")),
    }
}
