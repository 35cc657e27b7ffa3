use crate::http::Error;
use crate::outside::Outside;
use crate::signatures::hmac_sha256;
use serde::{Deserialize, Serialize};

/// The secrets of an account, as they are sealed. Which of them a kind has, design.md §3 says.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Speaks for the account at Meta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Signs what Meta sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
    /// What Meta tells when it asks whether a callback is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What the credentials of an account are sealed for (see [`Outside::seal`]).
#[must_use]
pub fn credentials_context(business_id: &str, channel_id: &str) -> String {
    format!("channel credentials {business_id} {channel_id}")
}

/// Names an app secret without telling it: accounts of one app have the same.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub fn app_secret_id(outside: &Outside<'_>, secret: &str) -> Result<String, Error> {
    name_of(outside, "app secret id", secret)
}

/// Names a verify token without telling it.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub fn verify_token_id(outside: &Outside<'_>, token: &str) -> Result<String, Error> {
    name_of(outside, "verify token id", token)
}

fn name_of(outside: &Outside<'_>, purpose: &str, secret: &str) -> Result<String, Error> {
    let mut name = hex::encode(hmac_sha256(&outside.key_for(purpose)?, secret.as_bytes()));
    name.truncate(32);
    Ok(name)
}
