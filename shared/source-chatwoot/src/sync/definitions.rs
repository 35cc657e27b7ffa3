//! What an account calls the attributes that are written at its contacts: without a definition, its pages show none.

use super::SyncContext;
use super::account::Account;
use crate::api::definition;
use common::json::raw;
use common::json::tolerant::text;
use common::time::DAY;
use crm::{Failure, Named};

/// How long it is remembered that attributes are defined, or cannot be.
const DEFINED_MICROS: i64 = 7 * DAY;

impl SyncContext<'_> {
    /// Defines the attributes that the account lacks, once. Without an administrator's token they are written
    /// undefined.
    pub(super) async fn define(&self, account: &Account, keys: &[String]) -> Result<(), Failure> {
        let what = ["attributes:", account.id.as_str()].concat();
        let mut known = self.client.names(&what).await?.unwrap_or_default();
        let is_known = |known: &[Named], key: &str| {
            let mut all = known.iter();
            all.any(|[one, ..]| one.as_deref() == Some(key))
        };
        if keys.iter().all(|key| is_known(&known, key)) {
            return Ok(());
        }
        let there = self.defined(account).await?;
        for key in keys {
            if is_known(&known, key) {
                continue;
            }
            if !there.contains(key) {
                self.define_one(account, key).await?;
            }
            known.push([Some(key.clone()), None, None]);
        }
        let put = self.client.names_put(&what, &known, DEFINED_MICROS)?;
        self.client.batch(vec![put]).await?;
        Ok(())
    }

    /// The keys of the attributes that are defined.
    async fn defined(&self, account: &Account) -> Result<Vec<String>, Failure> {
        let asked = self.ask(account, "attributes", account.api.definitions());
        let listed = match asked.await {
            Err(Failure::Forbidden { .. } | Failure::NotFound) => return Ok(Vec::new()),
            listed => listed?,
        };
        let key = |one: &str| text(&raw::part(one), "attribute_key");
        Ok(raw::items(&listed).into_iter().filter_map(key).collect())
    }

    async fn define_one(&self, account: &Account, key: &str) -> Result<(), Failure> {
        let request = account
            .api
            .definition_create(definition(key, &shown_name(key)));
        match self.ask(account, "define attribute", request).await {
            Err(Failure::Forbidden { .. } | Failure::NotFound) => {
                let message = format!(
                    "The attribute `{key}` of contacts is not defined in Chatwoot, and the token's user may not \
                     define it: an administrator may, or replace the token."
                );
                self.client
                    .trouble("undefined_attribute", account.id.as_str(), &message)
                    .await
            }
            // Another was as quick.
            Err(Failure::Invalid { .. }) => Ok(()),
            defined => defined.map(|_| ()),
        }
    }
}

/// What people read: `Crm ids`.
fn shown_name(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_shown_by_its_words() {
        assert_eq!(shown_name("example_person_id"), "Example person id");
        assert_eq!(shown_name("crm_ids"), "Crm ids");
    }
}
