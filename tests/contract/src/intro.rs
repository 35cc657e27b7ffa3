//! What stands before the operations: the document's description, and the families.

use crate::errors::{code_of, meaning};
use common::http::{Kind, Scope};
use schemars::SchemaGenerator;

/// A family of operations.
#[derive(Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What they have in common, in Markdown.
    pub description: &'static str,
    /// The functions that answer them.
    pub functions: &'static [&'static str],
}

/// The families, in the order in which they are shown.
pub static TAGS: &[Family] = &[
    Family {
        name: "Customers",
        description: include_str!("intro/customers.md"),
        functions: &[
            "customers",
            "customers-batch-lookup",
            "customers-bulk-create",
            "customers-sync",
            "apply-customers",
        ],
    },
    Family {
        name: "Conversations",
        description: include_str!("intro/conversations.md"),
        functions: &[
            "conversations",
            "conversations-by-customer",
            "customer-history",
            "conversation-notes",
            "escalate",
        ],
    },
    Family {
        name: "Messages",
        description: include_str!("intro/messages.md"),
        functions: &[
            "messages-since",
            "send-message",
            "upload-attachment",
            "download-media",
            "fetch-media",
        ],
    },
    Family {
        name: "Embedding",
        description: include_str!("intro/embedding.md"),
        functions: &[
            "sso-token",
            "verify-token",
            "embed-inbox",
            "embed-assets",
            "embed-api",
        ],
    },
    Family {
        name: "Settings",
        description: include_str!("intro/settings.md"),
        functions: &["dashboard"],
    },
    Family {
        name: "Channels",
        description: include_str!("intro/channels.md"),
        functions: &["dashboard-channels"],
    },
    Family {
        name: "Integrations",
        description: include_str!("intro/integrations.md"),
        functions: &[
            "dashboard-integrations",
            "dashboard-crm-jobs",
            "dashboard-handoff",
            "sync-crm",
        ],
    },
    Family {
        name: "Webhooks",
        description: include_str!("intro/webhooks.md"),
        functions: &["dashboard-webhooks", "fan-out", "deliver-webhooks"],
    },
    Family {
        name: "Analytics",
        description: include_str!("intro/analytics.md"),
        functions: &["dashboard-analytics"],
    },
    Family {
        name: "Receivers",
        description: include_str!("intro/receivers.md"),
        functions: &[
            "webhook-meta",
            "webhook-twilio",
            "webhook-email",
            "webhook-crm",
        ],
    },
    Family {
        name: "Service",
        description: include_str!("intro/service.md"),
        functions: &["gateway", "docs"],
    },
];

/// The family of a function.
#[must_use]
pub fn tag_of(function: &str) -> Option<&'static str> {
    TAGS.iter()
        .find(|tag| tag.functions.contains(&function))
        .map(|tag| tag.name)
}

/// The document's description, in Markdown.
#[must_use]
pub fn text() -> String {
    include_str!("intro/intro.md")
        .replace("{{scopes}}", &scopes())
        .replace("{{codes}}", &codes())
}

fn codes() -> String {
    let rows = Kind::ALL.into_iter().map(|kind| {
        format!(
            "| {} | `{}` | {} |\n",
            kind.status_and_code().0,
            code_of(kind),
            meaning(kind)
        )
    });
    format!(
        "| Status | Code | Meaning |\n| --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

fn scopes() -> String {
    let schema = SchemaGenerator::default().into_root_schema_for::<Scope>();
    let variants = schema.get("oneOf").and_then(serde_json::Value::as_array);
    let rows = variants.into_iter().flatten().map(|variant| {
        let said = |keyword| {
            variant
                .get(keyword)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
        };
        format!("| `{}` | {} |\n", said("const"), said("description"))
    });
    format!(
        "| Scope | Allows |\n| --- | --- |\n{}",
        rows.collect::<String>()
    )
}
