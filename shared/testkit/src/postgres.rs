use crate::Stack;
use crate::sockets::{Peer, Said};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::signatures::hmac_sha256;
use std::cell::RefCell;
use std::rc::Rc;

/// The password of the role that a test's PostgreSQL knows.
pub const DATABASE_PASSWORD: &str = "correct horse battery";
const SALT: &[u8] = b"salt of the test";
const ROUNDS: u32 = 4;

/// How a PostgreSQL of a test behaves. Its end of the protocol alone: what a statement gives, a test says.
#[derive(Clone)]
pub struct Postgres {
    /// What it answers when it is asked for TLS, before anything is encrypted.
    pub tls: &'static [u8],
    /// What TLS fails by.
    pub tls_fault: Option<&'static str>,
    /// How it asks for a login: 10 for SASL, 3 for the password itself, 5 for MD5.
    pub login: i32,
    /// Whether it proves that it knows the password.
    pub is_genuine: bool,
    /// The state of transactions that it tells after `BEGIN`.
    pub state: u8,
    /// The length of the pieces in which it sends.
    pub piece: usize,
    /// At which message it falls silent, by type; `S` for the first of a session.
    pub silent_at: Option<u8>,
    /// What it sends in the place of an answer to that message.
    pub instead: Option<(u8, Vec<u8>)>,
    /// The columns of any statement, and the rows that a page gets, given its SQL and values.
    pub columns: Vec<&'static str>,
    /// See `columns`.
    pub rows: Rc<Statements>,
    /// What it heard: types of messages with the texts in them.
    pub heard: Rc<RefCell<Vec<(u8, String)>>>,
}

/// What a statement gives, by its SQL and values.
pub type Statements = dyn Fn(&str, &[String]) -> Rows;

/// Rows of two texts, or an error's code and words.
pub type Rows = Result<Vec<[Option<String>; 2]>, (&'static str, &'static str)>;

impl Default for Postgres {
    fn default() -> Self {
        Self {
            tls: b"S",
            tls_fault: None,
            login: 10,
            is_genuine: true,
            state: b'T',
            piece: usize::MAX,
            silent_at: None,
            instead: None,
            columns: vec!["id", "name"],
            rows: Rc::new(|_, _| Ok(Vec::new())),
            heard: Rc::default(),
        }
    }
}

impl Postgres {
    /// One that gives these rows.
    pub fn of(rows: impl Fn(&str, &[String]) -> Rows + 'static) -> Self {
        Self {
            rows: Rc::new(rows),
            ..Self::default()
        }
    }

    /// Has it answer at `host:port`.
    pub fn at(&self, stack: &Stack, address: &str) {
        let server = self.clone();
        stack.ports.listen(address, move || {
            Box::new(Session {
                server: server.clone(),
                is_encrypted: false,
                is_started: false,
                nonce: String::new(),
                sql: String::new(),
                values: Vec::new(),
            })
        });
    }

    /// What it heard, of this type.
    #[must_use]
    pub fn heard(&self, kind: u8) -> Vec<String> {
        let heard = self.heard.borrow();
        let heard = heard.iter().filter(|(known, _)| *known == kind);
        heard.map(|(_, text)| text.clone()).collect()
    }
}

/// A row of a key and JSON.
#[must_use]
pub fn keyed(key: &str, json: &serde_json::Value) -> [Option<String>; 2] {
    [Some(key.to_owned()), Some(json.to_string())]
}

struct Session {
    server: Postgres,
    is_encrypted: bool,
    is_started: bool,
    nonce: String,
    sql: String,
    values: Vec<String>,
}

/// A message.
#[must_use]
pub fn wire_message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

fn asks(kind: i32, more: &[u8]) -> Vec<u8> {
    wire_message(b'R', &[&kind.to_be_bytes(), more].concat())
}

impl Peer for Session {
    fn hears(&mut self, bytes: &[u8]) -> Said {
        let piece = self.server.piece;
        if !self.is_encrypted && bytes == [0, 0, 0, 8, 4, 210, 22, 47] {
            return Said::Bytes(self.server.tls.to_vec(), piece);
        }
        let mut answer = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let kind = match self.is_started {
                true => rest[0],
                false => b'S',
            };
            let head = usize::from(self.is_started);
            let length: [u8; 4] = rest[head..head + 4].try_into().expect("a length");
            let end = head + u32::from_be_bytes(length) as usize;
            let body = rest[head + 4..end].to_vec();
            rest = &rest[end..];
            let text = String::from_utf8_lossy(&body).into_owned();
            let was_started = self.is_started;
            self.server.heard.borrow_mut().push((kind, text.clone()));
            if kind == b'X' {
                return Said::Closed;
            }
            if self.server.silent_at == Some(kind) {
                return Said::Bytes(Vec::new(), piece);
            }
            if let Some((_, instead)) = self.server.instead.clone().filter(|(at, _)| *at == kind) {
                return Said::Bytes(instead, piece);
            }
            match was_started {
                false => {
                    self.is_started = true;
                    let more: &[u8] = match self.server.login {
                        10 => b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0",
                        _ => b"",
                    };
                    answer.extend(asks(self.server.login, more));
                }
                true => answer.extend(self.message(kind, &body, &text)),
            }
        }
        Said::Bytes(answer, piece)
    }

    fn starts_tls(&mut self) -> Result<(), String> {
        self.is_encrypted = true;
        self.server
            .tls_fault
            .map_or(Ok(()), |fault| Err(fault.into()))
    }
}

impl Session {
    fn message(&mut self, kind: u8, body: &[u8], text: &str) -> Vec<u8> {
        let ready = |state: u8| wire_message(b'Z', &[state]);
        match kind {
            b'p' => self.login(body, text),
            b'Q' => [wire_message(b'C', b"BEGIN\0"), ready(self.server.state)].concat(),
            b'P' => {
                let sql = text.trim_matches('\0');
                self.sql = sql.to_owned();
                wire_message(b'1', b"")
            }
            b'B' => {
                self.values.clear();
                let mut rest = &body[6..];
                for _ in 0..u16::from_be_bytes([body[4], body[5]]) {
                    let length =
                        u32::from_be_bytes(rest[..4].try_into().expect("a length")) as usize;
                    self.values
                        .push(String::from_utf8_lossy(&rest[4..4 + length]).into());
                    rest = &rest[4 + length..];
                }
                wire_message(b'2', b"")
            }
            b'D' => {
                let count = u16::try_from(self.server.columns.len()).expect("few columns");
                let mut columns = count.to_be_bytes().to_vec();
                for name in &self.server.columns {
                    columns.extend(name.as_bytes());
                    columns.extend([0; 19]);
                }
                [wire_message(b't', b"\0\0"), wire_message(b'T', &columns)].concat()
            }
            b'E' => match (self.server.rows)(&self.sql, &self.values) {
                Ok(rows) => {
                    let rows = rows.iter().flat_map(|row| wire_message(b'D', &row_of(row)));
                    rows.chain(wire_message(b'C', b"SELECT 1\0")).collect()
                }
                Err((code, said)) => wire_message(b'E', &error_of(code, said)),
            },
            _ => ready(self.server.state),
        }
    }

    fn login(&mut self, body: &[u8], text: &str) -> Vec<u8> {
        let welcome = || {
            let parts = [
                asks(0, b""),
                wire_message(b'S', b"server_version\x0017\0"),
                wire_message(b'K', b"12345678"),
                wire_message(b'N', b"Mwelcome\0\0"),
                wire_message(b'Z', b"I"),
            ];
            parts.concat()
        };
        let wrong = || {
            let said = "password authentication failed for user \"reader\"";
            wire_message(b'E', &error_of("28P01", said))
        };
        if self.server.login == 3 {
            let is_it = body == [DATABASE_PASSWORD.as_bytes(), b"\0"].concat();
            return if is_it { welcome() } else { wrong() };
        }
        let first = |nonce: &str| format!("r={nonce}server,s={},i={ROUNDS}", STANDARD.encode(SALT));
        if let Some((_, nonce)) = text.split_once("n,,n=,r=") {
            self.nonce = nonce.to_owned();
            return asks(11, first(nonce).as_bytes());
        }
        let (bare, proof) = text.split_once(",p=").expect("a proof");
        let signed = format!("n=,r={0},{1},{bare}", self.nonce, first(&self.nonce));
        let salted = salted();
        let client = hmac_sha256(&salted, b"Client Key");
        let stored: Vec<u8> = (0..64)
            .step_by(2)
            .map(|at| {
                let hex = common::signatures::sha256_hex(&client);
                u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits")
            })
            .collect();
        let signature = hmac_sha256(&stored, signed.as_bytes());
        let expected: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        if STANDARD.encode(expected) != proof {
            return wrong();
        }
        let server = match self.server.is_genuine {
            true => hmac_sha256(&hmac_sha256(&salted, b"Server Key"), signed.as_bytes()),
            false => [7; 32],
        };
        let last = format!("v={}", STANDARD.encode(server));
        [asks(12, last.as_bytes()), welcome()].concat()
    }
}

fn salted() -> [u8; 32] {
    let key = DATABASE_PASSWORD.as_bytes();
    let mut last = hmac_sha256(key, &[SALT, &[0, 0, 0, 1]].concat());
    let mut salted = last;
    for _ in 1..ROUNDS {
        last = hmac_sha256(key, &last);
        salted
            .iter_mut()
            .zip(last)
            .for_each(|(to, from)| *to ^= from);
    }
    salted
}

fn row_of(row: &[Option<String>; 2]) -> Vec<u8> {
    let mut body = vec![0, 2];
    for value in row {
        let length = value.as_ref().map_or(-1, |value| {
            i32::try_from(value.len()).expect("a short value")
        });
        body.extend(length.to_be_bytes());
        body.extend(value.as_deref().unwrap_or_default().as_bytes());
    }
    body
}

fn error_of(code: &str, said: &str) -> Vec<u8> {
    format!("SERROR\0VERROR\0C{code}\0M{said}\0Hask your administrator\0\0").into_bytes()
}
