//! What is stored of a connection already, so that nothing is stored twice.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::Words;
use crate::failure::Failure;
use crate::session::{Session, refusal};
use crate::world::World;

#[derive(Deserialize)]
struct Shown {
    integration: Map<String, Value>,
}

/// A connection's settings as the server shows them: never a secret.
#[derive(Default)]
pub(super) struct Stored(pub(super) Map<String, Value>);

impl Stored {
    /// All of it is null where nothing was ever set.
    pub(super) fn read(words: &Words, session: &Session) -> Result<Self, Failure> {
        let path = ["integrations", words.name];
        let answer = session.send(Method::GET, &path, None);
        let answer = answer.map_err(|error| refusal(&error))?;
        let shown: Shown = answer.json().map_err(|error| refusal(&error))?;
        Ok(Self(shown.integration))
    }

    /// A text, such as `subdomain`.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// What stands at a path of objects, such as `features`, `auto_assignment`.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let mut found = self.0.get(*first)?;
        for name in rest {
            found = found.get(*name)?;
        }
        Some(found)
    }

    /// Whether there is such a secret, of the business or of the deployment.
    pub(super) fn has_secret(&self, name: &str) -> bool {
        self.at(&["credentials", name, "set"]) == Some(&json!(true))
    }

    /// What of a change is one; secrets always are, since nobody can tell.
    pub(super) fn changed(&self, change: &Map<String, Value>) -> Map<String, Value> {
        changed(&self.0, change)
    }

    /// Stores what differs, and says whether anything did.
    pub(super) fn put(
        &self,
        words: &Words,
        change: &Map<String, Value>,
        session: &Session,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let change = self.changed(change);
        if change.is_empty() {
            world.say("The settings are as they should be: nothing is stored anew.");
            return Ok(());
        }
        let body = Value::Object(change).to_string();
        let path = ["integrations", words.name];
        let put = session.send(Method::PUT, &path, Some(body.as_bytes()));
        put.map_err(|error| refusal(&error).with_context("Nothing was stored."))?;
        world.say("The settings are stored.");
        Ok(())
    }
}

/// Settings that are objects and are set as a whole.
const WHOLE: [&str; 2] = ["field_mapping", "lead_source_by_channel"];

fn changed(stored: &Map<String, Value>, change: &Map<String, Value>) -> Map<String, Value> {
    let is_stored = |name: &String, value: &Value| match (stored.get(name), value) {
        _ if name == "credentials" => false,
        (Some(Value::Object(old)), Value::Object(new)) if !WHOLE.contains(&name.as_str()) => {
            new.iter().all(|(name, value)| old.get(name) == Some(value))
        }
        (old, new) => old == Some(new),
    };
    let changes = change
        .iter()
        .filter(|(name, value)| !is_stored(name, value));
    changes
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_no_change_and_secrets_always_are() {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let stored = Stored(map(
            json!({"subdomain": "acme", "features": {"a": true, "b": false},
            "field_mapping": {"x": "y"}, "credentials": {"api_key": {"set": true}}}),
        ));
        let change = json!({"subdomain": "acme", "features": {"a": true, "b": true},
            "credentials": {"api_key": "k"}, "debug": false});
        let left = json!({"features": {"a": true, "b": true}, "credentials": {"api_key": "k"}, "debug": false});
        assert_eq!(Value::Object(stored.changed(&map(change))), left);
        let same = json!({"subdomain": "acme", "features": {"b": false}});
        assert!(stored.changed(&map(same)).is_empty());
        // Set as a whole, it would lose what is left out.
        let emptied = map(json!({"field_mapping": {}}));
        assert_eq!(stored.changed(&emptied), emptied);
        assert!(stored.has_secret("api_key") && !stored.has_secret("webhook_secret"));
    }
}
