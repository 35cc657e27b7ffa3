//! What a handler and the domains work with: the database, the time, the ids, who calls.

use crate::db::Database;
use crate::http::{Error, Kind, Scope, Scopes};
use crate::ids::{Entropy, Ids};
use crate::time::Timestamp;
use std::future::Future;
use std::pin::Pin;

/// What a handler works with.
pub struct Context<'a> {
    /// The database.
    pub db: &'a dyn Database,
    /// The time of the request, the same throughout.
    pub now: Timestamp,
    /// Ids for what the request makes.
    pub ids: Ids,
    /// The source of randomness.
    pub entropy: Entropy,
    /// The functions that this one is bound to.
    pub services: &'a dyn Services,
    /// Who calls.
    pub caller: Caller,
}

impl Context<'_> {
    /// The caller's business, to which every statement is bound.
    #[must_use]
    pub fn business_id(&self) -> &str {
        &self.caller.business_id
    }
}

/// Who calls: a business, by one of its keys.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The business; empty for the platform itself.
    pub business_id: String,
    /// The key, or the key that opened the session.
    pub key_id: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The business's region for national phone numbers.
    pub default_region: String,
}

impl Caller {
    /// Refuses a caller without the scope.
    ///
    /// # Errors
    /// 403 that names the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.allow(scope) {
            return Ok(());
        }
        let message = format!("This key does not have the scope `{scope}`.");
        Err(Error::new(Kind::InsufficientScope, message).with_detail("x-api-key", scope.name()))
    }
}

/// The other functions of the deployment.
pub trait Services {
    /// Whether a function answers.
    fn is_up<'a>(&'a self, function: &'a str) -> Pin<Box<dyn Future<Output = bool> + 'a>>;
}

/// For a function that is bound to none.
pub struct NoServices;

impl Services for NoServices {
    fn is_up<'a>(&'a self, _: &'a str) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(std::future::ready(false))
    }
}
