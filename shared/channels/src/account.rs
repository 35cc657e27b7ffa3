use common::http::Error;
use common::ids::{ChannelId, Entropy};
use common::json::raw::texts;
use common::ports::Ports;
use common::signatures::hmac_sha256;
use serde::{Deserialize, Serialize};

/// The secrets of an account, as they are sealed. Which of them a kind has: contract.md, Settings.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Speaks for the account at Meta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Signs what Meta sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
    /// Signs what Meta sends for Instagram, by accounts that log in there (channels.md §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instagram_app_secret: Option<String>,
    /// The token that Meta sends when it verifies a callback URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
    /// Speaks for the account at Twilio, and signs what it sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_token: Option<String>,
    /// Of an API key of Twilio's, which speaks for the account in place of its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_secret: Option<String>,
    /// Speaks for the account at a provider of email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// Signs what a provider of email sends; of Twilio, a shared key that does so in place of the
    /// token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

impl Credentials {
    /// Opens what an account's row holds (see [`credentials_context`]).
    ///
    /// # Errors
    /// 500 for another `MASTER_KEY`, or the row of another account.
    pub fn open(
        ports: &Ports<'_>,
        business_id: &str,
        channel_id: &ChannelId,
        sealed: &str,
    ) -> Result<Self, Error> {
        let context = credentials_context(business_id, channel_id);
        let opened = ports.open(&context, sealed)?;
        let texts = texts(&opened);
        let texts = texts.ok_or_else(|| Error::internal("stored credentials are unreadable"))?;
        let mut credentials = Self::default();
        for (name, value) in texts.iter() {
            if let Some(slot) = credentials.slot(name) {
                *slot = Some(value.clone());
            }
        }
        Ok(credentials)
    }

    /// Seals them for an account's row.
    ///
    /// # Errors
    /// 500 where the deployment has no `MASTER_KEY`.
    pub fn seal(
        &self,
        ports: &Ports<'_>,
        entropy: Entropy,
        business_id: &str,
        channel_id: &ChannelId,
    ) -> Result<String, Error> {
        let context = credentials_context(business_id, channel_id);
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        ports.seal(entropy, &context, &text)
    }

    /// The place of a secret.
    pub fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "app_secret" => &mut self.app_secret,
            "instagram_app_secret" => &mut self.instagram_app_secret,
            "verify_token" => &mut self.verify_token,
            "auth_token" => &mut self.auth_token,
            "api_key_secret" => &mut self.api_key_secret,
            "api_key" => &mut self.api_key,
            "webhook_secret" => &mut self.webhook_secret,
            _ => return None,
        })
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What the credentials of an account are sealed for (see [`Ports::seal`]).
#[must_use]
pub fn credentials_context(business_id: &str, channel_id: &ChannelId) -> String {
    format!("channel credentials {business_id} {channel_id}")
}

/// Names an app secret without telling it: accounts of one app have the same.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub fn app_secret_id(ports: &Ports<'_>, secret: &str) -> Result<String, Error> {
    name_of(ports, "app secret id", secret)
}

/// Names a verify token without telling it.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub fn verify_token_id(ports: &Ports<'_>, token: &str) -> Result<String, Error> {
    name_of(ports, "verify token id", token)
}

fn name_of(ports: &Ports<'_>, purpose: &str, secret: &str) -> Result<String, Error> {
    let mut name = hex::encode(hmac_sha256(&ports.key_for(purpose)?, secret.as_bytes()));
    name.truncate(32);
    Ok(name)
}
