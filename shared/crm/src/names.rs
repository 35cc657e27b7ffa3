//! What people and things are called at a CRM, remembered for a while: to be read again where a name is missing.

use super::{Agent, CrmClient, Failure, cache_get, cache_put_statement};
use common::db::Statement;
use common::http::Error;
use common::json::raw;

/// Somebody or something at a CRM: id, name, address.
pub type Named = [Option<String>; 3];

/// Somebody as figures know them; `None` for whoever has no id.
#[must_use]
pub fn agent_of([id, name, email]: &Named) -> Option<Agent> {
    Some(Agent {
        id: id.clone()?,
        name: name.clone(),
        email: email.clone(),
    })
}

impl CrmClient<'_> {
    /// What is remembered of a kind; `None` where that has to be read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn names(&self, what: &str) -> Result<Option<Vec<Named>>, Failure> {
        let known = cache_get(self.cx, &self.integration.connector, what).await?;
        Ok(known.map(|known| read(&known)))
    }

    /// The statement that remembers what there is of a kind, for so many microseconds.
    ///
    /// # Errors
    /// 500 for what is no JSON.
    pub fn names_put(
        &self,
        what: &str,
        names: &[Named],
        micros: i64,
    ) -> Result<Statement, Failure> {
        let json = serde_json::to_string(names).map_err(Error::internal)?;
        let connector = &self.integration.connector;
        Ok(cache_put_statement(self.cx, connector, what, &json, micros))
    }
}

fn read(known: &str) -> Vec<Named> {
    let row = |row: &str| {
        let mut texts = raw::items(row).into_iter().map(raw::text);
        let mut next = || texts.next().flatten();
        [next(), next(), next()]
    };
    raw::items(known).into_iter().map(row).collect()
}
