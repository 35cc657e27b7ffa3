use std::future::Future;
use std::pin::Pin;

/// One piece of a body: `None` at its end, `Err` when the sender broke off.
pub type Chunk = Option<Result<Vec<u8>, String>>;

/// A body as it arrives.
pub trait BodyStream {
    /// The next piece.
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>>;
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyTooLarge {
    /// It is larger than the cap.
    Yes,
    /// It broke off before its end.
    Broken(String),
}

/// Most of a refused body that is still taken off the wire, so that a client which sends before it
/// reads gets the 413 and not a reset connection.
const DRAIN_BYTES: usize = 32 * 1024 * 1024;

/// Reads a body to its end, never keeping more than `cap` bytes.
///
/// # Errors
/// [`BodyTooLarge`] as it says.
pub async fn read_capped(stream: &mut dyn BodyStream, cap: usize) -> Result<Vec<u8>, BodyTooLarge> {
    let mut body = Vec::new();
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
