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
        self.call(method, path, &[], body)
    }

    /// What stands there and fits a query.
    pub(crate) fn list(&self, path: &[&str], query: (&str, &str)) -> Result<Answer, ApiError> {
        self.call(Method::GET, path, &[query], None)
    }

    /// What stands there and fits all parts of a query.
    pub(crate) fn find(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, ApiError> {
        let path: Vec<&str> = ["api", "dashboard"].iter().chain(path).copied().collect();
        let credential = Credential::Session(&self.token);
        self.client.list(&path, query, credential)
    }

    /// The CRM API's answer, with the admin key, which may do everything.
    pub(crate) fn find_by_key(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, ApiError> {
        let credential = Credential::Key(SecretKind::AdminKey, &self.key);
        self.client.list(&[path], query, credential)
    }

    /// The same of what is posted.
    pub(crate) fn post_by_key(&self, path: &str, body: &[u8]) -> Result<Answer, ApiError> {
        self.client.send(&Call {
            method: Method::POST,
            path: &[path],
            query: &[],
            credential: Credential::Key(SecretKind::AdminKey, &self.key),
            idempotency_key: None,
            body: Some(body),
        })
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
            query: &[("name", name)],
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
        query: &[(&str, &str)],
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
            query: &[],
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
