//! How many requests a caller may make. What counts them for the whole deployment is the platform's
//! limiter, which each isolate asks for ten requests at once.

use common::context::Caller;
use common::http::{Access, Error, Kind, Query, Route};
use std::borrow::Cow;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

/// Counts the requests of a caller.
pub trait RateLimiter {
    /// Whether a request that counts as so many is within the limit of this key.
    fn allow<'a>(&'a self, key: &'a str, weight: u32) -> Pin<Box<dyn Future<Output = bool> + 'a>>;
}

/// Seconds after which a caller over its limit is let through again: the whole period of the platform's
/// limiter, which does not tell how much of it is left.
pub const RATE_LIMIT_SECONDS: u32 = 60;

/// One question to the limiter stands for this many requests of a key: asking costs a call of the
/// platform, as dear locally as one of D1. The limits in the wrangler files are counted in these.
pub const REQUESTS_PER_QUESTION: u32 = 10;
/// Most keys whose requests an isolate counts; beyond it starts anew.
const MAX_KEYS: usize = 4096;

/// The requests that an isolate has seen, by key.
#[derive(Debug, Default)]
pub struct Counts(HashMap<String, Count>);

#[derive(Debug, Default)]
struct Count {
    requests: u32,
    is_over: bool,
}

impl Counts {
    /// Counts a request, and says how often the limiter is to be asked: once for every ten requests of
    /// a key, and at each one while the key is over its limit.
    pub fn questions(&mut self, key: &str, weight: u32) -> u32 {
        if self.0.len() >= MAX_KEYS {
            self.0.clear();
        }
        let count = self.0.entry(key.to_owned()).or_default();
        let before = count.requests % REQUESTS_PER_QUESTION;
        count.requests = before.saturating_add(weight);
        let due = count.requests / REQUESTS_PER_QUESTION;
        due.max(u32::from(count.is_over))
    }

    /// Takes note of the limiter's answer.
    pub fn answered(&mut self, key: &str, is_allowed: bool) {
        self.0.entry(key.to_owned()).or_default().is_over = !is_allowed;
    }
}

/// 429 for a caller over its limit.
pub(crate) async fn check(
    limiter: &dyn RateLimiter,
    route: &Route,
    query: &Query,
    caller: &Caller,
) -> Result<(), Error> {
    if matches!(route.access, Access::Public | Access::Provider) {
        return Ok(());
    }
    let weight = route.weight_of(query);
    if limiter.allow(&key_of(route.access, caller), weight).await {
        return Ok(());
    }
    Err(over(
        "This key makes too many requests. Wait a moment, then go on more slowly.",
    ))
}

/// 429, with when to come back.
#[track_caller]
pub(crate) fn over(message: &'static str) -> Error {
    Error::new(Kind::RateLimited, message).retry_after(RATE_LIMIT_SECONDS)
}

/// What a caller's requests are counted under. The dashboard is not locked by what a program does with
/// the same key, and an agent at the inbox not by the others.
fn key_of(access: Access, caller: &Caller) -> Cow<'_, str> {
    let key = caller.id();
    match access {
        Access::Session(_) => ["session ", key].concat().into(),
        Access::Inbox => {
            let agent = caller.agent.as_ref().map_or("", |agent| &agent.id);
            let customer = caller.customer_id.as_ref().map_or("", |id| id.as_str());
            ["inbox ", key, " ", agent, " ", customer].concat().into()
        }
        _ => key.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_stands_for_ten_requests_whatever_each_weighs() {
        let mut counts = Counts::default();
        let asked: u32 = (0..100).map(|_| counts.questions("a", 1)).sum();
        assert_eq!(asked, 10);
        let asked: u32 = (0..100).map(|_| counts.questions("b", 4)).sum();
        assert_eq!(asked, 40);
        assert_eq!(counts.questions("c", 25), 2);
        assert_eq!(counts.questions("c", 5), 1);
    }

    #[test]
    fn the_limiter_is_asked_at_each_request_of_a_key_that_is_over() {
        let mut counts = Counts::default();
        counts.answered("a", false);
        assert_eq!(counts.questions("a", 1), 1);
        assert_eq!((counts.questions("b", 1), counts.questions("a", 1)), (0, 1));
        counts.answered("a", true);
        assert_eq!(counts.questions("a", 1), 0);
    }
}
