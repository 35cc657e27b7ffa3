//! Fetching: one page after the other from the place that a CRM link names. Keys and secret headers go to the
//! origin of the link's URL alone; every URL that an answer names is held against it and against the gate for
//! URLs before it is asked.

mod auth;
pub mod connected;
pub mod database;
mod graphql;
mod json;
mod limits;
pub mod oauth;
mod paging;
mod request;
mod trouble;
mod url;
mod vendors;
mod words;

pub use limits::retry_after;
pub use paging::{Cursor, next};
pub use trouble::{Class, Trouble};

use crate::link::{LinkSecrets, LinkType, Settings};
use auth::Credentials;
use common::context::Context;
use common::ids::LinkId;
use common::ports::{OutboundRequest, OutboundResponse, PublicUrl};
use serde::{Deserialize, Serialize};

/// What an answer that is no success says of it, where it does: at most 300 characters, without these secrets, without
/// what may be a key and without control characters.
#[must_use]
pub fn said(response: &OutboundResponse, secrets: &[String]) -> Option<String> {
    let words = words::of(&response.body)?;
    Some(words::cleaned(&words, secrets)).filter(|words| !words.is_empty())
}

/// How long one page may take, in milliseconds.
const TIMEOUT_MS: u32 = 20_000;
/// The largest body that is read, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// How many redirects one request follows, all within its origin.
const MAX_REDIRECTS: usize = 3;
/// The longest validator that is sent back, in bytes.
const MAX_VALIDATOR_BYTES: usize = 1000;

/// Where a link's data is, and how it is asked for.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The link, where it is added: what people have authorized stands by it.
    pub link: Option<&'a LinkId>,
    /// The kind of link: `api`, `file` or `database`.
    pub kind: LinkType,
    /// The URL that was set.
    pub url: &'a str,
    /// What else is set.
    pub settings: &'a Settings,
    /// What is sealed.
    pub secrets: &'a LinkSecrets,
}

impl Place<'_> {
    /// The document, where the link is one of GraphQL.
    fn document(&self) -> Option<&str> {
        let query = self.settings.query.as_deref();
        query.filter(|_| self.kind == LinkType::Api)
    }
}

/// What tells whether a list has changed (RFC 9110 §8.8), as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// `ETag`, a weak one with its `W/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What came of fetching a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The list is as it was when the validators were kept.
    NotModified,
    /// A page of it.
    Page(Page),
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// What came, without any encoding for the transfer; `[]` for an answer without content.
    pub body: Vec<u8>,
    /// `Content-Type`, as it was sent.
    pub content_type: Option<String>,
    /// Validators of this page. They say nothing of a list that has further pages.
    pub validators: Option<Validators>,
    /// The target of `Link` with `rel="next"`, as it was sent.
    pub link: Option<String>,
    /// How many pages there are, where a header says so.
    pub pages: Option<u32>,
    /// How long to wait before the next page, in milliseconds, where the answer says that a limit is near.
    pub slow_down: Option<u32>,
    /// The URL that answered, behind redirects, without the key.
    pub url: String,
    /// Rows of a database that were left out, longer than a record may be.
    pub too_long: u32,
    /// Behind which row of a database the next page begins.
    pub after: Option<Box<database::After>>,
}

/// Fetches a page: the first, or the one that `at` leads to. `known` is of the last fetch and is sent with the
/// first page alone.
///
/// # Errors
/// [`Trouble`], whose class says whether a later run may fare better.
pub async fn fetch(
    cx: &Context<'_>,
    place: &Place<'_>,
    at: Option<&Cursor>,
    known: Option<&Validators>,
) -> Result<Fetched, Trouble> {
    if place.kind == LinkType::Database {
        return database::fetch(cx, place, at).await;
    }
    if !matches!(place.kind, LinkType::Api | LinkType::File) {
        return Err(Trouble::settings(
            "Links of this type are not fetched over HTTP.",
        ));
    }
    let mut credentials = match Credentials::of(cx, place).await {
        Ok(credentials) => credentials,
        Err(trouble) => return Err(trouble.without(&auth::secrets_of(place))),
    };
    let fetched = fetch_with(cx, place, at, known, &mut credentials).await;
    fetched.map_err(|trouble| trouble.without(&credentials.secrets(place)))
}

async fn fetch_with(
    cx: &Context<'_>,
    place: &Place<'_>,
    at: Option<&Cursor>,
    known: Option<&Validators>,
    credentials: &mut Credentials,
) -> Result<Fetched, Trouble> {
    let mut is_renewed = false;
    loop {
        let request = request::of(cx, place, at, known, credentials)?;
        let (url, response) = follow(cx, place, credentials, request).await?;
        if response.status == 401 && !is_renewed && credentials.renew(cx, place).await? {
            is_renewed = true;
            continue;
        }
        let secrets = credentials.secrets(place);
        return read(cx, place, &secrets, known.is_some(), url, response);
    }
}

/// Makes a request and those that it is redirected to.
async fn follow(
    cx: &Context<'_>,
    place: &Place<'_>,
    credentials: &Credentials,
    mut request: OutboundRequest,
) -> Result<(String, OutboundResponse), Trouble> {
    for _ in 0..=MAX_REDIRECTS {
        let asked = request.url.clone();
        if !PublicUrl::is_one(&cx.ports, &asked) {
            return Err(trouble::unsafe_url(&asked));
        }
        let answered = cx.ports.http.fetch(request.clone()).await;
        let response = answered.map_err(|error| trouble::no_answer(&error))?;
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            return Ok((auth::without_key(place, &asked), response));
        }
        let Some(location) = response.header("location") else {
            return Err(trouble::redirect_without_target(response.status));
        };
        let target = url::resolved(&asked, location);
        let target = target.ok_or_else(|| trouble::unsafe_redirect(response.status, location))?;
        if !PublicUrl::is_one(&cx.ports, &target) {
            return Err(trouble::unsafe_redirect(response.status, &target));
        }
        if url::origin(&target) != url::origin(place.url) {
            return Err(trouble::redirected_elsewhere(response.status, &target));
        }
        // Others turn a POST into a GET, which asks for something else (RFC 9110 §15.4).
        if request.body.is_some() && !matches!(response.status, 307 | 308) {
            return Err(trouble::post_redirected(response.status));
        }
        request.url = credentials.with_key(place, &target);
    }
    Err(trouble::too_many_redirects(MAX_REDIRECTS))
}

/// Reads what came.
fn read(
    cx: &Context<'_>,
    place: &Place<'_>,
    secrets: &[String],
    is_conditional: bool,
    url: String,
    response: OutboundResponse,
) -> Result<Fetched, Trouble> {
    let spoken = |words: &str| words::cleaned(words, secrets);
    if response.status == 304 && is_conditional {
        return Ok(Fetched::NotModified);
    }
    if !matches!(response.status, 200 | 201 | 203..=206) {
        return Err(trouble::of_answer(&response, cx.time_now(), &spoken));
    }
    let mut page = Page {
        content_type: response.header("content-type").map(str::to_owned),
        validators: validators_of(&response),
        link: response
            .headers
            .iter()
            .filter(|(name, _)| name == "link")
            .find_map(|(_, value)| url::next_link(value)),
        too_long: 0,
        after: None,
        pages: limits::pages(&response),
        slow_down: limits::slow_down(&response, cx.time_now()),
        url,
        body: Vec::new(),
    };
    if matches!(response.status, 204 | 205) {
        page.body = b"[]".to_vec();
        page.content_type = Some("application/json".to_owned());
        return Ok(Fetched::Page(page));
    }
    trouble::check_body(&response, page.content_type.as_deref())?;
    page.body = response.body;
    if place.document().is_some() {
        graphql::check(&page.body, &spoken)?;
    }
    Ok(Fetched::Page(page))
}

fn validators_of(response: &OutboundResponse) -> Option<Validators> {
    let short = |name: &str| {
        let value = response.header(name)?.trim();
        let fits = !value.is_empty() && value.len() <= MAX_VALIDATOR_BYTES;
        fits.then(|| value.to_owned())
    };
    let validators = Validators {
        etag: short("etag"),
        last_modified: short("last-modified"),
    };
    let is_any = validators.etag.is_some() || validators.last_modified.is_some();
    is_any.then_some(validators)
}

#[cfg(test)]
mod tests;
