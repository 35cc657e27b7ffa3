//! Gathers the wakes of an isolate: under load, one message of a queue does for many requests.

use common::ports::Wake;
use common::time::Timestamp;

/// How long a wake stands for those that are like it, in milliseconds.
pub const WINDOW_MILLIS: u32 = 50;
const WINDOW_MICROS: i64 = WINDOW_MILLIS as i64 * 1000;
/// After so long, whoever was to wake at the end of a window is gone: the platform cuts off what goes on behind an answer
/// after 30 s.
const CUT_OFF_MICROS: i64 = 30_000_000;
/// Most wakes that an isolate remembers; beyond it starts anew.
const MAX_REMEMBERED: usize = 1024;

/// What a wake comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is sent.
    Now,
    /// It is sent after so many milliseconds, for all like it that come until then.
    After(u32),
    /// Another one, which is sent later, stands for it.
    Never,
}

#[derive(Debug)]
struct Window {
    wake: Wake,
    since: Timestamp,
    has_last: bool,
}

/// The wakes that an isolate sent lately. The first of a kind is sent at once, and one more at the end of the window for
/// those that came within it: whatever was written before a wake, a message is sent after it.
#[derive(Debug, Default)]
pub struct Wakes(Vec<Window>);

impl Wakes {
    /// What this wake comes to.
    pub fn turn(&mut self, wake: &Wake, now: Timestamp) -> Turn {
        // Who is to come later is not to come at once.
        if wake.delay_seconds > 0 {
            return Turn::Now;
        }
        let age = |window: &Window| now.micros() - window.since.micros();
        self.0.retain(|window| {
            let most = if window.has_last {
                CUT_OFF_MICROS
            } else {
                WINDOW_MICROS
            };
            (0..most).contains(&age(window))
        });
        let Some(window) = self.0.iter_mut().find(|window| window.wake == *wake) else {
            if self.0.len() >= MAX_REMEMBERED {
                self.0.clear();
            }
            self.0.push(Window {
                wake: wake.clone(),
                since: now,
                has_last: false,
            });
            return Turn::Now;
        };
        if window.has_last {
            return Turn::Never;
        }
        window.has_last = true;
        let left = (WINDOW_MICROS - age(window)).max(0) / 1000;
        Turn::After(u32::try_from(left).unwrap_or(WINDOW_MILLIS))
    }

    /// Begins the next window: a wake is sent whose turn was [`Turn::After`].
    pub fn sent(&mut self, wake: &Wake, now: Timestamp) {
        if let Some(window) = self.0.iter_mut().find(|window| window.wake == *wake) {
            (window.since, window.has_last) = (now, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ports::Queue;

    fn wake(message: &str, delay_seconds: u32) -> Wake {
        Wake {
            queue: Queue::Events,
            message: message.to_owned(),
            delay_seconds,
        }
    }

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1000)
    }

    #[test]
    fn the_first_goes_at_once_and_one_more_for_all_that_came_within_the_window() {
        let (mut wakes, a) = (Wakes::default(), wake("a", 0));
        assert_eq!(wakes.turn(&a, at(0)), Turn::Now);
        assert_eq!(wakes.turn(&a, at(10)), Turn::After(40));
        assert_eq!(wakes.turn(&a, at(20)), Turn::Never);
        assert_eq!(wakes.turn(&wake("b", 0), at(20)), Turn::Now);
        wakes.sent(&a, at(50));
        assert_eq!(wakes.turn(&a, at(60)), Turn::After(40));
        wakes.sent(&a, at(100));
        assert_eq!(wakes.turn(&a, at(150)), Turn::Now);
    }

    #[test]
    fn what_is_delayed_is_never_gathered() {
        let (mut wakes, a) = (Wakes::default(), wake("a", 5));
        assert_eq!(wakes.turn(&a, at(0)), Turn::Now);
        assert_eq!(wakes.turn(&a, at(1)), Turn::Now);
    }

    #[test]
    fn nobody_waits_for_one_that_was_cut_off() {
        let (mut wakes, a) = (Wakes::default(), wake("a", 0));
        let _first = wakes.turn(&a, at(0));
        assert_eq!(wakes.turn(&a, at(1)), Turn::After(49));
        assert_eq!(wakes.turn(&a, at(29_999)), Turn::Never);
        assert_eq!(wakes.turn(&a, at(30_000)), Turn::Now);
    }
}
