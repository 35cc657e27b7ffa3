//! What an answer means for a delivery (contract.md, Outgoing webhooks).

use common::ports::OutboundResponse;
use common::time::{SECOND, Timestamp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The longest `Retry-After` that we honour: an hour.
pub const MAX_RETRY_AFTER_SECONDS: u32 = 3600;

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// To be tried again after so many seconds.
    Retry(u32),
    /// Not to be tried again, for this reason.
    Failed(&'static str),
}

/// The reason of an endpoint that wants no more webhooks at all.
pub(crate) const GONE: &str = "gone";

/// What an answer comes to; none is no answer. `pause` is after how many seconds the schedule tries
/// again; none where it does not.
pub(crate) fn outcome_of(
    response: Option<&OutboundResponse>,
    pause: Option<u32>,
    now: Timestamp,
) -> Outcome {
    let status = response.map(|response| response.status);
    match status {
        Some(200..=299) => return Outcome::Delivered,
        Some(300..=399) => return Outcome::Failed("redirect"),
        Some(410) => return Outcome::Failed(GONE),
        Some(400..=428 | 430..=499) => return Outcome::Failed("refused"),
        _ => {}
    }
    let requested = response.and_then(|response| retry_after(response.header("retry-after")?, now));
    match pause {
        Some(pause) => Outcome::Retry(requested.unwrap_or_default().max(pause)),
        None => Outcome::Failed("retries_exhausted"),
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn retry_after(value: &str, now: Timestamp) -> Option<u32> {
    let value = value.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds).unwrap_or(i64::MAX),
        Err(_) => {
            let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
            date.unix_timestamp() - now.micros().div_euclid(SECOND)
        }
    };
    let max = MAX_RETRY_AFTER_SECONDS;
    Some(u32::try_from(seconds.max(0)).map_or(max, |seconds| seconds.min(max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks::RetrySchedule;

    fn outcome(status: u16, retry_after: Option<&str>, tries: i64) -> Outcome {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        let response = OutboundResponse {
            status,
            headers: headers.into_iter().collect(),
            ..OutboundResponse::default()
        };
        let now = Timestamp::parse("1994-11-06T08:49:00Z").unwrap();
        outcome_of(
            Some(&response),
            RetrySchedule::Short.pause_seconds(tries),
            now,
        )
    }

    #[test]
    fn a_2xx_is_success_and_what_is_no_servers_trouble_ends_it() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(outcome(status, None, 0), Outcome::Delivered, "{status}");
        }
        for status in [301, 302, 303, 304, 307, 308] {
            assert_eq!(
                outcome(status, Some("1"), 0),
                Outcome::Failed("redirect"),
                "{status}"
            );
        }
        for status in [400, 401, 403, 404, 408, 413, 422, 428, 430, 499] {
            assert_eq!(
                outcome(status, Some("1"), 0),
                Outcome::Failed("refused"),
                "{status}"
            );
        }
        assert_eq!(outcome(410, None, 0), Outcome::Failed(GONE));
    }

    #[test]
    fn trouble_is_tried_again_after_2_4_and_8_seconds() {
        for status in [429, 500, 502, 503, 504, 599, 0, 100, 600] {
            let retries = (0..4).map(|tries| outcome(status, None, tries));
            let expected = [
                Outcome::Retry(2),
                Outcome::Retry(4),
                Outcome::Retry(8),
                Outcome::Failed("retries_exhausted"),
            ];
            assert!(retries.eq(expected), "{status}");
        }
        let now = Timestamp::from_micros(0);
        assert_eq!(outcome_of(None, Some(4), now), Outcome::Retry(4));
    }

    #[test]
    fn a_longer_retry_after_is_honoured_up_to_an_hour() {
        let cases = [
            ("1", 2),
            ("30", 30),
            (" 7 ", 7),
            ("3601", 3600),
            ("99999999999999999999", 2),
            ("18446744073709551615", 3600),
            ("-5", 2),
            ("soon", 2),
            ("", 2),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 2),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 3600),
        ];
        for (value, seconds) in cases {
            assert_eq!(
                outcome(503, Some(value), 0),
                Outcome::Retry(seconds),
                "{value}"
            );
        }
        assert_eq!(
            outcome(503, Some("30"), 3),
            Outcome::Failed("retries_exhausted")
        );
    }
}
