//! Businesses, sessions and keys.

use crate::entry::{Entry, Shape, created, deleted, json, ok};
use common::http::Kind;
use dashboard::audit::AuditPage;
use dashboard::business::{CreatedBusiness, NewBusiness};
use dashboard::keys::{CreatedKey, KeyList, KeyRequest};
use dashboard::parked::ParkedDeliveryList;
use dashboard::quotas::{QuotaChange, QuotaReport};
use dashboard::sessions::{CreatedSession, SessionList};
use reseal_secrets::reseal::{ResealRequest, Resealed};
use retention::settings::{RetentionAnswer, RetentionPatch};
use retention::storage::StorageReport;
use suggest_reply::request::ReplyRequest;
use suggest_reply::settings::ReplyAnswer;

const RETENTION: Shape = json::<RetentionAnswer>(
    "retention",
    "Deliveries for three months",
    include_str!("../examples/retention.json"),
);

const REPLIES: Shape = json::<ReplyAnswer>(
    "replies",
    "A server of OpenAI's",
    include_str!("../examples/replies.json"),
);

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "business_create",
        summary: "Create a business",
        description: "Creates a business with its first two keys. They are shown only in this \
                      response.",
        sample_target: "",
        request: Some(json::<NewBusiness>(
            "business",
            "A business in Ireland",
            include_str!("../examples/business.request.json"),
        )),
        answers: &[created(
            "The business and its keys.",
            &[json::<CreatedBusiness>(
                "created",
                "Created",
                include_str!("../examples/business.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "parked_list",
        summary: "List parked deliveries that failed",
        description: "Lists deliveries of providers that were acknowledged while the database was \
                      down and have failed since, for the whole deployment. Each is tried once a \
                      minute, 20 times; then it is `dead`, and its bytes stay in KV.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of parked deliveries.",
            &[json::<ParkedDeliveryList>(
                "parked",
                "One that was given up",
                include_str!("../examples/parked_list.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "audit_list",
        summary: "List what was changed",
        description: "Lists what people and keys changed in the last year, newest first: settings, keys, \
                      sessions, channels, webhooks, integrations, erasures and replays. It names the \
                      fields that were set, not their values.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of changes.",
            &[json::<AuditPage>(
                "audit",
                "A new address of an endpoint",
                include_str!("../examples/audit_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "quotas_get",
        summary: "Read quotas and usage",
        description: "Tells how much of each thing the business may have, and has.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The quotas.",
            &[json::<QuotaReport>(
                "quotas",
                "A business within its quotas",
                include_str!("../examples/quotas.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "quotas_put",
        summary: "Set a business's quotas",
        description: "Sets how much a business may have: absent keeps, null is the default again. What it \
                      has beyond that stays.",
        sample_target: "",
        request: Some(json::<QuotaChange>(
            "quotas",
            "Fewer accounts, more messages",
            include_str!("../examples/quotas.request.json"),
        )),
        answers: &[ok(
            "The quotas that hold.",
            &[json::<QuotaReport>(
                "quotas",
                "What holds",
                include_str!("../examples/quotas.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "There is no such business.")],
    },
    Entry {
        operation: "secrets_reseal",
        summary: "Reseal stored secrets",
        description: "Reseals a slice of the stored secrets of the deployment under the first key \
                      of `MASTER_KEYS`. `scripts/tieline keys reseal` calls it until `has_more` is \
                      false.",
        sample_target: "",
        request: Some(json::<ResealRequest>(
            "slice",
            "A slice",
            include_str!("../examples/reseal.request.json"),
        )),
        answers: &[ok(
            "What was resealed, and what is left.",
            &[json::<Resealed>(
                "resealed",
                "A slice",
                include_str!("../examples/reseal.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "storage_get",
        summary: "Read how full the database is",
        description: "The size of the deployment's database and how much of its limit that is. At 70 % the \
                      log of `retention` warns, too.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The size of the database.",
            &[json::<StorageReport>(
                "storage",
                "A third of 10 GB",
                include_str!("../examples/storage.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "retention_get",
        summary: "Read the retention settings",
        description: "How many days the business keeps what is no conversation: the bodies of events that \
                      were delivered everywhere, deliveries with their attempts, and uploads that no \
                      message carries.",
        sample_target: "",
        request: None,
        answers: &[ok("The settings.", &[RETENTION])],
        errors: &[],
    },
    Entry {
        operation: "retention_put",
        summary: "Change the retention settings",
        description: "Changes what the request names. What is absent stays; null restores the default. A \
                      sweep goes by it from the next minute on.",
        sample_target: "",
        request: Some(json::<RetentionPatch>(
            "longer",
            "Deliveries for three months",
            include_str!("../examples/retention.request.json"),
        )),
        answers: &[ok("The settings as they now are.", &[RETENTION])],
        errors: &[],
    },
    Entry {
        operation: "reply_settings_get",
        summary: "Read who writes drafts",
        description: "Which server drafts replies for the business; null where none does. The key is \
                      shown as `***`.",
        sample_target: "",
        request: None,
        answers: &[ok("What is set.", &[REPLIES])],
        errors: &[],
    },
    Entry {
        operation: "reply_settings_put",
        summary: "Set who writes drafts",
        description: "Sets the OpenAI-compatible server that drafts replies, all of it at once: \
                      OpenAI, Workers AI, Ollama or any other with `/chat/completions`. What customers \
                      write and what is known of them is sent there when somebody asks for a draft, and on the \
                      channels of `auto_reply` for each message that is replied to without an agent. An \
                      `api_key` that is absent or `***` stays, for the same `base_url`.",
        sample_target: "",
        request: Some(json::<ReplyRequest>(
            "openai",
            "A server of OpenAI's",
            include_str!("../examples/replies.request.json"),
        )),
        answers: &[ok("What is set now.", &[REPLIES])],
        errors: &[(
            Kind::UnsafeUrl,
            "`base_url` is not https, or does not lead to a public host.",
        )],
    },
    Entry {
        operation: "reply_settings_delete",
        summary: "Stop writing drafts",
        description: "Forgets the server and its key. Nobody drafts replies until another is set.",
        sample_target: "",
        request: None,
        answers: &[deleted("Nobody writes drafts any more.")],
        errors: &[],
    },
    Entry {
        operation: "session_create",
        summary: "Open a session",
        description: "Exchanges an admin key for a session token, which opens the other settings. \
                      It expires after 12 hours, and ends with the key that opened it. Send no \
                      body.",
        sample_target: "",
        request: None,
        answers: &[created(
            "The session. Its token is shown this once.",
            &[json::<CreatedSession>(
                "opened",
                "Opened",
                include_str!("../examples/session.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "session_list",
        summary: "List sessions",
        description: "Lists the sessions of the business that go on, the newest first, at most \
                      100. `current` marks the one that asks.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The sessions.",
            &[json::<SessionList>(
                "sessions",
                "Two sessions",
                include_str!("../examples/session_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "session_end",
        summary: "End a session",
        description: "Ends a session of the business, at once. With `current` for the id it signs \
                      the caller out.",
        sample_target: "$SESSION_ID",
        request: None,
        answers: &[deleted("The session is over.")],
        errors: &[(Kind::NotFound, "The business has no such session.")],
    },
    Entry {
        operation: "key_list",
        summary: "List API keys",
        description: "Lists every key of the business, including revoked and expired ones, oldest \
                      first, without their secrets.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The keys.",
            &[json::<KeyList>(
                "keys",
                "Two keys",
                include_str!("../examples/key_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "key_create",
        summary: "Create an API key",
        description: "Creates a key with the given scopes. The key is shown only in this \
                      response: we store a hash of it.",
        sample_target: "",
        request: Some(json::<KeyRequest>(
            "key",
            "A key that reads customers",
            include_str!("../examples/key.request.json"),
        )),
        answers: &[created(
            "The key, with its secret.",
            &[json::<CreatedKey>(
                "created",
                "Created",
                include_str!("../examples/key.json"),
            )],
        )],
        errors: &[(Kind::QuotaExceeded, "The quota is used up.")],
    },
    Entry {
        operation: "key_revoke",
        summary: "Revoke an API key",
        description: "Revokes a key and, for an admin key, the sessions that it opened. It stops \
                      working everywhere within 60 seconds. A revoked key cannot be restored.",
        sample_target: "$KEY_ID",
        request: None,
        answers: &[deleted("The key is revoked.")],
        errors: &[(Kind::NotFound, "The business has no such key.")],
    },
];
