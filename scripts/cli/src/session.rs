//! A dashboard session, begun with an admin key.

use serde::Deserialize;
use ureq::http::Method;

use crate::api::{Answer, ApiError, Call, Client, Credential};
use crate::args::Admin;
use crate::config::{Config, SecretKind};
use crate::failure::Failure;
use crate::secret::Secret;

/// A dashboard session of the admin key's business.
pub(crate) struct Session {
    client: Client,
    key: Secret,
    token: Secret,
}

#[derive(Deserialize)]
struct Begun {
    token: Secret,
}

impl Session {
    pub(crate) fn begin(config: &Config, admin: &Admin) -> Result<Self, Failure> {
        let key = config.secret(SecretKind::AdminKey, admin.admin_key.as_ref())?;
        let client = Client::new(config);
        let token = opened(&client, &key).map_err(|error| refusal(&error))?;
        Ok(Self { client, key, token })
    }

    /// The same as [`Self::send`], once more in a session of its own where the old one has ended: it does while what
    /// takes hours goes on.
    pub(crate) fn send_renewing(
        &mut self,
        method: &Method,
        path: &[&str],
        body: Option<&[u8]>,
    ) -> Result<Answer, ApiError> {
        match self.send(method.clone(), path, body) {
            Err(error) if error.status() == Some(401) => {
                self.token = opened(&self.client, &self.key)?;
                self.send(method.clone(), path, body)
            }
            other => other,
        }
    }

    /// A call on what stands below `/api/dashboard`.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&[u8]>,
    ) -> Result<Answer, ApiError> {
        self.call(method, path, None, body)
    }

    /// What stands there and fits a query.
    pub(crate) fn list(&self, path: &[&str], query: (&str, &str)) -> Result<Answer, ApiError> {
        self.call(Method::GET, path, Some(query), None)
    }

    /// Puts the bytes of a file there, which says by its name what it is.
    pub(crate) fn upload(
        &self,
        path: &[&str],
        name: &str,
        bytes: &[u8],
    ) -> Result<Answer, ApiError> {
        let path: Vec<&str> = ["api", "dashboard"].iter().chain(path).copied().collect();
        let call = Call {
            method: Method::PUT,
            path: &path,
            query: Some(("name", name)),
            credential: Credential::Session(&self.token),
            idempotency_key: None,
            body: Some(bytes),
        };
        self.client.send_as("application/octet-stream", &call)
    }

    fn call(
        &self,
        method: Method,
        path: &[&str],
        query: Option<(&str, &str)>,
        body: Option<&[u8]>,
    ) -> Result<Answer, ApiError> {
        let path: Vec<&str> = ["api", "dashboard"].iter().chain(path).copied().collect();
        self.client.send(&Call {
            method,
            path: &path,
            query,
            credential: Credential::Session(&self.token),
            idempotency_key: None,
            body,
        })
    }
}

fn opened(client: &Client, key: &Secret) -> Result<Secret, ApiError> {
    let begun: Begun = client
        .send(&Call {
            method: Method::POST,
            path: &["api", "dashboard", "sessions"],
            query: None,
            credential: Credential::Key(SecretKind::AdminKey, key),
            idempotency_key: None,
            body: Some(b"{}"),
        })?
        .json()?;
    Ok(begun.token)
}

/// The end of a command that is one call.
pub(crate) fn refusal(error: &ApiError) -> Failure {
    let failure = Failure::refused(error.to_string());
    match error.advice() {
        Some(advice) => failure.with_context(advice),
        None => failure,
    }
}
