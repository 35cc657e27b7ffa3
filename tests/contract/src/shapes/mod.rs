//! Shapes that no type of `common` has: what SQLite prints as text, what is parsed by hand.
//!
//! Tests hold each against the real parser or a real answer.

mod analytics;
mod conversations;
mod history;
mod integrations;

pub use analytics::*;
pub use conversations::*;
pub use history::*;
pub use integrations::*;

use crate::errors::code_schema;
use common::events::{WEBHOOK_DISABLED, WEBHOOK_TEST};
use common::http::Detail;
use customer::model::{
    MAX_ADDRESS_CHARS, MAX_CUSTOM_FIELDS_BYTES, MAX_EXTERNAL_ID_CHARS, MAX_NAME_CHARS,
    MAX_NOTES_CHARS, MAX_SYSTEM_CHARS, MAX_TAG_CHARS, MAX_TAGS,
};
use customer::{Customer, MAX_RECORDS};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use webhooks::SUBSCRIBABLE;

/// Longest email address; the parser counts it in bytes.
pub const MAX_EMAIL_CHARS: usize = 254;
/// Longest text that is read as a phone number.
pub const MAX_PHONE_CHARS: usize = 64;

/// Records of a CRM.
#[derive(Debug, JsonSchema)]
pub struct CustomerBatch {
    /// The records, applied in this order.
    #[schemars(length(min = 1, max = MAX_RECORDS))]
    pub customers: Vec<CustomerRecord>,
}

/// A customer as a CRM sends it. It is a patch: a field that is absent keeps what is stored, null
/// or an empty text clears it.
///
/// A record names its customer by at least one of `external_id`, `email`, `phone` and
/// `whatsapp_number`. To make a new customer it also needs a name (`name`, or `first_name` and
/// `last_name`) and an `email`, `phone` or `whatsapp_number`.
#[derive(Debug, JsonSchema)]
pub struct CustomerRecord {
    /// The CRM's own id. A whole number is taken as its digits.
    #[schemars(length(max = MAX_EXTERNAL_ID_CHARS), extend("type" = ["string", "integer", "null"]))]
    pub external_id: Option<String>,
    /// The system of `external_id`, such as `salesforce`. Say it where more than one CRM is
    /// connected: the same id in two systems is two customers.
    #[schemars(length(max = MAX_SYSTEM_CHARS))]
    pub external_system: Option<String>,
    /// The full name.
    #[schemars(length(max = MAX_NAME_CHARS))]
    pub name: Option<String>,
    /// The first name. With `last_name` it makes the `name` of a customer that has no other.
    #[schemars(length(max = MAX_NAME_CHARS))]
    pub first_name: Option<String>,
    /// The last name.
    #[schemars(length(max = MAX_NAME_CHARS))]
    pub last_name: Option<String>,
    /// The email address; stored trimmed and in lower case.
    #[schemars(length(max = MAX_EMAIL_CHARS))]
    pub email: Option<String>,
    /// The phone number: international, or as dialled in the business's region; stored in E.164.
    #[schemars(length(max = MAX_PHONE_CHARS))]
    pub phone: Option<String>,
    /// The WhatsApp number, written as `phone` is.
    #[schemars(length(max = MAX_PHONE_CHARS))]
    pub whatsapp_number: Option<String>,
    /// The postal address.
    #[schemars(length(max = MAX_ADDRESS_CHARS))]
    pub address: Option<String>,
    /// What the business noted.
    #[schemars(length(max = MAX_NOTES_CHARS))]
    pub notes: Option<String>,
    /// Labels; they replace those that are stored.
    #[schemars(length(max = MAX_TAGS), inner(length(max = MAX_TAG_CHARS)))]
    pub tags: Option<Vec<String>>,
    /// Whatever else the CRM keeps, of any JSON type. Merged key by key with what is stored; a null
    /// removes its key.
    #[schemars(transform = say_custom_fields_limit)]
    pub custom_fields: Option<serde_json::Map<String, serde_json::Value>>,
}

/// JSON Schema has no keyword for the size of a value, so the description says it.
fn say_custom_fields_limit(schema: &mut Schema) {
    if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
        text.push_str(&format!(
            " At most {} KiB of JSON, merged.",
            MAX_CUSTOM_FIELDS_BYTES / 1024
        ));
    }
}

/// A page of customers, in the order in which they were made.
#[derive(Debug, JsonSchema)]
pub struct CustomerPage {
    /// The customers.
    pub customers: Vec<Customer>,
    /// Whether more follow.
    pub has_more: bool,
    /// What to send as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// What a lookup found, and what it did not.
#[derive(Debug, JsonSchema)]
pub struct LookupResponse {
    /// The customers found, each once, however many of the keys named it.
    pub customers: Vec<Customer>,
    /// What has no customer.
    pub not_found: NotFound,
}

/// The keys that have no customer, as they were sent.
#[derive(Debug, JsonSchema)]
pub struct NotFound {
    /// Our ids.
    pub ids: Vec<String>,
    /// The CRM's ids.
    pub external_ids: Vec<String>,
    /// Email addresses.
    pub emails: Vec<String>,
    /// Phone numbers.
    pub phones: Vec<String>,
}

/// An event, as it is posted to endpoints.
#[derive(Debug, JsonSchema)]
pub struct WebhookEvent {
    /// What happened.
    #[schemars(schema_with = "event_names")]
    pub event: String,
    /// The event's id, the same over retries and replays.
    pub id: String,
    /// When it happened.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: String,
    /// The business.
    #[schemars(extend("format" = "uuid"))]
    pub business_id: String,
    /// Which of the business's events it is, counted from 1.
    pub sequence: u64,
    /// What it is about; the table of events tells what it has.
    pub data: serde_json::Map<String, serde_json::Value>,
}

fn event_names(_: &mut SchemaGenerator) -> Schema {
    let mut names: Vec<_> = SUBSCRIBABLE.iter().map(|event| event.as_str()).collect();
    names.extend([WEBHOOK_DISABLED.as_str(), WEBHOOK_TEST.as_str()]);
    json_schema!({ "type": "string", "enum": names })
}

/// Every failure has this shape.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Envelope {
    /// What is wrong, in a sentence for people. Its words may change.
    pub error: String,
    /// What is wrong, for programs. It does not change.
    #[schemars(schema_with = "code_schema")]
    pub code: String,
    /// The fields that broke a rule, where it was about fields.
    #[schemars(extend("minItems" = 1))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// The id of this request, as in the header `x-request-id`.
    #[schemars(extend("pattern" = "^req_[0-9a-f]{24}$"))]
    pub request_id: String,
}

/// An OpenAPI document, for which this document has no schema.
pub fn openapi_document(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "openapi": { "type": "string" },
            "info": { "type": "object" },
            "paths": { "type": "object" },
            "components": { "type": "object" },
        },
        "required": ["openapi", "info", "paths", "components"],
    })
}

/// A page for people.
pub fn html(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// A file's bytes.
pub fn bytes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "binary" })
}

/// A plain text.
pub fn plain(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// A form with one file.
pub fn upload_form(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "The file, of at most 10 MiB, with its name.",
            },
        },
        "required": ["file"],
        "additionalProperties": false,
    })
}

/// What Meta posts. Its own reference describes it; fields that are not known are ignored.
pub fn meta_delivery(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "object": {
                "type": "string",
                "description": "What kind of account it is about: `whatsapp_business_account`, `page` or `instagram`.",
            },
            "entry": {
                "type": "array",
                "items": { "type": "object" },
                "description": "What happened, account by account.",
            },
        },
    })
}

/// What Twilio posts. Its own reference describes it; fields that are not known are ignored.
pub fn twilio_delivery(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "MessageSid": { "type": "string", "description": "Twilio's id of the message." },
            "AccountSid": { "type": "string", "description": "The account." },
            "From": { "type": "string" },
            "To": { "type": "string" },
            "Body": { "type": "string", "description": "The text." },
            "NumMedia": { "type": "string", "description": "How many `MediaUrl<n>` there are." },
            "MessageStatus": {
                "type": "string",
                "description": "How a message of ours stands.",
            },
        },
    })
}

/// What Resend or Postmark post. Their own references describe it; fields that are not known are
/// ignored.
pub fn email_delivery(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "type": { "type": "string", "description": "Resend: what happened." },
            "data": { "type": "object", "description": "Resend: to which mail." },
        },
    })
}

/// What Kustomer posts. Its own reference describes it; fields that are not known are ignored.
pub fn kustomer_event(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "description": "The event's id." },
            "name": { "type": "string", "description": "What happened: `kustomer.message.create`." },
            "org": { "type": "string", "description": "The organisation." },
            "data": { "type": "object", "description": "The record as it then was." },
        },
    })
}

/// That it went well.
pub fn success(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { "success": { "type": "boolean", "const": true } },
        "required": ["success"],
        "additionalProperties": false,
    })
}
