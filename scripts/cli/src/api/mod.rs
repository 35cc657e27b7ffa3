//! The one way to the server.

mod error;
mod retry;

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{self, HeaderValue, Method, Request, Response, header};

pub(crate) use error::ApiError;
pub(crate) use retry::{GaveUp, Policy, Wait};

use crate::config::{BaseUrl, Config, SecretKind};
use crate::secret::Secret;

/// An answer longer than this is not one of the API's; a thousand details are some 300 KB.
const MAX_ANSWER: u64 = 32 * 1024 * 1024;

/// One request, apart from the server it goes to.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Segments below the base URL.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) credential: Credential<'a>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) body: Option<&'a [u8]>,
}

/// What a call proves itself with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential<'a> {
    /// An API key or admin key, in `x-api-key`.
    Key(SecretKind, &'a Secret),
    /// The platform token, as a bearer.
    Token(SecretKind, &'a Secret),
    /// The token of a session begun with the admin key, as a bearer.
    Session(&'a Secret),
    /// The access token of somebody in Chatwoot, for its own API.
    Chatwoot(&'a Secret),
}

/// An answer with a 2xx status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.body).map_err(|_| ApiError::Unintelligible)
    }
}

/// A connection to one server; keeps it open between calls.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: BaseUrl,
    /// Under which secrets leave the server and come to it, in base64.
    backup_key: Option<Secret>,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Self {
        Self::at(&config.base, config.timeout)
    }

    /// One to another server than that of the configuration.
    pub(crate) fn at(base: &BaseUrl, timeout: Duration) -> Self {
        let mut agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would turn a POST into a GET, or carry the key to another host.
            .max_redirects(0)
            .timeout_global(Some(timeout))
            .user_agent(concat!("tieline/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback() {
            agent = agent.proxy(None);
        }
        Self {
            agent: agent.build().into(),
            base: base.clone(),
            backup_key: None,
        }
    }

    /// The same server, asked to seal under this key what it gives.
    pub(crate) fn sealing_under(mut self, key: Option<Secret>) -> Self {
        self.backup_key = key;
        self
    }

    /// Sends once. Anything but a 2xx is an error.
    pub(crate) fn send(&self, call: &Call<'_>) -> Result<Answer, ApiError> {
        self.send_as("application/json", call)
    }

    /// The same with a body of another media type.
    pub(crate) fn send_as(&self, media: &str, call: &Call<'_>) -> Result<Answer, ApiError> {
        let mut response = self.exchange(media, call).map_err(unreachable)?;
        let body = response.body_mut().with_config().limit(MAX_ANSWER);
        let body = body.read_to_vec().map_err(unreachable)?;
        if response.status().is_success() {
            return Ok(Answer { body });
        }
        let kind = match call.credential {
            Credential::Key(kind, _) | Credential::Token(kind, _) => kind,
            Credential::Session(_) | Credential::Chatwoot(_) => SecretKind::AdminKey,
        };
        Err(ApiError::refused(
            response.status().as_u16(),
            &|name| Some(response.headers().get(name)?.to_str().ok()?.to_owned()),
            &body,
            kind,
        ))
    }

    /// What stands at a path and fits a query.
    pub(crate) fn list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        credential: Credential<'_>,
    ) -> Result<Answer, ApiError> {
        self.send(&Call {
            method: Method::GET,
            path,
            query,
            credential,
            idempotency_key: None,
            body: None,
        })
    }

    fn exchange(&self, media: &str, call: &Call<'_>) -> Result<Response<ureq::Body>, ureq::Error> {
        let url = self.base.join(call.path, call.query);
        let (name, mut value) = match call.credential {
            Credential::Key(_, secret) => ("x-api-key", HeaderValue::from_str(secret.expose())),
            // Proxies may drop a header with underscores, as Chatwoot's own documents write it.
            Credential::Chatwoot(secret) => {
                ("api-access-token", HeaderValue::from_str(secret.expose()))
            }
            Credential::Token(_, secret) | Credential::Session(secret) => (
                "authorization",
                HeaderValue::from_str(&format!("Bearer {}", secret.expose())),
            ),
        };
        if let Ok(value) = &mut value {
            value.set_sensitive(true);
        }
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(url.as_str())
            .header(name, value.map_err(http::Error::from)?)
            .header(header::ACCEPT, "application/json");
        if let Some(key) = call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(key) = &self.backup_key {
            request = request.header("x-backup-key", key.expose());
        }
        match call.body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, media);
                self.agent.run(request.body(body)?)
            }
            None => self.agent.run(request.body(())?),
        }
    }
}

fn unreachable(error: ureq::Error) -> ApiError {
    ApiError::Unreachable(error.to_string())
}

/// `Retry-After` when it is a number of seconds or a date; a date that has passed is no wait.
fn retry_after(value: &str, now_unix: i64) -> Option<Duration> {
    use time::{OffsetDateTime, format_description::well_known::Rfc2822};
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = OffsetDateTime::parse(value.trim(), &Rfc2822).ok()?;
    let seconds = at.unix_timestamp().saturating_sub(now_unix);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        assert_eq!(retry_after("7", 0), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after(date, 1_792_567_650),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after(date, 1_892_567_680), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", 0), None);
    }
}
