//! OAuth 2 with client credentials (RFC 6749 §4.4): tokens, which the isolate keeps until shortly before their end.

use super::auth::basic;
use super::json::{checked, find, scalar, whole};
use super::{Place, TIMEOUT_MS, Trouble, limits, trouble, words};
use crate::link::Auth;
use common::context::Context;
use common::form;
use common::json::raw;
use common::ports::{OutboundRequest, OutboundResponse, PublicUrl};
use common::signatures::sha256_hex;
use common::time::{DAY, SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// How many tokens an isolate keeps.
const MAX_TOKENS: usize = 512;
/// How long before its end a token is no longer used, in seconds.
const MARGIN_SECONDS: i64 = 60;
/// How long a token is used whose answer does not say how long it is good, in seconds.
const DEFAULT_SECONDS: i64 = 600;
/// The largest answer of a token endpoint that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

#[derive(Clone)]
struct Token {
    text: String,
    until: Timestamp,
}

thread_local! {
    static TOKENS: RefCell<TtlCache<Token>> = RefCell::new(TtlCache::new(MAX_TOKENS, DAY));
}

/// Who asks for tokens, and where.
pub(super) struct Client<'a> {
    token_url: &'a str,
    id: &'a str,
    secret: &'a str,
    scope: &'a str,
}

impl<'a> Client<'a> {
    /// The client of a link that is set to OAuth 2.
    pub(super) fn of(place: &Place<'a>) -> Option<Self> {
        let Auth::Oauth2 {
            token_url,
            client_id,
            scope,
        } = &place.settings.auth
        else {
            return None;
        };
        Some(Self {
            token_url,
            id: client_id,
            secret: place.secrets.api_key.as_deref().unwrap_or_default().trim(),
            scope,
        })
    }

    /// A token that is good, other than the one that was refused. What another fetch has renewed meanwhile is taken
    /// as it is.
    ///
    /// # Errors
    /// [`Class::Settings`](super::Class::Settings) with the server's words where it gives none to this client.
    pub(super) async fn token(
        &self,
        cx: &Context<'_>,
        refused: Option<&str>,
    ) -> Result<String, Trouble> {
        let name = self.name();
        let now = cx.time_now();
        let known = TOKENS.with_borrow(|tokens| tokens.get(&name, now));
        let is_good = |token: &Token| token.until > now && Some(token.text.as_str()) != refused;
        if let Some(token) = known.filter(is_good) {
            return Ok(token.text);
        }
        if !PublicUrl::is_one(&cx.ports, self.token_url) {
            return Err(trouble::unsafe_url(self.token_url));
        }
        let mut response = self.ask(cx, true).await?;
        // Some read the client from the body alone.
        if is_client_refused(&response) {
            response = self.ask(cx, false).await?;
        }
        let token = self.read(cx, &response)?;
        let text = token.text.clone();
        TOKENS.with_borrow_mut(|tokens| tokens.insert(name, token, now));
        Ok(text)
    }

    /// By which a token is kept: another secret is another client.
    fn name(&self) -> String {
        let parts = [self.token_url, self.id, self.scope, self.secret];
        sha256_hex(parts.join("\n").as_bytes())
    }

    /// Asks for a token: as RFC 6749 §2.3.1 wants it of every server, or with the client in the body.
    async fn ask(&self, cx: &Context<'_>, by_header: bool) -> Result<OutboundResponse, Trouble> {
        let mut pairs = vec![("grant_type", "client_credentials")];
        if !self.scope.is_empty() {
            pairs.push(("scope", self.scope));
        }
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ];
        if by_header {
            let part = |text: &str| form::encoded([("", text)]).split_off(1);
            let client = [&*part(self.id), ":", &*part(self.secret)].concat();
            headers.push(("authorization", basic(&client)));
        } else {
            pairs.extend([("client_id", self.id), ("client_secret", self.secret)]);
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

    fn read(&self, cx: &Context<'_>, response: &OutboundResponse) -> Result<Token, Trouble> {
        let now = cx.time_now();
        let json = checked(&response.body).unwrap_or_default();
        let object = raw::part(&json);
        let text = find(&object, "access_token").and_then(scalar);
        let is_usable = |text: &String| text.bytes().all(|b| (b'!'..0x7f).contains(&b));
        let text = text.filter(|text| response.status < 300 && is_usable(text));
        if let Some(text) = text {
            let seconds = find(&object, "expires_in").and_then(whole);
            let seconds = seconds.map_or(DEFAULT_SECONDS, |told| {
                i64::try_from(told).unwrap_or(i64::MAX).min(DAY / SECOND)
            });
            let until = now.plus((seconds - MARGIN_SECONDS) * SECOND);
            return Ok(Token { text, until });
        }
        let status = response.status;
        let said = find(&object, "error_description").and_then(scalar);
        let said = said.or_else(|| words::said(&object));
        let secrets = [
            self.secret.to_owned(),
            basic(&[self.id, ":", self.secret].concat()),
        ];
        let said = said.map(|said| [": ", &*words::cleaned(&said, &secrets)].concat());
        let said = said.unwrap_or_default();
        if matches!(status, 408 | 429 | 500..) {
            let message = format!(
                "The token endpoint answered with status {status}{said}. It is tried again at the next run."
            );
            return Err(Trouble {
                retry_after: limits::retry_after(response, now),
                ..Trouble::passing(message).with_status(status)
            });
        }
        let message = format!(
            "The token endpoint gave no token, with status {status}{said}. Check the client's id, its secret and the \
             scope."
        );
        Err(Trouble::settings(message).with_status(status))
    }
}

/// Whether an answer refuses the client itself (RFC 6749 §5.2).
fn is_client_refused(response: &OutboundResponse) -> bool {
    let is_named = || {
        let json = checked(&response.body).unwrap_or_default();
        let error = find(&raw::part(&json), "error").and_then(scalar);
        error.is_some_and(|error| error == "invalid_client" || error == "invalid_request")
    };
    response.status == 401 || response.status == 400 && is_named()
}
