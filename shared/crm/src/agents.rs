//! Who the people of a business are at its CRM.

use super::sql::AGENTS_PUT;
use common::context::Context;
use common::db::{JsonArray, Statement, json_arrays};
use common::http::Error;

/// An agent, as a CRM knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// The CRM's id, by which figures know them.
    pub id: String,
    /// Their name.
    pub name: Option<String>,
    /// Their address, by which conversations may be assigned to them.
    pub email: Option<String>,
}

/// The statements that remember agents for good: figures of the past name those, too, who have left.
///
/// # Errors
/// 500 for what is no JSON.
pub fn agents_put(
    cx: &Context<'_>,
    connector: &str,
    agents: &[Agent],
) -> Result<Vec<Statement>, Error> {
    let row = |agent: &Agent| {
        let email = agent.email.as_deref().map(str::to_ascii_lowercase);
        serde_json::to_string(&(&agent.id, &agent.name, email))
    };
    let rows = agents.iter().map(row).collect::<Result<Vec<_>, _>>();
    let put = |array: JsonArray| {
        AGENTS_PUT.bind(vec![
            cx.business_id().into(),
            connector.into(),
            array.text.into(),
        ])
    };
    let rows = rows.map_err(Error::internal)?;
    Ok(json_arrays(rows).into_iter().map(put).collect())
}
