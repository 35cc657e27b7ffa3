//! Whether the parts of the deployment answer.

use common::Context;
use common::http::ledger::{HEALTH_PART, functions};
use common::http::{Error, Query};
use common::statements;
use serde::Serialize;
use std::collections::BTreeMap;

statements! {
    /// Whether the database answers.
    DATABASE_PING, common::db::Binding::Everywhere("reads no table"), "SELECT 1";
}

/// That the gateway answers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Live {
    /// Always `ok`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok"])))]
    pub status: &'static str,
}

/// The health of the deployment, or of a part of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// `ok`, or `degraded` if a component does not respond.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "degraded"])))]
    pub status: &'static str,
    /// The database: `ok` or `down`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "down"])))]
    pub database: &'static str,
    /// Each function of this part: `ok` or `down`.
    pub functions: BTreeMap<&'static str, &'static str>,
    /// Which part of the functions this is about, from 1.
    pub part: u32,
    /// How many parts there are. All functions respond if each part says so.
    pub parts: u32,
}

impl Health {
    /// Whether everything answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.status == "ok"
    }
}

/// How many requests it takes to ask every function.
#[must_use]
pub fn parts() -> u32 {
    u32::try_from(functions().count().div_ceil(HEALTH_PART)).unwrap_or(1)
}

/// Asks the database and the functions of a part.
///
/// # Errors
/// 422 for a part that there is not.
pub async fn health(cx: &Context<'_>, query: &Query) -> Result<Health, Error> {
    let (part, parts) = (query.number("part", 1, parts(), 1)?, parts());
    let first = HEALTH_PART * usize::try_from(part - 1).map_err(Error::internal)?;
    let health = |up: bool| if up { "ok" } else { "down" };
    let database = cx.db.rows(DATABASE_PING.bind(Vec::new())).await.is_ok();
    let mut all_up = database;
    let mut asked = BTreeMap::new();
    for function in functions().skip(first).take(HEALTH_PART) {
        let up = function == "gateway" || cx.ports.services.is_up(function).await;
        all_up &= up;
        asked.insert(function, health(up));
    }
    let status = if all_up { "ok" } else { "degraded" };
    Ok(Health {
        status,
        database: health(database),
        functions: asked,
        part,
        parts,
    })
}
