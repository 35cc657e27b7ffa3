//! Sending a person away to authorize a link.

use crate::sql::{LINK_GET, STATE_GIVE};
use common::Context;
use common::http::{Error, Kind, Result};
use common::ids::LinkId;
use common::oauth::{authorize_url, code_challenge, proof, random_text};
use common::signatures::sha256_hex;
use common::time::SECOND;
use knowledge::link::{Auth, Link};
use knowledge::source::oauth::{client_digest, redirect_uri};
use serde::Serialize;

/// How long a person may take to consent.
const STATE_LIVES: i64 = 10 * 60 * SECOND;
/// What the proof of a code is made for (RFC 7636), from the state and a key of the deployment.
const VERIFIER: &str = "crm link code verifier";

/// Where to send a person who authorizes a link.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Authorization {
    /// The URL to open in a browser, once.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub authorize_url: String,
    /// Where the person comes back to: what has to be registered with the client, exactly.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub redirect_uri: String,
    /// Until when they may take.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub expires_at: String,
}

/// Where to send a person who authorizes a link.
///
/// 1. Reads the link: 404; 409 for one that is not set to `authorization_code`.
/// 2. Stores a state that nobody can guess, for ten minutes, with the link, the session that asks and what the link is
///    set to. The one that was given before is good no more.
/// 3. 200 with the URL: the state, and the challenge of PKCE.
pub(crate) async fn authorize(cx: &Context<'_>, id: &str) -> Result<Authorization> {
    // 1.
    let id = LinkId::parse(id).ok_or_else(not_found)?;
    cx.audits(id.as_str());
    let link = link_of(cx, &id).await?.ok_or_else(not_found)?;
    let Some(client) = client_digest(&link.settings) else {
        let message = "This CRM link is not authorized by a person. Set its `auth` to `oauth2` with the grant \
                       `authorization_code` first.";
        return Err(Error::new(Kind::Conflict, message));
    };
    let redirect_uri = redirect_uri(cx)?;

    // 2.
    let state = random_text(cx.entropy);
    let until = cx.now.plus(STATE_LIVES);
    let session = cx.caller.session.as_ref();
    let session = session.ok_or_else(|| Error::internal("a caller without a session"))?;
    let give = STATE_GIVE.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        sha256_hex(state.as_bytes()).into(),
        session.id.as_str().into(),
        client.into(),
        until.micros().into(),
    ]);
    if cx.db.rows(give).await?.is_empty() {
        return Err(not_found());
    }

    // 3.
    let challenge = code_challenge(&verifier(cx, &state)?);
    Ok(Authorization {
        authorize_url: url_of(&link.settings.auth, &redirect_uri, &state, &challenge),
        redirect_uri,
        expires_at: until.to_string(),
    })
}

/// RFC 6749 §4.1.1 and RFC 7636 §4.3.
fn url_of(auth: &Auth, redirect_uri: &str, state: &str, challenge: &str) -> String {
    let Auth::Oauth2 {
        authorize_url: endpoint,
        client_id,
        scope,
        ..
    } = auth
    else {
        return String::new();
    };
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    if !scope.is_empty() {
        pairs.push(("scope", scope));
    }
    authorize_url(endpoint, &pairs)
}

/// A link of the caller's business.
pub(crate) async fn link_of(cx: &Context<'_>, id: &LinkId) -> Result<Option<Link>> {
    let get = LINK_GET.bind(vec![cx.business_id().into(), id.into()]);
    cx.db.rows(get).await?.first().map(Link::of_row).transpose()
}

/// What proves that the code is ours.
pub(crate) fn verifier(cx: &Context<'_>, state: &str) -> Result<String> {
    proof(&cx.ports, VERIFIER, state)
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such CRM link.")
}
