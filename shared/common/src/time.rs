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
    /// As [`Display`](fmt::Display) writes it: a page has hundreds of times, and to print each digit by digit takes as long
    /// as all else that is done to it.
    #[must_use]
    pub fn printed(self) -> Printed {
        let moment = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(SECOND))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        let year = u32::try_from(year).unwrap_or_default();
        let micros = u32::try_from(self.0.rem_euclid(SECOND)).unwrap_or_default();
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        for (place, pair) in [
            (0, year / 100),
            (2, year),
            (5, u8::from(month).into()),
            (8, day.into()),
            (11, hour.into()),
            (14, minute.into()),
            (17, second.into()),
            (20, micros / 10_000),
            (22, micros / 100),
            (24, micros),
        ] {
            put_pair(&mut text, place, pair);
        }
        Printed(text)
    }
}

/// A time as the contract prints it.
#[derive(Debug, Clone, Copy)]
pub struct Printed([u8; 27]);

impl Printed {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Writes the last two digits of a number.
fn put_pair(text: &mut [u8; 27], place: usize, number: u32) {
    for (place, digit) in [(place, number / 10 % 10), (place + 1, number % 10)] {
        if let Some(byte) = text.get_mut(place) {
            *byte = b'0' + u8::try_from(digit).unwrap_or_default();
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.printed().as_str())
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
    fn every_part_of_a_time_has_its_place() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_868_799_654_321, "2000-02-29T23:59:59.654321Z"),
            (9_007_199_254_740_991, "2255-06-05T23:47:34.740991Z"),
            (253_402_300_799_000_007, "9999-12-31T23:59:59.000007Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).to_string(), text);
        }
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
