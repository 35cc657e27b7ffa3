use super::{Given, short_text};
use crate::link::{Auth, FILE_SCHEME, Grant, LinkSecrets, LinkType, Settings, file_name};
use crate::source::connected::check;
use crate::source::database::{check_statement, check_url};
use common::Context;
use common::http::{Error, Result};
use common::ports::PublicUrl;

/// What is shown in the place of a secret. A request that gives it back leaves the secret as it is.
pub const SECRET: &str = "***";

/// Longest id of a client of OAuth, in characters.
const MAX_CLIENT_ID: usize = 500;

/// What in a header's name says that its value is a secret.
const SECRET_WORDS: [&str; 8] = [
    "auth",
    "cookie",
    "key",
    "pass",
    "secret",
    "session",
    "signature",
    "token",
];

impl Given {
    /// Puts what is given in the place of what is set; what is absent stays, and so does a secret for which
    /// [`SECRET`] is given.
    ///
    /// # Errors
    /// 422 for what does not fit the type, for a URL of tokens that must not be called, and for [`SECRET`] where there
    /// is no secret.
    pub fn apply(
        &self,
        cx: &Context<'_>,
        kind: LinkType,
        settings: &mut Settings,
        secrets: &mut LinkSecrets,
    ) -> Result<()> {
        if let Some(key) = &self.api_key
            && !kept("api_key", key.as_deref(), secrets.api_key.as_ref())?
        {
            secrets.api_key = key.clone().filter(|key| !key.is_empty());
            settings.has_api_key = secrets.api_key.is_some();
        }
        if let Some(headers) = &self.headers {
            settings.headers.clear();
            let before = std::mem::take(&mut secrets.headers);
            for (name, value) in headers {
                let is_secret = is_secret(name);
                if is_secret {
                    let known = |(known, _): &(&String, _)| known.eq_ignore_ascii_case(name);
                    let before = before.iter().find(known).map(|(_, value)| value);
                    let value = match kept("headers", Some(value), before)? {
                        true => before.cloned().unwrap_or_default(),
                        false => value.clone(),
                    };
                    secrets.headers.insert(name.clone(), value);
                }
                let shown = (!is_secret).then(|| value.clone());
                settings.headers.insert(name.clone(), shown);
            }
        }
        settings.schedule_minutes = self.schedule_minutes.or(settings.schedule_minutes);
        replace(&mut settings.records_at, &self.records_at);
        replace(&mut settings.key, &self.key);
        replace(&mut settings.next, &self.next);
        replace(&mut settings.query, &self.query);
        replace(&mut settings.body, &self.body);
        replace(&mut settings.auth, &self.auth);
        replace(&mut settings.fields, &self.fields);
        replace(&mut settings.identity, &self.identity);
        if let Auth::Oauth2 {
            grant,
            authorize_url,
            token_url,
            client_id,
            ..
        } = &settings.auth
        {
            PublicUrl::parse(&cx.ports, "auth.token_url", token_url)?;
            if *grant == Grant::AuthorizationCode {
                // Opened by a browser, with what is asked behind it (RFC 6749 §3.1).
                PublicUrl::parse(&cx.ports, "auth.authorize_url", authorize_url)?;
                if authorize_url.contains('#') {
                    let message = "`auth.authorize_url` must not have a fragment.";
                    return Err(Error::invalid("auth.authorize_url", "no_fragment", message));
                }
                short_text("auth.client_id", client_id, MAX_CLIENT_ID)?;
            }
        }
        check_type(kind, settings)
    }
}

/// Checks where a link leads: a public host by https, a list of a connected CRM, a database, or a file that is uploaded.
///
/// # Errors
/// 422 for anything else; 409 for a CRM that the business is not connected to.
pub async fn checked_url(
    cx: &Context<'_>,
    kind: LinkType,
    url: &str,
    settings: &Settings,
) -> Result<String> {
    if check(cx, kind, url, settings).await? {
        return Ok(url.to_owned());
    }
    match (kind, url.trim().strip_prefix(FILE_SCHEME)) {
        (LinkType::File, Some(name)) => return Ok([FILE_SCHEME, &file_name("url", name)?].concat()),
        (LinkType::Database, _) => check_url(&cx.ports, url)?,
        _ => {
            PublicUrl::parse(&cx.ports, "url", url)?;
        }
    }
    Ok(url.to_owned())
}

/// Whether a secret stays as it is, since what is given is what stands for it.
fn kept(path: &'static str, given: Option<&str>, before: Option<&String>) -> Result<bool> {
    match (given, before) {
        (Some(SECRET), Some(_)) => Ok(true),
        (Some(SECRET), None) => {
            let message = "`***` stands for a secret that is not shown, and there is none yet. Give the secret itself.";
            Err(Error::invalid(path, "a_secret", message))
        }
        _ => Ok(false),
    }
}

fn replace<T: Clone>(set: &mut T, given: &Option<T>) {
    if let Some(given) = given {
        set.clone_from(given);
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Whether what is set fits the type.
fn check_type(kind: LinkType, settings: &Settings) -> Result<()> {
    let refused =
        |path: &'static str, message: &'static str| Err(Error::invalid(path, "fits_type", message));
    match (kind, &settings.query) {
        (LinkType::Database, None) => {
            refused("query", "A `database` needs a statement as its `query`.")
        }
        (LinkType::Database, Some(query)) if check_statement(query).is_err() => {
            check_statement(query)
        }
        (LinkType::Database, Some(_)) if settings.auth != Auth::Bearer => refused(
            "auth",
            "A `database` has no `auth`: its URL names the user, and `api_key` is the password or the token.",
        ),
        (LinkType::Webhook | LinkType::File, Some(_)) => {
            refused("query", "Only an `api` or a `database` has a `query`.")
        }
        _ if settings.body.is_some() && kind != LinkType::Api => {
            refused("body", "Only an `api` has a `body`.")
        }
        _ if settings.needs_consent() && kind != LinkType::Api => {
            refused("auth", "Only an `api` is authorized by a person.")
        }
        _ if !settings.has_api_key
            && settings.auth != Auth::Bearer
            && !settings.needs_consent() =>
        {
            refused("api_key", "`auth` needs an `api_key`.")
        }
        _ => Ok(()),
    }
}
