use super::{Error, Kind};
use crate::ports::Async;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;

/// One piece of a body: `None` at its end, `Err` when the sender broke off.
pub type Chunk = Option<Result<Vec<u8>, String>>;

/// A body as it arrives.
pub trait BodyStream {
    /// The next piece.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>>;

    /// How many bytes the sender says it has.
    fn length(&self) -> Option<usize> {
        None
    }
}

/// The body of a request, for a handler that reads it once it knows whose it is (see
/// [`Body::Raw`](super::Body::Raw)).
pub trait RequestBody {
    /// How many bytes the sender says it has.
    fn length(&self) -> Option<usize>;

    /// Appends it to `before`. It can be read once; then nothing is left of it.
    ///
    /// # Errors
    /// [`BodyTooLarge`] for more than `cap` bytes, and as it says.
    fn read(&self, before: Vec<u8>, cap: usize) -> Async<'_, Result<Vec<u8>, BodyTooLarge>>;
}

/// A body that was not read yet.
pub struct Unread<'s> {
    stream: RefCell<Option<&'s mut dyn BodyStream>>,
    length: Option<usize>,
}

impl<'s> Unread<'s> {
    /// That of a stream.
    pub fn of(stream: &'s mut dyn BodyStream) -> Self {
        Self {
            length: stream.length(),
            stream: RefCell::new(Some(stream)),
        }
    }
}

impl RequestBody for Unread<'_> {
    fn length(&self) -> Option<usize> {
        self.length
    }

    fn read(&self, before: Vec<u8>, cap: usize) -> Async<'_, Result<Vec<u8>, BodyTooLarge>> {
        let stream = self.stream.take();
        Box::pin(async move {
            match stream {
                Some(stream) => append_capped(before, stream, cap).await,
                None => Ok(before),
            }
        })
    }
}

/// Nothing, where no request came or its body was read before.
pub struct NoBody;

impl RequestBody for NoBody {
    fn length(&self) -> Option<usize> {
        Some(0)
    }

    fn read(&self, before: Vec<u8>, _: usize) -> Async<'_, Result<Vec<u8>, BodyTooLarge>> {
        Box::pin(std::future::ready(Ok(before)))
    }
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyTooLarge {
    /// It is larger than the cap.
    Yes,
    /// It broke off before its end.
    Broken(String),
}

impl BodyTooLarge {
    /// What the sender is told: 413, or 400 for one that broke off.
    #[must_use]
    #[track_caller]
    pub fn to_error(&self, cap: usize) -> Error {
        match self {
            Self::Yes => {
                let message =
                    format!("The body is larger than {cap} bytes. Send it in smaller parts.");
                Error::new(Kind::BodyTooLarge, message)
            }
            Self::Broken(_) => {
                Error::new(Kind::MalformedRequest, "The body broke off before its end.")
            }
        }
    }
}

/// Most of a refused body that is still taken off the wire, so that a client which sends before it
/// reads gets the 413 and not a reset connection.
const DRAIN_BYTES: usize = 32 * 1024 * 1024;

/// Reads a body to its end, never keeping more than `cap` bytes.
///
/// # Errors
/// [`BodyTooLarge`] as it says.
pub async fn read_capped(stream: &mut dyn BodyStream, cap: usize) -> Result<Vec<u8>, BodyTooLarge> {
    append_capped(Vec::new(), stream, cap).await
}

/// Room that is made for a body before any of it is there, whatever its sender says of its length.
const FIRST_BYTES: usize = 1024 * 1024;

async fn append_capped(
    before: Vec<u8>,
    stream: &mut dyn BodyStream,
    cap: usize,
) -> Result<Vec<u8>, BodyTooLarge> {
    let before_bytes = before.len();
    let cap = cap + before_bytes;
    let whole = stream
        .length()
        .map_or(0, |length| length.saturating_add(before_bytes).min(cap));
    let mut body = before;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(BodyTooLarge::Broken)?;
        if body.len() + chunk.len() > cap {
            let seen = body.len() + chunk.len();
            drop(body);
            drain(stream, seen).await;
            return Err(BodyTooLarge::Yes);
        }
        let needed = body.len() + chunk.len();
        if body.capacity() < needed && needed < whole {
            // Growing by doubling would hold the body twice, and half of it for nothing. A length that is
            // not true costs no more than the first room, until as much has come.
            let room = if needed < FIRST_BYTES {
                whole.min(FIRST_BYTES)
            } else {
                whole
            };
            body.reserve_exact(room - body.len());
        }
        match body.is_empty() && body.capacity() < chunk.len() {
            true => body = chunk,
            false => body.extend_from_slice(&chunk),
        }
    }
    Ok(body)
}

async fn drain(stream: &mut dyn BodyStream, mut seen: usize) {
    while seen < DRAIN_BYTES {
        match stream.next().await {
            Some(Ok(chunk)) => seen += chunk.len(),
            Some(Err(_)) | None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    const MEGABYTE: usize = 1024 * 1024;

    struct Claimed {
        pieces: Vec<usize>,
        length: usize,
    }

    impl BodyStream for Claimed {
        fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
            let piece = self.pieces.pop().map(|size| Ok(vec![b'x'; size]));
            Box::pin(std::future::ready(piece))
        }

        fn length(&self) -> Option<usize> {
            Some(self.length)
        }
    }

    fn read(before: &[u8], pieces: Vec<usize>, length: usize) -> Vec<u8> {
        let mut stream = Claimed { pieces, length };
        let mut reading = pin!(append_capped(before.to_vec(), &mut stream, 25 * MEGABYTE));
        match reading
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(body) => body.unwrap(),
            Poll::Pending => panic!("nothing is waited for"),
        }
    }

    #[test]
    fn a_length_that_is_only_said_takes_no_room_and_one_that_is_true_takes_no_more_than_itself() {
        for before in [&b""[..], b"envelope\n"] {
            let lied = read(before, vec![10], 25 * MEGABYTE);
            assert_eq!(lied.len(), before.len() + 10);
            assert!(lied.capacity() <= MEGABYTE + 100, "{}", lied.capacity());
            let whole = read(before, vec![MEGABYTE / 4; 80], 20 * MEGABYTE);
            assert_eq!(whole.len(), before.len() + 20 * MEGABYTE);
            assert!(
                whole.capacity() <= 20 * MEGABYTE + 100,
                "{}",
                whole.capacity()
            );
        }
    }
}
