//! The endpoints of a business, by their ids or their names.

use serde::Deserialize;
use serde_json::Value;
use ureq::http::Method;

use super::read;
use crate::failure::Failure;
use crate::session::Session;
use crate::text::clean;

/// An endpoint.
#[derive(Deserialize)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
}

#[derive(Deserialize)]
struct Webhooks {
    webhooks: Vec<Webhook>,
}

/// All of them, as JSON.
pub(super) fn all_json(session: &Session) -> Result<Vec<Value>, Failure> {
    let mut answer: Value = read(session.send(Method::GET, &["webhooks"], None))?;
    match answer.get_mut("webhooks").map(Value::take) {
        Some(Value::Array(webhooks)) => Ok(webhooks),
        _ => Ok(Vec::new()),
    }
}

/// Those that are meant; all, where none is named.
pub(super) fn chosen(session: &Session, named: &[String]) -> Result<Vec<Webhook>, Failure> {
    let Webhooks { webhooks } = read(session.send(Method::GET, &["webhooks"], None))?;
    for name in named {
        let found = webhooks.iter().filter(|webhook| webhook.is(name)).count();
        if found != 1 {
            let all: Vec<_> = webhooks.iter().map(Webhook::title).collect();
            let (name, all) = (clean(name, 100), clean(&all.join(", "), 1000));
            let all = if all.is_empty() { "none" } else { &all };
            let how_many = if found == 0 {
                "no webhook"
            } else {
                "several webhooks"
            };
            return Err(Failure::usage(format!(
                "there is {how_many} {name}: there is {all}"
            )));
        }
    }
    let is_meant =
        |webhook: &Webhook| named.is_empty() || named.iter().any(|name| webhook.is(name));
    Ok(webhooks.into_iter().filter(is_meant).collect())
}

impl Webhook {
    fn is(&self, name: &str) -> bool {
        self.id == name || self.name.to_lowercase() == name.trim().to_lowercase()
    }

    fn title(&self) -> String {
        format!("{} ({})", clean(&self.name, 100), self.id)
    }
}
