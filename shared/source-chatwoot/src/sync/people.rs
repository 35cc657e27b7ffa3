//! The agents of an account. Webhooks name them without their addresses.

use super::SyncContext;
use super::account::Account;
use common::json::raw;
use common::json::tolerant::text;
use common::time::SECOND;
use crm::{Failure, Named, agent_of, agents_put};

/// How long agents are remembered.
const NAMES_MICROS: i64 = 3600 * SECOND;

impl SyncContext<'_> {
    /// The address of an agent.
    pub(super) async fn agent_address(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<Option<String>, Failure> {
        let is_it = |agent: &Named| agent.first().and_then(Option::as_deref) == Some(id);
        let found = self.agent(account, is_it).await?;
        Ok(found.and_then(|[_, name, email]| email.or(name)))
    }

    /// The id of the agent with this address or name.
    pub(super) async fn agent_id(
        &self,
        account: &Account,
        assignee: &str,
    ) -> Result<Option<u64>, Failure> {
        let is_it = |agent: &Named| {
            let mut known = agent.iter().skip(1).flatten();
            known.any(|known| known.eq_ignore_ascii_case(assignee))
        };
        let found = self.agent(account, is_it).await?;
        Ok(found.and_then(|[id, ..]| id?.parse().ok()))
    }

    /// An agent; they are read anew where none fits.
    async fn agent(
        &self,
        account: &Account,
        is_it: impl Fn(&Named) -> bool,
    ) -> Result<Option<Named>, Failure> {
        for anew in [false, true] {
            let agents = self.agents(account, anew).await?;
            if let Some(found) = agents.into_iter().find(|agent| is_it(agent)) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn agents(&self, account: &Account, anew: bool) -> Result<Vec<Named>, Failure> {
        let what = ["agents:", account.id.as_str()].concat();
        if !anew && let Some(known) = self.client.names(&what).await? {
            return Ok(known);
        }
        let read = self.ask(account, "agents", account.api.agents()).await?;
        let named = |json: &str| {
            let agent = raw::part(json);
            let email = text(&agent, "email").map(|email| email.to_lowercase());
            [text(&agent, "id"), text(&agent, "name"), email]
        };
        let agents: Vec<_> = raw::items(&read).into_iter().map(named).collect();
        let mut statements = vec![self.client.names_put(&what, &agents, NAMES_MICROS)?];
        let known: Vec<_> = agents.iter().filter_map(agent_of).collect();
        let connector = &self.client.integration.connector;
        statements.extend(agents_put(self.cx, connector, &known)?);
        self.client.batch(statements).await?;
        Ok(agents)
    }
}
