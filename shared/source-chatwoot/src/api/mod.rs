//! Chatwoot's API for agents' tokens (chatwoot.md §3): addresses, requests, bodies, and what an answer
//! means.

mod base;
mod bodies;
mod failed;
mod form;
mod requests;
mod setup;

pub use base::Base;
pub use bodies::{
    EVENTS, NewMessage, assignment, contact_attributes, dashboard_app, definition, labels,
    priority, status, webhook,
};
pub use failed::{Failed, answer};
pub use form::{File, form};
pub use setup::{DashboardApp, Member, Webhook, inbox_labels};

use channels::Credentials;
use common::json::Fields;

/// An account of Chatwoot's, and the token that speaks there.
#[derive(Clone, PartialEq, Eq)]
pub struct Api {
    /// The server, without a slash at the end (see [`Base`]).
    root: String,
    account_id: String,
    token: String,
}

impl Api {
    /// The account's, by its settings `base_url` and `account_id`.
    #[must_use]
    pub fn of(settings: &Fields<String>, credentials: &Credentials) -> Self {
        let setting = |name: &str| settings.get(name).map(String::as_str).unwrap_or_default();
        Self {
            root: setting("base_url").trim_end_matches('/').to_owned(),
            account_id: setting("account_id").to_owned(),
            token: credentials.access_token.clone().unwrap_or_default(),
        }
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            root, account_id, ..
        } = self;
        write!(f, "Api({root}#{account_id})")
    }
}

#[cfg(test)]
mod tests;
