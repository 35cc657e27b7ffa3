//! Twilio's API: where it is, how a call proves itself, how it says that it failed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::Credentials;
use common::json::Fields;
use common::json::raw::{integer, object};
use common::ports::{OutboundRequest, Ports};

/// The API, where `TWILIO_API_BASE` does not say otherwise.
pub const DEFAULT_BASE: &str = "https://api.twilio.com";
/// Longest answer that is read: a page of fifty messages is the largest that is asked for.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// An account, as the API is called for it.
#[derive(Clone)]
pub struct Api {
    /// The base URL, without a last slash.
    pub base: String,
    account_sid: String,
    authorization: String,
}

impl Api {
    /// By the account's API key where it has one, else by its auth token. What is missing is empty,
    /// which Twilio refuses.
    #[must_use]
    pub fn of(ports: &Ports<'_>, settings: &Fields<String>, credentials: &Credentials) -> Self {
        let token = Self::of_token(ports, settings, credentials);
        match (settings.get("api_key_sid"), &credentials.api_key_secret) {
            (Some(sid), Some(secret)) => Self {
                authorization: basic(sid, secret),
                ..token
            },
            _ => token,
        }
    }

    /// By the auth token in any case: keys do not reach the account itself.
    #[must_use]
    pub fn of_token(
        ports: &Ports<'_>,
        settings: &Fields<String>,
        credentials: &Credentials,
    ) -> Self {
        let account_sid = settings.get("account_sid").cloned().unwrap_or_default();
        let token = credentials.auth_token.as_deref().unwrap_or_default();
        Self {
            base: ports.base_url("TWILIO_API_BASE", DEFAULT_BASE),
            authorization: basic(&account_sid, token),
            account_sid,
        }
    }

    /// The header by which a call proves itself.
    #[must_use]
    pub fn authorization(&self) -> (&'static str, String) {
        ("authorization", self.authorization.clone())
    }

    /// A question about the account or what is below it: `.json`, `/Messages.json?To=…`.
    #[must_use]
    pub fn get(&self, path: &str, timeout_ms: u32) -> OutboundRequest {
        OutboundRequest {
            method: "GET",
            url: self.url(path),
            headers: vec![self.authorization()],
            body: None,
            timeout_ms,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }

    /// A command, as a form.
    #[must_use]
    pub fn post(&self, path: &str, form: String, timeout_ms: u32) -> OutboundRequest {
        const FORM: &str = "application/x-www-form-urlencoded";
        let mut request = self.get(path, timeout_ms);
        request.method = "POST";
        request.headers.push(("content-type", FORM.to_owned()));
        request.body = Some(form.into_bytes());
        request
    }

    fn url(&self, path: &str) -> String {
        let (base, sid) = (&self.base, &self.account_sid);
        format!("{base}/2010-04-01/Accounts/{sid}{path}")
    }
}

fn basic(user: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{secret}")))
}

/// Why a call failed, as Twilio says it. Its sentences are for people, never to branch on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioError {
    /// What went wrong.
    pub code: i64,
    /// A sentence.
    pub message: String,
}

impl TwilioError {
    /// Reads the body of an answer; `None` where it is no error of Twilio's.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let error = object(std::str::from_utf8(body).ok()?)?;
        Some(Self {
            code: integer(error.get("code")?)?.parse().ok()?,
            message: error.text("message").unwrap_or_default(),
        })
    }

    /// Whether what speaks for the account is refused, so that every call will be.
    #[must_use]
    pub fn is_dead_token(&self) -> bool {
        self.code == 20003
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_speaks_for_the_account_where_there_is_one() {
        let mut settings = Fields::new();
        settings.insert("account_sid", "AC1".to_owned());
        let mut credentials = Credentials {
            auth_token: Some("12345".into()),
            ..Credentials::default()
        };
        let request = |settings: &_, credentials: &_| {
            Api::of(&Ports::NOTHING, settings, credentials).get(".json", 1)
        };
        let by_token = request(&settings, &credentials);
        let url = "https://api.twilio.com/2010-04-01/Accounts/AC1.json";
        assert_eq!(by_token.url, url);
        // base64 of AC1:12345 and SK1:key.
        let header = ("authorization", "Basic QUMxOjEyMzQ1".to_owned());
        assert_eq!(by_token.headers, [header]);
        settings.insert("api_key_sid", "SK1".to_owned());
        credentials.api_key_secret = Some("key".into());
        let header = ("authorization", "Basic U0sxOmtleQ==".to_owned());
        assert_eq!(request(&settings, &credentials).headers, [header]);
    }

    #[test]
    fn an_error_is_read_and_nothing_else_is_one() {
        let body = br#"{"code":20003,"message":"Authenticate","more_info":"x","status":401}"#;
        assert!(TwilioError::parse(body).is_some_and(|error| error.is_dead_token()));
        for other in ["", "<html>", "{}", r#"{"code":null}"#, r#"{"code":"x"}"#] {
            assert_eq!(TwilioError::parse(other.as_bytes()), None, "{other}");
        }
    }
}
