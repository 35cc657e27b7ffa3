//! How much of something each sender may cause in a second.

use crate::http::{Error, Kind};
use crate::time::{SECOND, Timestamp};

/// Most senders that are counted; beyond them the one that came first is forgotten.
const MAX_SENDERS: usize = 4096;

/// How long after its beginning a request may tell what it cost.
const LATE_SECONDS: i64 = 60;

/// What senders spent in the second that is now.
#[derive(Debug)]
pub struct SenderQuota {
    max: u32,
    second: i64,
    /// By sender. A list is searched faster than a request is parsed, and costs no function a map's code.
    spent: Vec<(String, u32)>,
    /// Where in `spent` the next sender goes once it is full: in the place of the one that came first.
    oldest: usize,
}

impl SenderQuota {
    /// At most `max` a second for each sender.
    #[must_use]
    pub fn new(max: u32) -> Self {
        Self {
            max,
            second: 0,
            spent: Vec::new(),
            oldest: 0,
        }
    }

    /// Whether a sender has anything left in this second.
    ///
    /// # Errors
    /// 429 where not.
    pub fn check(&self, sender: &str, now: Timestamp) -> Result<(), Error> {
        let is_now = !self.is_past(now.micros() / SECOND);
        let mut spent = self.spent.iter().filter(|_| is_now);
        let spent = spent.find(|(name, _)| name == sender);
        if spent.is_none_or(|(_, spent)| *spent < self.max) {
            return Ok(());
        }
        let message = "Too many requests from this address were refused. Wait a moment.";
        Err(Error::new(Kind::RateLimited, message).retry_after(1))
    }

    /// Whether what is counted was before this second. What a request tells late, of a moment before, counts
    /// as well.
    fn is_past(&self, second: i64) -> bool {
        !(0..=LATE_SECONDS).contains(&(self.second - second))
    }

    /// Counts what a sender caused.
    pub fn spend(&mut self, sender: &str, now: Timestamp, amount: u32) {
        let second = now.micros() / SECOND;
        if self.is_past(second) {
            self.spent.clear();
            (self.second, self.oldest) = (second, 0);
        }
        let spent = self.spent.iter_mut().find(|(name, _)| name == sender);
        if let Some((_, spent)) = spent {
            *spent = spent.saturating_add(amount);
            return;
        }
        let new = (sender.to_owned(), amount);
        if self.spent.len() < MAX_SENDERS {
            self.spent.push(new);
        } else if let Some(place) = self.spent.get_mut(self.oldest) {
            *place = new;
            self.oldest = (self.oldest + 1) % MAX_SENDERS;
        }
    }
}

/// What a sender's address is counted under: one of IPv6 with its network, since a sender has all of a /64. The
/// platform writes addresses in their shortest form; the standard library's parser of all others is a kilobyte of
/// WASM in each receiver.
#[must_use]
pub fn network_of(address: &str) -> String {
    if !address.contains(':') || address.contains('.') {
        return address.to_owned();
    }
    let (head, tail) = address.split_once("::").unwrap_or((address, ""));
    let groups = |text: &str| text.split(':').filter(|group| !group.is_empty()).count();
    let zeros = 8_usize.saturating_sub(groups(head) + groups(tail));
    let whole = [head, &":0".repeat(zeros), ":", tail].concat();
    let network: Vec<&str> = whole
        .split(':')
        .filter(|group| !group.is_empty())
        .take(4)
        .collect();
    network.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_sender() {
        assert_eq!(
            network_of("2001:db8:1:2::3"),
            network_of("2001:db8:1:2:ffff::9")
        );
        assert_ne!(network_of("2001:db8:1:2::3"), network_of("2001:db8:1:3::3"));
        for short in [
            "2001:db8::",
            "2001:db8::3",
            "2001:db8:0:0:1::3",
            "2001:db8::1:2:3:4",
        ] {
            assert_eq!(network_of(short), "2001:db8:0:0", "{short}");
        }
        assert_eq!(network_of("::1"), "0:0:0:0");
        for whole in ["192.0.2.7", "::ffff:192.0.2.7", "", "unknown"] {
            assert_eq!(network_of(whole), whole);
        }
    }

    #[test]
    fn many_senders_make_it_forget_the_first_ones_and_not_all() {
        let now = Timestamp::from_micros(0);
        let mut quota = SenderQuota::new(1);
        for n in 0..=MAX_SENDERS {
            quota.spend(&n.to_string(), now, 1);
        }
        assert!(quota.check("0", now).is_ok());
        assert!(quota.check("1", now).is_err());
        assert!(quota.check(&MAX_SENDERS.to_string(), now).is_err());
        assert_eq!(quota.spent.len(), MAX_SENDERS);
    }

    #[test]
    fn a_sender_is_heard_again_in_the_next_second_and_holds_up_nobody_else() {
        let at = |millis: i64| Timestamp::from_micros(millis * 1000);
        let mut quota = SenderQuota::new(2);
        quota.spend("a", at(1000), 1);
        assert!(quota.check("a", at(1500)).is_ok());
        quota.spend("a", at(1500), 5);
        assert!(quota.check("a", at(1999)).is_err() && quota.check("b", at(1999)).is_ok());
        assert!(quota.check("a", at(2000)).is_ok());
        quota.spend("a", at(2000), 1);
        assert!(quota.check("a", at(2000)).is_ok());
        // What began before counts with what is now, and forgets nothing of it.
        quota.spend("a", at(1000), 1);
        assert!(quota.check("a", at(2000)).is_err());
    }
}
