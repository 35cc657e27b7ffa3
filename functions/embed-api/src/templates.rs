use crate::sql::TEMPLATE_ACCOUNT;
use channels::{ChannelKind, Credentials};
use channels_meta::graph::{Graph, GraphError};
use common::context::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::ChannelId;
use common::json::raw::{Object, items, list, object, part, text, texts};
use common::json::writer::JsonWriter;
use common::ports::FetchError;
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use inbox::scope::{bound, conversation_id, no_conversation};
use std::cell::RefCell;

/// For how long an isolate remembers an account's templates.
const TRUST_MICROS: i64 = 300 * SECOND;
/// Most accounts whose templates are remembered.
const MAX_ACCOUNTS: usize = 256;
/// How long Meta may take.
const TIMEOUT_MS: u32 = 10_000;
/// Most templates of one answer of Meta's, which must not exceed what is read of one.
const PAGE: usize = 100;
/// Most answers that are asked for.
const MAX_PAGES: usize = 5;

thread_local! {
    static KNOWN: RefCell<TtlCache<String>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, TRUST_MICROS));
}

/// The approved templates of a conversation's account that a person can fill in:
/// `{"templates":[{name, language, category, body, parameters, header?, footer?}]}`. None for
/// channels without templates. Left out are those that need more than the variables of their body:
/// media, variables in the header or in a button.
///
/// # Errors
/// 404 for a conversation that the caller may not see; 422 `provider_rejected` where Meta refuses;
/// 503 where it does not answer.
pub async fn inbox_templates(cx: &Context<'_>, id: Option<&str>) -> Result<String, Error> {
    let id = id.ok_or_else(|| {
        let message = "Name the conversation by `conversation_id`.";
        Error::invalid("query.conversation_id", "required", message)
    })?;
    let id = conversation_id(id)?;
    let params = vec![cx.business_id().into(), id.into(), bound(cx)];
    let rows = cx.db.rows(TEMPLATE_ACCOUNT.bind(params)).await?;
    let row = rows.first().ok_or_else(no_conversation)?;
    let mut columns = Columns::of(row);
    let kind = columns.str("channel")?;
    let channel_id: ChannelId = columns.id("channel_id")?;
    let settings = columns.parsed_or_null("settings", texts)?;
    let sealed = columns.str_or_null("credentials")?;
    let waba = settings.and_then(|settings| settings.get("waba_id").cloned());
    let is_whatsapp = kind == ChannelKind::WhatsApp.as_str();
    let (Some(waba), Some(sealed)) = (waba, sealed.filter(|_| is_whatsapp)) else {
        return Ok(answer_of(""));
    };
    if let Some(known) = KNOWN.with_borrow(|known| known.get(channel_id.as_str(), cx.now)) {
        return Ok(answer_of(&known));
    }
    let credentials = Credentials::open(&cx.ports, cx.business_id(), &channel_id, sealed)?;
    let token = credentials.access_token.unwrap_or_default();
    let templates = fetch_all(cx, &waba, &token).await?;
    KNOWN.with_borrow_mut(|known| {
        known.insert(channel_id.to_string(), templates.clone(), cx.now);
    });
    Ok(answer_of(&templates))
}

fn answer_of(templates: &str) -> String {
    format!("{{\"templates\":[{templates}]}}")
}

async fn fetch_all(cx: &Context<'_>, waba: &str, token: &str) -> Result<String, Error> {
    let mut all = Vec::new();
    let mut after = String::new();
    for _ in 0..MAX_PAGES {
        let path = format!(
            "{waba}/message_templates?status=APPROVED&limit={PAGE}\
             &fields=name,language,category,status,components{after}"
        );
        let question = Graph::of(&cx.ports).get(&path, token, TIMEOUT_MS);
        let answer = cx.ports.http.fetch(question).await.map_err(|error| {
            let (FetchError::NotSent(reason) | FetchError::Unsure(reason)) = error;
            Error::unavailable(format!("templates: {reason}"))
        })?;
        if answer.status != 200 {
            return Err(refusal(answer.status, &answer.body));
        }
        let body = std::str::from_utf8(&answer.body).ok().and_then(object);
        let body = body.ok_or_else(|| Error::unavailable("templates: an unreadable answer"))?;
        let found = body.get("data").and_then(|data| list(data));
        all.extend(
            found
                .unwrap_or_default()
                .into_iter()
                .filter_map(template_of),
        );
        let paging = body
            .get("paging")
            .map(|paging| part(paging))
            .unwrap_or_default();
        let cursor = paging.get("cursors").and_then(|c| part(c).text("after"));
        match cursor.filter(|_| paging.get("next").is_some()) {
            // A cursor is Meta's and goes into a URL: what could end its parameter is refused.
            Some(cursor) if cursor.bytes().all(is_of_cursor) => after = format!("&after={cursor}"),
            _ => break,
        }
    }
    Ok(all.join(","))
}

fn is_of_cursor(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=')
}

fn refusal(status: u16, body: &[u8]) -> Error {
    let error = GraphError::parse(body).unwrap_or_default();
    if status >= 500 || status == 429 || error.is_transient {
        return Error::unavailable(format!("templates: status {status}, code {}", error.code));
    }
    let message = match error.is_dead_token() || status == 401 {
        true => "The account's access token is dead. Replace it in the settings.",
        false => "Meta does not give this account's templates. Check its waba_id and its token.",
    };
    Error::new(Kind::ProviderRejected, message).with_detail("meta", error.code.to_string())
}

fn template_of(json: &str) -> Option<String> {
    let template = object(json)?;
    if template
        .text("status")
        .is_some_and(|status| status != "APPROVED")
    {
        return None;
    }
    let (mut body, mut header, mut footer) = (None, None, None);
    for component in template
        .get("components")
        .map(|c| items(c))
        .unwrap_or_default()
    {
        let component = part(component);
        match component.text("type")?.as_str() {
            "BODY" => body = component.text("text"),
            "FOOTER" => footer = component.text("text"),
            "HEADER" => {
                let words = component.text("text");
                let is_plain = component.text("format").as_deref() == Some("TEXT");
                header = Some(words.filter(|words| is_plain && variables(words) == 0)?);
            }
            "BUTTONS" if needs_variables(&component) => return None,
            _ => {}
        }
    }
    let body = body?;
    let json = JsonWriter::default()
        .text("name", &template.text("name")?)
        .text("language", &template.text("language")?)
        .text("category", &template.text("category").unwrap_or_default())
        .text("body", &body)
        .json("parameters", &variables(&body).to_string())
        .maybe("header", header.as_deref())
        .maybe("footer", footer.as_deref());
    Some(json.finish())
}

/// Whether a button wants a value: part of its URL, a code to copy, a one-time password.
fn needs_variables(component: &Object<'_>) -> bool {
    let buttons = component
        .get("buttons")
        .map(|b| items(b))
        .unwrap_or_default();
    buttons.into_iter().any(|button| {
        let button = part(button);
        let url = button
            .get("url")
            .and_then(|url| text(url))
            .unwrap_or_default();
        let kind = button.text("type").unwrap_or_default();
        url.contains("{{") || !matches!(kind.as_str(), "QUICK_REPLY" | "URL" | "PHONE_NUMBER")
    })
}

/// How many different variables a text has: `{{1}}` or `{{name}}`.
fn variables(text: &str) -> usize {
    let mut names: Vec<&str> = Vec::new();
    for behind in text.split("{{").skip(1) {
        if let Some((name, _)) = behind.split_once("}}")
            && !names.contains(&name.trim())
        {
            names.push(name.trim());
        }
    }
    names.len()
}
