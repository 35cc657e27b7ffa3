use channels::outbound::FetchResult;
use common::ports::OutboundResponse;
use common::time::{SECOND, Timestamp};
use crm::Reported;

/// How long it takes at most until all requests are back: windows are of a minute, from their first
/// request on.
const WINDOW_MICROS: i64 = 60 * SECOND;
/// Highest limit that is believed, in requests a minute.
const MAX_REQUESTS: i64 = 100_000;

fn number(response: &OutboundResponse, name: &str) -> Option<i64> {
    let number: i64 = response.header(name)?.trim().parse().ok()?;
    Some(number.clamp(0, MAX_REQUESTS))
}

/// Reads the headers of an answer. Krayin 2.2 and later send none.
#[must_use]
pub fn limits(answered: &FetchResult, now: Timestamp) -> Reported {
    let Ok(response) = answered else {
        return Reported::default();
    };
    let remaining = number(response, "x-ratelimit-remaining");
    Reported {
        limit: number(response, "x-ratelimit-limit").filter(|limit| *limit > 0),
        remaining,
        // Nothing says when the minute ends, except where debugging is on.
        reset: remaining
            .filter(|left| *left <= 1)
            .map(|_| now.plus(WINDOW_MICROS).micros()),
    }
}

/// How many requests the minute has left, where the answer tells.
#[must_use]
pub fn remaining(response: &OutboundResponse) -> Option<i64> {
    number(response, "x-ratelimit-remaining")
}

/// Whether an answer has been through the handlers of the API, which tell what is left of the minute:
/// refusals of a token or of the limit, and of a method, do not get so far.
#[must_use]
pub fn has_limits(response: &OutboundResponse) -> bool {
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining"];
    names.iter().any(|name| response.header(name).is_some())
}
