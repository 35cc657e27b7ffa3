use super::{Async, Nothing};

/// Why a connection gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketError {
    /// There is none: an unknown host, or nobody listens.
    NotConnected(String),
    /// Nothing came in time.
    TimedOut,
    /// It broke, or TLS failed.
    Broken(String),
}

/// Connections to other servers by TCP.
pub trait Sockets {
    /// Connects to `host:port`, an IPv6 address within brackets. Nothing is encrypted before
    /// [`Socket::start_tls`].
    fn connect<'a>(
        &'a self,
        address: &'a str,
        timeout_ms: u32,
    ) -> Async<'a, Result<Box<dyn Socket>, SocketError>>;
}

/// A connection to another server. One that failed is of no more use.
pub trait Socket {
    /// Sends bytes.
    fn write<'a>(
        &'a mut self,
        bytes: &'a [u8],
        timeout_ms: u32,
    ) -> Async<'a, Result<(), SocketError>>;

    /// The next bytes that come; none when the other side has closed.
    fn read(&mut self, timeout_ms: u32) -> Async<'_, Result<Vec<u8>, SocketError>>;

    /// Goes on by TLS. The certificate must be of the host that was connected to, by an authority that the platform
    /// trusts.
    fn start_tls(&mut self, timeout_ms: u32) -> Async<'_, Result<(), SocketError>>;

    /// Hangs up.
    fn close(&mut self) -> Async<'_, ()>;
}

impl Sockets for Nothing {
    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: u32,
    ) -> Async<'a, Result<Box<dyn Socket>, SocketError>> {
        let reason = "this function has no sockets".to_owned();
        Box::pin(std::future::ready(Err(SocketError::NotConnected(reason))))
    }
}
