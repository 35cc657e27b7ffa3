use super::{Given, short_text};
use crate::link::{Auth, Grant, LinkSecrets, LinkType, Settings};
use common::Context;
use common::http::{Error, Result};
use common::ports::PublicUrl;

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
    /// Puts what is given in the place of what is set; what is absent stays.
    ///
    /// # Errors
    /// 422 for what does not fit the type, and for a URL of tokens that must not be called.
    pub fn apply(
        &self,
        cx: &Context<'_>,
        kind: LinkType,
        settings: &mut Settings,
        secrets: &mut LinkSecrets,
    ) -> Result<()> {
        if let Some(key) = &self.api_key {
            secrets.api_key = key.clone().filter(|key| !key.is_empty());
            settings.has_api_key = secrets.api_key.is_some();
        }
        if let Some(headers) = &self.headers {
            (settings.headers, secrets.headers) = Default::default();
            for (name, value) in headers {
                let is_secret = is_secret(name);
                if is_secret {
                    secrets.headers.insert(name.clone(), value.clone());
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
