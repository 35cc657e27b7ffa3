//! Whether a token of the inbox is good.

use crate::sql::SSO_STATE;
use access::sso::TRUST_MICROS;
use access::sso::asked::{TokenAnswer, TokenGrant, TokenQuestion, TokenState};
use access::sso::jwt::{Grant, Signed, read};
use common::calls;
use common::context::Context;
use common::db::Value;
use common::http::Error;
use common::remembered::Remembered;
use common::time::SECOND;
use std::cell::RefCell;
use std::rc::Rc;

/// Most businesses an isolate remembers.
const MOST_BUSINESSES: usize = 1024;

/// What a business's tokens are judged by.
struct Known {
    name: String,
    default_region: String,
    origins: Vec<String>,
    keys: Vec<String>,
    /// Kind, subject, the last token's id.
    revocations: Vec<(String, String, String)>,
}

thread_local! {
    static KNOWN: RefCell<Remembered<Rc<Known>>> =
        RefCell::new(Remembered::new(MOST_BUSINESSES, TRUST_MICROS));
}

/// Says whether a token is good and for what, to [`inbox_session`](access::sso::inbox_session): JSON.
/// What nobody signed is `invalid`, and told without a call of the database.
///
/// # Errors
/// 503 when the database is away, 500 where the deployment has no `MASTER_KEY`.
pub async fn token_verify(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let question: TokenQuestion = calls::read(body)?;
    let answer = answer(cx, &question.token).await?;
    calls::answer::<TokenQuestion>(&answer)
}

async fn answer(cx: &Context<'_>, token: &str) -> Result<TokenAnswer, Error> {
    let invalid = || TokenAnswer {
        state: TokenState::Invalid,
        opens: None,
    };
    let Some(Signed {
        key_id,
        grant,
        expires_at,
    }) = read(&cx.outside, token)?
    else {
        return Ok(invalid());
    };
    let recalled = KNOWN.with_borrow(|known| known.recall(&grant.business_id, cx.now));
    let known = match recalled.filter(|known| known.keys.contains(&key_id)) {
        Some(known) => known,
        // A key just made is one that nobody remembers.
        None => match load(cx, &grant.business_id).await? {
            Some(known) => known,
            None => return Ok(invalid()),
        },
    };
    let state = if !known.keys.contains(&key_id) || is_revoked(&known, &grant) {
        TokenState::Revoked
    } else if expires_at <= cx.now {
        TokenState::Expired
    } else {
        TokenState::Valid
    };
    Ok(TokenAnswer {
        state,
        opens: Some(TokenGrant {
            token_id: grant.jti,
            expires_at: expires_at.micros() / SECOND,
            business_id: grant.business_id,
            business_name: known.name.clone(),
            default_region: known.default_region.clone(),
            customer_id: grant.customer_id,
            agent: grant.agent,
            origins: known.origins.clone(),
        }),
    })
}

fn is_revoked(known: &Known, grant: &Grant) -> bool {
    let agent = grant.agent.as_ref().map(|agent| agent.id.as_str());
    let mut all = known.revocations.iter();
    all.any(|(kind, subject, up_to)| match kind.as_str() {
        "token" => *subject == grant.jti,
        _ => Some(subject.as_str()) == agent && grant.jti <= *up_to,
    })
}

async fn load(cx: &Context<'_>, business_id: &str) -> Result<Option<Rc<Known>>, Error> {
    let params = vec![business_id.into(), cx.now.micros().into()];
    let rows = cx.db.rows(SSO_STATE.bind(params)).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = row.into_iter().map(Value::into_text);
    let mut next = || {
        let column = columns.next().flatten();
        column.ok_or_else(|| Error::internal("a business's row is unreadable"))
    };
    let known = Rc::new(Known {
        name: next()?,
        default_region: next()?,
        origins: serde_json::from_str(&next()?).map_err(Error::internal)?,
        keys: serde_json::from_str(&next()?).map_err(Error::internal)?,
        revocations: serde_json::from_str(&next()?).map_err(Error::internal)?,
    });
    KNOWN.with_borrow_mut(|all| all.remember(business_id.to_owned(), known.clone(), cx.now));
    Ok(Some(known))
}
