use crate::Stack;
use common::ports::{Async, Socket, SocketError};
use std::future::ready;

/// The other end of a connection.
pub trait Peer {
    /// What it sends when it gets these bytes.
    fn hears(&mut self, bytes: &[u8]) -> Said;

    /// Whether TLS is agreed on, or what it fails by.
    ///
    /// # Errors
    /// The platform's words.
    fn starts_tls(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// What a peer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It sends these bytes, in pieces of the given length at most; none for nothing.
    Bytes(Vec<u8>, usize),
    /// It hangs up.
    Closed,
}

/// A connection, as a test scripts its other end. Who waits for what never comes waits as long as it would.
struct Wire {
    stack: Stack,
    peer: Box<dyn Peer>,
    coming: Vec<u8>,
    piece: usize,
    is_closed: bool,
}

impl Stack {
    pub(crate) fn open_socket(&self, address: &str) -> Result<Box<dyn Socket>, SocketError> {
        let listeners = self.ports.listeners.borrow();
        let Some(listener) = listeners.get(address) else {
            return Err(SocketError::NotConnected("connection refused".into()));
        };
        Ok(Box::new(Wire {
            stack: self.clone(),
            peer: listener(),
            coming: Vec::new(),
            piece: usize::MAX,
            is_closed: false,
        }))
    }
}

impl Socket for Wire {
    fn write<'a>(&'a mut self, bytes: &'a [u8], _: u32) -> Async<'a, Result<(), SocketError>> {
        match self.peer.hears(bytes) {
            Said::Bytes(bytes, piece) => {
                self.coming.extend(bytes);
                self.piece = piece;
            }
            Said::Closed => self.is_closed = true,
        }
        Box::pin(ready(Ok(())))
    }

    fn read(&mut self, timeout_ms: u32) -> Async<'_, Result<Vec<u8>, SocketError>> {
        let length = self.coming.len().min(self.piece);
        let bytes: Vec<u8> = self.coming.drain(..length).collect();
        if bytes.is_empty() && !self.is_closed {
            self.stack.advance(i64::from(timeout_ms) * 1000);
            return Box::pin(ready(Err(SocketError::TimedOut)));
        }
        Box::pin(ready(Ok(bytes)))
    }

    fn start_tls(&mut self, _: u32) -> Async<'_, Result<(), SocketError>> {
        Box::pin(ready(self.peer.starts_tls().map_err(SocketError::Broken)))
    }

    fn close(&mut self) -> Async<'_, ()> {
        self.is_closed = true;
        Box::pin(ready(()))
    }
}
