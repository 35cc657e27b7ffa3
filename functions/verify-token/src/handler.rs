use crate::trust::trust_of;
use access::sso::jwt::{Signed, read};
use common::Context;
use common::context::Agent;
use common::http::{Error, Result};
use common::time::SECOND;
use serde::Serialize;

/// The answer for a token that nobody signed.
const INVALID: &str = "{\"state\":\"invalid\"}";

/// What a token opens, as [`inbox_session`](access::sso::inbox_session) reads it.
#[derive(Serialize)]
struct Verification<'a> {
    state: &'static str,
    token_id: &'a str,
    expires_at: i64,
    business_id: &'a str,
    business_name: &'a str,
    default_region: &'a str,
    customer_id: Option<&'a str>,
    agent: Option<&'a Agent>,
    origins: &'a [String],
}

/// Says whether a token opens the embedded inbox, to the functions behind it; no request from outside
/// gets here. It alone carries the library that reads tokens. 503 when the database is away, 500
/// where the deployment has no `MASTER_KEY`.
///
/// 1. Checks the signature, before anything is asked of the database: `{"state":"invalid"}`.
/// 2. Checks key, revocations and expiry, as they were in the last 20 s: `invalid` where there is no
///    such business.
/// 3. Answers `valid`, `expired` or `revoked`, with what the token opens and which pages may frame it.
pub async fn run(cx: &Context<'_>, _: &str, token: &[u8]) -> Result<String> {
    // 1.
    let token = std::str::from_utf8(token).unwrap_or_default();
    let Some(signed) = read(&cx.outside, token)? else {
        return Ok(INVALID.to_owned());
    };
    let Signed {
        key_id,
        grant,
        expires_at,
    } = signed;

    // 2.
    let Some(trust) = trust_of(cx, &grant.business_id, &key_id).await? else {
        return Ok(INVALID.to_owned());
    };
    let state = trust.state_of(&key_id, &grant, expires_at, cx.now);

    // 3.
    let verification = Verification {
        state: state.as_str(),
        token_id: &grant.jti,
        expires_at: expires_at.micros() / SECOND,
        business_id: &grant.business_id,
        business_name: &trust.name,
        default_region: &trust.default_region,
        customer_id: grant.customer_id.as_deref(),
        agent: grant.agent.as_ref(),
        origins: &trust.origins,
    };
    serde_json::to_string(&verification).map_err(Error::internal)
}
