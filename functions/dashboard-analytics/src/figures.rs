//! What is counted.

/// What one day came to, or a whole span.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) begun: i64,
    pub(crate) escalated: i64,
    pub(crate) answered: i64,
    pub(crate) unanswered: i64,
    pub(crate) response: Times,
    pub(crate) closed: i64,
    pub(crate) resolution: Times,
    pub(crate) messages_in: i64,
    pub(crate) messages_out: i64,
    pub(crate) ratings: i64,
    /// In ten-thousandths.
    pub(crate) score: Option<i64>,
    pub(crate) jobs_done: i64,
    pub(crate) jobs_failed: i64,
    pub(crate) requests: i64,
    pub(crate) throttled: i64,
}

/// How long something took, in milliseconds; none where nothing was measured.
#[derive(Debug, Default, Clone)]
pub(crate) struct Times {
    pub(crate) median: Option<i64>,
    pub(crate) mean: Option<i64>,
}

/// Digits behind the point of a rate, which is stored in ten-thousandths.
const RATE_DIGITS: usize = 4;
/// Digits behind the point of seconds, which are stored as milliseconds.
const SECONDS_DIGITS: usize = 3;

impl Figures {
    /// Every figure under its name, as a number; none where nothing was counted. They are the fields
    /// of JSON and the columns of CSV, in this order.
    pub(crate) fn named(&self) -> [(&'static str, Option<String>); 19] {
        let count = |n: i64| Some(n.to_string());
        let seconds = |millis: Option<i64>| millis.map(|n| decimal(n, SECONDS_DIGITS));
        let jobs = self.jobs_done.saturating_add(self.jobs_failed);
        [
            ("conversations_begun", count(self.begun)),
            ("conversations_escalated", count(self.escalated)),
            ("escalation_rate", ratio(self.escalated, self.begun)),
            ("conversations_answered", count(self.answered)),
            ("conversations_unanswered", count(self.unanswered)),
            (
                "first_response_median_seconds",
                seconds(self.response.median),
            ),
            ("first_response_mean_seconds", seconds(self.response.mean)),
            ("conversations_closed", count(self.closed)),
            ("resolution_median_seconds", seconds(self.resolution.median)),
            ("resolution_mean_seconds", seconds(self.resolution.mean)),
            ("messages_in", count(self.messages_in)),
            ("messages_out", count(self.messages_out)),
            ("csat_ratings", count(self.ratings)),
            ("csat_mean", self.score.map(|n| decimal(n, RATE_DIGITS))),
            ("sync_jobs_done", count(self.jobs_done)),
            ("sync_jobs_failed", count(self.jobs_failed)),
            ("sync_success_rate", ratio(self.jobs_done, jobs)),
            ("sync_requests", count(self.requests)),
            ("sync_requests_throttled", count(self.throttled)),
        ]
    }
}

/// A ratio as a decimal; `None` if the whole is 0.
fn ratio(part: i64, whole: i64) -> Option<String> {
    let scaled = part.saturating_mul(10_000).saturating_add(whole / 2);
    Some(decimal(scaled.checked_div(whole)?, RATE_DIGITS))
}

/// A number that is stored without its point. Of floats only the printing would be used, and that
/// is large.
fn decimal(n: i64, digits: usize) -> String {
    let padded = format!("{n:0width$}", width = digits + 1);
    let (whole, behind) = padded.split_at(padded.len() - digits);
    match behind.trim_end_matches('0') {
        "" => whole.to_owned(),
        behind => [whole, ".", behind].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_no_more_digits_than_it_needs() {
        for (n, digits, text) in [
            (0, 3, "0"),
            (5, 3, "0.005"),
            (12_000, 3, "12"),
            (12_340, 3, "12.34"),
            (10_000, 4, "1"),
        ] {
            assert_eq!(decimal(n, digits), text);
        }
    }

    #[test]
    fn a_rate_of_nothing_is_none_and_others_are_rounded() {
        assert_eq!(ratio(0, 0), None);
        assert_eq!(ratio(1, 3).as_deref(), Some("0.3333"));
        assert_eq!(ratio(2, 3).as_deref(), Some("0.6667"));
        assert_eq!(ratio(3, 3).as_deref(), Some("1"));
        assert_eq!(ratio(0, 3).as_deref(), Some("0"));
    }
}
