//! How much a CRM lets itself be asked.

use channels::outbound::FetchResult;
use common::time::Timestamp;

/// The limits of a CRM that a connector assumes before the CRM reports them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second that no second may exceed.
    pub per_second: i64,
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests a day; `None` where a day has no limit of its own.
    pub per_day: Option<i64>,
    /// Requests a minute for one customer.
    pub per_customer: i64,
    /// How long a job that failed waits after its first failures, in microseconds, where the CRM's own guide says so;
    /// after later ones twice as long each time.
    pub quick_retries: &'static [i64],
    /// Our share of the limit that the CRM reports, in percent, since others may use it too.
    pub share_percent: i64,
    /// What a refusal with status 429 covers: [`Limits::account`], [`Limits::record`], or as the
    /// request and its answer tell.
    pub refusal: fn(&Refused<'_>) -> Scope,
    /// Reads what an answer's headers say of the limits.
    pub read: fn(&FetchResult, Timestamp) -> Reported,
}

/// Whom a 429 is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that the account asks.
    Account,
    /// The record that was asked for: others go on.
    Record,
}

/// A request that was answered with 429.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its URL.
    pub url: &'a str,
    /// What the answer says of the limit that was reached.
    pub reported: Reported,
    /// Our share of the account's limit as it was known before, in requests a minute.
    pub per_minute: i64,
}

/// Bounds on the limit that a CRM may report, in requests a minute.
const BOUNDS: (i64, i64) = (10, 3000);

/// What a CRM says of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reported {
    /// Requests a minute.
    pub limit: Option<i64>,
    /// How many are left.
    pub remaining: Option<i64>,
    /// When all of them are back, in microseconds.
    pub reset: Option<i64>,
}

impl Limits {
    /// How many percent of a minute's requests a bucket holds that fills with the rest within a
    /// minute: as much as keeps every minute and every second within their limits.
    #[must_use]
    pub const fn burst_percent(&self) -> i64 {
        let (second, minute) = (self.per_second, self.per_minute);
        // burst + (minute - burst) / 60 <= second
        let percent = (60 * second - minute) * 100 / (59 * minute);
        match percent {
            ..0 => 0,
            51.. => 50,
            percent => percent,
        }
    }

    /// How many times a minute's requests a day has. No limit is more than a day has minutes.
    #[must_use]
    pub const fn minutes_a_day(&self) -> i64 {
        match self.per_day {
            Some(day) => day / self.per_minute,
            None => 1440,
        }
    }

    /// Our share of a limit that the CRM reports.
    #[must_use]
    pub fn share(&self, limit: i64) -> i64 {
        let (least, max) = BOUNDS;
        (limit * self.share_percent / 100).clamp(least, max)
    }

    /// A 429 is always for all that the account asks.
    #[must_use]
    pub fn account(_: &Refused<'_>) -> Scope {
        Scope::Account
    }

    /// A 429 is always for the record that was asked for.
    #[must_use]
    pub fn record(_: &Refused<'_>) -> Scope {
        Scope::Record
    }

    /// Reads nothing: for a CRM whose answers say nothing of its limits.
    #[must_use]
    pub fn unreported(_: &FetchResult, _: Timestamp) -> Reported {
        Reported::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: i64, per_minute: i64, per_day: Option<i64>) -> Limits {
        Limits {
            per_second,
            per_minute,
            per_day,
            per_customer: per_minute,
            quick_retries: &[],
            share_percent: 100,
            refusal: Limits::account,
            read: Limits::unreported,
        }
    }

    #[test]
    fn no_second_and_no_minute_has_more_than_its_limit() {
        for (second, minute) in [(10, 100), (5, 60), (100, 60), (1, 60), (20, 1000)] {
            let percent = limits(second, minute, None).burst_percent();
            // One request is always allowed at once, and the bucket then holds two.
            let burst = (minute * percent / 100).max(2);
            let in_second = burst + (minute * (100 - percent) / 100 + 59) / 60;
            assert!(in_second <= second.max(3), "{second} {minute}: {in_second}");
        }
        assert_eq!(limits(10, 100, None).burst_percent(), 8);
    }

    #[test]
    fn a_day_is_counted_in_minutes() {
        assert_eq!(limits(10, 100, Some(10_000)).minutes_a_day(), 100);
        assert_eq!(limits(10, 100, None).minutes_a_day(), 1440);
    }
}
