//! Verification of inbox tokens by `verify-token`.

use super::jwt::MemberGrant;
use super::{SCOPE_CARD, TRUST_MICROS, VERIFIER};
use crate::caller::{bearer, suspended};
use common::calls::{Call, call};
use common::context::{Agent, Caller, Session};
use common::http::{Error, Kind, Role};
use common::ids::{ChannelId, CustomerId};
use common::ports::{Async, Ports};
use common::signatures::sha256_hex;
use common::time::{SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;

/// Longest token, in bytes: ours have less than one and a half thousand.
const MAX_TOKEN_BYTES: usize = 8192;
/// Most tokens an isolate remembers.
const MAX_TOKENS: usize = 4096;

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// It opens the inbox.
    Valid,
    /// It was good once.
    Expired,
    /// It, its agent's tokens, or its key were revoked.
    Revoked,
    /// We did not sign it.
    Invalid,
}

/// What a token opens. Of one that we did not sign, all but `state` is empty.
#[derive(Debug)]
pub struct InboxSession {
    /// Whether it does.
    pub state: TokenState,
    /// Whether the operator has suspended the business.
    pub is_suspended: bool,
    /// The token's id.
    pub token_id: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose inbox.
    pub business_id: String,
    /// What people call the business.
    pub business_name: String,
    /// The business's region for national phone numbers.
    pub default_region: String,
    /// The one customer, or none for the whole inbox.
    pub customer_id: Option<CustomerId>,
    /// The agent.
    pub agent: Option<Agent>,
    /// Pages that may frame the inbox.
    pub origins: Vec<String>,
    /// The account of a CRM card.
    pub channel_id: Option<ChannelId>,
    /// The member of the business who opened it from the dashboard.
    pub member: Option<MemberGrant>,
}

thread_local! {
    static KNOWN: RefCell<TtlCache<Rc<InboxSession>>> =
        RefCell::new(TtlCache::new(MAX_TOKENS, TRUST_MICROS));
}

/// Verifies a token with `verify-token`. A valid token is cached.
///
/// # Errors
/// 503 where `verify-token` or its database does not answer.
pub async fn inbox_session(
    ports: Ports<'_>,
    now: Timestamp,
    token: &str,
) -> Result<Rc<InboxSession>, Error> {
    session(ports, now, token, None).await
}

/// Verifies a token of a CRM card, as [`inbox_session`] does one of the inbox. Neither opens the other. Whether the
/// card's account still has this token is for the caller to find out.
///
/// # Errors
/// As [`inbox_session`].
pub async fn card_session(
    ports: Ports<'_>,
    now: Timestamp,
    token: &str,
) -> Result<Rc<InboxSession>, Error> {
    session(ports, now, token, Some(SCOPE_CARD)).await
}

async fn session(
    ports: Ports<'_>,
    now: Timestamp,
    token: &str,
    scope: Option<&str>,
) -> Result<Rc<InboxSession>, Error> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return Ok(Rc::new(invalid()));
    }
    let name = [scope.unwrap_or_default(), &sha256_hex(token.as_bytes())].concat();
    let known = KNOWN.with_borrow(|known| known.get(&name, now));
    if let Some(known) = known.filter(|known| known.expires_at > now) {
        return Ok(known);
    }
    let question = TokenQuestion {
        token: token.to_owned(),
        scope: scope.map(str::to_owned),
        knows_members: true,
    };
    let session = session_of(call(&ports, &question).await?);
    let session = Rc::new(session);
    if session.state == TokenState::Valid {
        KNOWN.with_borrow_mut(|known| known.insert(name, session.clone(), now));
    }
    Ok(session)
}

fn invalid() -> InboxSession {
    InboxSession {
        state: TokenState::Invalid,
        is_suspended: false,
        token_id: String::new(),
        expires_at: Timestamp::from_micros(0),
        business_id: String::new(),
        business_name: String::new(),
        default_region: String::new(),
        customer_id: None,
        agent: None,
        origins: Vec::new(),
        channel_id: None,
        member: None,
    }
}

/// What [`inbox_session`] asks `verify-token`.
#[derive(Debug, Serialize, Deserialize)]
pub struct TokenQuestion {
    /// The token, as it was presented.
    pub token: String,
    /// The scope that it has to have; none for those of the inbox. Whoever does not know of a scope never hears that
    /// a token of it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether who asks holds members to their roles. Others never hear that a member's token is good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub knows_members: bool,
}

impl Call for TokenQuestion {
    const FUNCTION: &'static str = VERIFIER;
    const NAME: &'static str = "token";
    const VERSION: u32 = 1;
    type Answer = TokenAnswer;
}

/// What `verify-token` says of a token.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// How it stands.
    pub state: TokenState,
    /// Whether that is because the operator has suspended the business.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_suspended: bool,
    /// The session; `None` for a token that we did not sign.
    #[serde(default)]
    pub opens: Option<TokenGrant>,
}

/// What a token opens.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenGrant {
    /// The token's id.
    pub token_id: String,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// Whose inbox.
    pub business_id: String,
    /// What people call the business.
    pub business_name: String,
    /// The business's region for national phone numbers.
    pub default_region: String,
    /// The one customer, or none for the whole inbox.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The agent.
    #[serde(default)]
    pub agent: Option<Agent>,
    /// Pages that may frame the inbox.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The account of a CRM card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// The member who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberGrant>,
}

fn session_of(answer: TokenAnswer) -> InboxSession {
    let Some(grant) = answer.opens else {
        return invalid();
    };
    InboxSession {
        state: answer.state,
        is_suspended: answer.is_suspended,
        token_id: grant.token_id,
        expires_at: Timestamp::from_micros(grant.expires_at.saturating_mul(SECOND)),
        business_id: grant.business_id,
        business_name: grant.business_name,
        default_region: grant.default_region,
        customer_id: grant.customer_id,
        agent: grant.agent,
        origins: grant.origins,
        channel_id: grant.channel_id,
        member: grant.member,
    }
}

impl InboxSession {
    /// Who calls by the token.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let session = self.member.as_ref().map(|member| Session {
            id: self.token_id.clone(),
            // What is no role may do the least.
            role: Role::named(&member.role).unwrap_or(Role::Viewer),
            member_id: Some(member.id.clone()),
            support_reason: None,
        });
        Caller {
            session,
            business_id: self.business_id.clone(),
            key_id: self.token_id.clone(),
            default_region: self.default_region.clone(),
            agent: self.agent.clone(),
            customer_id: self.customer_id.clone(),
            ..Caller::nobody()
        }
    }
}

/// Finds out who calls by the token in an `authorization` header. Given to the functions that the
/// inbox calls as a value, since others should not carry it.
pub type InboxAccess = for<'a> fn(
    ports: Ports<'a>,
    now: Timestamp,
    authorization: Option<&'a str>,
) -> Async<'a, Result<Caller, Error>>;

/// By `verify-token`.
pub const INBOX: InboxAccess =
    |ports, now, authorization| Box::pin(authenticate_inbox(ports, now, authorization));

/// Finds out who presents this token of the embedded inbox.
///
/// # Errors
/// 401 for no token and for one that does not open the inbox; 403 where the business is suspended; 503 as [`inbox_session`].
async fn authenticate_inbox(
    ports: Ports<'_>,
    now: Timestamp,
    authorization: Option<&str>,
) -> Result<Caller, Error> {
    let session = inbox_session(ports, now, bearer(authorization)?).await?;
    if session.is_suspended {
        return Err(suspended());
    }
    let message = match session.state {
        TokenState::Valid => return Ok(session.caller()),
        TokenState::Expired => "This session is over. Open the inbox again.",
        TokenState::Revoked => "This session was ended. Open the inbox again.",
        TokenState::Invalid => "This token does not open the inbox.",
    };
    Err(Error::new(Kind::InvalidToken, message))
}
