use crate::trust::trust_of;
use access::sso::SCOPE_CARD;
use access::sso::jwt::{Signed, read};
use access::sso::verification::{TokenAnswer, TokenGrant, TokenQuestion, TokenState};
use common::Context;
use common::calls;
use common::http::Result;
use common::time::SECOND;

/// Says whether a token opens the embedded inbox, or what else the question names, to the functions behind it; no request from outside
/// gets here. It alone carries the library that reads tokens. 503 when the database is away, 500
/// where the deployment has no master key.
///
/// 1. Checks the signature and what the token is for, before anything is asked of the database: `invalid`.
/// 2. Checks key, revocations and expiry, as they were in the last 20 s: `invalid` where there is no
///    such business.
/// 3. Answers `valid`, `expired` or `revoked`, with what the token opens and which pages may frame it.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    let question: TokenQuestion = calls::read(body)?;
    calls::answer::<TokenQuestion>(&answer(cx, &question).await?)
}

/// The steps of [`run`].
async fn answer(cx: &Context<'_>, question: &TokenQuestion) -> Result<TokenAnswer> {
    let invalid = TokenAnswer {
        state: TokenState::Invalid,
        opens: None,
        is_suspended: false,
    };

    // 1.
    let Some(signed) = read(&cx.ports, &question.token)? else {
        return Ok(invalid);
    };
    let is_for_a_card = question.scope.as_deref() == Some(SCOPE_CARD);
    let is_unknown = signed.grant.member.is_some() && !question.knows_members;
    if signed.grant.is_card() != is_for_a_card || is_unknown {
        return Ok(invalid);
    }
    let Signed {
        key_id,
        grant,
        expires_at,
    } = signed;

    // 2.
    let Some(trust) = trust_of(cx, &grant, &key_id).await? else {
        return Ok(invalid);
    };
    // To callers who do not know of suspensions yet, it is as if it was revoked.
    let state = match trust.is_suspended {
        true => TokenState::Revoked,
        false => trust.state_of(&key_id, &grant, expires_at, cx.now),
    };

    // 3.
    Ok(TokenAnswer {
        state,
        is_suspended: trust.is_suspended,
        opens: Some(TokenGrant {
            token_id: grant.jti,
            expires_at: expires_at.micros() / SECOND,
            business_id: grant.business_id,
            business_name: trust.name.clone(),
            default_region: trust.default_region.clone(),
            customer_id: grant.customer_id,
            agent: grant.agent,
            origins: trust.origins.clone(),
            channel_id: grant.channel_id,
            member: grant.member,
        }),
    })
}
