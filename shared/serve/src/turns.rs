use common::time::{SECOND, Timestamp};
use std::collections::HashMap;

/// After this long a job counts as cut off: longer than the platform lets it go on.
const CUT_OFF_MICROS: i64 = 60 * SECOND;

/// The jobs that run in an isolate, by the message that began them. A message that comes while its job
/// runs has it run once more, instead of another beside it that finds nothing.
#[derive(Debug, Default)]
pub struct Turns(HashMap<String, Turn>);

#[derive(Debug)]
struct Turn {
    is_wanted_again: bool,
    since: Timestamp,
}

impl Turns {
    /// Whether to start a job; a running job is marked to run once more.
    pub fn begins(&mut self, message: &str, now: Timestamp) -> bool {
        match self.0.get_mut(message) {
            Some(turn) if now.micros() - turn.since.micros() < CUT_OFF_MICROS => {
                turn.is_wanted_again = true;
                false
            }
            _ => {
                let turn = Turn {
                    is_wanted_again: false,
                    since: now,
                };
                self.0.insert(message.to_owned(), turn);
                true
            }
        }
    }

    /// The job is over, whatever came meanwhile.
    pub fn ends(&mut self, message: &str) {
        self.0.remove(message);
    }

    /// Whether a job that ended is to run once more.
    pub fn goes_on(&mut self, message: &str, now: Timestamp) -> bool {
        match self.0.get_mut(message) {
            Some(turn) if turn.is_wanted_again => {
                turn.is_wanted_again = false;
                turn.since = now;
                true
            }
            _ => {
                self.0.remove(message);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn a_message_that_comes_while_its_job_runs_has_it_run_once_more() {
        let mut turns = Turns::default();
        assert!(turns.begins("a", START) && turns.begins("b", START));
        assert!(!turns.begins("a", START) && !turns.begins("a", START));
        assert!(turns.goes_on("a", START));
        assert!(!turns.goes_on("a", START) && !turns.goes_on("b", START));
        assert!(turns.begins("a", START));
    }

    #[test]
    fn a_job_that_was_cut_off_begins_anew_a_minute_later() {
        let mut turns = Turns::default();
        assert!(turns.begins("a", START));
        assert!(!turns.begins("a", START.plus(CUT_OFF_MICROS - 1)));
        // It runs once more, and its minute begins again.
        assert!(turns.goes_on("a", START.plus(CUT_OFF_MICROS - 1)));
        assert!(!turns.begins("a", START.plus(CUT_OFF_MICROS)));
        assert!(turns.begins("a", START.plus(2 * CUT_OFF_MICROS)));
    }
}
