//! What came of an hour at a CRM, counted for the figures of a connection.

use super::CrmClient;
use super::sql::HOUR_COUNT;
use common::db::{Statement, Value};
use common::time::SECOND;

/// The bounds by which requests are counted, in milliseconds.
pub const MS_BOUNDS: [i64; 7] = [100, 250, 500, 1_000, 2_000, 5_000, 10_000];
/// One hour, in microseconds.
const HOUR: i64 = 3_600 * SECOND;

/// Requests that are not written down yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    requests: i64,
    errors: i64,
    ms: i64,
    up_to: [i64; MS_BOUNDS.len()],
}

impl Tally {
    /// Counts a request; 0 stands for no answer.
    pub(crate) fn count(&mut self, status: u16, micros: i64) {
        let ms = micros.max(0) / 1_000;
        self.requests += 1;
        self.errors += i64::from(is_error(status));
        self.ms += ms;
        let fits = MS_BOUNDS.iter().position(|bound| ms <= *bound);
        if let Some(count) = fits.and_then(|n| self.up_to.get_mut(n)) {
            *count += 1;
        }
    }
}

/// Whether a CRM did not do its part. A record that is not there, a request that it finds wrong and one that comes too
/// soon are answers.
fn is_error(status: u16) -> bool {
    matches!(status, 0 | 401 | 403 | 408 | 500..)
}

/// The statement that adds what was asked since it was last taken to the hour's counts, and a job that is settled:
/// `done` and `failed` are 0 or 1. Where `job` is the key of one, it comes before the statement that settles it, and
/// counts how long that waited. None where there is nothing to count.
pub fn hour_count(
    client: &CrmClient<'_>,
    job: Option<&str>,
    done: i64,
    failed: i64,
) -> Option<Statement> {
    let tally = client.tally.take();
    if tally.requests == 0 && done == 0 && failed == 0 {
        return None;
    }
    let now = client.now();
    let mut params = client.named([]);
    let counts = [
        now.div_euclid(HOUR),
        tally.requests,
        tally.errors,
        tally.ms,
        done,
        failed,
    ];
    params.extend(counts.map(Value::from));
    params.extend([job.into(), now.into()]);
    params.extend(tally.up_to.map(Value::from));
    Some(HOUR_COUNT.bind(params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_in_the_first_bound_that_it_keeps_and_beyond_all_in_none() {
        let mut tally = Tally::default();
        for ms in [0, 100, 101, 10_000, 10_001] {
            tally.count(200, ms * 1_000);
        }
        tally.count(503, -5);
        assert_eq!(tally.up_to, [3, 1, 0, 0, 0, 0, 1]);
        assert_eq!((tally.requests, tally.errors, tally.ms), (6, 1, 20_202));
    }

    #[test]
    fn answers_are_no_errors_and_what_a_crm_failed_at_is() {
        let errors = [0, 200, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503];
        let errors: Vec<_> = errors.into_iter().filter(|one| is_error(*one)).collect();
        assert_eq!(errors, [0, 401, 403, 408, 500, 503]);
    }
}
