//! Who calls, what they may do, and what they called: businesses, API keys, sessions, quotas, idempotency, usage.

pub mod audit;
mod caller;
pub mod erasure;
pub mod idempotency;
pub mod name;
pub mod quota;
pub mod session;
pub mod sign_in;
pub mod sql;
pub mod sso;
pub mod token;
pub mod usage;

pub use caller::{KeyCheck, authenticate_key, authenticate_platform};
pub use session::{Presented, SessionCheck, authenticate_session};
pub use token::{SecretToken, TokenKind};
