//! A person's consent (RFC 6749 §4.1): a code becomes tokens, which are stored sealed and renewed by one runner at a
//! time. A server that replaces refresh tokens takes an old one for stolen and ends the consent (RFC 9700 §4.14.2), so
//! what it gives is stored before it is used.

use super::sql::{TOKENS_CLAIM, TOKENS_GET, TOKENS_RENEW, TOKENS_STORE};
use super::{Client, Granted, MARGIN_SECONDS};
use crate::link::Settings;
use crate::source::{Place, Trouble, url};
use common::context::Context;
use common::db::{Columns, Value};
use common::http::Error;
use common::ids::LinkId;
use common::time::SECOND;
use secrets::LINK_TOKENS;
use serde::{Deserialize, Serialize};

/// How long one runner may take for renewing, in microseconds: two requests, and storing.
const LEASE: i64 = 60 * SECOND;
/// How often tokens that were given are tried to be stored: no other copy of them exists.
const STORE_TRIES: u32 = 3;
/// What to do where nothing can be had without a person.
const CONNECT: &str =
    "Connect it: `POST /api/dashboard/crm-links/{id}/authorize` gives the URL to open.";

/// What a person has authorized, as it is sealed.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Tokens {
    /// Whose they are ([`client_digest`]).
    client: String,
    /// Empty once the server has said that the consent is over.
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    /// From when on they are renewed, in microseconds; never before they are refused, where nothing said.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    /// How long an answer last said that a token is good, in seconds; what renews may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<i64>,
}

/// What a person brings back from the server that asked for their consent.
pub struct Consent<'a> {
    /// The code.
    pub code: &'a str,
    /// What proves that the one who asked for it redeems it (RFC 7636 §4.1).
    pub verifier: &'a str,
    /// The URL that it was sent to, exactly.
    pub redirect_uri: &'a str,
}

/// Names what a link is set to be authorized by; `None` where no person authorizes it. Tokens and codes for other
/// settings are none of the link's.
#[must_use]
pub fn client_digest(settings: &Settings) -> Option<String> {
    let needed = Client::set(&settings.auth, "").filter(|_| settings.needs_consent());
    needed.map(|client| client.digest())
}

/// Where a person comes back to, of the caller's business. Each business has one of its own, so that the server refuses
/// to send the code for one business's client to another (RFC 9700 §4.4).
///
/// # Errors
/// 500 where the deployment has no origin.
pub fn redirect_uri(cx: &Context<'_>) -> Result<String, Error> {
    let origin = cx.ports.public_origin()?;
    Ok([&*origin, "/oauth/callback/crm-links/", cx.business_id()].concat())
}

/// Redeems a code, and stores what it gave in the place of what was authorized before.
///
/// # Errors
/// [`Trouble`] for people: the server's words, without secrets.
pub async fn authorized(
    cx: &Context<'_>,
    place: &Place<'_>,
    consent: &Consent<'_>,
) -> Result<(), Trouble> {
    let (Some(client), Some(link)) = (Client::of(place), place.link) else {
        return Err(Trouble::settings("The link is not set to be authorized."));
    };
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", consent.code),
        ("redirect_uri", consent.redirect_uri),
        ("code_verifier", consent.verifier),
    ];
    let secrets = [consent.code, consent.verifier];
    let granted = client.grant(cx, &pairs, &secrets).await;
    let granted = granted.map_err(|refused| refused.trouble)?;
    let is_elsewhere = |instance: &String| url::origin(instance.as_str()) != url::origin(place.url);
    if granted.instance.as_ref().is_some_and(is_elsewhere) {
        return Err(Trouble::settings(
            "The data is said to be at another host than the link's (`instance_url`), and tokens are sent nowhere but \
             where the link leads. Add a link with the URL of that host.",
        ));
    }
    let tokens = client.tokens(cx, granted, None);
    for left in (0..STORE_TRIES).rev() {
        let stored = async {
            let sealed = sealed(cx, link, &tokens).await?;
            let store = vec![cx.business_id().into(), link.into(), sealed.into()];
            cx.db
                .rows(TOKENS_STORE.bind(store))
                .await
                .map_err(Error::from)
        };
        match stored.await {
            Ok(rows) if rows.is_empty() => return Err(Trouble::settings("The link was deleted.")),
            Ok(_) => return Ok(()),
            Err(_) if left > 0 => {}
            Err(error) => return Err(away(cx, &error)),
        }
    }
    Ok(())
}

impl Client<'_> {
    /// A token that is good, other than the one that was refused; renewed where none is.
    pub(super) async fn token_by_consent(
        &self,
        cx: &Context<'_>,
        link: Option<&LinkId>,
        refused: Option<&str>,
    ) -> Result<String, Trouble> {
        let Some(link) = link else {
            return Err(Trouble::settings(
                "A link that a person authorizes cannot be previewed. Add it, and connect it.",
            ));
        };
        let (tokens, version) = self.stored(cx, link).await?;
        let now = cx.time_now().micros();
        let is_good = tokens.until.is_none_or(|until| until > now);
        if is_good && Some(tokens.access.as_str()) != refused {
            return Ok(tokens.access);
        }
        if tokens.refresh.is_none() {
            let message = [
                "What was authorized has ended, and cannot be renewed without a person. ",
                CONNECT,
            ];
            return Err(Trouble::settings(message.concat()));
        }
        let claim = TOKENS_CLAIM.bind(vec![
            cx.business_id().into(),
            link.into(),
            version.into(),
            now.into(),
            (now + LEASE).into(),
        ]);
        let claimed = cx
            .db
            .rows(claim)
            .await
            .map_err(|error| away(cx, &error.into()))?;
        if claimed.is_empty() {
            return Err(busy());
        }
        self.renewed(cx, link, tokens, (version, now + LEASE)).await
    }

    /// Renews tokens under a lease, and stores what came before it is used.
    async fn renewed(
        &self,
        cx: &Context<'_>,
        link: &LinkId,
        old: Tokens,
        (version, lease): (i64, i64),
    ) -> Result<String, Trouble> {
        let refresh = old.refresh.as_deref().unwrap_or_default();
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let granted = self.grant(cx, &pairs, &[refresh, &old.access]).await;
        let (tokens, trouble) = match granted {
            Ok(granted) => (Some(self.tokens(cx, granted, Some(old))), None),
            Err(refused) if refused.is_over => {
                let over = Tokens {
                    client: self.digest(),
                    ..Tokens::default()
                };
                let message = format!(
                    "What was authorized is over: it was taken back, or has expired. {CONNECT} {}",
                    refused.trouble.message
                );
                (
                    Some(over),
                    Some(Trouble {
                        message,
                        ..refused.trouble
                    }),
                )
            }
            Err(refused) => (None, Some(refused.trouble)),
        };
        for left in (0..STORE_TRIES).rev() {
            let stored = async {
                let sealed = match &tokens {
                    Some(tokens) => sealed(cx, link, tokens).await?.into(),
                    None => Value::Null,
                };
                let renew = TOKENS_RENEW.bind(vec![
                    cx.business_id().into(),
                    link.into(),
                    version.into(),
                    lease.into(),
                    sealed,
                ]);
                cx.db.rows(renew).await.map_err(Error::from)
            };
            match stored.await {
                // Somebody has authorized the link anew meanwhile.
                Ok(rows) if rows.is_empty() => return Err(busy()),
                Ok(_) => break,
                Err(_) if left > 0 => {}
                Err(error) => return Err(away(cx, &error)),
            }
        }
        match (tokens, trouble) {
            (_, Some(trouble)) => Err(trouble),
            (tokens, None) => Ok(tokens.unwrap_or_default().access),
        }
    }

    /// What was given, beside what was there before: a refresh token that is not replaced stays good (RFC 6749 §6).
    fn tokens(&self, cx: &Context<'_>, granted: Granted, old: Option<Tokens>) -> Tokens {
        let old = old.unwrap_or_default();
        let seconds = granted.seconds.or(old.seconds);
        let until = |seconds: i64| {
            let margin = MARGIN_SECONDS.min(seconds / 4);
            cx.time_now().plus((seconds - margin) * SECOND).micros()
        };
        Tokens {
            client: self.digest(),
            access: granted.access,
            refresh: granted.refresh.or(old.refresh),
            until: seconds.map(until),
            seconds,
        }
    }

    /// What is stored for this client, and its version.
    async fn stored(&self, cx: &Context<'_>, link: &LinkId) -> Result<(Tokens, i64), Trouble> {
        let read = async {
            let get = TOKENS_GET.bind(vec![cx.business_id().into(), link.into()]);
            let rows = cx.db.rows(get).await?;
            let Some(row) = rows.first() else {
                return Ok(None);
            };
            let mut columns = Columns::of(row);
            let text = columns.str("tokens")?;
            if text.is_empty() {
                return Ok(None);
            }
            let context = LINK_TOKENS.context(cx.business_id(), link.as_str());
            let json = cx.ports.open(&context, text)?;
            let tokens: Tokens = serde_json::from_str(&json).map_err(Error::internal)?;
            Ok(Some((tokens, columns.integer("version")?)))
        };
        let read: Result<_, Error> = read.await;
        let known = read.map_err(|error| away(cx, &error))?;
        let is_ours = |(tokens, _): &(Tokens, i64)| {
            tokens.client == self.digest() && !tokens.access.is_empty()
        };
        known.filter(is_ours).ok_or_else(|| {
            let message = [
                "Nobody has authorized this link, or not as it is set now. ",
                CONNECT,
            ];
            Trouble::settings(message.concat())
        })
    }
}

async fn sealed(cx: &Context<'_>, link: &LinkId, tokens: &Tokens) -> Result<String, Error> {
    let context = LINK_TOKENS.context(cx.business_id(), link.as_str());
    let json = serde_json::to_string(tokens).map_err(Error::internal)?;
    secrets::seal(cx, &context, &json).await
}

fn busy() -> Trouble {
    Trouble {
        retry_after: Some(5),
        ..Trouble::passing("The link is just being authorized or renewed. It is tried again.")
    }
}

/// Our own database does not answer, or our keys do not open.
fn away(cx: &Context<'_>, error: &Error) -> Trouble {
    let cause = error.cause().unwrap_or_else(|| error.message().to_owned());
    cx.note(["what was authorized: ", &*cause].concat());
    Trouble::passing("What was authorized could not be read or stored just now. It is tried again.")
}
