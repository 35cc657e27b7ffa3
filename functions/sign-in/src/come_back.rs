//! A person who comes back from the provider of a business.

use crate::begin::{VISIT_COOKIE, nonce, stop, troubled, verifier};
use crate::session::Opening;
use crate::sql::{MEMBER_ADMIT, SIGN_IN_AS, VISIT_TAKE};
use access::name::MAX_NAME_CHARS;
use access::sign_in::MAX_MEMBERS;
use common::Context;
use common::db::Columns;
use common::http::{Query, Response, Result};
use common::ids::MemberId;
use common::signatures::sha256_hex;
use common::time::Timestamp;
use oidc::exchange::{Code, exchange};
use oidc::userinfo::identity_of;
use oidc::{
    Claims, Expected, Identity, Issuer, Metadata, Provider, Trouble, metadata_of, signed_claims,
};

/// Where somebody goes of whose visit nothing is known.
const NOWHERE: &str = "/dashboard";

/// What was begun.
struct Visit {
    business_id: String,
    provider: String,
    next: String,
    expires_at: Timestamp,
}

/// Who came.
struct Person {
    identity: Identity,
    /// Whether an allowed domain makes them a member.
    is_admitted: bool,
}

/// `state`, `code`, `error`, `iss`
///
/// Each refusal is a page (400) that says what to do.
///
/// 1. Takes the visit, which then is used: one that this browser did not begin, or that is older than ten minutes, is
///    refused, and so is one that was begun with other settings than those now.
/// 2. Refuses where the person or the provider said no, or another provider sends the person (RFC 9207).
/// 3. Redeems the code, and checks the ID token (openid-connect.md §3).
/// 4. Makes a member of who has an address of an allowed domain and was not removed before; stores the session of the
///    member who has the address, with the entry of the audit log, in one transaction. Who is no member is refused.
/// 5. Answers with the session as a cookie, and leads to the page where the visit was begun for (303). 503 with the
///    database away.
pub(crate) async fn come_back(cx: &Context<'_>, query: &Query) -> Result<Response> {
    // 1.
    let state = query.get("state").unwrap_or_default();
    let Some(visit) = taken(cx, state).await? else {
        let message = "This visit was not begun in this browser, was used already, or took longer than ten minutes. Begin \
                       again.";
        return Ok(stop(400, message, NOWHERE));
    };
    let cx = &cx.of_business(&visit.business_id);
    let provider = Provider::get(cx).await?;
    let Some(provider) = provider.filter(|one| one.digest() == visit.provider) else {
        let message = "The settings of single sign-on were changed meanwhile. Begin again.";
        return Ok(stop(400, message, &visit.next));
    };

    // 2. and 3.
    let person = match person_of(cx, &provider, query).await? {
        Ok(person) => person,
        Err(trouble) => return Ok(troubled(cx, &trouble, &visit.next)),
    };

    // 4.
    let opening = Opening::new(cx);
    let made = MemberId::new(&cx.ids);
    let mut statements = Vec::new();
    if person.is_admitted {
        statements.push(MEMBER_ADMIT.bind(vec![
            cx.business_id().into(),
            (&made).into(),
            person.identity.email.as_str().into(),
            name_of(&person.identity).into(),
            provider.default_role.name().into(),
            cx.now.micros().into(),
            sha256_hex(person.identity.email.as_bytes()).into(),
            MAX_MEMBERS.into(),
        ]));
    }
    let at = statements.len();
    let mut sign_in = vec![
        cx.business_id().into(),
        person.identity.email.as_str().into(),
    ];
    sign_in.extend(opening.row(cx));
    statements.push(SIGN_IN_AS.bind(sign_in));
    statements.extend(opening.noted(cx, "sign_in_return", made.as_str()));
    let results = cx.db.batch(statements).await?;
    let Some(row) = results.get(at).and_then(|rows| rows.first()) else {
        let message = "You are signed in there, but you are no member of this business here. Ask an admin of it to invite \
                       you.";
        cx.note("no_member");
        return Ok(stop(400, message, &visit.next));
    };

    // 5.
    let cookie = opening.cookie(cx, row)?;
    let response = Response::empty(303).with_header("location", visit.next);
    // The address has the code in it.
    let response = response.with_header("referrer-policy", "no-referrer");
    Ok(response.with_header("set-cookie", cookie))
}

/// The visit of a state, once, and only to the browser in which it was begun; `None` where it is over.
async fn taken(cx: &Context<'_>, state: &str) -> Result<Option<Visit>> {
    let cookies = (cx.header)("cookie").unwrap_or_default();
    let pairs = cookies.split(';');
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let browser = pairs.find(|(name, _)| *name == VISIT_COOKIE);
    let Some((_, browser)) = browser.filter(|_| !state.is_empty()) else {
        return Ok(None);
    };
    let take = VISIT_TAKE.bind(vec![
        sha256_hex(state.as_bytes()).into(),
        sha256_hex(browser.as_bytes()).into(),
    ]);
    let rows = cx.db.rows(take).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    let visit = Visit {
        business_id: columns.text("business_id")?,
        provider: columns.text("provider")?,
        next: columns.text("next")?,
        expires_at: columns.time("expires_at")?,
    };
    Ok(Some(visit).filter(|visit| visit.expires_at > cx.now))
}

/// Who comes, by what they bring.
async fn person_of(
    cx: &Context<'_>,
    provider: &Provider,
    query: &Query,
) -> Result<Result<Person, Trouble>> {
    let issuer = match Issuer::parse(cx, &provider.issuer) {
        Ok(issuer) => issuer,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let metadata = match metadata_of(cx, &issuer).await {
        Ok(metadata) => metadata,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let code = match code_of(query, &issuer, &metadata) {
        Ok(code) => code,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let state = query.get("state").unwrap_or_default();
    let secret = provider.secret(cx)?;
    let code = Code {
        code,
        verifier: &verifier(cx, state)?,
        redirect_uri: &Provider::redirect_uri(cx)?,
        client_id: &provider.client_id,
        client_secret: secret.as_deref(),
    };
    let tokens = match exchange(cx, &metadata, &code).await {
        Ok(tokens) => tokens,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let json = match signed_claims(cx, &metadata, &tokens.id).await? {
        Ok(json) => json,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let expected = Expected {
        issuer: &issuer,
        client_id: &provider.client_id,
        nonce: &nonce(cx, state)?,
        now: cx.time_now(),
    };
    let claims = match Claims::check(&json, &expected) {
        Ok(claims) => claims,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let hosted_domain = claims.hosted_domain.clone();
    let identity = identity_of(cx, &issuer, &metadata, claims, &tokens).await;
    Ok(identity.map(|identity| Person {
        is_admitted: provider.admits(&issuer, &identity.email, hosted_domain.as_deref()),
        identity,
    }))
}

/// The code that a person brings.
fn code_of<'q>(query: &'q Query, issuer: &Issuer, metadata: &Metadata) -> Result<&'q str, Trouble> {
    let refused = |message: &'static str| Err(Trouble::new("visit_refused", message));
    let sender = query.get("iss");
    let is_missing = metadata.names_itself && sender.is_none();
    if is_missing || sender.is_some_and(|sender| sender != issuer.as_str()) {
        return refused(
            "Another provider than that of the business has sent you here. Begin again.",
        );
    }
    match (query.get("error"), query.get("code")) {
        (Some("access_denied"), _) => refused("The access was denied there. Nobody was signed in."),
        (None, Some(code)) => Ok(code),
        _ => refused(
            "The provider did not let you in. Have an admin check the client's id and the redirect URI there.",
        ),
    }
}

/// What a new member is called: as the provider says, or by their address.
fn name_of(identity: &Identity) -> String {
    let before = identity.email.split('@').next().unwrap_or_default();
    let said = identity.name.as_deref().unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).collect();
    let name = if said.trim().is_empty() {
        before
    } else {
        said.trim()
    };
    name.chars().take(MAX_NAME_CHARS).collect()
}
