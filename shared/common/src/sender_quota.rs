//! How much of something each sender may cause in a second.

use crate::http::{Error, Kind};
use crate::time::{SECOND, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// Most senders that are counted; beyond them the one that came first is forgotten.
const MAX_SENDERS: usize = 4096;

/// What senders spent in the second that is now.
#[derive(Debug)]
pub struct SenderQuota {
    max: u32,
    second: i64,
    spent: HashMap<String, u32>,
    /// Those in `spent`, in the order in which they came.
    order: VecDeque<String>,
}

impl SenderQuota {
    /// At most `max` a second for each sender.
    #[must_use]
    pub fn new(max: u32) -> Self {
        Self {
            max,
            second: 0,
            spent: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether a sender has anything left in this second.
    ///
    /// # Errors
    /// 429 where not.
    pub fn check(&self, sender: &str, now: Timestamp) -> Result<(), Error> {
        let is_now = self.second == now.micros() / SECOND;
        let spent = self.spent.get(sender).filter(|_| is_now);
        if spent.is_none_or(|spent| *spent < self.max) {
            return Ok(());
        }
        let message = "Too many requests from this address were refused. Wait a moment.";
        Err(Error::new(Kind::RateLimited, message).retry_after(1))
    }

    /// Counts what a sender caused.
    pub fn spend(&mut self, sender: &str, now: Timestamp, amount: u32) {
        let second = now.micros() / SECOND;
        if self.second != second {
            self.spent.clear();
            self.order.clear();
            self.second = second;
        }
        if let Some(spent) = self.spent.get_mut(sender) {
            *spent = spent.saturating_add(amount);
            return;
        }
        if self.spent.len() >= MAX_SENDERS
            && let Some(first) = self.order.pop_front()
        {
            self.spent.remove(&first);
        }
        self.spent.insert(sender.to_owned(), amount);
        self.order.push_back(sender.to_owned());
    }
}

/// What a sender's address is counted under: one of IPv6 with its network, since a sender has all of a /64.
#[must_use]
pub fn network_of(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        _ => address.to_owned(),
    }
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
        assert_eq!(network_of("192.0.2.7"), "192.0.2.7");
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
        assert_eq!(quota.order.len(), MAX_SENDERS);
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
    }
}
