//! Channels: accounts at providers by which a business is reached, and an adapter for each provider.

mod account;
mod kind;

pub use account::{Credentials, app_secret_id, credentials_context, verify_token_id};
pub use kind::ChannelKind;
