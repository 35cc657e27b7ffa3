use crate::wire::{SSL_REQUEST, TERMINATE, error, header};
use common::Context;
use common::ports::{Socket, SocketError};
use common::time::{Clock, SECOND, Timestamp};
use knowledge::source::database::{Failure, PostgresUrl, Reason};

/// How long connecting may take, TLS and login included.
const CONNECT: i64 = 10 * SECOND;
/// How long the rows may take. The database itself gives up five seconds earlier, and says so.
const READ: i64 = 25 * SECOND;
/// Most bytes of one session: some more than a page has.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A connection to a PostgreSQL.
pub(crate) struct Connection<'c> {
    clock: &'c dyn Clock,
    socket: Box<dyn Socket>,
    /// What came and is not read yet, from `at` on.
    inbox: Vec<u8>,
    at: usize,
    received: usize,
    deadline: Timestamp,
    /// What it is called if that passes.
    late: Reason,
}

/// A message.
pub(crate) struct Message {
    pub(crate) kind: u8,
    pub(crate) body: Vec<u8>,
}

impl<'c> Connection<'c> {
    /// Connects, and agrees on TLS before anything is sent.
    pub(crate) async fn open(
        cx: &'c Context<'_>,
        place: &PostgresUrl,
    ) -> Result<Connection<'c>, Failure> {
        let address = format!("{}:{}", place.host, place.port);
        let deadline = cx.time_now().plus(CONNECT);
        let millis = left(cx.clock, deadline);
        let socket = cx.ports.sockets.connect(&address, millis).await;
        let mut connection = Connection {
            clock: cx.clock,
            socket: socket.map_err(|error| failure(error, Reason::NoAnswer))?,
            inbox: Vec::new(),
            at: 0,
            received: 0,
            deadline,
            late: Reason::NoAnswer,
        };
        if !place.is_plain {
            connection.encrypt().await?;
        }
        Ok(connection)
    }

    async fn encrypt(&mut self) -> Result<(), Failure> {
        self.send(&SSL_REQUEST).await?;
        self.fill(1).await?;
        // What came before TLS was not encrypted, and must not be taken for what comes behind it (CVE-2021-23222).
        match std::mem::take(&mut self.inbox).as_slice() {
            b"S" => {}
            b"N" => return Err(Failure::of(Reason::NoTls, "")),
            _ => return Err(Failure::of(Reason::NotPostgres, "")),
        }
        let millis = left(self.clock, self.deadline);
        let started = self.socket.start_tls(millis).await;
        started.map_err(|error| match error {
            SocketError::TimedOut => Failure::of(Reason::NoAnswer, ""),
            SocketError::NotConnected(said) | SocketError::Broken(said) => {
                Failure::of(Reason::TlsFailed, said)
            }
        })
    }

    /// Gives the rows their time.
    pub(crate) fn is_logged_in(&mut self) {
        self.deadline = self.clock.now().plus(READ);
        self.late = Reason::TooSlow;
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let millis = left(self.clock, self.deadline);
        let sent = self.socket.write(bytes, millis).await;
        sent.map_err(|error| failure(error, self.late))
    }

    /// The next message, without those that tell of nothing that was asked for. An error is one, too.
    pub(crate) async fn next(&mut self) -> Result<Message, Failure> {
        loop {
            self.fill(5).await?;
            let bytes = self.take(5);
            let head: Option<[u8; 5]> = bytes.try_into().ok();
            let Some((kind, length)) = head.and_then(header) else {
                return Err(Failure::of(Reason::NotPostgres, ""));
            };
            self.fill(length).await?;
            let body = self.take(length);
            match kind {
                // Notices, settings of the session, what others notify.
                b'N' | b'S' | b'A' => {}
                b'E' => {
                    let (code, said) = error(&body);
                    return Err(Failure {
                        code,
                        ..Failure::of(Reason::Refused, said)
                    });
                }
                _ => return Ok(Message { kind, body }),
            }
        }
    }

    /// The next message, of this type.
    pub(crate) async fn expect(&mut self, kind: u8) -> Result<Vec<u8>, Failure> {
        let message = self.next().await?;
        match message.kind == kind {
            true => Ok(message.body),
            false => Err(Failure::of(Reason::NotPostgres, "")),
        }
    }

    /// Hangs up.
    pub(crate) async fn close(mut self) {
        // It may be broken already.
        let _sent = self.socket.write(&TERMINATE, 1000).await;
        self.socket.close().await;
    }

    /// Waits until so many bytes are there.
    async fn fill(&mut self, count: usize) -> Result<(), Failure> {
        while self.inbox.len() - self.at < count {
            if self.at > 0 {
                self.inbox.drain(..self.at);
                self.at = 0;
            }
            let millis = left(self.clock, self.deadline);
            if millis == 0 {
                return Err(Failure::of(self.late, ""));
            }
            let bytes = self.socket.read(millis).await;
            let bytes = bytes.map_err(|error| failure(error, self.late))?;
            if bytes.is_empty() {
                return Err(Failure::of(Reason::Broken, ""));
            }
            self.received += bytes.len();
            if self.received > MAX_BYTES {
                return Err(Failure::of(Reason::NotPostgres, ""));
            }
            self.inbox.extend(bytes);
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let bytes = self.inbox.get(self.at..self.at + count);
        let bytes = bytes.unwrap_or_default().to_vec();
        self.at += count;
        bytes
    }
}

/// How long there is until then, in milliseconds.
fn left(clock: &dyn Clock, deadline: Timestamp) -> u32 {
    let micros = deadline.micros() - clock.now().micros();
    u32::try_from((micros / 1000).max(0)).unwrap_or(u32::MAX)
}

fn failure(error: SocketError, late: Reason) -> Failure {
    match error {
        SocketError::NotConnected(said) => Failure::of(Reason::NotConnected, said),
        SocketError::TimedOut => Failure::of(late, ""),
        SocketError::Broken(said) => Failure::of(Reason::Broken, said),
    }
}
