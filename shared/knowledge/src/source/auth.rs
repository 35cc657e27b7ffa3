//! How requests prove who asks, and what of it must never be told.

use super::{Place, Trouble, oauth, url, vendors};
use crate::link::Auth;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::context::Context;
use common::form;
use common::ports::PublicUrl;

/// Headers that are the connection's and not the request's, or that the platform sets (RFC 9110 §7.6.1); never
/// taken from the settings.
const NOT_OURS: [&str; 13] = [
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "accept-encoding",
    "expect",
];

/// Shorter parts of a secret header are words such as `Bearer`.
const MIN_PART_BYTES: usize = 8;

/// What a request proves itself with beside the settings: a token of OAuth 2, where it is set.
pub(super) struct Credentials {
    token: Option<String>,
}

impl Credentials {
    /// What there is for a link; a token that is not known yet is asked for.
    pub(super) async fn of(cx: &Context<'_>, place: &Place<'_>) -> Result<Self, Trouble> {
        let token = match oauth::Client::of(place) {
            Some(client) => Some(client.token(cx, place, None).await?),
            None => None,
        };
        Ok(Self { token })
    }

    /// Gets another token in place of one that was refused; `false` where there is none to get.
    pub(super) async fn renew(
        &mut self,
        cx: &Context<'_>,
        place: &Place<'_>,
    ) -> Result<bool, Trouble> {
        let Some(client) = oauth::Client::of(place) else {
            return Ok(false);
        };
        self.token = Some(client.token(cx, place, self.token.as_deref()).await?);
        Ok(true)
    }

    /// The headers of a request, those that were set among them, their names in lower case and each once.
    pub(super) fn headers(&self, cx: &Context<'_>, place: &Place<'_>) -> Vec<(String, String)> {
        let secrets = place.secrets.headers.iter();
        let secrets = secrets.map(|(name, value)| (name, Some(value)));
        let plain = place.settings.headers.iter();
        let plain = plain.map(|(name, value)| (name, value.as_ref()));
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in secrets.chain(plain) {
            let name = name.to_ascii_lowercase();
            let value = value
                .map(|value| value.trim())
                .filter(|value| is_value(value));
            let is_new = headers.iter().all(|(known, _)| *known != name);
            if let Some(value) = value.filter(|_| is_new && is_name(&name)) {
                headers.push((name, value.to_owned()));
            }
        }
        let key = place.secrets.api_key.as_deref().map(str::trim);
        let is_loopback = PublicUrl::is_loopback(&cx.ports, place.url);
        let vendor = vendors::of(place.url, is_loopback);
        let mut own: Vec<(String, String)> = Vec::new();
        let mut authorize = |text: String| own.push(("authorization".to_owned(), text));
        match (&place.settings.auth, key) {
            (Auth::Oauth2 { .. }, _) => {
                if let Some(token) = &self.token {
                    authorize(["Bearer ", token].concat());
                }
            }
            (Auth::Bearer, Some(key)) => match vendor {
                Some(vendor) if vendor.takes_basic && key.contains(':') => authorize(basic(key)),
                vendor => {
                    if !vendor.is_some_and(|vendor| vendor.takes_alone(key)) {
                        authorize(["Bearer ", key].concat());
                    }
                    if let Some(name) = vendor.and_then(|vendor| vendor.key_header) {
                        own.push((name.to_owned(), key.to_owned()));
                    }
                }
            },
            (Auth::Basic { username }, key) => {
                authorize(basic(&[username, ":", key.unwrap_or_default()].concat()));
            }
            (Auth::Header { name }, Some(key)) => {
                own.push((name.to_ascii_lowercase(), key.to_owned()));
            }
            (Auth::Query { .. }, _) | (Auth::Bearer | Auth::Header { .. }, None) => {}
        }
        for (name, value) in own {
            let is_new = headers.iter().all(|(known, _)| *known != name);
            if is_new && is_name(&name) && is_value(&value) {
                headers.push((name, value));
            }
        }
        headers
    }

    /// The URL as it is asked: with the key, where that is a parameter of its query.
    pub(super) fn with_key(&self, place: &Place<'_>, url: &str) -> String {
        match (&place.settings.auth, &place.secrets.api_key) {
            (Auth::Query { name }, Some(key)) => url::with_parameter(url, name, Some(key.trim())),
            _ => url.to_owned(),
        }
    }

    /// All that must not be told, in the forms in which an answer may repeat it.
    pub(super) fn secrets(&self, place: &Place<'_>) -> Vec<String> {
        let mut secrets = secrets_of(place);
        secrets.extend(self.token.clone());
        secrets
    }
}

/// What is sealed of a link, in the forms in which an answer may repeat it.
pub(super) fn secrets_of(place: &Place<'_>) -> Vec<String> {
    let mut secrets: Vec<String> = Vec::new();
    for value in place.secrets.headers.values() {
        // Behind the name of a scheme.
        let parts = value.split_ascii_whitespace().map(str::to_owned);
        secrets.extend(parts.filter(|part| part.len() >= MIN_PART_BYTES));
        secrets.push(value.clone());
    }
    if let Some(key) = place.secrets.api_key.as_deref().map(str::trim) {
        secrets.push(key.to_owned());
        secrets.push(form::encoded([("", key)]).split_off(1));
        secrets.push(STANDARD.encode(key));
        let user = match &place.settings.auth {
            Auth::Basic { username } => username,
            Auth::Oauth2 { client_id, .. } => client_id,
            _ => "",
        };
        secrets.push(STANDARD.encode([user, ":", key].concat()));
    }
    secrets
}

/// A URL without the key, where that is a parameter of its query: answers repeat it in the links to their pages.
pub(super) fn without_key(place: &Place<'_>, url: &str) -> String {
    let mut url = match &place.settings.auth {
        Auth::Query { name } => url::with_parameter(url, name, None),
        _ => url.to_owned(),
    };
    if let Some(key) = place.secrets.api_key.as_deref().map(str::trim) {
        let (_, query) = url.split_once('?').unwrap_or_default();
        let named = form::pairs(query)
            .into_iter()
            .filter(|(_, value)| value == key);
        for (name, _) in named.collect::<Vec<_>>() {
            url = url::with_parameter(&url, &name, None);
        }
    }
    url
}

/// `Basic` with a user and a password, divided by a colon (RFC 7617 §2).
pub(super) fn basic(user_and_password: &str) -> String {
    ["Basic ", &STANDARD.encode(user_and_password)].concat()
}

/// Whether a header may be sent by this name (RFC 9110 §5.6.2).
fn is_name(name: &str) -> bool {
    let is_of_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty()
        && name.bytes().all(is_of_token)
        && !NOT_OURS.contains(&name)
        && !name.starts_with("cf-")
}

/// Whether a header may have this value: the platform refuses a request with others.
fn is_value(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b == b'\t' || (b' '..0x7f).contains(&b))
}
