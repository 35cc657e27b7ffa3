//! A CRM link: a place from which records are taken, for some channels of a page.

mod settings;

pub use settings::{
    Auth, DEFAULT_SCHEDULE_MINUTES, Fields, IdentityFields, LinkSecrets, LinkType, Paging, Settings,
};
