//! What a deployment is asked.

use std::io::Write;

use serde::Deserialize;
use ureq::http::Method;

use super::folder::Named;
use super::progress::Progress;
use crate::api::{Answer, ApiError, Call, Client, Credential, GaveUp, Policy};
use crate::args::CopyArgs;
use crate::config::{Config, SecretKind};
use crate::failure::Failure;
use crate::secret::Secret;
use crate::session::refusal;
use crate::world::{Pause, World};

/// What a deployment says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Deployment {
    pub(super) format: u32,
    pub(super) schema: u32,
    pub(super) master_keys: Vec<String>,
    pub(super) businesses: Vec<String>,
    next_cursor: Option<String>,
}

/// The end of a page of rows.
#[derive(Debug, Deserialize)]
pub(super) struct End {
    pub(super) next: Option<String>,
    #[serde(default)]
    pub(super) keys: Vec<String>,
}

/// What came of a page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Restored {
    pub(super) rows: u64,
    pub(super) same: u64,
    pub(super) different: u64,
}

/// A deployment, by its platform token.
pub(super) struct Remote {
    client: Client,
    token: Secret,
    policy: Policy,
}

/// What a command has for talking and waiting.
pub(super) struct Outside<'a> {
    pub(super) err: &'a mut dyn Write,
    pub(super) pause: &'a mut dyn Pause,
    pub(super) progress: &'a Progress,
}

impl<'a> Outside<'a> {
    pub(super) fn of(world: &'a mut World<'_>, progress: &'a Progress) -> Self {
        Self {
            err: &mut *world.err,
            pause: &mut *world.pause,
            progress,
        }
    }
}

impl Remote {
    pub(super) fn new(
        config: &Config,
        args: &CopyArgs,
        key: Option<Secret>,
    ) -> Result<Self, Failure> {
        let kind = SecretKind::PlatformToken;
        Ok(Self {
            client: Client::new(config).sealing_under(key),
            token: config.secret(kind, args.platform.platform_token.as_ref())?,
            policy: Policy {
                max_retries: args.retries.max_retries,
            },
        })
    }

    /// What the deployment is, with the businesses that are asked for.
    pub(super) fn deployment(
        &self,
        outside: &mut Outside<'_>,
        business: Option<&str>,
    ) -> Result<Deployment, Failure> {
        let mut all: Option<Deployment> = None;
        loop {
            let cursor = all.as_ref().and_then(|all| all.next_cursor.clone());
            let mut query = Vec::new();
            query.extend(business.map(|id| ("business", id)));
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = self.send(outside, Method::GET, &["backup"], &query, None)?;
            let page: Deployment = page.json().map_err(|error| refusal(&error))?;
            let all = match &mut all {
                Some(all) => {
                    all.businesses.extend(page.businesses);
                    all.next_cursor = page.next_cursor;
                    all
                }
                None => all.insert(page),
            };
            if all.next_cursor.is_none() {
                return Ok(Deployment {
                    format: all.format,
                    schema: all.schema,
                    master_keys: std::mem::take(&mut all.master_keys),
                    businesses: std::mem::take(&mut all.businesses),
                    next_cursor: None,
                });
            }
        }
    }

    /// A page of rows, and its end.
    pub(super) fn rows(
        &self,
        outside: &mut Outside<'_>,
        business: &str,
        cursor: Option<&str>,
    ) -> Result<(Vec<u8>, End), Failure> {
        let mut query = vec![("business", business)];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page = self
            .send(outside, Method::GET, &["backup", "rows"], &query, None)?
            .body;
        let last = page
            .split(|byte| *byte == b'\n')
            .rev()
            .find(|line| !line.is_empty());
        // A page that was cut off on its way lacks its end.
        let end = last.and_then(|line| serde_json::from_slice(line).ok());
        let end = end.ok_or_else(|| refusal(&ApiError::Unintelligible))?;
        Ok((page, end))
    }

    /// The bytes of a file; none where the deployment lacks it.
    pub(super) fn file(
        &self,
        outside: &mut Outside<'_>,
        business: &str,
        file: &Named,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let size = file.size.map(|size| size.to_string());
        let query = query_of(business, file, size.as_deref());
        let sent = self.try_send(outside, Method::GET, &["backup", "file"], &query, None);
        match sent {
            Ok(answer) => Ok(Some(answer.body)),
            Err(gave_up) if gave_up.error.status() == Some(404) => Ok(None),
            Err(gave_up) => Err(stopped(&gave_up)),
        }
    }

    pub(super) fn restore_rows(
        &self,
        outside: &mut Outside<'_>,
        business: &str,
        page: &[u8],
    ) -> Result<Restored, Failure> {
        let query = [("business", business)];
        let answer = self.send(
            outside,
            Method::POST,
            &["restore", "rows"],
            &query,
            Some(page),
        )?;
        answer.json().map_err(|error| refusal(&error))
    }

    pub(super) fn restore_file(
        &self,
        outside: &mut Outside<'_>,
        business: &str,
        file: &Named,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        let size = file.size.map(|size| size.to_string());
        let query = query_of(business, file, size.as_deref());
        let path = ["restore", "file"];
        self.send(outside, Method::PUT, &path, &query, Some(bytes))
            .map(drop)
    }

    fn send(
        &self,
        outside: &mut Outside<'_>,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, Failure> {
        let sent = self.try_send(outside, method, path, query, body);
        sent.map_err(|gave_up| stopped(&gave_up))
    }

    fn try_send(
        &self,
        outside: &mut Outside<'_>,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, GaveUp> {
        let path: Vec<&str> = ["api", "operator"].iter().chain(path).copied().collect();
        let call = Call {
            method,
            path: &path,
            query,
            credential: Credential::Token(SecretKind::PlatformToken, &self.token),
            idempotency_key: None,
            body,
        };
        let Outside {
            err,
            pause,
            progress,
        } = outside;
        let on_wait = &mut |wait: crate::api::Wait<'_>| progress.bar.waiting(*err, &wait);
        self.policy.run(*pause, on_wait, || {
            self.client.send_as("application/octet-stream", &call)
        })
    }
}

fn query_of<'q>(
    business: &'q str,
    file: &'q Named,
    size: Option<&'q str>,
) -> Vec<(&'q str, &'q str)> {
    let mut query = vec![
        ("business", business),
        ("kind", &file.kind),
        ("id", &file.id),
    ];
    query.extend(size.map(|size| ("size", size)));
    query
}

fn stopped(gave_up: &GaveUp) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return refusal(error);
    }
    let failure = Failure::stopped(format!("{error}, at the last of {} tries", gave_up.tries));
    failure.with_context("the same command goes on where it stopped")
}
