use super::Text;
use channels::ChannelKind;
use customer::model::{MAX_EXTERNAL_ID_CHARS, MAX_SYSTEM_CHARS};
use knowledge::context::{DEFAULT_CHARACTERS, MAX_CHARACTERS, MIN_CHARACTERS};
use knowledge::link::LinkChannel;
use knowledge::search::MAX_QUESTION;
use serde_json::{Value, json};

/// Customers or messages on a page, where the request does not say.
pub const PAGE_DEFAULT: u32 = 100;
/// Most customers or messages on a page.
pub const PAGE_MAX: u32 = 1000;

const IMPORTS: &[&str] = &["customers_bulk_create", "customers_sync"];
const GET: &[&str] = &["customer_get"];
const THREADS: &[&str] = &["conversations_by_customer"];
const NOTES: &[&str] = &["conversation_notes"];
const POLL: &[&str] = &["messages_since"];
const HISTORY: &[&str] = &["customer_history"];
const OF_CUSTOMER: &[&str] = &["conversations_by_customer", "customer_history"];
const ANY: &[&str] = &[
    "customer_get",
    "conversations_by_customer",
    "customer_history",
];
const DELIVERIES: &[&str] = &["delivery_list"];
const PARKED: &[&str] = &["parked_list"];
const BUSINESSES: &[&str] = &["operator_business_list"];
const MEMBERS: &[&str] = &["member_list"];
const AUDIT: &[&str] = &["audit_list"];
const FIGURES: &[&str] = &["analytics_get"];
const ALERTS: &[&str] = &["alert_list"];
const CALLS: &[&str] = &["api_call_list"];
const USAGE: &[&str] = &["usage_get"];
const CALLERS: &[&str] = &["api_call_list", "usage_get"];
const JOBS: &[&str] = &["crm_job_list"];
const DOWNLOAD: &[&str] = &["attachment_download"];
const HANDSHAKE: &[&str] = &["meta_handshake"];
const LINKS: &[&str] = &["crm_link_list"];
const DOCUMENTS: &[&str] = &["document_list"];
const CONTEXT: &[&str] = &["customer_context_get"];
const CALLBACK: &[&str] = &["crm_link_authorized", "sign_in_return"];
const BEGIN: &[&str] = &["sign_in_begin"];
const PUSH: &[&str] = &["crm_link_receive"];

/// The channels, the old name of one included.
fn channels() -> Value {
    let mut names = ChannelKind::ALL.map(ChannelKind::as_str).to_vec();
    names.push("messenger");
    json!({ "type": "string", "enum": names })
}

/// The channels of CRM links.
fn link_channels() -> Value {
    json!({ "type": "string", "enum": LinkChannel::ALL.map(LinkChannel::as_str) })
}

const fn optional(
    name: &'static str,
    operations: &'static [&'static str],
    description: &'static str,
    schema: fn() -> Value,
    example: Option<&'static str>,
) -> Text {
    Text {
        name,
        place: "query",
        operations,
        required: false,
        description,
        schema,
        example,
    }
}

const fn required(mut text: Text) -> Text {
    text.required = true;
    text
}

const fn header(mut text: Text) -> Text {
    text.place = "header";
    text
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn date_time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn flag() -> Value {
    json!({ "type": "boolean", "default": false })
}

/// The query parameters of the ledger.
#[rustfmt::skip]
pub(super) static TEXTS: &[Text] = &[
    optional("id", GET, "Our id of the customer.", uuid, None),
    optional("customer_id", OF_CUSTOMER, "Our id of the customer, or the CRM's.", text, None),
    optional("external_id", ANY, "The CRM's id of the customer.", || json!({ "type": "string", "maxLength": MAX_EXTERNAL_ID_CHARS }), Some("CRM-12345")),
    optional("external_system", ANY, "The system of `external_id`. Without it, the id matches in any system.", || json!({ "type": "string", "maxLength": MAX_SYSTEM_CHARS }), Some("salesforce")),
    optional("email", ANY, "An email address of the customer, in any case.", text, None),
    optional("phone", ANY, "A phone number of the customer: international (encode the `+` as `%2B`), or as dialled in the business's region (not for `customer_history`).", text, None),
    optional("limit", GET, "The number of customers per page. For pages only.", || json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT }), None),
    optional("cursor", GET, "The `next_cursor` of the previous page. For pages only.", text, None),
    required(optional("id", &["customer_erase"], "Our id of the customer to erase.", uuid, Some("01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000"))),
    optional("dry_run", IMPORTS, "Validates and reports what would happen without writing anything.", flag, None),
    optional("on_conflict", IMPORTS, "What to do with a record that matches by email or phone while its customer has another `external_id` of the same system: `fail` the record with `identity_conflict`, or `adopt` the record's id for the customer.", || json!({ "type": "string", "enum": ["fail", "adopt"], "default": "fail" }), None),
    optional("include_messages", THREADS, "Whether to include each conversation's newest 200 messages.", flag, None),
    optional("include_attachments", &["conversations_by_customer", "messages_since"], "Whether to include each message's attachments.", flag, None),
    optional("include_messages", HISTORY, "Whether to include up to 100 messages of each conversation.", flag, None),
    optional("connector", HISTORY, "The CRM to ask, where several are connected.", text, None),
    optional("refresh", HISTORY, "Asks the CRM again, unless it was asked in the last 30 seconds.", flag, None),
    optional("limit", HISTORY, "The number of conversations per page; with `include_messages=true` at most 10, by default 5.", || json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }), None),
    optional("cursor", HISTORY, "The `next_cursor` of the previous page.", text, None),
    optional("limit", THREADS, "The number of conversations per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }), None),
    optional("cursor", THREADS, "The `next_cursor` of the previous page.", text, None),
    required(optional("conversation_id", NOTES, "The conversation.", uuid, Some("01a1f84a-9a0f-7e21-8c44-5b0d7f3e0000"))),
    optional("limit", NOTES, "The number of notes per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 100 }), None),
    optional("cursor", NOTES, "The `next_cursor` of an earlier page.", text, None),
    optional("since", POLL, "A date-time with an offset: returns messages committed after it. Send either it or `cursor`. A future time counts as now.", || json!({ "type": "string", "format": "date-time" }), Some("2026-11-20T09:00:00Z")),
    optional("cursor", POLL, "The `next_cursor` of any earlier page, instead of `since`.", text, None),
    optional("limit", POLL, "The number of messages per page.", || json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT }), None),
    optional("channel", POLL, "Only messages of this channel. `messenger` is accepted for `facebook`.", channels, None),
    optional("direction", POLL, "Only messages from customers, or only messages to them.", || json!({ "type": "string", "enum": ["inbound", "outbound"] }), None),
    optional("status", DELIVERIES, "Only deliveries with this status.", || json!({ "type": "string", "enum": ["pending", "delivered", "failed"] }), None),
    optional("limit", DELIVERIES, "The number of deliveries per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 50, "default": 20 }), None),
    optional("cursor", DELIVERIES, "The `next_cursor` of the previous page.", text, None),
    required(optional("state", CALLBACK, "What the person was sent away with.", text, None)),
    optional("code", CALLBACK, "What the system gave for their consent, or the provider for their sign-in.", text, None),
    optional("error", CALLBACK, "Why it gave none (RFC 6749 §4.1.2.1).", text, None),
    optional("iss", &["sign_in_return"], "The issuer that sends the person back (RFC 9207).", text, None),
    optional("business", BEGIN, "The business's id.", uuid, None),
    optional("next", BEGIN, "The page to go to then: a path of the dashboard. Anything else leads to its first page.", text, Some("/dashboard/channels")),
    optional("part", &["health"], "Which part of the functions to ask, from 1 up to `parts` of the answer.", || json!({ "type": "integer", "minimum": 1, "default": 1 }), None),
    optional("limit", PARKED, "The number of deliveries per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 }), None),
    optional("cursor", PARKED, "The `next_cursor` of the previous page.", text, None),
    optional("search", BUSINESSES, "An id, or how a name begins. At most 200 characters.", text, None),
    optional("search", &["customer_get"], "The beginning of an email address, a phone number, an external id or, of customers who have a conversation, a word of the name. At most 200 characters, and 100 customers.", text, None),
    optional("limit", BUSINESSES, "The number of businesses per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 50, "default": 20 }), None),
    optional("cursor", BUSINESSES, "The `next_cursor` of the previous page.", text, None),
    optional("limit", MEMBERS, "The number of members per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }), None),
    optional("cursor", MEMBERS, "The `next_cursor` of the previous page.", text, None),
    optional("operation", AUDIT, "Only changes by this operation. It combines with one of `target`, `key_id` and `member_id`.", text, None),
    optional("target", AUDIT, "Only changes of what has this id.", text, None),
    optional("key_id", AUDIT, "Only changes by this key and its sessions.", text, None),
    optional("member_id", AUDIT, "Only changes by this member.", text, None),
    optional("format", AUDIT, "The format of the response. Without it, `Accept` decides. CSV has up to 5000 lines; the header `x-next-cursor` has the `cursor` of those that follow.", || json!({ "type": "string", "enum": ["json", "csv"] }), None),
    optional("from", AUDIT, "Only changes since this date-time.", date_time, None),
    optional("to", AUDIT, "Only changes before this date-time.", date_time, None),
    optional("limit", AUDIT, "The number of changes per page: at most 200, by default 50; of lines of CSV at most 5000, which is also the default.", || json!({ "type": "integer", "minimum": 1, "maximum": 5000, "default": 50 }), None),
    optional("cursor", AUDIT, "The `next_cursor` of the previous page.", text, None),
    optional("from", FIGURES, "The first day, in UTC. By default the span has seven days.", date, Some("2026-11-14")),
    optional("to", FIGURES, "The last day, in UTC; by default today. The span has at most 92 days.", date, Some("2026-11-20")),
    optional("format", FIGURES, "The format of the response. Without it, `Accept` decides.", || json!({ "type": "string", "enum": ["json", "csv"] }), None),
    optional("of", FIGURES, "The table for CSV: a line per day, or per agent.", || json!({ "type": "string", "enum": ["days", "agents"] }), None),
    optional("state", ALERTS, "Only alerts that last, or only those that are over.", || json!({ "type": "string", "enum": ["open", "resolved"] }), None),
    optional("limit", ALERTS, "The number of alerts per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }), None),
    optional("cursor", ALERTS, "The `next_cursor` of the previous page.", text, None),
    optional("key_id", CALLERS, "Only calls by this key and its sessions.", text, None),
    optional("member_id", CALLERS, "Only calls by this member.", text, None),
    optional("operation", CALLERS, "Only calls of this operation, by its `operationId`.", text, Some("customer_get")),
    optional("status", CALLS, "Only calls with this status, or a class of them: `2xx`, `3xx`, `4xx`, `5xx`.", text, Some("4xx")),
    optional("error", CALLS, "Only calls with this error code.", text, Some("not_found")),
    optional("request_id", CALLS, "Only the call with this `x-request-id`.", text, None),
    optional("since", CALLS, "Only calls since this date-time.", date_time, None),
    optional("until", CALLS, "Only calls before this date-time.", date_time, None),
    optional("after", CALLS, "The `tail` of an earlier response: only calls stored since, oldest pages first. Not with `cursor`.", text, None),
    optional("limit", CALLS, "The number of calls per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }), None),
    optional("cursor", CALLS, "The `next_cursor` of the previous page.", text, None),
    optional("from", USAGE, "The first day, in UTC. By default the span has 30 days.", date, Some("2026-11-19")),
    optional("to", USAGE, "The last day, in UTC; by default today. The span has at most 92 days.", date, Some("2026-11-20")),
    optional("state", JOBS, "Only jobs with this state.", || json!({ "type": "string", "enum": ["waiting", "done", "skipped", "failed"] }), None),
    optional("limit", JOBS, "The number of jobs per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }), None),
    optional("cursor", JOBS, "The `next_cursor` of the previous page.", text, None),
    required(optional("id", DOWNLOAD, "The attachment's id.", uuid, None)),
    required(optional("expires", DOWNLOAD, "When the link expires, in Unix seconds.", || json!({ "type": "string", "pattern": "^[0-9]+$" }), None)),
    required(optional("signature", DOWNLOAD, "The signature over `id` and `expires`.", || json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }), None)),
    required(optional("page_id", &["crm_link_list", "document_list"], "The page's id, or the address of another channel account.", text, Some("123456789"))),
    optional("name", &["crm_link_file_put"], "The file's name, whose ending tells its format; by default that of the link's `url`.", text, Some("prices.csv")),
    optional("channel", LINKS, "Only links for this channel.", link_channels, Some("messenger")),
    optional("source", DOCUMENTS, "Where documents are from. There is one source.", || json!({ "type": "string", "const": "crm" }), None),
    optional("link_id", DOCUMENTS, "Only documents of this link.", uuid, None),
    optional("status", DOCUMENTS, "Only documents with this status. There is one: what is being fetched is not listed.", || json!({ "type": "string", "const": "searchable" }), None),
    optional("limit", DOCUMENTS, "The number of documents per page.", || json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }), None),
    optional("cursor", DOCUMENTS, "The `next_cursor` of the previous page.", text, None),
    optional("customer", CONTEXT, "Our id of the customer. Either this or `conversation_id`.", uuid, Some("01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000")),
    optional("conversation_id", CONTEXT, "The conversation: its customer, page and channel are those asked about. Either this or `customer`.", uuid, None),
    optional("channel", CONTEXT, "Only links that are on for this channel; the conversation's by default.", link_channels, None),
    optional("query", CONTEXT, "The question; the customer's last message by default.", || json!({ "type": "string", "maxLength": MAX_QUESTION }), None),
    optional("max_characters", CONTEXT, "The length of `text`, at most.", || json!({ "type": "integer", "minimum": MIN_CHARACTERS, "maximum": MAX_CHARACTERS, "default": DEFAULT_CHARACTERS }), None),
];

/// What the ledger does not name: headers, and what a provider sends.
#[rustfmt::skip]
pub(super) static BESIDE: &[Text] = &[
    header(optional("Range", DOWNLOAD, "A range of the file: `bytes=0-1023`.", text, None)),
    header(optional("If-None-Match", DOWNLOAD, "An `ETag` that you have: 304 if the file is the same.", text, None)),
    required(optional("hub.mode", HANDSHAKE, "Always `subscribe`.", || json!({ "type": "string", "const": "subscribe" }), None)),
    required(optional("hub.verify_token", HANDSHAKE, "The verify token of an account.", text, None)),
    required(optional("hub.challenge", HANDSHAKE, "The challenge to return.", text, Some("1158201444"))),
    required(header(optional("X-Hub-Signature-256", &["meta_receive"], "`sha256=` and the HMAC-SHA256 of the body's bytes under the app secret, in hexadecimal.", || json!({ "type": "string", "pattern": "^sha256=[0-9a-f]{64}$" }), None))),
    required(header(optional("X-Twilio-Signature", &["twilio_receive"], "The HMAC-SHA1 of the address and the form under the account's auth token, in base64; of a shared key by the algorithm that `X-Twilio-Webhooks-Signature-Settings` says.", text, None))),
    header(optional("X-Chatwoot-Signature", &["chatwoot_receive"], "`sha256=` and the HMAC-SHA256 of the timestamp, a dot and the body's bytes under the account's secret, in hexadecimal. Servers before 4.11.2 send none.", || json!({ "type": "string", "pattern": "^sha256=[0-9a-fA-F]{64}$" }), None)),
    header(optional("X-Chatwoot-Timestamp", &["chatwoot_receive"], "The time of signing, in Unix seconds.", text, None)),
    header(optional("X-Kustomer-Webhook-Signature", &["crm_event_receive"], "Kustomer: the HMAC-SHA256 of the body's bytes under the webhook's token, in hexadecimal.", || json!({ "type": "string", "pattern": "^[0-9a-fA-F]{64}$" }), None)),
    header(optional("svix-id", &["email_receive"], "Resend: the delivery's id.", text, None)),
    header(optional("svix-timestamp", &["email_receive"], "Resend: the time of signing, in Unix seconds.", text, None)),
    header(optional("svix-signature", &["email_receive"], "Resend: `v1,` and the HMAC-SHA256 of id, time and body, in base64.", text, None)),
    header(optional("webhook-id", PUSH, "The push's id, at most 200 bytes. A push is taken in once for each id.", text, None)),
    header(optional("webhook-timestamp", PUSH, "The time of signing, in Unix seconds: at most five minutes old.", text, None)),
    header(optional("webhook-signature", PUSH, "`v1,` and the HMAC-SHA256 of id, time and body under the link's signing secret, in base64; several are separated by spaces.", text, None)),
    header(optional("Authorization", PUSH, "Instead of a signature: `Bearer` and the link's `api_key`. `x-api-key` takes it, too.", text, None)),
];
