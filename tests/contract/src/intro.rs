//! What stands before the operations: the document's description, and the families.

use crate::entry::Entry;
use crate::errors::{code_of, meaning};
use crate::operations;
use common::http::{Kind, Scope};
use schemars::SchemaGenerator;

/// A family of operations.
#[derive(Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What they have in common, in Markdown.
    pub description: &'static str,
    /// The operations.
    pub entries: &'static [Entry],
}

/// The families, in the order in which they are shown.
pub static TAGS: &[Family] = &[
    Family {
        name: "Customers",
        description: include_str!("intro/customers.md"),
        entries: operations::customers::ENTRIES,
    },
    Family {
        name: "Conversations",
        description: include_str!("intro/conversations.md"),
        entries: operations::conversations::ENTRIES,
    },
    Family {
        name: "Messages",
        description: include_str!("intro/messages.md"),
        entries: operations::messages::ENTRIES,
    },
    Family {
        name: "Knowledge",
        description: include_str!("intro/knowledge.md"),
        entries: operations::knowledge::ENTRIES,
    },
    Family {
        name: "Embedding",
        description: include_str!("intro/embedding.md"),
        entries: operations::embedding::ENTRIES,
    },
    Family {
        name: "People",
        description: include_str!("intro/people.md"),
        entries: operations::people::ENTRIES,
    },
    Family {
        name: "Sign-in",
        description: include_str!("intro/sign_in.md"),
        entries: operations::sign_in::ENTRIES,
    },
    Family {
        name: "Settings",
        description: include_str!("intro/settings.md"),
        entries: operations::settings::ENTRIES,
    },
    Family {
        name: "Channels",
        description: include_str!("intro/channels.md"),
        entries: operations::channels::ENTRIES,
    },
    Family {
        name: "Integrations",
        description: include_str!("intro/integrations.md"),
        entries: operations::integrations::ENTRIES,
    },
    Family {
        name: "CRM links",
        description: include_str!("intro/crm-links.md"),
        entries: operations::crm_links::ENTRIES,
    },
    Family {
        name: "Webhooks",
        description: include_str!("intro/webhooks.md"),
        entries: operations::webhooks::ENTRIES,
    },
    Family {
        name: "Alerts",
        description: include_str!("intro/alerts.md"),
        entries: operations::alerts::ENTRIES,
    },
    Family {
        name: "Analytics",
        description: include_str!("intro/analytics.md"),
        entries: operations::analytics::ENTRIES,
    },
    Family {
        name: "Operator",
        description: include_str!("intro/operator.md"),
        entries: operations::operator::ENTRIES,
    },
    Family {
        name: "Receivers",
        description: include_str!("intro/receivers.md"),
        entries: operations::receivers::ENTRIES,
    },
    Family {
        name: "Service",
        description: include_str!("intro/service.md"),
        entries: operations::service::ENTRIES,
    },
];

/// The family of an operation.
#[must_use]
pub fn tag_of(operation: &str) -> Option<&'static str> {
    TAGS.iter()
        .find(|tag| tag.entries.iter().any(|entry| entry.operation == operation))
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
