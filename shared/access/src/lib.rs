//! Who calls, and what they may do: businesses, API keys, sessions, quotas, idempotency.

pub mod audit;
mod caller;
pub mod erasure;
pub mod idempotency;
pub mod name;
pub mod quota;
pub mod sql;
pub mod sso;
pub mod token;

pub use caller::{KeyCheck, authenticate_key, authenticate_platform, authenticate_session};
pub use token::{SecretToken, TokenKind};
