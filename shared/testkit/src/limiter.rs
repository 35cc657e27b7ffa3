//! The platform's limiter, as one isolate asks it.

use crate::Stack;
use common::time::{SECOND, Timestamp};
use serve::{Counts, RATE_LIMIT_SECONDS, RateLimiter};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, ready};
use std::pin::Pin;

/// What is left, and what was counted. Without a limit a test may ask as much as it likes.
#[derive(Default)]
pub(crate) struct Limiter {
    requests: Cell<Option<u32>>,
    questions: Cell<Option<u32>>,
    counts: RefCell<Counts>,
    /// By key: the period that runs, and the questions in it.
    periods: RefCell<HashMap<String, (i64, u32)>>,
}

impl Limiter {
    fn allow(&self, key: &str, weight: u32, now: Timestamp) -> bool {
        if let Some(left) = self.requests.get() {
            self.requests.set(Some(left.saturating_sub(1)));
            return left > 0;
        }
        let Some(limit) = self.questions.get() else {
            return true;
        };
        let questions = self.counts.borrow_mut().questions(key, weight);
        if questions == 0 {
            return true;
        }
        let is_allowed = (0..questions).all(|_| self.ask(key, limit, now));
        self.counts.borrow_mut().answered(key, is_allowed);
        is_allowed
    }

    fn ask(&self, key: &str, limit: u32, now: Timestamp) -> bool {
        let period = now.micros() / (i64::from(RATE_LIMIT_SECONDS) * SECOND);
        let mut periods = self.periods.borrow_mut();
        let (running, asked) = periods.entry(key.to_owned()).or_default();
        if *running != period {
            (*running, *asked) = (period, 0);
        }
        *asked += 1;
        *asked <= limit
    }
}

impl Stack {
    /// Allows this many more requests of callers that are counted, and then none.
    pub fn limit_requests(&self, requests: u32) {
        self.limiter.requests.set(Some(requests));
    }

    /// Counts as a deployment does: so many questions a minute for each key, one for ten requests.
    pub fn limit_by_minute(&self, questions: u32) {
        self.limiter.requests.set(None);
        self.limiter.questions.set(Some(questions));
    }
}

impl RateLimiter for Stack {
    fn allow<'a>(&'a self, key: &'a str, weight: u32) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(ready(self.limiter.allow(key, weight, self.now())))
    }
}
