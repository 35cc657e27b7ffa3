//! The routes: the single source for routing, methods, scopes, body caps and log names.

use super::{Access, Body, Method, Route, Weight};
use crate::http::{Role, Scope};

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

/// Body cap of a page of rows that are restored: a million characters, and a row of what D1 holds.
pub const RESTORE_BYTES: usize = 8 * 1024 * 1024;
/// Body cap of a file that is restored: the largest that is stored.
pub const RESTORE_FILE_BYTES: usize = 25 * 1024 * 1024;

/// Body cap of a preview: 1 MiB of a file as base64, or as a text that is escaped, and the link around it.
pub const PREVIEW_BYTES: usize = 2 * 1024 * 1024;

/// What a call counts as that reads a whole span, calls a server of others, or makes work for many rows:
/// 60 a minute where 600 of others are.
const HEAVY: u32 = 10;
/// What a mail counts as that anybody may have sent: 20 a minute of an address, behind which there may be a whole office.
const MAIL: u32 = 60;
/// What a search counts as. The inbox searches while its agent types.
const SEARCH: u32 = 4;

const VIEWER: Access = Access::Session(Role::Viewer);
const AGENT: Access = Access::Session(Role::Agent);
const ADMIN: Access = Access::Session(Role::Admin);
const OWNER: Access = Access::Session(Role::Owner);
const READ: Access = Access::Key(Scope::CustomersRead);
const WRITE: Access = Access::Key(Scope::CustomersWrite);
const ONE_CUSTOMER: &[&str] = &[
    "search",
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

const FILE: &[&str] = &["business", "kind", "id", "size"];
const CONTEXT: &[&str] = &[
    "customer",
    "conversation_id",
    "channel",
    "query",
    "max_characters",
];
const DOCUMENTS: &[&str] = &["page_id", "source", "link_id", "status", "limit", "cursor"];

const API_LOG: &[&str] = &[
    "key_id",
    "member_id",
    "operation",
    "status",
    "error",
    "request_id",
    "since",
    "until",
    "after",
    "limit",
    "cursor",
];

const INBOX: &[&str] = &[
    "status",
    "channel",
    "q",
    "unread",
    "assignee",
    "unassigned",
    "limit",
    "cursor",
];

/// Every route.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    route("backup", "backup_manifest", Method::Get, "/api/operator/backup", Access::Platform, Body::None, &["business", "cursor"]),
    route("backup", "backup_rows", Method::Get, "/api/operator/backup/rows", Access::Platform, Body::None, &["business", "cursor"]),
    route("backup", "backup_file", Method::Get, "/api/operator/backup/file", Access::Platform, Body::None, FILE),
    route("backup", "restore_rows", Method::Post, "/api/operator/restore/rows", Access::Platform, Body::Raw(RESTORE_BYTES), &["business"]),
    route("backup", "restore_file", Method::Put, "/api/operator/restore/file", Access::Platform, Body::Raw(RESTORE_FILE_BYTES), FILE),
    route("conversation-notes", "conversation_notes", Method::Get, "/api-conversation-notes", Access::Key(Scope::ConversationsRead), Body::None, &["conversation_id", "limit", "cursor"]),
    route("conversation-notes", "conversation_note_add", Method::Post, "/api-conversation-notes", Access::Key(Scope::ConversationsWrite), Body::Json(NOTE_BYTES), &[]),
    route("conversations", "conversation_change", Method::Patch, "/api-conversations", Access::Key(Scope::ConversationsWrite), Body::Json(SETTINGS_BYTES), &[]),
    route("conversations-by-customer", "conversations_by_customer", Method::Get, "/api-conversations-by-customer", Access::Key(Scope::ConversationsRead), Body::None, CONVERSATIONS),
    route("conversations", "inbox_change", Method::Patch, "/embed/api/conversation", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_list", Method::Get, "/api/dashboard/crm-links", VIEWER, Body::None, &["page_id", "channel"]),
    secret("crm-links", "crm_link_add", Method::Post, "/api/dashboard/crm-links", ADMIN, Body::Json(SETTINGS_BYTES)),
    route("crm-links", "crm_link_delete", Method::Delete, "/api/dashboard/crm-links", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_status", Method::Put, "/api/dashboard/crm-links/status", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_all", Method::Get, "/api/dashboard/crm-links/all", VIEWER, Body::None, &[]),
    route("crm-links", "crm_link_health", Method::Get, "/api/dashboard/crm-links/health", VIEWER, Body::None, &[]),
    route("embed-text", "crm_link_embedder_get", Method::Get, "/api/dashboard/crm-links/embedder", VIEWER, Body::None, &[]),
    route("embed-text", "crm_link_embedder_put", Method::Put, "/api/dashboard/crm-links/embedder", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("embed-text", "crm_link_embedder_delete", Method::Delete, "/api/dashboard/crm-links/embedder", ADMIN, Body::None, &[]),
    secret("crm-links", "crm_link_preview", Method::Post, "/api/dashboard/crm-links/preview", ADMIN, Body::Json(PREVIEW_BYTES)).weighs(HEAVY),
    route("crm-links", "crm_link_get", Method::Get, "/api/dashboard/crm-links/{id}", VIEWER, Body::None, &[]),
    route("crm-links", "crm_link_update", Method::Patch, "/api/dashboard/crm-links/{id}", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("crm-links", "crm_link_refresh", Method::Post, "/api/dashboard/crm-links/{id}/refresh", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("crm-links", "crm_link_file_put", Method::Put, "/api/dashboard/crm-links/{id}/file", ADMIN, Body::Raw(LINK_FILE_BYTES), &["name"]).weighs(HEAVY),
    secret("authorize-crm-links", "crm_link_authorize", Method::Post, "/api/dashboard/crm-links/{id}/authorize", ADMIN, Body::None),
    route("authorize-crm-links", "crm_link_authorized", Method::Get, "/oauth/callback/crm-links/{id}", Access::Provider, Body::None, &["state", "code", "error"]),
    route("crm-links", "document_list", Method::Get, "/api/dashboard/rag/documents/details", VIEWER, Body::None, DOCUMENTS),
    secret("crm-links", "knowledge_search", Method::Post, "/api/dashboard/rag/search", AGENT, Body::Json(SETTINGS_BYTES)).weighs(SEARCH),
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
    route("dashboard", "quotas_get", Method::Get, "/api/dashboard/quotas", VIEWER, Body::None, &[]),
    route("dashboard", "quotas_put", Method::Put, "/api/dashboard/quotas", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    secret("dashboard", "session_create", Method::Post, "/api/dashboard/sessions", Access::Key(Scope::Admin), Body::None).cors(false),
    route("dashboard", "session_list", Method::Get, "/api/dashboard/sessions", VIEWER, Body::None, &[]),
    route("dashboard", "session_end", Method::Delete, "/api/dashboard/sessions/{id}", VIEWER, Body::None, &[]),
    route("reseal-secrets", "secrets_reseal", Method::Post, "/api/dashboard/secrets/reseal", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard", "key_list", Method::Get, "/api/dashboard/api-keys", ADMIN, Body::None, &[]),
    secret("dashboard", "key_create", Method::Post, "/api/dashboard/api-keys", ADMIN, Body::Json(SETTINGS_BYTES)),
    route("dashboard", "key_revoke", Method::Delete, "/api/dashboard/api-keys/{id}", ADMIN, Body::None, &[]),
    route("dashboard", "audit_list", Method::Get, "/api/dashboard/audit", ADMIN, Body::None, &["operation", "target", "key_id", "member_id", "from", "to", "format", "limit", "cursor"]).weighs_with("format", HEAVY),
    route("dashboard-alerts", "status_get", Method::Get, "/api/dashboard/status", VIEWER, Body::None, &[]).weighs(2),
    route("dashboard-alerts", "alert_list", Method::Get, "/api/dashboard/alerts", VIEWER, Body::None, &["state", "limit", "cursor"]),
    route("dashboard-alerts", "alert_acknowledge", Method::Post, "/api/dashboard/alerts/{id}/acknowledge", AGENT, Body::None, &[]),
    route("dashboard-alerts", "alert_settings_get", Method::Get, "/api/dashboard/alerts/settings", VIEWER, Body::None, &[]),
    route("dashboard-alerts", "alert_settings_put", Method::Put, "/api/dashboard/alerts/settings", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-alerts", "alert_destination_list", Method::Get, "/api/dashboard/alerts/destinations", VIEWER, Body::None, &[]),
    route("dashboard-alerts", "alert_destination_create", Method::Post, "/api/dashboard/alerts/destinations", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-alerts", "alert_destination_delete", Method::Delete, "/api/dashboard/alerts/destinations/{id}", ADMIN, Body::None, &[]),
    route("dashboard-alerts", "alert_destination_test", Method::Post, "/api/dashboard/alerts/destinations/{id}/test", ADMIN, Body::None, &[]).weighs(HEAVY),
    route("dashboard-analytics", "analytics_get", Method::Get, "/api/dashboard/analytics", VIEWER, Body::None, &["from", "to", "format", "of"]).weighs(HEAVY),
    route("dashboard-api-log", "api_call_list", Method::Get, "/api/dashboard/api-log", VIEWER, Body::None, API_LOG).weighs(2),
    route("dashboard-api-log", "usage_get", Method::Get, "/api/dashboard/usage", VIEWER, Body::None, &["from", "to", "key_id", "member_id", "operation"]).weighs(SEARCH),
    route("dashboard-channels", "channel_list", Method::Get, "/api/dashboard/channels", VIEWER, Body::None, &[]),
    secret("dashboard-channels", "channel_create", Method::Post, "/api/dashboard/channels", ADMIN, Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    route("dashboard-channels", "channel_get", Method::Get, "/api/dashboard/channels/{id}", VIEWER, Body::None, &[]),
    route("dashboard-channels", "channel_update", Method::Patch, "/api/dashboard/channels/{id}", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-channels", "channel_delete", Method::Delete, "/api/dashboard/channels/{id}", ADMIN, Body::None, &[]),
    secret("dashboard-channels", "channel_test", Method::Post, "/api/dashboard/channels/{id}/test", ADMIN, Body::None).weighs(HEAVY),
    route("dashboard-crm-jobs", "crm_job_list", Method::Get, "/api/dashboard/integrations/{connector}/jobs", VIEWER, Body::None, &["state", "limit", "cursor"]),
    route("dashboard-crm-jobs", "crm_job_get", Method::Get, "/api/dashboard/integrations/{connector}/jobs/{id}", VIEWER, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_edit", Method::Patch, "/api/dashboard/integrations/{connector}/jobs/{id}", ADMIN, Body::Json(JOB_BYTES), &[]),
    route("dashboard-crm-jobs", "crm_job_retry", Method::Post, "/api/dashboard/integrations/{connector}/jobs/{id}/retry", ADMIN, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_dismiss", Method::Delete, "/api/dashboard/integrations/{connector}/jobs/{id}", ADMIN, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_jobs_retry_failed", Method::Post, "/api/dashboard/integrations/{connector}/retry-failed", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-crm-jobs", "backfill_get", Method::Get, "/api/dashboard/integrations/{connector}/backfill", VIEWER, Body::None, &[]),
    route("dashboard-crm-jobs", "backfill_run", Method::Post, "/api/dashboard/integrations/{connector}/backfill", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_list", Method::Get, "/api/dashboard/integrations", VIEWER, Body::None, &[]),
    route("dashboard-integrations", "integration_get", Method::Get, "/api/dashboard/integrations/{connector}", VIEWER, Body::None, &[]),
    route("dashboard-integrations", "integration_schema", Method::Get, "/api/dashboard/integrations/{connector}/schema", VIEWER, Body::None, &[]),
    route("dashboard-integrations", "integration_put", Method::Put, "/api/dashboard/integrations/{connector}", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-integrations", "integration_test", Method::Post, "/api/dashboard/integrations/{connector}/test", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_enable", Method::Post, "/api/dashboard/integrations/{connector}/enable", ADMIN, Body::None, &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_disable", Method::Post, "/api/dashboard/integrations/{connector}/disable", ADMIN, Body::None, &[]).weighs(HEAVY),
    route("dashboard-integrations", "integration_status", Method::Get, "/api/dashboard/integrations/{connector}/status", VIEWER, Body::None, &[]),
    route("dashboard-handoff", "handoff_get", Method::Get, "/api/dashboard/handoff", VIEWER, Body::None, &[]),
    route("dashboard-handoff", "handoff_put", Method::Put, "/api/dashboard/handoff", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-members", "me_get", Method::Get, "/api/dashboard/me", VIEWER, Body::None, &[]),
    route("dashboard-members", "member_list", Method::Get, "/api/dashboard/members", VIEWER, Body::None, &["limit", "cursor"]),
    secret("dashboard-members", "member_invite", Method::Post, "/api/dashboard/members", ADMIN, Body::Json(SETTINGS_BYTES)),
    route("dashboard-members", "member_update", Method::Patch, "/api/dashboard/members/{id}", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-members", "member_remove", Method::Delete, "/api/dashboard/members/{id}", ADMIN, Body::None, &[]),
    secret("dashboard-members", "member_sign_in_link", Method::Post, "/api/dashboard/members/{id}/sign-in-link", ADMIN, Body::None),
    route("dashboard-members", "sign_in_provider_get", Method::Get, "/api/dashboard/sign-in-provider", VIEWER, Body::None, &[]),
    route("dashboard-members", "sign_in_provider_put", Method::Put, "/api/dashboard/sign-in-provider", OWNER, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-members", "sign_in_provider_delete", Method::Delete, "/api/dashboard/sign-in-provider", OWNER, Body::None, &[]),
    route("dashboard-webhooks", "webhook_list", Method::Get, "/api/dashboard/webhooks", VIEWER, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_create", Method::Post, "/api/dashboard/webhooks", ADMIN, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_get", Method::Get, "/api/dashboard/webhooks/{id}", VIEWER, Body::None, &[]),
    route("dashboard-webhooks", "webhook_update", Method::Patch, "/api/dashboard/webhooks/{id}", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "webhook_delete", Method::Delete, "/api/dashboard/webhooks/{id}", ADMIN, Body::None, &[]),
    route("dashboard-webhooks", "webhook_test", Method::Post, "/api/dashboard/webhooks/{id}/test", ADMIN, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_rotate_secret", Method::Post, "/api/dashboard/webhooks/{id}/rotate-secret", ADMIN, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_finish_rotation", Method::Post, "/api/dashboard/webhooks/{id}/finish-rotation", ADMIN, Body::None, &[]),
    route("dashboard-deliveries", "webhook_recover", Method::Post, "/api/dashboard/webhooks/{id}/recover", ADMIN, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("dashboard-deliveries", "delivery_list", Method::Get, "/api/dashboard/webhooks/{id}/deliveries", VIEWER, Body::None, &["status", "limit", "cursor"]),
    route("dashboard-deliveries", "delivery_replay", Method::Post, "/api/dashboard/deliveries/{id}/replay", ADMIN, Body::None, &[]),
    // Before the row of all pages, whose pattern fits, too.
    route("dashboard-pages", "dashboard_asset", Method::Get, "/dashboard/assets/{path}", Access::Public, Body::None, &[]).weighs(0),
    route("dashboard-pages", "dashboard_start", Method::Get, "/dashboard", Access::Public, Body::None, &[]),
    route("dashboard-pages", "dashboard_page", Method::Get, "/dashboard/{path}", Access::Public, Body::None, &["error", "next"]),
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
    route("embed-api", "inbox_assignees", Method::Get, "/embed/api/assignees", Access::Inbox, Body::None, &["q"]).weighs_with("q", SEARCH),
    route("embed-api", "inbox_contact", Method::Post, "/embed/api/contact", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-inbox", "inbox_page", Method::Get, "/embed/inbox", Access::Public, Body::None, &["id", "token"]),
    route("embed-inbox", "inbox_open", Method::Post, "/embed/inbox", Access::Public, Body::Raw(TOKEN_BYTES), &[]),
    route("embed-api", "inbox_templates", Method::Get, "/embed/api/templates", Access::Inbox, Body::None, &["conversation_id"]),
    route("escalate", "conversation_escalate", Method::Post, "/api-escalate", Access::Key(Scope::ConversationsWrite), Body::Json(NOTE_BYTES), &[]),
    route("gateway", "health", Method::Get, "/healthz", Access::Platform, Body::None, &["part"]).weighs(HEAVY),
    route("gateway", "live", Method::Get, "/livez", Access::Public, Body::None, &[]),
    route("gateway", "openapi", Method::Get, "/openapi.json", Access::Public, Body::None, &[]),
    route("message-actions", "comment_reply_privately", Method::Post, "/api/dashboard/messages/{id}/private-reply", AGENT, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("message-actions", "comment_hide", Method::Post, "/api/dashboard/messages/{id}/hide", AGENT, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "comment_unhide", Method::Post, "/api/dashboard/messages/{id}/unhide", AGENT, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "comment_delete", Method::Delete, "/api/dashboard/messages/{id}", AGENT, Body::None, &[]).weighs(HEAVY),
    route("message-actions", "inbox_comment", Method::Post, "/embed/api/comments", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("messages-since", "messages_since", Method::Get, "/api-messages-since", Access::Key(Scope::MessagesRead), Body::None, MESSAGES),
    route("move-business", "operator_databases", Method::Get, "/api/operator/databases", Access::Platform, Body::None, &[]),
    route("move-business", "business_move_get", Method::Get, "/api/operator/businesses/{id}/move", Access::Platform, Body::None, &[]),
    route("move-business", "business_move", Method::Post, "/api/operator/businesses/{id}/move", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    route("operator", "operator_business_list", Method::Get, "/api/operator/businesses", Access::Platform, Body::None, &["search", "limit", "cursor"]).weighs(HEAVY),
    route("operator", "operator_business_get", Method::Get, "/api/operator/businesses/{id}", Access::Platform, Body::None, &[]),
    route("operator", "operator_business_update", Method::Patch, "/api/operator/businesses/{id}", Access::Platform, Body::Json(SETTINGS_BYTES), &[]),
    secret("operator", "support_session_create", Method::Post, "/api/operator/businesses/{id}/support-session", Access::Platform, Body::Json(SETTINGS_BYTES)),
    route("operator", "metrics_get", Method::Get, "/metrics", Access::Platform, Body::None, &[]).weighs(HEAVY),
    route("operator", "operator_overview", Method::Get, "/api/operator/overview", Access::Platform, Body::None, &[]).weighs(HEAVY),
    route("retention", "retention_get", Method::Get, "/api/dashboard/retention", VIEWER, Body::None, &[]),
    route("retention", "retention_put", Method::Put, "/api/dashboard/retention", OWNER, Body::Json(SETTINGS_BYTES), &[]),
    route("retention", "storage_get", Method::Get, "/api/dashboard/storage", Access::Platform, Body::None, &[]),
    route("send-message", "message_send", Method::Post, "/api-send-message", Access::Key(Scope::MessagesWrite), Body::Json(SEND_BYTES), &[]),
    route("send-message", "inbox_send", Method::Post, "/embed/api/messages", Access::Inbox, Body::Json(SEND_BYTES), &[]),
    secret("sso-token", "inbox_session_create", Method::Post, "/api/dashboard/inbox-session", VIEWER, Body::None),
    secret("sso-token", "sso_token_create", Method::Post, "/api-sso-generate-token", Access::Key(Scope::SsoWrite), Body::Json(SETTINGS_BYTES)),
    route("sso-token", "sso_get", Method::Get, "/api/dashboard/sso", VIEWER, Body::None, &[]),
    route("sso-token", "sso_put", Method::Put, "/api/dashboard/sso", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_rotate_key", Method::Post, "/api/dashboard/sso/rotate-key", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_revoke", Method::Post, "/api/dashboard/sso/revoke", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    // Sealed where they are stored for a replay: what is known of a customer stands in them in any words.
    secret("suggest-reply", "reply_suggest", Method::Post, "/api-suggest-reply", Access::Key(Scope::ConversationsRead), Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    secret("suggest-reply", "inbox_suggest", Method::Post, "/embed/api/suggest-reply", Access::Inbox, Body::Json(SETTINGS_BYTES)).weighs(HEAVY),
    route("suggest-reply", "reply_settings_get", Method::Get, "/api/dashboard/replies", VIEWER, Body::None, &[]),
    route("suggest-reply", "reply_settings_put", Method::Put, "/api/dashboard/replies", ADMIN, Body::Json(SETTINGS_BYTES), &[]),
    route("suggest-reply", "reply_settings_delete", Method::Delete, "/api/dashboard/replies", ADMIN, Body::None, &[]),
    secret("sign-in", "sign_in_complete", Method::Post, "/api/dashboard/sign-in/complete", Access::Public, Body::Json(SETTINGS_BYTES)),
    route("sign-in", "sign_in_options", Method::Get, "/api/dashboard/sign-in/options", Access::Public, Body::None, &[]).weighs(SEARCH),
    route("sign-in", "sign_in_link", Method::Post, "/api/dashboard/sign-in/link", Access::Public, Body::Json(SETTINGS_BYTES), &[]).weighs(MAIL),
    route("sign-in", "sign_in_discover", Method::Post, "/api/dashboard/sign-in/discover", Access::Public, Body::Json(SETTINGS_BYTES), &[]).weighs(HEAVY),
    route("sign-in", "sign_in_begin", Method::Get, "/api/dashboard/sign-in/oidc", Access::Public, Body::None, &["business", "next"]).weighs(HEAVY),
    route("sign-in", "sign_in_return", Method::Get, "/oauth/callback/sign-in", Access::Provider, Body::None, &["state", "code", "error", "iss"]).weighs(SEARCH),
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
