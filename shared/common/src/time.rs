//! Time as the contract prints it: RFC 3339, UTC, microseconds.

use std::fmt;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Microseconds since 1970 in UTC. Stored as an integer, which stays below 2^53 until the year
/// 2255, so that it crosses to D1 as a JavaScript number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(inline, extend("format" = "date-time"))
)]
pub struct Timestamp(#[cfg_attr(feature = "schema", schemars(with = "String"))] i64);

/// One second, in the unit of [`Timestamp`].
pub const SECOND: i64 = 1_000_000;
/// One day, in the unit of [`Timestamp`].
pub const DAY: i64 = 86_400 * SECOND;

impl Timestamp {
    /// From microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, as a UUIDv7 carries them.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This many microseconds later.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Reads an RFC 3339 date-time with any offset; a bare date or a local time is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339)
            .ok()?
            .to_offset(UtcOffset::UTC);
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1000))
            .ok()
            .map(Self)
    }
}

impl Timestamp {
    /// Writes it as [`Display`](fmt::Display) does, without its machinery.
    pub fn append_to(self, text: &mut String) {
        let moment = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(SECOND))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        append_digits(text, i64::from(year), 4);
        for (before, value) in [
            ('-', u8::from(month)),
            ('-', day),
            ('T', hour),
            (':', minute),
            (':', second),
        ] {
            text.push(before);
            append_digits(text, i64::from(value), 2);
        }
        text.push('.');
        append_digits(text, self.0.rem_euclid(SECOND), 6);
        text.push('Z');
    }
}

/// Writes the last `count` digits of a number, at most six.
fn append_digits(text: &mut String, number: i64, count: u32) {
    for place in (0..count).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(27);
        self.append_to(&mut text);
        f.write_str(&text)
    }
}

/// The current time, for measuring and waiting. A request has one time of its own beside it, which
/// stands still.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_printed_with_all_six_digits_and_read_back() {
        let moment = Timestamp::from_micros(1_763_706_000_000_120);
        assert_eq!(moment.to_string(), "2025-11-21T06:20:00.000120Z");
        assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
    }

    #[test]
    fn offsets_are_taken_and_bare_dates_are_not() {
        let utc = Timestamp::parse("2025-11-04T09:00:00Z");
        assert_eq!(Timestamp::parse("2025-11-04T10:00:00+01:00"), utc);
        for text in [
            "2025-11-04",
            "2025-11-04T09:00:00",
            "yesterday",
            "",
            "1762246800",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
