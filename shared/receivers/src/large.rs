//! Large bodies: an isolate has 128 MB for all requests that it answers at once. Mails are taken in one at a
//! time, since one takes three times its size with its files; what is smaller than they can be is counted.
//! Neither is read for ever.

use common::context::Context;
use common::http::{Error, Kind};
use common::in_flight::{Held, hold_of};
use common::sender_quota::network_of;
use common::time::{SECOND, Timestamp};
use std::cell::Cell;
use std::future::poll_fn;
use std::ops::{Deref, Range};
use std::task::Poll;

/// Up to how many bytes a body is small.
const SMALL_BYTES: usize = 1024 * 1024;
/// How often it is looked whether the place is free.
const PAUSE_MS: u32 = 100;
/// How long a large body waits for the place.
const MAX_WAIT_MICROS: i64 = 20 * SECOND;
/// How long a body may take to come.
const MAX_READ_MS: u32 = 30_000;
/// From how many bytes on a body is counted that is no mail.
const COUNTED_BYTES: usize = 64 * 1024;
/// After how long the place is taken from whoever has it: a request that was broken off never gives it
/// back. Whoever reads has given up by then.
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
    _held: Option<Held>,
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
/// 413 for more than `cap` bytes; 400 for a body that breaks off or takes longer than 30 s; 503 where others
/// take all the time.
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
    let bytes = read_in_time(cx, before.as_bytes().to_vec(), cap).await?;
    Ok(HeldBody {
        body: before.len()..bytes.len(),
        bytes,
        _place: place,
        _held: None,
    })
}

/// Reads the body of the request beside others, counted among what the isolate holds before any of it is
/// read: by its length, where the sender says it, else as all of `cap`.
///
/// # Errors
/// As [`body_read`]; 503 `busy` where the isolate holds too much already.
pub async fn body_read_counted(cx: &Context<'_>, cap: usize) -> Result<HeldBody, Error> {
    // Whatever the sender said.
    let size = cx.body.length().map_or(cap, |size| size.min(cap));
    let held = match size > COUNTED_BYTES {
        true => {
            let address = (cx.header)("cf-connecting-ip").unwrap_or_default();
            Some(hold_of(&network_of(&address), size, cx.now)?)
        }
        false => None,
    };
    let bytes = read_in_time(cx, Vec::new(), size.max(COUNTED_BYTES).min(cap)).await?;
    Ok(HeldBody {
        body: 0..bytes.len(),
        bytes,
        _place: None,
        _held: held,
    })
}

/// Reads the body, and lets go of what has come where it takes too long.
async fn read_in_time(cx: &Context<'_>, before: Vec<u8>, cap: usize) -> Result<Vec<u8>, Error> {
    let mut reading = cx.body.read(before, cap);
    let mut timer = None;
    let read = poll_fn(|task| {
        if let Poll::Ready(read) = reading.as_mut().poll(task) {
            return Poll::Ready(Some(read));
        }
        // What is there at once needs no timer.
        let timer = timer.get_or_insert_with(|| cx.ports.pause.pause(MAX_READ_MS));
        timer.as_mut().poll(task).map(|_| None)
    });
    match read.await {
        Some(read) => read.map_err(|reason| reason.to_error(cap)),
        None => {
            let message = "The body did not come within 30 seconds. Send it again.";
            Err(Error::new(Kind::MalformedRequest, message))
        }
    }
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
