//! Dates as mail and HTTP write them.

use crate::time::{SECOND, Timestamp};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Parses a date of a mail's header (RFC 5322 §3.3) or of HTTP (RFC 9110 §5.6.7) tolerantly: the day's name and
/// comments are ignored, an unknown zone is UTC. `None` for an invalid date.
#[must_use]
pub fn mail_date(value: &str) -> Option<Timestamp> {
    let value = value.split('(').next().unwrap_or_default();
    let value = value.split_once(',').map_or(value, |(_, date)| date);
    let mut words = value.split_ascii_whitespace();
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = i64::try_from(month).ok()? + 1;
    let year = full_year(words.next()?)?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (clock.next()??, clock.next()??);
    let second = clock.next().unwrap_or(Some(0))?;
    let fits = (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !fits {
        return None;
    }
    let offset = words.next().and_then(offset_seconds).unwrap_or_default();
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_micros((seconds - offset) * SECOND))
}

/// Two digits are of the last century from 50 on (RFC 5322 §4.3).
fn full_year(word: &str) -> Option<i64> {
    let year: i64 = word.parse().ok()?;
    match word.len() {
        2 if year < 50 => Some(2000 + year),
        2 | 3 => Some(1900 + year),
        4 if year >= 1970 => Some(year),
        _ => None,
    }
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = zone.get(1..).filter(|digits| digits.len() == 4)?;
    let all: i64 = digits.parse().ok()?;
    Some(sign * (all / 100 * 3600 + all % 100 * 60))
}

/// The days of the Gregorian calendar, counted in eras of 400 years that begin in March, so that the
/// day that leap years add is the last of its year.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_programs_write_them() {
        for (value, expected) in [
            ("Fri, 02 Jan 2026 03:04:05 +0000", "2026-01-02T03:04:05Z"),
            (
                "Fri, 2 Jan 2026 04:04:05 +0100 (CET)",
                "2026-01-02T03:04:05Z",
            ),
            ("29 Feb 2024 23:59 -0330", "2024-03-01T03:29:00Z"),
            ("Thu, 1 Jan 98 00:00:00 GMT", "1998-01-01T00:00:00Z"),
            ("31 December 1999 23:59:60 +0000", "2000-01-01T00:00:00Z"),
        ] {
            assert_eq!(mail_date(value), Timestamp::parse(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "",
            "now",
            "Fri, 99 Jan 2026 00:00",
            "1 Foo 2026 00:00",
            "1 Jan 2026",
            "1 Jan 2026 25:00",
            "1 Jan 999999999999 00:00",
            "1 Jä 2026 00:00",
        ] {
            assert_eq!(mail_date(value), None, "{value}");
        }
    }
}
