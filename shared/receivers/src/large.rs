//! Large bodies, one at a time: an isolate has 128 MB for all requests that it answers at once, and a
//! mail with its files takes three times its size while it is taken in.

use common::context::Context;
use common::http::Error;
use common::time::{SECOND, Timestamp};
use std::cell::Cell;
use std::ops::{Deref, Range};

/// Up to how many bytes a body is small.
const SMALL_BYTES: usize = 1024 * 1024;
/// How often it is looked whether the place is free.
const PAUSE_MS: u32 = 100;
/// How long a large body waits for the place.
const MAX_WAIT_MICROS: i64 = 20 * SECOND;
/// After how long the place is taken from whoever has it: a request that was broken off never gives it
/// back.
const MAX_HELD_MICROS: i64 = 60 * SECOND;

thread_local! {
    /// Who has the place, and since when.
    static PLACE: Cell<Option<(u64, Timestamp)>> = const { Cell::new(None) };
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// The place of a large body, until it is dropped.
#[derive(Debug)]
struct Place(u64);

impl Drop for Place {
    fn drop(&mut self) {
        if PLACE.get().is_some_and(|(holder, _)| holder == self.0) {
            PLACE.set(None);
        }
    }
}

/// A body that was read, with what was put before it.
#[derive(Debug)]
pub struct HeldBody {
    bytes: Vec<u8>,
    body: Range<usize>,
    _place: Option<Place>,
}

impl HeldBody {
    /// What was put before the body, and the body.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        &self.bytes
    }
}

impl Deref for HeldBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(self.body.clone()).unwrap_or_default()
    }
}

/// Reads the body of the request, or the mail, behind `before`. One that is large, or may be, waits until
/// no other is held.
///
/// # Errors
/// 413 for more than `cap` bytes; 400 for a body that breaks off; 503 where others take all the time.
pub async fn body_read(cx: &Context<'_>, before: &str, cap: usize) -> Result<HeldBody, Error> {
    let is_small = cap <= SMALL_BYTES || cx.body.length().is_some_and(|size| size <= SMALL_BYTES);
    let place = match is_small {
        true => None,
        false => Some(place_take(cx).await?),
    };
    let cap = match is_small {
        // Whatever the sender said.
        true => cap.min(SMALL_BYTES),
        false => cap,
    };
    let bytes = cx.body.read(before.as_bytes().to_vec(), cap).await;
    let bytes = bytes.map_err(|reason| reason.to_error(cap))?;
    Ok(HeldBody {
        body: before.len()..bytes.len(),
        bytes,
        _place: place,
    })
}

async fn place_take(cx: &Context<'_>) -> Result<Place, Error> {
    let begun = cx.time_now();
    let mut now = begun;
    loop {
        let held = PLACE.get().filter(|(_, since)| {
            let age = now.micros() - since.micros();
            (0..MAX_HELD_MICROS).contains(&age)
        });
        if held.is_none() {
            let number = LAST.get() + 1;
            LAST.set(number);
            PLACE.set(Some((number, now)));
            return Ok(Place(number));
        }
        if now.micros() - begun.micros() >= MAX_WAIT_MICROS {
            return Err(Error::unavailable("another large body is taken in"));
        }
        let paused = cx.ports.pause.pause(PAUSE_MS).await;
        now = paused.ok_or_else(|| Error::internal("this function cannot wait"))?;
    }
}
