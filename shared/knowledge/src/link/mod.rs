//! A CRM link: a place from which records are taken, for some channels of a page.

mod channel;
mod fetch;
pub mod request;
mod row;
mod settings;

pub use channel::LinkChannel;
pub use fetch::{Fetch, FetchStatus, KEPT_FETCHES};
pub use row::{Link, link_message, opened, seal};
pub use settings::{
    Auth, DEFAULT_SCHEDULE_MINUTES, Fields, Grant, IdentityFields, LinkSecrets, LinkType, Paging,
    Settings,
};
