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

async fn append_capped(
    before: Vec<u8>,
    stream: &mut dyn BodyStream,
    cap: usize,
) -> Result<Vec<u8>, BodyTooLarge> {
    let cap = cap + before.len();
    let mut body = before;
    if !body.is_empty() {
        body.reserve_exact(stream.length().unwrap_or_default().min(cap - body.len()));
    }
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(BodyTooLarge::Broken)?;
        if body.len() + chunk.len() > cap {
            let seen = body.len() + chunk.len();
            drop(body);
            drain(stream, seen).await;
            return Err(BodyTooLarge::Yes);
        }
        if body.is_empty() {
            body = chunk;
            // Growing by doubling would hold the body twice, and half of it for nothing.
            let rest = stream
                .length()
                .unwrap_or_default()
                .saturating_sub(body.len());
            body.reserve_exact(rest.min(cap - body.len()));
        } else {
            body.extend_from_slice(&chunk);
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
