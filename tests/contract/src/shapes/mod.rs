//! Shapes that no type of `common` has: what SQLite prints as text, what is parsed by hand.
//!
//! Tests hold each against the real parser or a real answer.

mod analytics;
mod connectors;
mod conversations;
mod history;
mod integrations;

pub use self::connectors::*;
pub use analytics::*;
pub use conversations::*;
pub use history::*;
pub use integrations::*;

use crate::errors::code_schema;
use common::events::{WEBHOOK_DISABLED, WEBHOOK_TEST};
use common::http::Detail;
use customer::model::{
    MAX_ADDRESS_CHARS, MAX_CRM_IDS_BYTES, MAX_CUSTOM_FIELDS_BYTES, MAX_EXTERNAL_ID_CHARS,
    MAX_NAME_CHARS, MAX_NOTES_CHARS, MAX_SYSTEM_CHARS, MAX_TAG_CHARS, MAX_TAGS,
};
use customer::{Customer, MAX_RECORDS};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use webhooks::SUBSCRIBABLE;

/// Longest email address; the parser counts it in bytes.
pub const MAX_EMAIL_CHARS: usize = 254;
/// Longest text that is read as a phone number.
pub const MAX_PHONE_CHARS: usize = 64;

/// The form of a customer's `crm_ids`.
const CRM_IDS: &str = r"^([a-z0-9_]+:[a-z0-9_]+:[!-{}~]+(\|[a-z0-9_]+:[a-z0-9_]+:[!-{}~]+)*)?$";

/// Records of a CRM.
#[derive(Debug, JsonSchema)]
pub struct CustomerBatch {
    /// The records, applied in this order.
    #[schemars(length(min = 1, max = MAX_RECORDS))]
    pub customers: Vec<CustomerRecord>,
}

/// A customer record from a CRM. It is a patch: an absent field stays as it is, null or an empty
/// text clears it.
///
/// A record matches its customer by at least one of `external_id`, `email`, `phone` and
/// `whatsapp_number`. To create a customer, it also needs a name (`name`, or `first_name` and
/// `last_name`) and an `email`, `phone` or `whatsapp_number`.
#[derive(Debug, JsonSchema)]
pub struct CustomerRecord {
    /// The CRM's own id. A whole number is accepted as its digits.
    #[schemars(length(max = MAX_EXTERNAL_ID_CHARS), extend("type" = ["string", "integer", "null"]))]
    pub external_id: Option<String>,
    /// The system of `external_id`, such as `salesforce`. Set it if several CRMs are connected: the
    /// same id in two systems is two customers.
    #[schemars(length(max = MAX_SYSTEM_CHARS))]
    pub external_system: Option<String>,
    /// The full name.
    #[schemars(length(max = MAX_NAME_CHARS))]
    pub name: Option<String>,
    /// The first name. With `last_name`, it becomes the `name` of a customer who has none.
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
    /// The WhatsApp number, in the same form as `phone`.
    #[schemars(length(max = MAX_PHONE_CHARS))]
    pub whatsapp_number: Option<String>,
    /// The postal address.
    #[schemars(length(max = MAX_ADDRESS_CHARS))]
    pub address: Option<String>,
    /// The business's notes on the customer.
    #[schemars(length(max = MAX_NOTES_CHARS))]
    pub notes: Option<String>,
    /// Tags, which replace the stored ones.
    #[schemars(length(max = MAX_TAGS), inner(length(max = MAX_TAG_CHARS)))]
    pub tags: Option<Vec<String>>,
    /// Any other fields of the CRM, of any JSON type. Merged key by key with the stored ones; null
    /// removes a key.
    #[schemars(transform = say_custom_fields_limit)]
    pub custom_fields: Option<serde_json::Map<String, serde_json::Value>>,
    /// Which records of connected CRMs they are, as a customer shows it: `example:person:1|example:lead:2`. Merged
    /// kind by kind with the stored ones.
    #[schemars(length(max = MAX_CRM_IDS_BYTES), extend("pattern" = CRM_IDS))]
    pub crm_ids: Option<String>,
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

/// A page of customers, in order of creation.
#[derive(Debug, JsonSchema)]
pub struct CustomerPage {
    /// The customers.
    pub customers: Vec<Customer>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// The result of a lookup.
#[derive(Debug, JsonSchema)]
pub struct LookupResponse {
    /// The customers found, each once, however many keys match it.
    pub customers: Vec<Customer>,
    /// The keys without a customer.
    pub not_found: NotFound,
}

/// The keys without a customer, as they were sent.
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
    /// The event's name.
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
    /// The number of this event within the business, counted from 1.
    pub sequence: u64,
    /// The event's data; the table of events lists its fields.
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
    /// A sentence for people. Its wording may change.
    pub error: String,
    /// A stable code for programs.
    #[schemars(schema_with = "code_schema")]
    pub code: String,
    /// The fields that broke a rule, if any.
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
                "description": "The kind of account: `whatsapp_business_account`, `page` or `instagram`.",
            },
            "entry": {
                "type": "array",
                "items": { "type": "object" },
                "description": "The events, by account.",
            },
        },
    })
}

/// What Chatwoot posts. Its own reference describes it; fields that are not known are ignored.
pub fn chatwoot_delivery(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "event": { "type": "string", "description": "What happened: `message_created`." },
            "id": {
                "type": "integer",
                "description": "The message's or the contact's id; of a conversation, its number.",
            },
            "account": { "type": "object", "description": "The account at Chatwoot." },
            "conversation": { "type": "object", "description": "Of a message: where it was written." },
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
            "NumMedia": { "type": "string", "description": "The number of `MediaUrl<n>` fields." },
            "MessageStatus": {
                "type": "string",
                "description": "The status of an outbound message.",
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
            "type": { "type": "string", "description": "Resend: the event." },
            "data": { "type": "object", "description": "Resend: the mail." },
        },
    })
}

/// What Kustomer posts. Its own reference describes it; fields that are not known are ignored.
pub fn kustomer_event(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "description": "The event's id." },
            "name": { "type": "string", "description": "The event's name: `kustomer.message.create`." },
            "org": { "type": "string", "description": "The organisation." },
            "data": { "type": "object", "description": "The record at that time." },
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

/// What is pushed to a CRM link.
pub fn link_push(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "records": {
                "type": "array",
                "items": { "type": "object" },
                "description": "Records that are new or changed, each whole. Instead of the object around them, the \
                                body may be the list, or one record.",
            },
            "remove": {
                "type": "array",
                "items": { "type": ["string", "integer"] },
                "description": "The keys of records that are gone.",
            },
        },
    })
}

/// That a push is stored.
pub fn push_taken(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { "received": { "type": "boolean", "const": true } },
        "required": ["received"],
        "additionalProperties": false,
    })
}
