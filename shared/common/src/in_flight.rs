//! How many bytes of files an isolate has in its memory at once. It has 128 MB for everything, and is
//! ended when it needs more, with all the requests that it serves.

use crate::http::{Error, Kind};
use std::cell::Cell;

/// Most bytes at once.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// From this size on a body is counted; what is smaller comes and goes within a call.
pub const MIN_BYTES: usize = 1024 * 1024;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Bytes that are counted until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Held(usize);

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(HELD.get().saturating_sub(self.0));
    }
}

/// Counts so many bytes that are about to be read.
///
/// # Errors
/// 503 `busy` where the isolate has too many already; the platform may have another the next time.
pub fn hold(bytes: usize) -> Result<Held, Error> {
    let held = HELD.get();
    if held > 0 && held.saturating_add(bytes) > MAX_BYTES {
        let message =
            "Too many large files are on their way at this moment. Send the request again.";
        return Err(Error::new(Kind::Busy, message).retry_after(1));
    }
    HELD.set(held + bytes);
    Ok(Held(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_so_many_bytes_are_held_at_once_but_one_file_always_may() {
        let large = hold(MAX_BYTES + 1).unwrap();
        assert_eq!(hold(1).unwrap_err().code(), "busy");
        drop(large);
        let halves = [hold(MAX_BYTES / 2).unwrap(), hold(MAX_BYTES / 2).unwrap()];
        assert!(hold(1).is_err());
        drop(halves);
        assert!(hold(1).is_ok());
    }
}
