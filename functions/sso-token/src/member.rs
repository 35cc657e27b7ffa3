//! The inbox of a member, who opens it from the dashboard.

use crate::create::CreatedToken;
use access::sso::jwt::{Grant, MemberGrant, sign};
use access::sso::{DEFAULT_SECONDS, SCOPE_ALL, key_of, key_statements};
use common::context::Context;
use common::db::next_rows;
use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};

/// Opens the whole inbox to the member who is signed in, for a quarter of an hour. The token ends within 60 s of the
/// member's removal, and of another role. Viewers read with it. That of a session which a key opened ends with the key.
///
/// # Errors
/// 403 for support.
pub async fn inbox_session_create(cx: &Context<'_>) -> Result<CreatedToken, Error> {
    if cx.caller.is_support() {
        let message =
            "The inbox needs a person of the business. Support does not answer customers.";
        return Err(Error::new(Kind::InsufficientScope, message));
    }
    let session = cx.caller.session.as_ref();
    let member = session.and_then(|one| {
        let role = one.role.name().to_owned();
        let id = one.member_id.clone()?;
        Some(MemberGrant { id, role })
    });
    let mut results = cx.db.batch(key_statements(cx).to_vec()).await?.into_iter();
    results.next();
    let key_id = key_of(&next_rows(&mut results)?)?;
    let token_id = cx.ids.next();
    // JWT times are whole seconds.
    let seconds = cx.now.micros().div_euclid(SECOND) + i64::from(DEFAULT_SECONDS);
    let expires_at = Timestamp::from_micros(seconds * SECOND);
    let grant = Grant {
        business_id: cx.business_id().to_owned(),
        scope: SCOPE_ALL.to_owned(),
        customer_id: None,
        agent: cx.caller.agent.clone(),
        jti: token_id.clone(),
        api_key_id: Some(cx.caller.key_id.clone()).filter(|id| !id.is_empty()),
        channel_id: None,
        member,
    };
    let token = sign(&cx.ports, &key_id, grant, cx.now, expires_at)?;
    let origin = cx.ports.public_origin()?;
    let embed_url = format!("{origin}/embed/inbox?id={token_id}#token={token}");
    Ok(CreatedToken {
        token,
        token_id,
        expires_at,
        embed_url,
    })
}
