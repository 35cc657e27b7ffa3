//! The ports: other servers, stored bytes, queues, the deployment's variables. The traits are narrow, so
//! that all code that uses them runs natively under tests.

mod address;
mod ai;
mod parts;
mod public_keys;
mod public_url;
mod ring;
mod sealed;
mod sockets;
mod streams;

pub use ai::{Ai, AiError};
pub use parts::{MAX_PARTS, PART_BYTES, file_keys, part_count, part_key};
pub use public_keys::{Algorithm, PublicKey, PublicKeys, Signed};
pub use public_url::PublicUrl;
pub use ring::{MasterKey, Ring};
pub use sealed::{DataKey, SEALED_PREFIX_LEN, master_key_id};
pub use sockets::{Socket, SocketError, Sockets};
pub use streams::{OpenedResponse, Streams};

use crate::db::{Database, DbError, Pending, Places, Rows, Statement};
use crate::http::{Error, Kind};
use crate::signatures::Sealing;
use crate::time::Timestamp;
use std::future::Future;
use std::pin::Pin;

/// A boxed future of a port. Not `Send`: a Worker has one thread.
pub type Async<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The ports of a function. A port that the function was not given fails as absent.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Other servers.
    pub http: &'a dyn Http,
    /// Other servers whose answers are read while they come.
    pub streams: &'a dyn Streams,
    /// Connections to other servers that speak no HTTP.
    pub sockets: &'a dyn Sockets,
    /// Stored bytes.
    pub blobs: &'a dyn Blobs,
    /// The second database, of what is searched: all of it can be made again from the first and from where
    /// it was fetched.
    pub search: &'a dyn Database,
    /// The databases one by one, where the deployment has several, for what is done to them and not in them.
    pub databases: Option<&'a dyn Places>,
    /// The functions that this one is bound to.
    pub services: &'a dyn Services,
    /// The files of the function that are served as they are.
    pub assets: &'a dyn Assets,
    /// The platform's models; a deployment may bind them or not.
    pub ai: &'a dyn Ai,
    /// Checks of what others have signed.
    pub public_keys: &'a dyn PublicKeys,
    /// Waiting, for what is held until something happens.
    pub pause: &'a dyn Pause,
    /// A variable or secret of the deployment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The cipher; functions that seal nothing do not carry it.
    pub sealing: Option<Sealing>,
    /// The platform's time zones; functions that tell no local time do not carry them.
    pub wall_clock: Option<WallClock>,
}

/// What the clocks of a time zone (IANA, such as `Europe/Dublin`) show at a time, as `2026-11-23 14:05:09`; `None` for
/// a zone that there is not.
pub type WallClock = fn(&str, Timestamp) -> Option<String>;

impl Ports<'_> {
    /// Nothing at all.
    pub const NOTHING: Ports<'static> = Ports {
        http: &Nothing,
        streams: &Nothing,
        sockets: &Nothing,
        blobs: &Nothing,
        search: &Nothing,
        databases: None,
        services: &Nothing,
        assets: &Nothing,
        ai: &Nothing,
        public_keys: &Nothing,
        pause: &Nothing,
        variable: &|_| None,
        sealing: None,
        wall_clock: None,
    };

    /// The origin by which providers and links reach us: `PUBLIC_ORIGIN`, without a last slash.
    ///
    /// # Errors
    /// 500 where the deployment lacks it.
    pub fn public_origin(&self) -> Result<String, Error> {
        let origin = (self.variable)("PUBLIC_ORIGIN").filter(|origin| !origin.is_empty());
        let origin = origin.ok_or_else(|| Error::internal("PUBLIC_ORIGIN is not set"))?;
        Ok(origin.trim_end_matches('/').to_owned())
    }

    /// The business of whoever runs the deployment, `OPERATOR_BUSINESS_ID`: it is told what concerns all, and mail of the
    /// deployment goes by its account.
    #[must_use]
    pub fn operator_business(&self) -> Option<String> {
        (self.variable)("OPERATOR_BUSINESS_ID").filter(|id| !id.is_empty())
    }

    /// The size at which the database is full, in bytes: `DATABASE_MAX_BYTES`, by default the 10 GB of D1's paid
    /// plan; its free plan has 500 MB (D1's documented limits).
    #[must_use]
    pub fn database_max_bytes(&self) -> i64 {
        let max = (self.variable)("DATABASE_MAX_BYTES").and_then(|max| max.parse().ok());
        max.filter(|max| *max > 0).unwrap_or(10_000_000_000)
    }

    /// A provider's base URL: the variable, or the provider's own.
    #[must_use]
    pub fn base_url(&self, variable: &str, default: &str) -> String {
        let base = (self.variable)(variable).filter(|base| !base.is_empty());
        base.map_or_else(
            || default.to_owned(),
            |base| base.trim_end_matches('/').to_owned(),
        )
    }

    /// Whether a switch of the deployment is on: set, and neither `0` nor `false`.
    #[must_use]
    pub fn is_on(&self, variable: &str) -> bool {
        (self.variable)(variable).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    }

    /// The deployment's master keys.
    ///
    /// # Errors
    /// 500 where the deployment has none, or one that is no key.
    pub fn ring(&self) -> Result<Ring, Error> {
        Ring::of(self.variable)
    }

    /// A key for one purpose, made of the master key that seals and signs.
    ///
    /// # Errors
    /// As [`Ports::ring`].
    pub fn key_for(&self, purpose: &str) -> Result<[u8; 32], Error> {
        Ok(self.ring()?.first().key_for(purpose))
    }

    /// The keys for one purpose by which something may be signed that is still good: one of each master
    /// key, that of [`Ports::key_for`] first.
    ///
    /// # Errors
    /// As [`Ports::ring`].
    pub fn keys_for(&self, purpose: &str) -> Result<Vec<[u8; 32]>, Error> {
        let ring = self.ring()?;
        Ok(ring.keys().map(|key| key.key_for(purpose)).collect())
    }
}

/// An HTTP request to another server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundRequest {
    /// `GET`, `POST`, ….
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Headers that a business has set, their names in lower case. They replace what is in `headers`.
    pub custom_headers: Vec<(String, String)>,
    /// The body, for methods that have one.
    pub body: Option<Vec<u8>>,
    /// The timeout in milliseconds, including reading the body.
    pub timeout_ms: u32,
    /// The most bytes of the response body to read.
    pub max_bytes: usize,
}

impl OutboundRequest {
    /// The same request with another method and this JSON as its body.
    #[must_use]
    pub fn with_json(mut self, method: &'static str, json: String) -> Self {
        self.method = method;
        self.headers
            .push(("content-type", "application/json".to_owned()));
        self.body = Some(json.into_bytes());
        self
    }
}

/// The response of another server. Redirects are returned, never followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundResponse {
    /// The status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning.
    pub body: Vec<u8>,
    /// Whether the body was cut at `max_bytes`.
    pub is_cut: bool,
}

impl OutboundResponse {
    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why a request got no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// The request was not sent: unknown host, connection refused.
    NotSent(String),
    /// The server may have received it: a timeout, a broken connection.
    Unsure(String),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotSent(reason) | Self::Unsure(reason) => f.write_str(reason),
        }
    }
}

/// Other servers.
pub trait Http {
    /// Sends a request and waits for its answer.
    fn fetch(&self, request: OutboundRequest) -> Async<'_, Result<OutboundResponse, FetchError>>;
}

/// Stored bytes, by key: Workers KV, 25 MiB a value, or an R2 bucket where one is bound.
pub trait Blobs {
    /// Stores bytes; they expire after `seconds`, where given.
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        seconds: Option<u32>,
    ) -> Async<'a, Result<(), Error>>;
    /// The bytes, where there are any.
    fn get<'a>(&'a self, key: &'a str) -> Async<'a, Result<Option<Vec<u8>>, Error>>;
    /// Removes what is under these keys, a call of the store for each.
    fn delete<'a>(&'a self, keys: &'a [String]) -> Async<'a, Result<(), Error>>;
    /// Up to a thousand keys that begin so.
    fn list<'a>(&'a self, prefix: &'a str) -> Async<'a, Result<Vec<String>, Error>>;
}

/// The queues. Their messages carry ids and wake a function; losing one loses nothing, since the
/// cron wakes what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// A business has events to hand out: `fan-out`.
    Events,
    /// An endpoint has deliveries: `deliver-webhooks`.
    Deliveries,
    /// A message has media to fetch: `fetch-media`.
    Media,
    /// A message waits to be sent: `send-message`.
    Sends,
    /// A provider's delivery could not be ingested: `webhook-meta`.
    Inbound,
    /// A business has something to do for its CRM: `sync-crm`.
    Crm,
    /// A business has something to do for its CRM of sales: `sync-sales`.
    Sales,
    /// A business has something to do for a source of conversations: `sync-sources`.
    Sources,
    /// A CRM link is to be fetched: `refresh-crm-links`.
    Links,
    /// A conversation has a message to reply to: `auto-reply`.
    Replies,
    /// Somebody asked for a link to sign in: `sign-in`.
    Mails,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Events,
        Self::Deliveries,
        Self::Media,
        Self::Sends,
        Self::Inbound,
        Self::Crm,
        Self::Sales,
        Self::Sources,
        Self::Links,
        Self::Replies,
        Self::Mails,
    ];

    /// The binding, in every wrangler file that has it.
    #[must_use]
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Events => "EVENTS",
            Self::Deliveries => "DELIVERIES",
            Self::Media => "MEDIA",
            Self::Sends => "SENDS",
            Self::Inbound => "INBOUND",
            Self::Crm => "CRM",
            Self::Sales => "SALES",
            Self::Sources => "SOURCES",
            Self::Links => "LINKS",
            Self::Replies => "REPLIES",
            Self::Mails => "MAILS",
        }
    }
}

/// A message for a queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wake {
    /// Where.
    pub queue: Queue,
    /// JSON.
    pub message: String,
    /// How many seconds the queue delays it.
    pub delay_seconds: u32,
}

/// The response of another function of the deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceResponse {
    /// As of HTTP.
    pub status: u16,
    /// The result, or the code of an error.
    pub body: Vec<u8>,
}

impl ServiceResponse {
    /// What a function gives that did what it was asked for.
    #[must_use]
    pub const fn done(body: Vec<u8>) -> Self {
        Self { status: 200, body }
    }

    /// What a function gives that failed.
    #[must_use]
    pub fn failed(error: &Error) -> Self {
        Self {
            status: error.status(),
            body: error.code().into(),
        }
    }

    /// Whether the function did what it was asked for.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.status == 200
    }
}

/// What comes of a call of another function.
pub type Called<'a> = Async<'a, Result<ServiceResponse, Error>>;

/// The other functions of the deployment.
pub trait Services {
    /// Whether a function answers.
    fn is_up<'a>(&'a self, function: &'a str) -> Async<'a, bool>;

    /// Calls an internal operation of another function. `note` names the operation in that function's
    /// log line.
    fn call<'a>(&'a self, function: &'a str, note: &'a str, body: &'a [u8]) -> Called<'a>;
}

/// The files below `assets/` in the function's folder.
pub trait Assets {
    /// What a file holds.
    fn read<'a>(&'a self, name: &'a str) -> Async<'a, Result<Vec<u8>, Error>>;
}

/// Waiting. Its only cost is that the request stays open.
pub trait Pause {
    /// Waits `millis` milliseconds and returns the time afterwards; `None` where waiting is not
    /// possible.
    fn pause(&self, millis: u32) -> Async<'_, Option<Timestamp>>;
}

/// Ports of a function that has none.
pub struct Nothing;

impl Http for Nothing {
    fn fetch(&self, _: OutboundRequest) -> Async<'_, Result<OutboundResponse, FetchError>> {
        let reason = "this function has no way out".to_owned();
        Box::pin(std::future::ready(Err(FetchError::NotSent(reason))))
    }
}

fn absent<'a, T: 'a>() -> Async<'a, Result<T, Error>> {
    let error = Error::new(Kind::Internal, "This function has no such binding.");
    Box::pin(std::future::ready(Err(error)))
}

impl Blobs for Nothing {
    fn put<'a>(&'a self, _: &'a str, _: &'a [u8], _: Option<u32>) -> Async<'a, Result<(), Error>> {
        absent()
    }
    fn get<'a>(&'a self, _: &'a str) -> Async<'a, Result<Option<Vec<u8>>, Error>> {
        absent()
    }
    fn delete<'a>(&'a self, _: &'a [String]) -> Async<'a, Result<(), Error>> {
        absent()
    }
    fn list<'a>(&'a self, _: &'a str) -> Async<'a, Result<Vec<String>, Error>> {
        absent()
    }
}

impl Database for Nothing {
    fn rows(&self, _: Statement) -> Pending<'_, Rows> {
        Box::pin(std::future::ready(Err(no_database())))
    }
    fn batch(&self, _: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        Box::pin(std::future::ready(Err(no_database())))
    }
    fn size(&self) -> Option<i64> {
        None
    }
    fn added(&self) -> usize {
        0
    }
}

fn no_database() -> DbError {
    DbError::from_message("this function has no such database")
}

impl Assets for Nothing {
    fn read<'a>(&'a self, _: &'a str) -> Async<'a, Result<Vec<u8>, Error>> {
        absent()
    }
}

impl PublicKeys for Nothing {
    fn is_signed<'a>(&'a self, _: Signed<'a>) -> Async<'a, Result<bool, Error>> {
        absent()
    }
}

impl Pause for Nothing {
    fn pause(&self, _: u32) -> Async<'_, Option<Timestamp>> {
        Box::pin(std::future::ready(None))
    }
}

impl Services for Nothing {
    fn is_up<'a>(&'a self, _: &'a str) -> Async<'a, bool> {
        Box::pin(std::future::ready(false))
    }
    fn call<'a>(&'a self, _: &'a str, _: &'a str, _: &'a [u8]) -> Called<'a> {
        absent()
    }
}
