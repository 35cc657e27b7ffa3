//! Sending a person away to the provider of a business.

use crate::sql::{VISIT_BEGIN, VISITS_OVER};
use common::Context;
use common::form;
use common::http::page::page_with_link;
use common::http::{Query, Response, Result};
use common::ids::is_id;
use common::oauth::{authorize_url, code_challenge, proof, random_text};
use common::signatures::sha256_hex;
use common::time::SECOND;
use oidc::{Issuer, Provider, Trouble, metadata_of, start_path};

/// The cookie that ties a visit to the browser in which it was begun: a state that somebody else was given signs nobody in.
pub(crate) const VISIT_COOKIE: &str = "__Host-tieline-visit";
/// Where people sign in.
pub(crate) const PAGE: &str = "/dashboard/sign-in";
/// The first page of the dashboard.
const DASHBOARD: &str = "/dashboard";
/// How long a person may take at the provider, in microseconds.
const VISIT_MICROS: i64 = 600 * SECOND;
/// Longest address of a page, in bytes.
const MAX_NEXT: usize = 500;
/// What is asked for: who it is, their address and their name.
const SCOPE: &str = "openid email profile";
/// What the proof of a code is made for (RFC 7636), from the state and a key of the deployment.
const VERIFIER: &str = "sign-in code verifier";
/// What the nonce of an ID token is made for.
const NONCE: &str = "sign-in nonce";

/// `business`, `next`
///
/// 1. 404, as a page, for a business without a provider, or none at all: nobody learns which.
/// 2. Asks a person whom another site sends here whether they want it: else a site could sign them in to a business of its
///    own, and have them work there.
/// 3. Reads what the provider publishes: a page that says so where it cannot be had.
/// 4. Stores the visit for ten minutes: digests of a state and of a cookie, which nobody can guess.
/// 5. Sends the browser away (303): the state, a nonce, and the challenge of PKCE, both made of the state by a key of the
///    deployment.
pub(crate) async fn begin(cx: &Context<'_>, query: &Query) -> Result<Response> {
    // 1.
    let next = page_after(query.get("next"));
    let business = query.get("business").filter(|id| is_id(id));
    let cx = &cx.of_business(business.unwrap_or_default());
    let provider = match business {
        Some(_) => Provider::get(cx).await?,
        None => None,
    };
    let Some(provider) = provider else {
        let message = "There is no single sign-on at this address. Ask an admin of your business for the right one, or sign \
                       in by a link.";
        return Ok(stop(404, message, &next));
    };

    // 2.
    let site = (cx.header)("sec-fetch-site");
    if site.is_some_and(|site| !matches!(site.as_str(), "same-origin" | "none")) {
        return Ok(asked(cx, &provider, &next));
    }

    // 3.
    let published = match Issuer::parse(cx, &provider.issuer) {
        Ok(issuer) => metadata_of(cx, &issuer).await,
        Err(trouble) => Err(trouble),
    };
    let metadata = match published {
        Ok(metadata) => metadata,
        Err(trouble) => return Ok(troubled(cx, &trouble, &next)),
    };

    // 4.
    let state = random_text(cx.entropy);
    let browser = random_text(cx.entropy);
    let visit = VISIT_BEGIN.bind(vec![
        cx.business_id().into(),
        sha256_hex(state.as_bytes()).into(),
        sha256_hex(browser.as_bytes()).into(),
        provider.digest().into(),
        next.into(),
        cx.now.plus(VISIT_MICROS).micros().into(),
    ]);
    let over = vec![cx.business_id().into(), cx.now.micros().into()];
    cx.db.batch(vec![visit, VISITS_OVER.bind(over)]).await?;

    // 5.
    let url = authorize_url(
        &metadata.authorization_endpoint,
        &[
            ("response_type", "code"),
            ("client_id", &provider.client_id),
            ("redirect_uri", &Provider::redirect_uri(cx)?),
            ("scope", SCOPE),
            ("state", &state),
            ("nonce", &nonce(cx, &state)?),
            ("code_challenge", &code_challenge(&verifier(cx, &state)?)),
            ("code_challenge_method", "S256"),
        ],
    );
    let age = VISIT_MICROS / SECOND;
    let cookie =
        format!("{VISIT_COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}");
    let response = Response::empty(303).with_header("location", url);
    Ok(response.with_header("set-cookie", cookie))
}

/// What proves that the code is ours.
pub(crate) fn verifier(cx: &Context<'_>, state: &str) -> Result<String> {
    proof(&cx.ports, VERIFIER, state)
}

/// What the ID token has to repeat.
pub(crate) fn nonce(cx: &Context<'_>, state: &str) -> Result<String> {
    proof(&cx.ports, NONCE, state)
}

/// A page that ends it here, with a way to begin again.
pub(crate) fn stop(status: u16, message: &str, next: &str) -> Response {
    let again = match next {
        DASHBOARD => PAGE.to_owned(),
        next => [PAGE, "?", &form::encoded([("next", next)])].concat(),
    };
    page_with_link(status, "Not signed in", message, Some((&again, "Sign in")))
}

/// The same for trouble with a provider, whose code goes into the log.
pub(crate) fn troubled(cx: &Context<'_>, trouble: &Trouble, next: &str) -> Response {
    cx.note(trouble.code);
    stop(400, &trouble.message, next)
}

/// Asks a person whether they want it. The link is of this site, and so goes on.
fn asked(cx: &Context<'_>, provider: &Provider, next: &str) -> Response {
    let message = [
        "You are about to sign in with ",
        &provider.name,
        ", at ",
        &provider.issuer,
        ". If you did not ask for that, close this page.",
    ];
    let mut to = start_path(cx.business_id());
    if next != DASHBOARD {
        to = [&to, "&", &form::encoded([("next", next)])].concat();
    }
    page_with_link(200, "Sign in", &message.concat(), Some((&to, "Go on")))
}

/// The page that a person goes to then: a path of the dashboard, or its first page for anything else. What a browser could
/// read as another site or path than it says is none.
fn page_after(next: Option<&str>) -> String {
    next.filter(|next| is_page(next))
        .unwrap_or(DASHBOARD)
        .to_owned()
}

fn is_page(next: &str) -> bool {
    let path = next.split_once('#').map_or(next, |(path, _)| path);
    let Some(below) = path.strip_prefix(DASHBOARD) else {
        return false;
    };
    let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
    let lower = below.to_ascii_lowercase();
    let is_path = below.is_empty()
        || below
            .strip_prefix('/')
            .is_some_and(|rest| rest.split('/').all(|one| !matches!(one, "" | "." | "..")));
    next.len() <= MAX_NEXT
        && next.bytes().all(is_plain)
        && is_path
        && !below.contains('?')
        && ["%2e", "%2f", "%5c"]
            .iter()
            .all(|code| !lower.contains(code))
        && !["/sign-in", "/assets"]
            .iter()
            .any(|other| below.starts_with(other))
}
