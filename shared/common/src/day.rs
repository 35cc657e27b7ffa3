//! Days, in UTC.

use crate::time::{DAY, Timestamp};
use std::fmt;

/// A day of UTC, from 1970 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(i64);

impl Day {
    /// The day of a time.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.micros().div_euclid(DAY))
    }

    /// Reads `YYYY-MM-DD`; `None` for anything else, and for a date that no calendar has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let day = Self::of(Timestamp::parse(&format!("{text}T00:00:00Z"))?);
        let last = Self::of(Timestamp::parse("2199-12-31T00:00:00Z")?);
        (0..=last.0).contains(&day.0).then_some(day)
    }

    /// Days since 1970.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// So many days later.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// When it begins.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(DAY))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start().to_string();
        f.write_str(start.get(..10).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_and_printed() {
        for (text, number) in [
            ("1970-01-01", 0),
            ("2024-02-29", 19_782),
            ("2199-12-31", 84_005),
        ] {
            let day = Day::parse(text).unwrap();
            assert_eq!((day.number(), day.to_string().as_str()), (number, text));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "2026-02-29",
            "2026-1-2",
            "20260102",
            "1969-12-31",
            "2200-01-01",
            "2026-01-02T00:00:00Z",
            "2026-01-02 ",
            "+002026-01-02",
            "today",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_utc() {
        let day = Day::parse("2026-03-29").unwrap();
        assert_eq!(Day::of(day.start()), day);
        assert_eq!(Day::of(day.start().plus(-1)), day.plus(-1));
        assert_eq!(Day::of(day.start().plus(DAY - 1)), day);
    }
}
