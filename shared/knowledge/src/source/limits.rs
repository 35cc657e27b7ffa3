//! What an answer says of the limits of who asks.

use super::vendors;
use common::date::mail_date;
use common::ports::OutboundResponse;
use common::time::{SECOND, Timestamp};

/// The longest wait that is believed, in seconds: a day.
const MAX_SECONDS: i64 = 86_400;
/// The longest wait between two pages, in seconds; a longer one is told when the limit is reached.
const MAX_SLOW_DOWN_SECONDS: u32 = 60;
/// Headers with how many requests are left.
const REMAINING: [&str; 3] = [
    "ratelimit-remaining",
    "x-ratelimit-remaining",
    "x-rate-limit-remaining",
];

/// Whether an answer says that too much was asked.
pub(super) fn is_throttled(response: &OutboundResponse) -> bool {
    let is_told = || {
        let is_spent = REMAINING
            .iter()
            .any(|name| response.header(name) == Some("0"));
        is_spent || response.header("retry-after").is_some() || vendors::is_spent(response)
    };
    response.status == 429 || response.status == 403 && is_told()
}

/// For how many seconds the other side wants to be left alone: as its headers say, or as the limit that was reached
/// is known to last (crm-links.md §4).
pub fn retry_after(response: &OutboundResponse, now: Timestamp) -> Option<u32> {
    let told = response
        .header("retry-after")
        .and_then(|value| seconds(value, now));
    let known = is_throttled(response)
        .then(|| vendors::pause_seconds(response))
        .flatten();
    let wait = told.or_else(|| reset(response, now).filter(|_| is_throttled(response)));
    wait.max(known)
}

/// A wait: seconds, also with a fraction; a date of HTTP; seconds or milliseconds since 1970.
pub(super) fn seconds(value: &str, now: Timestamp) -> Option<u32> {
    let value = value.trim();
    let number = decimal(value);
    let wait = match number {
        Some(millis @ 1_000_000_000_000..) => (millis * 1000 - now.micros() + SECOND - 1) / SECOND,
        Some(since @ 1_000_000_000..) => since - now.micros() / SECOND,
        Some(wait) => wait,
        None => {
            let until = mail_date(value)?.micros();
            (until - now.micros() + SECOND - 1).div_euclid(SECOND)
        }
    };
    u32::try_from(wait.clamp(1, MAX_SECONDS)).ok()
}

/// A number from zero on, rounded up; far beyond what is believed, all are alike.
fn decimal(value: &str) -> Option<i64> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let is_number = !whole.is_empty()
        && whole.len() <= 15
        && [whole, fraction]
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let number: i64 = is_number.then(|| whole.parse().ok()).flatten()?;
    let is_more = fraction.bytes().any(|b| b != b'0');
    Some(number + i64::from(is_more))
}

/// How long to wait before the next request, in milliseconds, where the answer says that a limit is near.
pub(super) fn slow_down(response: &OutboundResponse, now: Timestamp) -> Option<u32> {
    let is_near = || {
        let mut left = REMAINING.iter().filter_map(|name| response.header(name));
        left.any(|left| left.trim().parse::<u32>().is_ok_and(|left| left < 2))
    };
    vendors::slow_down(response).or_else(|| {
        let wait = reset(response, now).filter(|_| is_near())?;
        Some(wait.min(MAX_SLOW_DOWN_SECONDS) * 1000)
    })
}

/// When the requests come back, in seconds from now.
fn reset(response: &OutboundResponse, now: Timestamp) -> Option<u32> {
    let names = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
    let mut values = names.iter().filter_map(|name| response.header(name));
    values.find_map(|value| seconds(value, now))
}

/// How many pages a list has, where a header says so (WordPress's `X-WP-TotalPages`; `X-Total-Pages`).
pub(super) fn pages(response: &OutboundResponse) -> Option<u32> {
    let names = ["x-wp-totalpages", "x-total-pages"];
    let mut values = names.iter().filter_map(|name| response.header(name));
    values.find_map(|value| value.trim().parse().ok())
}
