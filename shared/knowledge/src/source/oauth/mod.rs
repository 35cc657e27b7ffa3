//! OAuth 2 (RFC 6749): the client that a link is set to, and what the server that gives tokens is asked and answers.

mod consent;
mod kept;
pub mod sql;

pub use consent::{Consent, authorized, client_digest, redirect_uri};

use super::auth::basic;
use super::json::{checked, find, scalar, whole};
use super::{Place, TIMEOUT_MS, Trouble, limits, trouble, words};
use crate::link::{Auth, Grant};
use common::context::Context;
use common::form;
use common::json::raw;
use common::oauth::client_authorization;
use common::ports::{OutboundRequest, OutboundResponse, PublicUrl};
use common::signatures::sha256_hex;
use common::time::{DAY, SECOND};

/// How long before its end a token is no longer used, in seconds.
const MARGIN_SECONDS: i64 = 60;
/// The largest answer of a token endpoint that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// What a server refuses of which the client is not the reason (RFC 6749 §5.2).
const NOT_OF_THE_CLIENT: [&str; 4] = [
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// Who asks for tokens, and where.
pub(super) struct Client<'a> {
    grant: Grant,
    authorize_url: &'a str,
    token_url: &'a str,
    id: &'a str,
    secret: &'a str,
    scope: &'a str,
}

/// What a server gave.
struct Granted {
    access: String,
    refresh: Option<String>,
    /// How long the token is good, where the answer says so.
    seconds: Option<i64>,
    /// Where the token is for, where the answer says so (crm-links.md §6).
    instance: Option<String>,
}

/// Why a server gave nothing.
struct Refused {
    trouble: Trouble,
    /// Whether what the person has given is over: the same request is refused from now on.
    is_over: bool,
}

impl<'a> Client<'a> {
    /// The client of a link that is set to OAuth 2.
    pub(super) fn of(place: &Place<'a>) -> Option<Self> {
        let secret = place.secrets.api_key.as_deref().unwrap_or_default().trim();
        Self::set(&place.settings.auth, secret)
    }

    fn set(auth: &'a Auth, secret: &'a str) -> Option<Self> {
        let Auth::Oauth2 {
            grant,
            authorize_url,
            token_url,
            client_id,
            scope,
        } = auth
        else {
            return None;
        };
        Some(Self {
            grant: *grant,
            authorize_url,
            token_url,
            id: client_id,
            secret,
            scope,
        })
    }

    /// A token that is good, other than the one that was refused. What another fetch has renewed meanwhile is taken
    /// as it is.
    ///
    /// # Errors
    /// [`Class::Settings`](super::Class::Settings) with the server's words where it gives none to this client, and
    /// where a person has to authorize the link first.
    pub(super) async fn token(
        &self,
        cx: &Context<'_>,
        place: &Place<'_>,
        refused: Option<&str>,
    ) -> Result<String, Trouble> {
        match self.grant {
            Grant::ClientCredentials => self.token_kept(cx, refused).await,
            Grant::AuthorizationCode => self.token_by_consent(cx, place.link, refused).await,
        }
    }

    /// By which tokens are known as this client's: others, and tokens for another scope, are another's. A secret may
    /// be replaced.
    fn digest(&self) -> String {
        let parts = [self.authorize_url, self.token_url, self.id, self.scope];
        sha256_hex(parts.join("\n").as_bytes())
    }

    /// Asks for a token with these parameters, which have `secrets` that are never told.
    async fn grant(
        &self,
        cx: &Context<'_>,
        pairs: &[(&str, &str)],
        secrets: &[&str],
    ) -> Result<Granted, Refused> {
        let lasting = |trouble| Refused {
            trouble,
            is_over: false,
        };
        if !PublicUrl::is_one(&cx.ports, self.token_url) {
            return Err(lasting(trouble::unsafe_url(self.token_url)));
        }
        let is_public = self.secret.is_empty();
        let mut response = self.ask(cx, pairs, !is_public).await.map_err(lasting)?;
        // Some read the client from the body alone.
        if !is_public && is_client_refused(&response) {
            response = self.ask(cx, pairs, false).await.map_err(lasting)?;
        }
        self.read(cx, &response, secrets)
    }

    /// Asks as RFC 6749 §2.3.1 wants it of every server, or with the client in the body.
    async fn ask(
        &self,
        cx: &Context<'_>,
        pairs: &[(&str, &str)],
        by_header: bool,
    ) -> Result<OutboundResponse, Trouble> {
        let mut pairs = pairs.to_vec();
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ];
        if by_header {
            let client = client_authorization(self.id, self.secret);
            headers.push(("authorization", client));
        } else {
            pairs.push(("client_id", self.id));
            if !self.secret.is_empty() {
                pairs.push(("client_secret", self.secret));
            }
        }
        let request = OutboundRequest {
            method: "POST",
            url: self.token_url.to_owned(),
            headers,
            body: Some(form::encoded(pairs).into_bytes()),
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        };
        let answered = cx.ports.http.fetch(request).await;
        answered.map_err(|error| {
            let mut trouble = trouble::no_answer(&error);
            trouble.message.insert_str(0, "No token could be had. ");
            trouble
        })
    }

    fn read(
        &self,
        cx: &Context<'_>,
        response: &OutboundResponse,
        secrets: &[&str],
    ) -> Result<Granted, Refused> {
        let json = checked(&response.body).unwrap_or_default();
        let object = raw::part(&json);
        let text = |name: &str| find(&object, name).and_then(scalar);
        let is_usable = |text: &String| text.bytes().all(|b| (b'!'..0x7f).contains(&b));
        let access = text("access_token").filter(|text| response.status < 300 && is_usable(text));
        if let Some(access) = access {
            let seconds = find(&object, "expires_in").and_then(whole);
            return Ok(Granted {
                access,
                refresh: text("refresh_token").filter(is_usable),
                seconds: seconds
                    .map(|told| i64::try_from(told).unwrap_or(i64::MAX).min(DAY / SECOND)),
                instance: text("instance_url"),
            });
        }
        let status = response.status;
        let said = text("error_description").or_else(|| words::said(&object));
        let mut hidden: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        hidden.push(self.secret.to_owned());
        hidden.push(basic(&[self.id, ":", self.secret].concat()));
        let said = said.map(|said| [": ", &*words::cleaned(&said, &hidden)].concat());
        let said = said.unwrap_or_default();
        if matches!(status, 408 | 429 | 500..) {
            let message = format!(
                "The token endpoint answered with status {status}{said}. It is tried again at the next run."
            );
            let trouble = Trouble {
                retry_after: limits::retry_after(response, cx.time_now()),
                ..Trouble::passing(message).with_status(status)
            };
            return Err(Refused {
                trouble,
                is_over: false,
            });
        }
        let message = format!(
            "The token endpoint gave no token, with status {status}{said}. Check the client's id, its secret and the \
             scope."
        );
        // One vendor names it as a status (crm-links.md §6).
        let is_over = text("error").as_deref() == Some("invalid_grant")
            || text("status").as_deref() == Some("BAD_REFRESH_TOKEN");
        Err(Refused {
            trouble: Trouble::settings(message).with_status(status),
            is_over: is_over && (400..500).contains(&status),
        })
    }
}

/// Whether an answer refuses the client itself (RFC 6749 §5.2), or does not say what it refuses.
fn is_client_refused(response: &OutboundResponse) -> bool {
    let is_other = || {
        let json = checked(&response.body).unwrap_or_default();
        let error = find(&raw::part(&json), "error").and_then(scalar);
        error.is_some_and(|error| NOT_OF_THE_CLIENT.contains(&error.as_str()))
    };
    response.status == 401 || response.status == 400 && !is_other()
}
