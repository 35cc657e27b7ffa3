//! An event's body: `{event, id, timestamp, business_id, sequence, data}`.
//!
//! It is built once and stored, and every attempt sends the same bytes, which are those that
//! JavaScript gives for `JSON.stringify(JSON.parse(body))`.

use crate::json::{Json, Object, written_len};
use crate::page::EventRow;
use common::context::Context;
use common::http::Error;
use common::ids::AttachmentId;
use common::time::Timestamp;
use messaging::attachments::download_url;

/// Longest body, in bytes (contract.md, Outgoing webhooks).
pub const MAX_BODY_BYTES: usize = 96 * 1024;

/// What stays of a customer that is too long for a body.
const CUSTOMER_ESSENTIALS: [&str; 10] = [
    "id",
    "external_id",
    "external_system",
    "name",
    "email",
    "phone",
    "whatsapp_number",
    "created_at",
    "updated_at",
    "truncated",
];

/// Builds the body of an event. A long content is cut at a character and marked
/// `content_truncated`; a customer that is too long for a body is cut down to what it is known by,
/// and marked `truncated`.
pub(crate) fn build(cx: &Context<'_>, event: &EventRow) -> Result<String, Error> {
    let body = written(cx, event, data_of(cx, event)?);
    if body.len() <= MAX_BODY_BYTES {
        return Ok(body);
    }
    let mut data = data_of(cx, event)?;
    let content = match data.get("content") {
        Some(Json::Text(content)) => content.clone(),
        _ => String::new(),
    };
    set_content(&mut data, "");
    // The content stands there twice.
    let room =
        |data: &Object| MAX_BODY_BYTES.saturating_sub(written(cx, event, data.clone()).len()) / 2;
    if room(&data) < 1024 {
        shorten(&mut data);
    }
    let mut left = room(&data);
    let fits = |c: &char| {
        let fits = written_len(*c) <= left;
        left = left.saturating_sub(written_len(*c));
        fits
    };
    let cut: String = content.chars().take_while(fits).collect();
    if !content.is_empty() {
        set_content(&mut data, &cut);
    }
    let body = written(cx, event, data);
    if body.len() <= MAX_BODY_BYTES {
        return Ok(body);
    }
    Err(Error::internal("an event is too long for a body"))
}

fn set_content(data: &mut Object, content: &str) {
    if data.get("content").is_none() {
        return;
    }
    data.set("content", content);
    data.set("content_truncated", Json::Bool(true));
    if let Some(Json::Object(message)) = data.get("message") {
        let mut message = message.clone();
        message.set("content", content);
        message.set("content_truncated", Json::Bool(true));
        data.set("message", message);
    }
}

fn shorten(data: &mut Object) {
    if let Some(Json::Object(customer)) = data.get("customer") {
        let mut customer = customer.clone();
        customer.set("truncated", Json::Bool(true));
        customer.retain(&CUSTOMER_ESSENTIALS);
        customer.set("tags", Json::Array(Vec::new()));
        customer.set("custom_fields", Object::default());
        data.set("customer", customer);
    }
    if let Some(Json::Object(message)) = data.get("message") {
        let mut message = message.clone();
        message.set("detail", Json::Null);
        data.set("message", message);
    }
}

fn written(cx: &Context<'_>, event: &EventRow, data: Object) -> String {
    let mut body = Object::default();
    body.set("event", event.event.as_str());
    body.set("id", event.id.as_str());
    body.set(
        "timestamp",
        Timestamp::from_micros(event.created_at)
            .to_string()
            .as_str(),
    );
    body.set("business_id", cx.business_id());
    #[expect(clippy::cast_precision_loss, reason = "a sequence lies below 2^53")]
    body.set("sequence", Json::Number(event.sequence as f64));
    body.set("data", data);
    let mut text = String::new();
    Json::from(body).write(&mut text);
    text
}

fn object_of(json: Option<&str>) -> Result<Option<Object>, Error> {
    let parsed = json.map(Json::parse).transpose().map_err(Error::internal)?;
    Ok(parsed.and_then(Json::into_object))
}

/// The subject as it is now, what the event says of it, and the same flat, as the guide's second
/// receiver reads it.
fn data_of(cx: &Context<'_>, event: &EventRow) -> Result<Object, Error> {
    let gone = || Error::internal(format!("the subject of event {} is gone", event.sequence));
    let detail = object_of(event.detail.as_deref())?.unwrap_or_default();
    let customer = object_of(event.customer.as_deref())?;
    let customer_fields = |data: &mut Object, customer: Object| {
        data.set("customer_id", Json::from(customer.get("id")));
        data.set("external_id", Json::from(customer.get("external_id")));
        data.set("customer", customer);
    };
    let mut data = Object::default();
    match event.event.split_once('.').map(|(subject, _)| subject) {
        Some("message") => {
            let mut message = object_of(event.message.as_deref())?.ok_or_else(gone)?;
            set_status(&mut message, &detail);
            data.set("message_id", event.subject_id.as_str());
            for key in ["conversation_id", "content", "channel", "created_at"] {
                data.set(key, Json::from(message.get(key)));
            }
            // Of an email: whether its sender is proven, and whether they are the customer at all.
            for key in ["sender_verified", "participant"] {
                if let Some(Json::Text(word)) = message.get(key) {
                    data.set(key, word.as_str());
                }
            }
            customer_fields(&mut data, customer.ok_or_else(gone)?);
            data.set("message", message);
            data.set("attachments", attachments_of(cx, event)?);
        }
        Some("conversation") => {
            let conversation = object_of(event.conversation.as_deref())?.ok_or_else(gone)?;
            data.set("conversation_id", event.subject_id.as_str());
            data.set("channel", Json::from(conversation.get("channel")));
            customer_fields(&mut data, customer.ok_or_else(gone)?);
            data.set("conversation", conversation);
        }
        Some("customer" | "crm") => customer_fields(&mut data, customer.ok_or_else(gone)?),
        _ => {}
    }
    data.set_all(detail);
    Ok(data)
}

/// The status that the event says: the message's row may have gone on since.
fn set_status(message: &mut Object, detail: &Object) {
    for key in ["status", "error"] {
        if let Some(value) = detail.get(key) {
            message.set(key, value.clone());
        }
    }
}

fn attachments_of(cx: &Context<'_>, event: &EventRow) -> Result<Json, Error> {
    let json = event.attachments.as_deref().unwrap_or("[]");
    let Json::Array(items) = Json::parse(json).map_err(Error::internal)? else {
        return Err(Error::internal("attachments are no array"));
    };
    let linked = items
        .into_iter()
        .filter_map(Json::into_object)
        .map(|mut item| {
            if let Some(Json::Text(id)) = item.get("id") {
                let url = download_url(&cx.ports, &AttachmentId::unchecked(id), cx.now)?;
                item.set("url", url.as_str());
                item.set("download_url", url.as_str());
            }
            Ok(Json::from(item))
        });
    linked.collect::<Result<_, Error>>().map(Json::Array)
}
