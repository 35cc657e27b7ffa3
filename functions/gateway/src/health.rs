//! Whether the parts of the deployment answer.

use common::Context;
use common::http::ledger::functions;
use common::statements;
use serde::Serialize;
use std::collections::BTreeMap;

statements! {
    /// Whether the database answers.
    DATABASE_PING, common::db::Binding::Everywhere("reads no table"), "SELECT 1";
}

/// The health of the deployment.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// `ok`, or `degraded` if a component does not respond.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "degraded"])))]
    pub status: &'static str,
    /// The database: `ok` or `down`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "down"])))]
    pub database: &'static str,
    /// Each function: `ok` or `down`.
    pub functions: BTreeMap<&'static str, &'static str>,
}

impl Health {
    /// Whether everything answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.status == "ok"
    }
}

/// Asks the database and every function.
pub async fn health(cx: &Context<'_>) -> Health {
    let health = |up: bool| if up { "ok" } else { "down" };
    let database = cx.db.rows(DATABASE_PING.bind(Vec::new())).await.is_ok();
    let mut all_up = database;
    let mut parts = BTreeMap::new();
    for function in functions() {
        let up = function == "gateway" || cx.ports.services.is_up(function).await;
        all_up &= up;
        parts.insert(function, health(up));
    }
    let status = if all_up { "ok" } else { "degraded" };
    Health {
        status,
        database: health(database),
        functions: parts,
    }
}
