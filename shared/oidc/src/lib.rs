//! Signing in by OpenID Connect (docs/reference/openid-connect.md): the provider of a business, what it publishes of
//! itself, and what it says of a person.

mod answer;
mod claims;
pub mod exchange;
mod issuer;
mod keys;
mod metadata;
mod provider;
pub mod sql;
mod trouble;
pub mod userinfo;

pub use claims::{Claims, Expected, Identity};
pub use issuer::Issuer;
pub use keys::signed_claims;
pub use metadata::{Metadata, metadata_fetch, metadata_of};
pub use provider::{Provider, start_path};
pub use trouble::Trouble;
