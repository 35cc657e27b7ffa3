//! How much of something each sender may cause in a second.

use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};
use std::collections::HashMap;

/// Most senders that are counted; beyond them counting begins anew.
const MAX_SENDERS: usize = 4096;

/// What senders spent in the second that is now.
#[derive(Debug)]
pub(crate) struct Quota {
    max: u32,
    second: i64,
    spent: HashMap<String, u32>,
}

impl Quota {
    /// At most `max` a second for each sender.
    pub(crate) fn new(max: u32) -> Self {
        Self {
            max,
            second: 0,
            spent: HashMap::new(),
        }
    }

    /// Whether a sender has anything left in this second.
    ///
    /// # Errors
    /// 429 where not.
    pub(crate) fn check(&self, sender: &str, now: Timestamp) -> Result<(), Error> {
        let is_now = self.second == now.micros() / SECOND;
        let spent = self.spent.get(sender).filter(|_| is_now);
        if spent.is_none_or(|spent| *spent < self.max) {
            return Ok(());
        }
        let message = "Too many deliveries from this address have no valid signature.";
        Err(Error::new(Kind::RateLimited, message).retry_after(1))
    }

    /// Counts what a sender caused.
    pub(crate) fn spend(&mut self, sender: &str, now: Timestamp, amount: u32) {
        let second = now.micros() / SECOND;
        if self.second != second || self.spent.len() >= MAX_SENDERS {
            self.spent.clear();
            self.second = second;
        }
        let spent = self.spent.entry(sender.to_owned()).or_default();
        *spent = spent.saturating_add(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_heard_again_in_the_next_second_and_holds_up_nobody_else() {
        let at = |millis: i64| Timestamp::from_micros(millis * 1000);
        let mut quota = Quota::new(2);
        quota.spend("a", at(1000), 1);
        assert!(quota.check("a", at(1500)).is_ok());
        quota.spend("a", at(1500), 5);
        assert!(quota.check("a", at(1999)).is_err() && quota.check("b", at(1999)).is_ok());
        assert!(quota.check("a", at(2000)).is_ok());
        quota.spend("a", at(2000), 1);
        assert!(quota.check("a", at(2000)).is_ok());
    }
}
