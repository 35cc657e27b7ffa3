//! The route ledger: the single source for routing, methods, scopes, body caps and log names.
//!
//! Tests fail when a row has no function, no service binding, no OpenAPI entry, or lacks its
//! tests.

mod webhook;

use super::Scope;
use std::fmt;

/// The methods that the contract uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of HTTP")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Reads a request's method; `None` for one that no route has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str() == text)
    }

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; such a route says nothing about a business.
    Public,
    /// `x-api-key` with this scope.
    Key(Scope),
    /// `Authorization: Bearer` with a session of an admin key.
    Session,
    /// `Authorization: Bearer` with the deployment's platform token.
    Platform,
    /// `Authorization: Bearer` with a token of the embedded inbox.
    Inbox,
    /// A provider, whose signature the handler checks over the raw body. What else the provider
    /// adds to the query is its affair.
    Provider,
}

/// What body a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; one that comes is not read.
    None,
    /// JSON of at most this many bytes.
    Json(usize),
    /// `multipart/form-data` of at most this many bytes.
    Form(usize),
    /// Any bytes, at most this many.
    Raw(usize),
}

/// One row: an operation of a function.
#[derive(Debug)]
pub struct Route {
    /// The folder below `functions/`.
    pub function: &'static str,
    /// Noun first; the name in log lines, OpenAPI and tests.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// The path below the base; `{id}` and `{connector}` stand for one segment each, `{path}` at the
    /// end for any.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What body it takes.
    pub body: Body,
    /// The query parameters it knows; another is refused, since a typo would else go unnoticed.
    pub query: &'static [&'static str],
    /// Whether its answer shows a secret, which must not be stored for a replay in the clear.
    pub secret: bool,
}

/// The base of the contract's URLs. Every route is served below it and below `/` too.
pub const BASE_PATH: &str = "/functions/v1";

/// The path at which a function does what other functions ask for. No route has it, so that the gateway
/// hands on no request that could be taken for a call.
pub const CALL_PATH: &str = "/";

/// Body cap of a batch of records (contract.md, Customers).
pub const BATCH_BYTES: usize = 5 * 1024 * 1024;
/// Body cap of a Meta delivery: they come up to 3 MB (channels.md §1.4).
pub const META_BYTES: usize = 4 * 1024 * 1024;
/// Body cap of a delivery of Twilio's: one message, whose text has 1600 characters (channels.md §10).
pub const TWILIO_BYTES: usize = 64 * 1024;
/// Body cap of an event of a CRM's: a whole record.
pub const CRM_EVENT_BYTES: usize = 1024 * 1024;
/// Body cap of a delivery with a whole mail in it: what a value of KV holds, so that it can be kept. A
/// mail of the 25 MB that providers of mailboxes take comes near it.
pub const MAIL_BYTES: usize = 24 * 1024 * 1024;
/// Body cap of a small settings call.
pub const SETTINGS_BYTES: usize = 64 * 1024;
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
    route("customer-history", "customer_history", Method::Get, "/api-customer-history", Access::Key(Scope::ConversationsRead), Body::None, HISTORY),
    route("customers", "customer_get", Method::Get, "/api-customers", READ, Body::None, ONE_CUSTOMER),
    route("customers", "customer_erase", Method::Delete, "/api-customers", WRITE, Body::None, &["id"]),
    route("customers-batch-lookup", "customers_lookup", Method::Post, "/api-customers-batch-lookup", READ, Body::Json(LOOKUP_BYTES), &[]),
    route("customers-bulk-create", "customers_bulk_create", Method::Post, "/api-customers-bulk-create", WRITE, Body::Json(BATCH_BYTES), &["dry_run", "on_conflict"]),
    route("customers-sync", "customers_sync", Method::Post, "/api-customers-sync", WRITE, Body::Json(BATCH_BYTES), &["dry_run", "on_conflict"]),
    secret("dashboard", "business_create", Method::Post, "/api/dashboard/businesses", Access::Platform, Body::Json(SETTINGS_BYTES)),
    secret("dashboard", "session_create", Method::Post, "/api/dashboard/sessions", Access::Key(Scope::Admin), Body::None),
    route("dashboard", "key_list", Method::Get, "/api/dashboard/api-keys", Access::Session, Body::None, &[]),
    secret("dashboard", "key_create", Method::Post, "/api/dashboard/api-keys", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard", "key_revoke", Method::Delete, "/api/dashboard/api-keys/{id}", Access::Session, Body::None, &[]),
    route("dashboard-analytics", "analytics_get", Method::Get, "/api/dashboard/analytics", Access::Session, Body::None, &["from", "to", "format", "of"]),
    route("dashboard-channels", "channel_list", Method::Get, "/api/dashboard/channels", Access::Session, Body::None, &[]),
    route("dashboard-channels", "channel_create", Method::Post, "/api/dashboard/channels", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-channels", "channel_update", Method::Patch, "/api/dashboard/channels/{id}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-channels", "channel_delete", Method::Delete, "/api/dashboard/channels/{id}", Access::Session, Body::None, &[]),
    route("dashboard-channels", "channel_test", Method::Post, "/api/dashboard/channels/{id}/test", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_list", Method::Get, "/api/dashboard/integrations/{connector}/jobs", Access::Session, Body::None, &["state", "limit", "cursor"]),
    route("dashboard-crm-jobs", "crm_job_get", Method::Get, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_edit", Method::Patch, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::Json(JOB_BYTES), &[]),
    route("dashboard-crm-jobs", "crm_job_retry", Method::Post, "/api/dashboard/integrations/{connector}/jobs/{id}/retry", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_job_dismiss", Method::Delete, "/api/dashboard/integrations/{connector}/jobs/{id}", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "crm_jobs_retry_failed", Method::Post, "/api/dashboard/integrations/{connector}/retry-failed", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-crm-jobs", "backfill_get", Method::Get, "/api/dashboard/integrations/{connector}/backfill", Access::Session, Body::None, &[]),
    route("dashboard-crm-jobs", "backfill_run", Method::Post, "/api/dashboard/integrations/{connector}/backfill", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-integrations", "integration_list", Method::Get, "/api/dashboard/integrations", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_get", Method::Get, "/api/dashboard/integrations/{connector}", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_schema", Method::Get, "/api/dashboard/integrations/{connector}/schema", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_put", Method::Put, "/api/dashboard/integrations/{connector}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-integrations", "integration_test", Method::Post, "/api/dashboard/integrations/{connector}/test", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-integrations", "integration_enable", Method::Post, "/api/dashboard/integrations/{connector}/enable", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_disable", Method::Post, "/api/dashboard/integrations/{connector}/disable", Access::Session, Body::None, &[]),
    route("dashboard-integrations", "integration_status", Method::Get, "/api/dashboard/integrations/{connector}/status", Access::Session, Body::None, &[]),
    route("dashboard-handoff", "handoff_get", Method::Get, "/api/dashboard/handoff", Access::Session, Body::None, &[]),
    route("dashboard-handoff", "handoff_put", Method::Put, "/api/dashboard/handoff", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "webhook_list", Method::Get, "/api/dashboard/webhooks", Access::Session, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_create", Method::Post, "/api/dashboard/webhooks", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_update", Method::Patch, "/api/dashboard/webhooks/{id}", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "webhook_delete", Method::Delete, "/api/dashboard/webhooks/{id}", Access::Session, Body::None, &[]),
    route("dashboard-webhooks", "webhook_test", Method::Post, "/api/dashboard/webhooks/{id}/test", Access::Session, Body::None, &[]),
    secret("dashboard-webhooks", "webhook_rotate_secret", Method::Post, "/api/dashboard/webhooks/{id}/rotate-secret", Access::Session, Body::Json(SETTINGS_BYTES)),
    route("dashboard-webhooks", "webhook_finish_rotation", Method::Post, "/api/dashboard/webhooks/{id}/finish-rotation", Access::Session, Body::None, &[]),
    route("dashboard-webhooks", "webhook_recover", Method::Post, "/api/dashboard/webhooks/{id}/recover", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("dashboard-webhooks", "delivery_list", Method::Get, "/api/dashboard/webhooks/{id}/deliveries", Access::Session, Body::None, &["status", "limit", "cursor"]),
    route("dashboard-webhooks", "delivery_replay", Method::Post, "/api/dashboard/deliveries/{id}/replay", Access::Session, Body::None, &[]),
    route("docs", "docs", Method::Get, "/docs", Access::Public, Body::None, &[]),
    route("download-media", "attachment_download", Method::Get, "/api/download-media", Access::Public, Body::None, &["id", "expires", "signature"]),
    route("embed-assets", "inbox_asset", Method::Get, "/embed/assets/{path}", Access::Public, Body::None, &[]),
    route("embed-api", "inbox_list", Method::Get, "/embed/api/conversations", Access::Inbox, Body::None, INBOX),
    route("embed-api", "inbox_thread", Method::Get, "/embed/api/conversation", Access::Inbox, Body::None, &["id", "before", "limit"]),
    route("embed-api", "inbox_changes", Method::Get, "/embed/api/changes", Access::Inbox, Body::None, &["after"]),
    route("embed-api", "inbox_read", Method::Post, "/embed/api/read", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-api", "inbox_note", Method::Post, "/embed/api/notes", Access::Inbox, Body::Json(SETTINGS_BYTES), &[]),
    route("embed-inbox", "inbox_page", Method::Get, "/embed/inbox", Access::Public, Body::None, &["token"]),
    route("embed-api", "inbox_templates", Method::Get, "/embed/api/templates", Access::Inbox, Body::None, &["conversation_id"]),
    route("escalate", "conversation_escalate", Method::Post, "/api-escalate", Access::Key(Scope::ConversationsWrite), Body::Json(NOTE_BYTES), &[]),
    route("gateway", "health", Method::Get, "/healthz", Access::Public, Body::None, &[]),
    route("gateway", "openapi", Method::Get, "/openapi.json", Access::Public, Body::None, &[]),
    route("messages-since", "messages_since", Method::Get, "/api-messages-since", Access::Key(Scope::MessagesRead), Body::None, MESSAGES),
    route("send-message", "message_send", Method::Post, "/api-send-message", Access::Key(Scope::MessagesWrite), Body::Json(SEND_BYTES), &[]),
    route("send-message", "inbox_send", Method::Post, "/embed/api/messages", Access::Inbox, Body::Json(SEND_BYTES), &[]),
    secret("sso-token", "sso_token_create", Method::Post, "/api-sso-generate-token", Access::Key(Scope::SsoWrite), Body::Json(SETTINGS_BYTES)),
    route("sso-token", "sso_get", Method::Get, "/api/dashboard/sso", Access::Session, Body::None, &[]),
    route("sso-token", "sso_put", Method::Put, "/api/dashboard/sso", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_rotate_key", Method::Post, "/api/dashboard/sso/rotate-key", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("sso-token", "sso_revoke", Method::Post, "/api/dashboard/sso/revoke", Access::Session, Body::Json(SETTINGS_BYTES), &[]),
    route("upload-attachment", "inbox_upload", Method::Post, "/embed/api/attachments", Access::Inbox, Body::Form(UPLOAD_BYTES), &[]),
    route("upload-attachment", "attachment_upload", Method::Post, "/api-upload-attachment", Access::Key(Scope::AttachmentsWrite), Body::Form(UPLOAD_BYTES), &[]),
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

/// What the ledger says of a method and a path.
#[derive(Debug)]
pub enum Found<'p> {
    /// This route, with what stood for its named segments.
    Route(&'static Route, Segments<'p>),
    /// The path exists, for these methods.
    WrongMethod(Vec<Method>),
    /// There is no such path.
    Nothing,
}

/// What stood for the named segments of a route's path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Segments<'p> {
    /// For `{id}` or `{path}`.
    pub id: Option<&'p str>,
    /// For `{connector}`.
    pub connector: Option<&'p str>,
}

/// Whether a path is the embedded inbox's, which no page of another origin may call: it runs in a
/// frame of ours.
#[must_use]
pub fn is_embedded(path: &str) -> bool {
    below_base(path).starts_with("/embed/")
}

/// A path without [`BASE_PATH`].
fn below_base(path: &str) -> &str {
    match path.strip_prefix(BASE_PATH) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Finds the route of a request's path, with or without [`BASE_PATH`].
#[must_use]
pub fn find<'p>(method: &str, path: &'p str) -> Found<'p> {
    let path = below_base(path);
    let mut methods = Vec::new();
    for route in ROUTES {
        let segments = match_path(route.path, path).or_else(|| webhook::below_webhook(route, path));
        if let Some(segments) = segments {
            if route.method.as_str() == method {
                return Found::Route(route, segments);
            }
            methods.push(route.method);
        }
    }
    if methods.is_empty() {
        Found::Nothing
    } else {
        Found::WrongMethod(methods)
    }
}

/// The named segments where the path fits the pattern.
fn match_path<'p>(mut pattern: &str, mut path: &'p str) -> Option<Segments<'p>> {
    let mut found = Segments::default();
    while let Some((before, rest)) = pattern.split_once('{') {
        let (name, after) = rest.split_once('}')?;
        path = path.strip_prefix(before)?;
        let end = match name {
            "path" => path.len(),
            _ => path.find('/').unwrap_or(path.len()),
        };
        let (segment, behind) = path.split_at_checked(end)?;
        if segment.is_empty() {
            return None;
        }
        match name {
            "connector" => found.connector = Some(segment),
            _ => found.id = Some(segment),
        }
        (pattern, path) = (after, behind);
    }
    (pattern == path).then_some(found)
}

/// Functions that no request from outside reaches: a queue wakes them, the cron, or another
/// function.
pub static BACKGROUND: &[&str] = &[
    "apply-customers",
    "deliver-webhooks",
    "fan-out",
    "fetch-media",
    "sync-crm",
    "verify-token",
];

/// The routes that are promised to others. Those of the embedded inbox are between its page and its
/// Workers, and may change with them.
pub fn public_routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| !is_embedded(route.path))
}

/// The functions, each once, in the ledger's order.
pub fn functions() -> impl Iterator<Item = &'static str> {
    let routed = ROUTES.iter().enumerate().filter_map(|(n, route)| {
        let first = ROUTES
            .iter()
            .take(n)
            .all(|earlier| earlier.function != route.function);
        first.then_some(route.function)
    });
    routed.chain(BACKGROUND.iter().copied())
}

/// The gateway's service binding for a function: `customers-sync` is `CUSTOMERS_SYNC`.
#[must_use]
pub fn service_binding(function: &str) -> String {
    function.replace('-', "_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> String {
        match find(method, path) {
            Found::Route(route, segments) => {
                let connector = segments.connector.map(|name| format!(" of {name}"));
                let id = segments.id;
                format!(
                    "{} {id:?}{}",
                    route.operation,
                    connector.unwrap_or_default()
                )
            }
            Found::WrongMethod(methods) => format!("{methods:?}"),
            Found::Nothing => "nothing".into(),
        }
    }

    #[test]
    fn a_route_is_found_below_the_base_and_below_the_root() {
        for base in ["", "/functions/v1"] {
            assert_eq!(
                found("GET", &format!("{base}/api-customers")),
                "customer_get None"
            );
            let key = format!("{base}/api/dashboard/api-keys/k1");
            assert_eq!(found("DELETE", &key), "key_revoke Some(\"k1\")");
        }
    }

    #[test]
    fn a_connector_and_an_id_are_told_apart() {
        let integrations = "/api/dashboard/integrations";
        for (path, expected) in [
            ("", "integration_list None"),
            ("/acme", "integration_get None of acme"),
            ("/acme/jobs/j1", "crm_job_get Some(\"j1\") of acme"),
            ("/acme/jobs/", "nothing"),
        ] {
            let path = format!("{integrations}{path}");
            assert_eq!(found("GET", &path), expected, "{path}");
        }
        let hook = found("POST", "/api/webhooks/acme");
        assert_eq!(hook, "crm_event_receive None of acme");
    }

    #[test]
    fn further_segments_and_empty_ids_are_nothing() {
        for path in [
            "/api-customers/1",
            "/api-customers/",
            "//api-customers",
            "/functions/v1",
            "/",
            "/functions/v1api-customers",
            "/api/dashboard/api-keys/",
            "/api/dashboard/api-keys/a/b",
            "/functions/v1/functions/v1/api-customers",
        ] {
            assert_eq!(found("GET", path), "nothing", "{path}");
        }
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        assert_eq!(found("PUT", "/api-customers"), "[Get, Delete]");
    }

    #[test]
    fn no_request_is_taken_for_a_call_of_another_function() {
        for path in [CALL_PATH, "/functions/v1/", "/functions/v1//", "//"] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                assert_eq!(found(method, path), "nothing", "{method} {path}");
            }
        }
    }

    #[test]
    fn no_two_rows_are_the_same_operation_or_the_same_request() {
        for (n, a) in ROUTES.iter().enumerate() {
            for b in &ROUTES[n + 1..] {
                assert_ne!(a.operation, b.operation);
                assert!(a.method != b.method || a.path != b.path, "{}", a.operation);
            }
        }
    }
}
