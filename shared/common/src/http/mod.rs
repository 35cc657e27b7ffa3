//! The HTTP contract: requests, responses, the route ledger, and the error with its one envelope.

mod accept;
mod body;
mod class;
mod cursor;
mod error;
mod events;
pub mod input;
pub mod ledger;
pub mod multipart;
pub mod page;
mod query;
mod request;
mod response;
mod role;
pub mod rules;
mod scope;

pub use accept::prefers;
pub use body::{BodyStream, BodyTooLarge, Chunk, NoBody, RequestBody, Unread, read_capped};
pub use class::Class;
pub use cursor::{decode_cursor, encode_cursor};
pub use error::{Detail, Error, Kind};
pub use events::{EVENT_STREAM, Event, Events};
pub use ledger::{Access, Body, Method, Route};
pub use query::Query;
pub use request::{Incoming, Request};
pub use request::{json_error, shape_error};
pub use response::Response;
pub use role::Role;
pub use scope::{Scope, Scopes};

/// A result whose error is an answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
