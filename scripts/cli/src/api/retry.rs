//! Trying again, with longer and longer waits.

use std::time::Duration;

use super::ApiError;
use crate::world::Pause;

/// How often and how patiently a call is repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Tries after the first.
    pub(crate) max_retries: u32,
}

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A server that asks for more than this is better come back to by hand.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);

/// Told before each wait.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    pub(crate) error: &'a ApiError,
    pub(crate) time: Duration,
    /// 1 for the first repetition.
    pub(crate) retry: u32,
}

/// The last error, after as many tries as the policy allows.
#[derive(Debug)]
pub(crate) struct GaveUp {
    pub(crate) error: ApiError,
    pub(crate) tries: u32,
}

impl Policy {
    /// Half of a wait that doubles with every retry, the other half by chance; never less than
    /// the server asked for.
    fn wait(retry: u32, spread: f64, retry_after: Option<Duration>) -> Duration {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(retry.saturating_sub(1)));
        let wait = doubled.min(LONGEST_WAIT).mul_f64(0.5 + spread / 2.0);
        retry_after.map_or(wait, |retry_after| retry_after.max(wait))
    }

    /// Calls `send` until it succeeds, fails for good, or may not be repeated any more.
    pub(crate) fn run<T>(
        self,
        pause: &mut dyn Pause,
        on_wait: &mut dyn FnMut(Wait<'_>),
        mut send: impl FnMut() -> Result<T, ApiError>,
    ) -> Result<T, GaveUp> {
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match send() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let retry_after = error.retry_after();
            let too_long = retry_after.is_some_and(|retry_after| retry_after > LONGEST_RETRY_AFTER);
            if !error.is_transient() || tries > self.max_retries || too_long {
                return Err(GaveUp { error, tries });
            }
            let time = Self::wait(tries, pause.spread(), retry_after);
            on_wait(Wait {
                error: &error,
                time,
                retry: tries,
            });
            pause.sleep(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Recorded(Vec<Duration>);

    impl Pause for Recorded {
        fn sleep(&mut self, time: Duration) {
            self.0.push(time);
        }
        fn spread(&mut self) -> f64 {
            0.0
        }
    }

    fn lost() -> Result<(), ApiError> {
        Err(ApiError::Unreachable("lost".into()))
    }

    #[test]
    fn waits_double_up_to_a_limit_and_then_it_gives_up() {
        let mut pause = Recorded(Vec::new());
        let outcome = Policy { max_retries: 8 }.run(&mut pause, &mut |_| (), lost);
        assert_eq!(outcome.map_err(|gave_up| gave_up.tries), Err(9));
        let millis: Vec<_> = pause.0.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    }

    #[test]
    fn chance_adds_at_most_as_much_again() {
        assert_eq!(Policy::wait(1, 0.0, None), Duration::from_millis(250));
        assert_eq!(Policy::wait(1, 1.0, None), Duration::from_millis(500));
    }

    #[test]
    fn the_server_may_ask_for_a_longer_wait_but_not_for_a_shorter() {
        let retry_after = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(Policy::wait(1, 0.0, retry_after(7)), Duration::from_secs(7));
        assert_eq!(Policy::wait(5, 0.0, retry_after(0)), Duration::from_secs(4));
    }

    #[test]
    fn what_will_not_heal_is_not_repeated() {
        let mut pause = Recorded(Vec::new());
        let send = || Err::<(), _>(ApiError::Unintelligible);
        let outcome = Policy { max_retries: 8 }.run(&mut pause, &mut |_| (), send);
        assert_eq!(outcome.map_err(|gave_up| gave_up.tries), Err(1));
        assert!(pause.0.is_empty());
    }
}
