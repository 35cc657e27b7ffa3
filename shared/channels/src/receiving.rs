use super::sql::ACCOUNT_BY_ID;
use super::{ChannelKind, Credentials};
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// How long an isolate trusts what it read of an account, as of a key (contract.md, Access).
const TRUST_MICROS: i64 = 30 * SECOND;
/// Most accounts that an isolate remembers.
const MAX_ACCOUNTS: usize = 1024;

/// An account whose provider sends to an address of its own, with what verifies it.
#[derive(Debug, Clone)]
pub struct ReceivingAccount {
    /// Whose it is.
    pub business_id: String,
    /// Its id here, which the address names.
    pub channel_id: ChannelId,
    /// Its kind.
    pub kind: ChannelKind,
    /// The account at the provider.
    pub address: String,
    /// What else is known of it.
    pub settings: Fields<String>,
    /// Its secrets.
    pub credentials: Credentials,
}

thread_local! {
    static KNOWN: RefCell<TtlCache<ReceivingAccount>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, TRUST_MICROS));
}

/// The active account of this kind that an address names; one seen lately costs no call of the
/// database, so that what comes can be verified, and kept, while that is away.
///
/// # Errors
/// 503 when the database is away, 500 where the secrets cannot be opened.
pub async fn receiving_account_find(
    cx: &Context<'_>,
    kind: ChannelKind,
    channel_id: &str,
) -> Result<Option<ReceivingAccount>, Error> {
    let Some(id) = ChannelId::parse(channel_id) else {
        return Ok(None);
    };
    let known = match KNOWN.with_borrow(|known| known.get(id.as_str(), cx.now)) {
        Some(account) => Some(account),
        None => read(cx, &id).await?,
    };
    Ok(known.filter(|account| account.kind == kind))
}

async fn read(cx: &Context<'_>, id: &ChannelId) -> Result<Option<ReceivingAccount>, Error> {
    let rows = cx.db.rows(ACCOUNT_BY_ID.bind(vec![id.into()])).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(&row);
    let business_id = columns.text("business_id")?;
    let kind = columns.parsed("kind", ChannelKind::parse)?;
    let address = columns.text("address")?;
    let settings = columns.parsed("settings", texts)?;
    let sealed = columns.str("credentials")?;
    let account = ReceivingAccount {
        credentials: Credentials::open(&cx.ports, &business_id, id, sealed)?,
        business_id,
        channel_id: id.clone(),
        kind,
        address,
        settings,
    };
    KNOWN.with_borrow_mut(|known| known.insert(id.to_string(), account.clone(), cx.now));
    Ok(Some(account))
}
