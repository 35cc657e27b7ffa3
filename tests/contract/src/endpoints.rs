//! The list of endpoints among the documents.

use crate::intro::TAGS;
use crate::{Generated, Result};
use common::http::Access;
use common::http::ledger::public_routes;
use std::fmt::Write;

/// `docs/endpoints.md`: a table for each family.
///
/// # Errors
/// None in practice: a text takes all that is written to it.
pub(crate) fn file() -> Result<Generated> {
    let mut text = "# Endpoints\n\n\
         Written by `scripts/generate`. Each is described at `/docs`, with an example call. Paths are \
         below `/functions/v1`, and are served without the prefix, too.\n"
        .to_owned();
    for tag in TAGS {
        write!(
            text,
            "\n## {}\n\n| Endpoint | What it does | Who calls it |\n|---|---|---|\n",
            tag.name
        )?;
        for entry in tag.entries {
            let route = public_routes().find(|route| route.operation == entry.operation);
            let route = route.ok_or_else(|| format!("{} has no row", entry.operation))?;
            let (method, path, summary) = (route.method, route.path, entry.summary);
            let caller = caller(route.access);
            writeln!(text, "| `{method} {path}` | {summary} | {caller} |")?;
        }
    }
    Ok(Generated {
        path: "docs/endpoints.md",
        text,
    })
}

fn caller(access: Access) -> String {
    match access {
        Access::Public => "anyone".to_owned(),
        Access::Key(scope) => format!("a key with `{}`", scope.name()),
        Access::Session(role) => format!("a session, `{role}`"),
        Access::Platform => "the platform token".to_owned(),
        Access::Inbox => "the inbox".to_owned(),
        Access::Provider => "the provider, signed".to_owned(),
    }
}
