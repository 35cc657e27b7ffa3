//! The ledger: what every operation is and what every Worker is, from which routing, checks, wrangler
//! files and the API's description come.
//!
//! Tests fail when a row has no function, no OpenAPI entry, or lacks its tests.

mod find;
mod own;
mod routes;
mod webhook;
mod workers;

pub use find::{Found, HEAD, Segments, find, find_in, is_of_pages, is_shared_in};
pub use own::{own_count, own_routes};
pub use routes::*;
use workers::is_same;
pub use workers::{
    HEALTH_PART, MASTER_KEYS, META_APP_SECRET, META_VERIFY_TOKEN, PLATFORM_TOKEN, VECTORIZE_TOKEN,
    WORKERS, Worker, functions,
};

use super::{Query, Role, Scope};
use std::fmt;

/// The base of the contract's URLs. Every route is served below it and below `/` too.
pub const BASE_PATH: &str = "/functions/v1";

/// The path at which a function does what other functions ask for. No route has it, so that the gateway
/// hands on no request that could be taken for a call.
pub const CALL_PATH: &str = "/";

/// The methods that the contract uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of HTTP")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Reads a request's method; `None` for one that no route has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str() == text)
    }

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; such a route says nothing about a business.
    Public,
    /// `x-api-key` with this scope.
    Key(Scope),
    /// `Authorization: Bearer` with a session of an admin key, who is an owner, or of a member with this role at least.
    Session(Role),
    /// `Authorization: Bearer` with the deployment's platform token.
    Platform,
    /// `Authorization: Bearer` with a token of the embedded inbox.
    Inbox,
    /// A provider, whose signature the handler checks over the raw body. What else the provider
    /// adds to the query is its affair.
    Provider,
}

/// What body a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; one that comes is not read.
    None,
    /// JSON of at most this many bytes.
    Json(usize),
    /// `multipart/form-data` of at most this many bytes.
    Form(usize),
    /// Any bytes, at most this many. They are not read before the handler asks for them
    /// ([`Context::read_body`](crate::Context::read_body)), which knows by then whose they are.
    Raw(usize),
}

/// One row: an operation of a function.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The folder below `functions/`.
    pub function: &'static str,
    /// Noun first; the name in log lines, OpenAPI and tests.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// The path below the base; `{id}` and `{connector}` stand for one segment each, `{path}` at the
    /// end for any.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What body it takes.
    pub body: Body,
    /// The query parameters it knows; another is refused, since a typo would else go unnoticed.
    pub query: &'static [&'static str],
    /// Whether its answer shows a secret, which must not be stored for a replay in the clear.
    pub secret: bool,
    /// Whether pages of other origins may call it and read its answer: what browsers of CRMs call.
    pub cors: bool,
    /// How many requests a call counts as; see [`Weight`].
    pub weight: Weight,
}

/// How many requests a call counts as in the limit of its caller. Most are one; what reads or causes
/// much is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Of any call. 0, not counted: callers prove themselves by a signature, before which a function reads no
    /// more than what checks it; or it serves a static file.
    pub any: u32,
    /// Of one with this query parameter.
    pub with: Option<(&'static str, u32)>,
}

impl Route {
    /// Whether the audit log tells of it: what people and the platform change, who signs in, and who is
    /// erased.
    #[must_use]
    pub const fn is_audited(&self) -> bool {
        let is_settings = matches!(self.access, Access::Session(_) | Access::Platform);
        let is_other =
            is_same(self.operation, "session_create") || is_same(self.operation, "customer_erase");
        // Repeated until it is done, while the audit log itself is being moved; the log line tells.
        let is_moved = is_same(self.operation, "business_move");
        !matches!(self.method, Method::Get) && (is_settings || is_other) && !is_moved
    }

    /// How many requests a call with this query counts as.
    #[must_use]
    pub fn weight_of(&self, query: &Query) -> u32 {
        match self.weight.with {
            Some((name, weight)) if query.get(name).is_some() => weight,
            _ => self.weight.any,
        }
    }
}

/// The routes that are promised to others. Those of pages are between a page and its Workers, those of backups and
/// moves between the program and its Worker, and may change with them.
pub fn public_routes() -> impl Iterator<Item = &'static Route> {
    let of_program = |route: &Route| matches!(route.function, "backup" | "move-business");
    let is_own = move |route: &Route| is_of_pages(route.path) || of_program(route);
    ROUTES.iter().filter(move |route| !is_own(route))
}

/// The gateway's service binding for a function: `customers-sync` is `CUSTOMERS_SYNC`.
#[must_use]
pub fn service_binding(function: &str) -> String {
    function.replace('-', "_").to_ascii_uppercase()
}
