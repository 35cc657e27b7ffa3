//! The routes: the single source for routing, methods, scopes, body caps and log names.

use super::{Access, Body, Method, Route, Weight};
use crate::http::Scope;

/// Body cap of a batch of records (contract.md, Customers).
pub const BATCH_BYTES: usize = 5 * 1024 * 1024;
/// Body cap of a Meta delivery: they come up to 3 MB (channels.md §1.4).
pub const META_BYTES: usize = 4 * 1024 * 1024;
/// Body cap of a delivery of Twilio's: one message, whose text has 1600 characters (channels.md §10).
pub const TWILIO_BYTES: usize = 64 * 1024;
/// Body cap of a delivery of Chatwoot's: a message of 150,000 characters, with its contact and conversation.
pub const CHATWOOT_BYTES: usize = 1024 * 1024;
/// Body cap of an event of a CRM's: a whole record.
pub const CRM_EVENT_BYTES: usize = 1024 * 1024;
/// Body cap of a delivery with a whole mail in it: what a value of KV holds, so that it can be kept. A
/// mail of the 25 MB that providers of mailboxes take comes near it.
pub const MAIL_BYTES: usize = 24 * 1024 * 1024;
/// Body cap of a small settings call.
pub const SETTINGS_BYTES: usize = 64 * 1024;
/// A form with a token of the embedded inbox.
pub const TOKEN_BYTES: usize = 16 * 1024;
/// Body cap of a note: 10,000 characters, each of which may be escaped, and little else.
pub const NOTE_BYTES: usize = 192 * 1024;
/// Body cap of a message: its text, ten URLs, a template's components.
pub const SEND_BYTES: usize = 256 * 1024;
/// Body cap of a job that is edited: its detail of 256 KiB, and the object around it.
pub const JOB_BYTES: usize = 257 * 1024;
/// Body cap of a lookup of 1000 keys.
pub const LOOKUP_BYTES: usize = 512 * 1024;
/// Body cap of an upload: a file of 10 MiB and the form around it.
pub const UPLOAD_BYTES: usize = 10 * 1024 * 1024 + 64 * 1024;

/// Body cap of records that are pushed to a CRM link: what a parameter of D1 holds.
pub const PUSH_BYTES: usize = 960 * 1024;

/// Body cap of a file that is uploaded for a CRM link: as much as is read of any source's answer.
pub const LINK_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Body cap of a preview: 1 MiB of a file as base64, or as a text that is escaped, and the link around it.
pub const PREVIEW_BYTES: usize = 2 * 1024 * 1024;

/// What a call counts as that reads a whole span, calls a server of others, or makes work for many rows:
/// 60 a minute where 600 of others are.
const HEAVY: u32 = 10;
/// What a search counts as. The inbox searches while its agent types.
const SEARCH: u32 = 4;

const READ: Access = Access::Key(Scope::CustomersRead);
const WRITE: Access = Access::Key(Scope::CustomersWrite);
const ONE_CUSTOMER: &[&str] = &[
    "id",
    "external_id",
    "external_system",
    "email",
    "phone",
    "limit",
    "cursor",
];

const CONVERSATIONS: &[&str] = &[
    "customer_id",
    "external_id",
    "external_system",
    "email",
    "phone",
    "include_messages",
    "include_attachments",
    "limit",
    "cursor",
];
const HISTORY: &[&str] = &[
    "customer_id",
    "external_id",
    "external_system",
    "email",
    "phone",
    "connector",
    "include_messages",
    "refresh",
    "limit",
    "cursor",
];
const MESSAGES: &[&str] = &[
    "since",
    "cursor",
    "limit",
    "include_attachments",
    "channel",
    "direction",
];

const CONTEXT: &[&str] = &[
    "customer",
    "conversation_id",
    "channel",
    "query",
    "max_characters",
];
const DOCUMENTS: &[&str] = &["page_id", "source", "link_id", "status", "limit", "cursor"];

const INBOX: &[&str] = &[
    "status", "channel", "q", "unread", "assignee", "limit", "cursor",
];

/// Every route.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    route("conversation-notes", "conversation_notes", Method::Get, "/api-conversation-notes", Access::Key(Scope::ConversationsRead), Body::None, &["conversation_id", "limit", "cursor"]),
    route("conversation-notes", "conversation_note_add", Method::Post, "/api-conversation-notes", Access::Key(Scope::ConversationsWrite), Body::Json(NOTE_BYTES), &[]),
    route("conversations", "conversation_change", Method::Patch, "/api-conversations", Access::Key(Scope::ConversationsWrite), Body::Json(SETTINGS_BYTES), &[]),
    route("conversations-by-customer", "conversations_by_customer", Method::Get, "/api-conversations-by-customer", Access::Key(Scope::ConversationsRead), Body::None, CONVERSATIONS),
    route("conversations", "inbox_change", Method::Patch, "/embed/api/conversation", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_list", Method::Get, "/api/dashboard/crm-links", Access::Session, Body::None, &["page_id", "channel"]),
    secret("crm-links", "crm_link_add", Method::Post, "/api/dashboard/crm-links", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("crm-links", "crm_link_delete", Method::Delete, "/api/dashboard/crm-links", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_status", Method::Put, "/api/dashboard/crm-links/status", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_all", Method::Get, "/api/dashboard/crm-links/all", Access::Session, Body::None, &[]),
    route("crm-links", "crm_link_health", Method::Get, "/api/dashboard/crm-links/health", Access::Session, Body::None, &[]),
    route("embed-text", "crm_link_embedder_get", Method::Get, "/api/dashboard/crm-links/embedder", Access::Session, Body::None, &[]),
    route("embed-text", "crm_link_embedder_put", Method::Put, "/api/dashboard/crm-links/embedder", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("embed-text", "crm_link_embedder_delete", Method::Delete, "/api/dashboard/crm-links/embedder", Access::Session, Body::None, &[]),
    secret("crm-links", "crm_link_preview", Method::Post, "/api/dashboard/crm-links/preview", Access::Session, Body::Json(PREVIEW_BYTES)).weighs(HEAVY),
    route("crm-links", "crm_link_get", Method::Get, "/api/dashboard/crm-links/{id}", Access::Session, Body::None, &[]),
    route("crm-links", "crm_link_update", Method::Patch, "/api/dashboard/crm-links/{id}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_refresh", Method::Post, "/api/dashboard/crm-links/{id}/refresh", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("crm-links", "crm_link_file_put", Method::Put, "/api/dashboard/crm-links/{id}/file", Access::Session, Body::Raw(LINK_FILE_BYTES), &["name"]).weighs(HEAVY),
    secret("authorize-crm-links", "crm_link_authorize", Method::Post, "/api/dashboard/crm-links/{id}/authorize", Access::Session, Body::None),
    route("authorize-crm-links", "crm_link_authorized", Method::Get, "/oauth/callback/crm-links/{id}", Access::Provider, Body::None, &["state", "code", "error"]),
    route("crm-links", "document_list", Method::Get, "/api/dashboard/rag/documents/details", Access::Session, Body::None, DOCUMENTS),
    secret("crm-links", "knowledge_search", Method::Post, "/api/dashboard/rag/search", Access::Session, Body::Json(SETTINGS_BYTES)).weighs(SEARCH),
    route("customer-context", "customer_context_get", Method::Get, "/api-customer-context", READ, Body::None, CONTEXT).weighs(SEARCH),
    secret("customer-context", "customer_context", Method::Post, "/api-customer-context", READ, Body::Json(SETTINGS_BYTES)).cors(true).weighs(SEARCH),
    route("customer-history", "customer_history", Method::Get, "/api-customer-history", Access::Key(Scope::ConversationsRead), Body::None, HISTORY),
    route("customers", "customer_get", Method::Get, "/api-customers", READ, Body::None, ONE_CUSTOMER),
    route("customers", "customer_erase", Method::Delete, "/api-customers", WRITE, Body::None, &["id"]),
    route("customers-batch-lookup", "customers_lookup", Method::Post, "/api-customers-batch-lookup", READ, Body::Json(LOOKUP_BYTES), &[]),
    route("customers-bulk-create", "customers_bulk_create", Method::Post, "/api-customers-bulk-create", WRITE, Body::Json(BATCH_BYTES), &["dry_run", "on_conflict"]),
    route("customers-sync", "customers_sync", Method::Post, "/api-customers-sync", WRITE, Body::Json(BATCH_BYTES), &["dry_run", "on_conflict"]),
    secret("dashboard", "business_create", Method::Post, "/api/dashboard/businesses", Access::Platform, Body::Json(SETTINGS_BYTES)),
    route("dashboard", "parked_list", Method::Get, "/api/dashboard/parked-deliveries", Access::Platform, Body::None, &["limit", "cursor"]),
    route("dashboard", "quotas_get", Method::Get, "/api/dashboard/quotas", Access::Session, Body::None, &[]),
    route("dashboard", "quotas_put", Method::Put, "/api/dashboard/quotas", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    secret("dashboard", "session_create", Method::Post, "/api/dashboard/sessions", Access::Key(Scope::Admin), Body::None).cors(false),
    route("dashboard", "session_list", Method::Get, "/api/dashboard/sessions", Access::Session, Body::None, &[]),
    route("dashboard", "session_end", Method::Delete, "/api/dashboard/sessions/{id}", Access::Session, Body::None, &[]),
    route("reseal-secrets", "secrets_reseal", Method::Post, "/api/dashboard/secrets/reseal", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard", "key_list", Method::Get, "/api/dashboard/api-keys", Access::Session, Body::None, &[]),
    secret("dashboard", "key_create", Method::Post, "/api/dashboard/api-keys", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard", "key_revoke", Method::Delete, "/api/dashboard/api-keys/{id}", Access::Session, Body::None, &[]),
    route("dashboard", "audit_list", Method::Get, "/api/dashboard/audit", Access::Session, Body::None, &["operation", "target", "key_id", "from", "to", "limit", "cursor"]),
    route("dashboard-analytics", "analytics_get", Method::Get, "/api/dashboard/analytics", Access::Session, Body::None, &["from", "to", "format", "of"]).weighs(HEAVY),
    route("dashboard-channels", "channel_list", Method::Get, "/api/dashboard/channels", Access::Session, Body::None, &[]),
    secret("dashboard-channels", "channel_create", Method::Post, "/api/dashboard/channels", Access::Session, Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    route("dashboard-channels", "channel_get", Method::Get, "/api/dashboard/channels/{id}", Access::Session, Body::None, &[]),
    route("dashboard-channels", "channel_update", Method::Patch, "/api/dashboard/channels/{id}", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-channels", "channel_delete", Method::Delete, "/api/dashboard/channels/{id}", Access::Session, Body::None, &[]),
    secret("dashboard-channels", "channel_test", Method::Post, "/api/dashboard/channels/{id}/test", Access::Session, Body::None).weighs(HEAVY),
    route("dashboard-crm-jobs", "crm_job_list", Method::Get, "/api/dashboard/integrations/{connector}/jobs", Access::Session, Body::None, &["state", "limit", "cursor"]),
    route("dashboard-crm-jobs", "crm_job_get", Method::Get, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_edit", Method::Patch, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::Json(JOB_BYTES), &[]),
    route("dashboard-crm-jobs", "crm_job_retry", Method::Post, "/api/dashboard/integrations/{connector}/jobs/{id}/retry", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_dismiss", Method::Delete, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_jobs_retry_failed", Method::Post, "/api/dashboard/integrations/{connector}/retry-failed", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-crm-jobs", "backfill_get", Method::Get, "/api/dashboard/integrations/{connector}/backfill", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "backfill_run", Method::Post, "/api/dashboard/integrations/{connector}/backfill", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_list", Method::Get, "/api/dashboard/integrations", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_get", Method::Get, "/api/dashboard/integrations/{connector}", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_schema", Method::Get, "/api/dashboard/integrations/{connector}/schema", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_put", Method::Put, "/api/dashboard/integrations/{connector}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-integrations", "integration_test", Method::Post, "/api/dashboard/integrations/{connector}/test", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_enable", Method::Post, "/api/dashboard/integrations/{connector}/enable", Access::Session, Body::None, &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_disable", Method::Post, "/api/dashboard/integrations/{connector}/disable", Access::Session, Body::None, &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_status", Method::Get, "/api/dashboard/integrations/{connector}/status", Access::Session, Body::None, &[]),
    route("dashboard-handoff", "handoff_get", Method::Get, "/api/dashboard/handoff", Access::Session, Body::None, &[]),
    route("dashboard-handoff", "handoff_put", Method::Put, "/api/dashboard/handoff", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "webhook_list", Method::Get, "/api/dashboard/webhooks", Access::Session, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_create", Method::Post, "/api/dashboard/webhooks", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_get", Method::Get, "/api/dashboard/webhooks/{id}", Access::Session, Body::None, &[]),
    route("dashboard-webhooks", "webhook_update", Method::Patch, "/api/dashboard/webhooks/{id}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "webhook_delete", Method::Delete, "/api/dashboard/webhooks/{id}", Access::Session, Body::None, &[]),
    route("dashboard-webhooks", "webhook_test", Method::Post, "/api/dashboard/webhooks/{id}/test", Access::Session, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_rotate_secret", Method::Post, "/api/dashboard/webhooks/{id}/rotate-secret", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_finish_rotation", Method::Post, "/api/dashboard/webhooks/{id}/finish-rotation", Access::Session, Body::None, &[]),
    route("dashboard-deliveries", "webhook_recover", Method::Post, "/api/dashboard/webhooks/{id}/recover", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-deliveries", "delivery_list", Method::Get, "/api/dashboard/webhooks/{id}/deliveries", Access::Session, Body::None, &["status", "limit", "cursor"]),
    route("dashboard-deliveries", "delivery_replay", Method::Post, "/api/dashboard/deliveries/{id}/replay", Access::Session, Body::None, &[]),
    route("gateway", "docs", Method::Get, "/docs", Access::Public, Body::None, &[]),
    route("gateway", "docs_settings", Method::Get, "/docs/settings", Access::Public, Body::None, &[]),
    route("download-media", "attachment_download", Method::Get, "/api/download-media", Access::Public, Body::None, &["id", "expires", "signature"]).weighs(0).cors(true),
    route("embed-inbox", "inbox_asset", Method::Get, "/embed/assets/{path}", Access::Public, Body::None, &[]).weighs(0),
    route("embed-inbox", "crm_card_page", Method::Get, "/embed/crm-card", Access::Public, Body::None, &["account", "id"]),
    route("embed-inbox", "crm_card_open", Method::Post, "/embed/crm-card", Access::Public, Body::Raw(TOKEN_BYTES), &[]),
    route("embed-crm-card", "crm_card_get", Method::Post, "/embed/api/crm-card", Access::Public, Body::Json(TOKEN_BYTES), &[]),
    route("embed-api", "inbox_list", Method::Get, "/embed/api/conversations", Access::Inbox, Body::None, INBOX).weighs_with("q", SEARCH),
    route("embed-api", "inbox_thread", Method::Get, "/embed/api/conversation", Access::Inbox, Body::None, &["id", "before", "limit"]),
    route("embed-api", "inbox_changes", Method::Get, "/embed/api/changes", Access::Inbox, Body::None, &["after"]),
    route("embed-api", "inbox_read", Method::Post, "/embed/api/read", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-api", "inbox_note", Method::Post, "/embed/api/notes", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-api", "inbox_contact", Method::Post, "/embed/api/contact", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-inbox", "inbox_page", Method::Get, "/embed/inbox", Access::Public, Body::None, &["id", "token"]),
    route("embed-inbox", "inbox_open", Method::Post, "/embed/inbox", Access::Public, Body::Raw(TOKEN_BYTES), &[]),
    route("embed-api", "inbox_templates", Method::Get, "/embed/api/templates", Access::Inbox, Body::None, &["conversation_id"]),
    route("escalate", "conversation_escalate", Method::Post, "/api-escalate", Access::Key(Scope::ConversationsWrite), Body::Json(NOTE_BYTES), &[]),
    route("gateway", "health", Method::Get, "/healthz", Access::Platform, Body::None, &["part"]).weighs(HEAVY),
    route("gateway", "live", Method::Get, "/livez", Access::Public, Body::None, &[]),
    route("gateway", "openapi", Method::Get, "/openapi.json", Access::Public, Body::None, &[]),
    route("message-actions", "comment_reply_privately", Method::Post, "/api/dashboard/messages/{id}/private-reply", Access::Session, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("message-actions", "comment_hide", Method::Post, "/api/dashboard/messages/{id}/hide", Access::Session, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "comment_unhide", Method::Post, "/api/dashboard/messages/{id}/unhide", Access::Session, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "comment_delete", Method::Delete, "/api/dashboard/messages/{id}", Access::Session, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "inbox_comment", Method::Post, "/embed/api/comments", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("messages-since", "messages_since", Method::Get, "/api-messages-since", Access::Key(Scope::MessagesRead), Body::None, MESSAGES),
    route("retention", "retention_get", Method::Get, "/api/dashboard/retention", Access::Session, Body::None, &[]),
    route("retention", "retention_put", Method::Put, "/api/dashboard/retention", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("retention", "storage_get", Method::Get, "/api/dashboard/storage", Access::Platform, Body::None, &[]),
    route("send-message", "message_send", Method::Post, "/api-send-message", Access::Key(Scope::MessagesWrite), Body::Json(SEND_BYTES), &[]),
    route("send-message", "inbox_send", Method::Post, "/embed/api/messages", Access::Inbox, Body::Json(SEND_BYTES), &[]),
    secret("sso-token", "sso_token_create", Method::Post, "/api-sso-generate-token", Access::Key(Scope::SsoWrite), Body::Json(SETTINGS_BYTES)),
    route("sso-token", "sso_get", Method::Get, "/api/dashboard/sso", Access::Session, Body::None, &[]),
    route("sso-token", "sso_put", Method::Put, "/api/dashboard/sso", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_rotate_key", Method::Post, "/api/dashboard/sso/rotate-key", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_revoke", Method::Post, "/api/dashboard/sso/revoke", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    // Sealed where they are stored for a replay: what is known of a customer stands in them in any words.
    secret("suggest-reply", "reply_suggest", Method::Post, "/api-suggest-reply", Access::Key(Scope::ConversationsRead), Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    secret("suggest-reply", "inbox_suggest", Method::Post, "/embed/api/suggest-reply", Access::Inbox, Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    route("suggest-reply", "reply_settings_get", Method::Get, "/api/dashboard/replies", Access::Session, Body::None, &[]),
    route("suggest-reply", "reply_settings_put", Method::Put, "/api/dashboard/replies", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("suggest-reply", "reply_settings_delete", Method::Delete, "/api/dashboard/replies", Access::Session, Body::None, &[]),
    route("upload-attachment", "inbox_upload", Method::Post, "/embed/api/attachments", Access::Inbox, Body::Form(UPLOAD_BYTES), &[]),
    route("upload-attachment", "attachment_upload", Method::Post, "/api-upload-attachment", Access::Key(Scope::AttachmentsWrite), Body::Form(UPLOAD_BYTES), &[]),
    // Before the row of all connectors, whose pattern fits, too.
    route("webhook-crm-links", "crm_link_receive", Method::Post, "/api/webhooks/crm-links/{id}", Access::Provider, Body::Raw(PUSH_BYTES), &[]),
    route("webhook-chatwoot", "chatwoot_receive", Method::Post, "/api/webhooks/chatwoot/{path}", Access::Provider, Body::Raw(CHATWOOT_BYTES), &[]),
    route("webhook-crm", "crm_event_receive", Method::Post, "/api/webhooks/{connector}", Access::Provider, Body::Raw(CRM_EVENT_BYTES), &[]),
    route("webhook-email", "email_receive", Method::Post, "/webhook-email/{id}", Access::Provider, Body::Raw(MAIL_BYTES), &[]),
    route("webhook-meta", "meta_handshake", Method::Get, "/webhook-meta", Access::Provider, Body::None, &[]),
    route("webhook-meta", "meta_receive", Method::Post, "/webhook-meta", Access::Provider, Body::Raw(META_BYTES), &[]),
    route("webhook-twilio", "twilio_receive", Method::Post, "/webhook-twilio/{id}", Access::Provider, Body::Raw(TWILIO_BYTES), &[]),
];

const fn route(
    function: &'static str,
    operation: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    body: Body,
    query: &'static [&'static str],
) -> Route {
    Route {
        function,
        operation,
        method,
        path,
        access,
        body,
        query,
        secret: false,
        cors: matches!(access, Access::Key(_)),
        weight: Weight {
            any: if matches!(access, Access::Provider) {
                0
            } else {
                1
            },
            with: None,
        },
    }
}

impl Route {
    /// Counts as so many requests.
    const fn weighs(mut self, requests: u32) -> Self {
        self.weight.any = requests;
        self
    }

    /// Counts as so many requests where the query has this parameter.
    const fn weighs_with(mut self, parameter: &'static str, requests: u32) -> Self {
        self.weight.with = Some((parameter, requests));
        self
    }

    /// Whether pages of other origins may call it; those of the CRM API, unless this is said.
    const fn cors(mut self, cors: bool) -> Self {
        self.cors = cors;
        self
    }
}

const fn secret(
    function: &'static str,
    operation: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    body: Body,
) -> Route {
    let mut row = route(function, operation, method, path, access, body, &[]);
    row.secret = true;
    row
}
