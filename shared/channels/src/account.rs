use common::context::Context;
use common::http::Error;
use common::ids::ChannelId;
use common::json::raw::texts;
use common::ports::Ports;
use secrets::{CHANNEL_CREDENTIALS, Purpose};
use serde::{Deserialize, Serialize};

/// The secrets of an account, as they are sealed. Which of them a kind has: contract.md, Settings.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Speaks for the account at Meta, or at Chatwoot.
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
    /// Signs what a provider of email sends, or Chatwoot; of Twilio, a shared key that does so in place of
    /// the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// The end of the path that Chatwoot calls us by, for servers that sign nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_token: Option<String>,
}

impl Credentials {
    /// Opens what an account's row holds (see [`credentials_context`]).
    ///
    /// # Errors
    /// 500 for a master key that the ring lacks, or the row of another account.
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

    /// Seals them for the row of an account of the caller's business.
    ///
    /// # Errors
    /// As [`secrets::seal`].
    pub async fn seal(&self, cx: &Context<'_>, channel_id: &ChannelId) -> Result<String, Error> {
        let context = credentials_context(cx.business_id(), channel_id);
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        secrets::seal(cx, &context, &text).await
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
            "webhook_token" => &mut self.webhook_token,
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
    CHANNEL_CREDENTIALS.context(business_id, channel_id.as_str())
}

/// Names an app secret without telling it: accounts of one app have the same.
///
/// # Errors
/// As [`secrets::secret_name`].
pub async fn app_secret_id(cx: &Context<'_>, secret: &str) -> Result<String, Error> {
    secrets::secret_name(cx, Purpose::AppSecretId, secret).await
}

/// Names a verify token without telling it.
///
/// # Errors
/// As [`secrets::secret_name`].
pub async fn verify_token_id(cx: &Context<'_>, token: &str) -> Result<String, Error> {
    secrets::secret_name(cx, Purpose::VerifyTokenId, token).await
}
