//! How many bytes of files an isolate has in its memory at once. It has 128 MB for everything, and is
//! ended when it needs more, with all the requests that it serves.

use crate::http::{Error, Kind};
use crate::time::{SECOND, Timestamp};
use std::cell::{Cell, RefCell};

/// Most bytes at once.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// From this size on a body is counted; what is smaller comes and goes within a call.
pub const MIN_BYTES: usize = 1024 * 1024;
/// Most bytes at once of one sender of whom nothing is verified yet: so much is theirs before any of it came.
const MAX_SENDER_BYTES: usize = 8 * 1024 * 1024;
/// After how long bytes are counted no more: a request that was broken off never says that it ended.
const MAX_HELD_MICROS: i64 = 120 * SECOND;

struct Counted {
    number: u64,
    sender: String,
    bytes: usize,
    since: Timestamp,
}

thread_local! {
    static HELD: RefCell<Vec<Counted>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// Bytes that are counted until this is dropped.
#[derive(Debug)]
pub struct Held(u64);

impl Drop for Held {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| held.retain(|counted| counted.number != self.0));
    }
}

/// Counts so many bytes that are about to be read.
///
/// # Errors
/// 503 `busy` where the isolate has too many already; the platform may have another the next time.
pub fn hold(bytes: usize, now: Timestamp) -> Result<Held, Error> {
    hold_of("", bytes, now)
}

/// As [`hold`], of a sender of whom nothing is verified yet; nobody in particular where empty.
///
/// # Errors
/// As [`hold`], and where this sender has too many.
pub fn hold_of(sender: &str, bytes: usize, now: Timestamp) -> Result<Held, Error> {
    HELD.with_borrow_mut(|held| {
        held.retain(|counted| {
            let age = now.micros() - counted.since.micros();
            age < MAX_HELD_MICROS
        });
        let (mut all, mut theirs) = (0, 0);
        for counted in held.iter() {
            all += counted.bytes;
            if counted.sender == sender {
                theirs += counted.bytes;
            }
        }
        let is_over = |held: usize, max: usize| held > 0 && held.saturating_add(bytes) > max;
        if is_over(all, MAX_BYTES) || !sender.is_empty() && is_over(theirs, MAX_SENDER_BYTES) {
            let message =
                "Too many large files are on their way at this moment. Send the request again.";
            return Err(Error::new(Kind::Busy, message).retry_after(1));
        }
        let number = LAST.get() + 1;
        LAST.set(number);
        held.push(Counted {
            number,
            sender: sender.to_owned(),
            bytes,
            since: now,
        });
        Ok(Held(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn no_more_than_so_many_bytes_are_held_at_once_but_one_file_always_may() {
        let large = hold(MAX_BYTES + 1, NOW).unwrap();
        assert_eq!(hold(1, NOW).unwrap_err().code(), "busy");
        drop(large);
        let halves = [(); 2].map(|()| hold(MAX_BYTES / 2, NOW).unwrap());
        assert!(hold(1, NOW).is_err());
        drop(halves);
        assert!(hold(1, NOW).is_ok());
    }

    #[test]
    fn one_sender_does_not_get_all_of_it() {
        let _theirs = [(); 2].map(|()| hold_of("a", MAX_SENDER_BYTES / 2, NOW).unwrap());
        assert_eq!(hold_of("a", 1, NOW).unwrap_err().code(), "busy");
        assert!(hold_of("b", MAX_SENDER_BYTES, NOW).is_ok() && hold(1, NOW).is_ok());
    }

    #[test]
    fn what_was_broken_off_counts_no_more_after_two_minutes() {
        std::mem::forget(hold(MAX_BYTES, NOW).unwrap());
        assert!(hold(1, NOW.plus(MAX_HELD_MICROS - 1)).is_err());
        assert!(hold(1, NOW.plus(MAX_HELD_MICROS)).is_ok());
    }
}
