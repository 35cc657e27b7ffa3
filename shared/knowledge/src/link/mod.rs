//! A CRM link: a place from which records are taken, for some channels of a page.

mod auth;
mod channel;
mod fetch;
mod file;
pub mod request;
mod row;
mod settings;
pub mod sql;

pub use channel::LinkChannel;
pub use fetch::{Fetch, FetchStatus, KEPT_FETCHES};
pub use file::{FILE_SCHEME, LinkFile, file_key, file_name};
pub use row::{ACCEPTED, Link, link_message, opened, seal};
pub use settings::{
    Auth, DEFAULT_SCHEDULE_MINUTES, Fields, Grant, IdentityFields, LinkSecrets, LinkType, Paging,
    Settings,
};
