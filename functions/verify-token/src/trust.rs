//! What a business's tokens are judged by, remembered for as long as it is trusted.

use crate::sql::SSO_STATE;
use access::sso::jwt::Grant;
use access::sso::{MAX_SECONDS, TRUST_MICROS, TokenState};
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::time::{SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use std::cell::RefCell;
use std::rc::Rc;

/// Most businesses an isolate remembers.
const MAX_BUSINESSES: usize = 1024;

/// What a business's tokens are judged by.
pub(crate) struct Trust {
    /// What the business is called.
    pub(crate) name: String,
    pub(crate) default_region: String,
    /// Which pages may frame the inbox.
    pub(crate) origins: Vec<String>,
    /// The ids of the signing keys.
    keys: Vec<String>,
    /// Kind, subject, the last token's id.
    revocations: Vec<(String, String, String)>,
    /// The ids of API keys that were revoked or have expired while tokens of theirs may live.
    ended_api_keys: Vec<String>,
    /// The members, by id and role.
    members: Vec<(String, String)>,
    /// Whether the operator has suspended the business.
    pub(crate) is_suspended: bool,
}

thread_local! {
    static REMEMBERED: RefCell<TtlCache<Rc<Trust>>> =
        RefCell::new(TtlCache::new(MAX_BUSINESSES, TRUST_MICROS));
}

impl Trust {
    /// Whether the business signs with this key.
    fn has_key(&self, key_id: &str) -> bool {
        self.keys.iter().any(|known| known == key_id)
    }

    /// Whether the member of a token is there, in the role that it names; so of a token that is no member's.
    fn has_member(&self, grant: &Grant) -> bool {
        let mut all = self.members.iter();
        let member = grant.member.as_ref();
        member.is_none_or(|member| {
            all.any(|(id, role)| id == member.id.as_str() && *role == member.role)
        })
    }

    /// The state of a token that one of the business's keys signed.
    pub(crate) fn state_of(
        &self,
        key_id: &str,
        grant: &Grant,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> TokenState {
        if !self.has_key(key_id) || self.revokes(grant) {
            TokenState::Revoked
        } else if expires_at <= now {
            TokenState::Expired
        } else {
            TokenState::Valid
        }
    }

    /// Whether a token was revoked, by itself, with its agent's earlier ones, with the API key that asked for
    /// it, or with the member who did: they are gone, or have another role.
    fn revokes(&self, grant: &Grant) -> bool {
        if let Some(api_key_id) = &grant.api_key_id
            && self.ended_api_keys.contains(api_key_id)
        {
            return true;
        }
        if !self.has_member(grant) {
            return true;
        }
        let agent = grant.agent.as_ref().map(|agent| agent.id.as_str());
        let mut all = self.revocations.iter();
        all.any(|(kind, subject, up_to)| match kind.as_str() {
            "token" => *subject == grant.jti,
            _ => Some(subject.as_str()) == agent && grant.jti <= *up_to,
        })
    }
}

/// What a business's tokens are verified against; `None` for an unknown business. An unknown key or
/// member may have just been created, so they are looked up in the database.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn trust_of(
    cx: &Context<'_>,
    grant: &Grant,
    key_id: &str,
) -> Result<Option<Rc<Trust>>, Error> {
    let business_id = grant.business_id.as_str();
    let recalled = REMEMBERED.with_borrow(|known| known.get(business_id, cx.now));
    match recalled.filter(|trust| trust.has_key(key_id) && trust.has_member(grant)) {
        Some(trust) => Ok(Some(trust)),
        None => load(cx, business_id).await,
    }
}

async fn load(cx: &Context<'_>, business_id: &str) -> Result<Option<Rc<Trust>>, Error> {
    let oldest = cx.now.plus(-i64::from(MAX_SECONDS + 60) * SECOND);
    let now = cx.now.micros();
    let params = vec![business_id.into(), now.into(), oldest.micros().into()];
    let rows = cx.db.rows(SSO_STATE.bind(params)).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(&row);
    let trust = Rc::new(Trust {
        name: columns.text("name")?,
        default_region: columns.text("default_region")?,
        origins: serde_json::from_str(columns.str("origins")?).map_err(Error::internal)?,
        keys: serde_json::from_str(columns.str("keys")?).map_err(Error::internal)?,
        revocations: serde_json::from_str(columns.str("revocations")?).map_err(Error::internal)?,
        ended_api_keys: serde_json::from_str(columns.str("api_keys")?).map_err(Error::internal)?,
        members: serde_json::from_str(columns.str("members")?).map_err(Error::internal)?,
        is_suspended: columns.flag("is_suspended")?,
    });
    REMEMBERED.with_borrow_mut(|all| all.insert(business_id.to_owned(), trust.clone(), cx.now));
    Ok(Some(trust))
}
