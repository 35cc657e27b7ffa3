use crate::sql::ACCOUNT_BY_ADDRESS;
use channels::ChannelKind;
use common::db::{Columns, Database, Row, Value};
use common::http::Error;
use common::ids::ChannelId;
use common::time::{SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// How long an isolate trusts what it read of an account, as of a key (contract.md, Access).
const TRUST_MICROS: i64 = 30 * SECOND;
/// Most accounts that an isolate remembers.
const MAX_ACCOUNTS: usize = 4096;

/// An account, as a receiver needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub business_id: String,
    /// Its id here.
    pub channel_id: ChannelId,
    /// Which app secret signs for it.
    pub app_secret_id: String,
    /// Which other one does, where there are two; else empty.
    pub second_secret_id: String,
    /// What else is known of it: a JSON object.
    pub settings: String,
}

impl Account {
    /// The account among those of one address for which this secret signs. Who has it as the first
    /// comes before who has it as the second.
    #[must_use]
    pub fn signed_by<'a>(accounts: &'a [Self], secret: &str) -> Option<&'a Self> {
        let by = |id: fn(&Self) -> &str| accounts.iter().find(|account| id(account) == secret);
        by(|account| &account.app_secret_id).or_else(|| by(|account| &account.second_secret_id))
    }
}

thread_local! {
    static KNOWN: RefCell<TtlCache<Vec<Account>>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, TRUST_MICROS));
}

/// The accounts that have this address at the provider: none, one, or one for each app secret by
/// which somebody claims it. One seen lately costs no call of the database.
///
/// # Errors
/// 503 when the database is away.
pub async fn account_find(
    db: &dyn Database,
    now: Timestamp,
    kind: ChannelKind,
    address: &str,
) -> Result<Vec<Account>, Error> {
    let name = format!("{} {address}", kind.as_str());
    if let Some(accounts) = KNOWN.with_borrow(|known| known.get(&name, now)) {
        return Ok(accounts);
    }
    let params: Vec<Value> = vec![kind.as_str().into(), address.into()];
    let rows = db.rows(ACCOUNT_BY_ADDRESS.bind(params)).await?;
    let accounts: Vec<Account> = rows.iter().map(account_of).collect::<Result<_, _>>()?;
    // What is not there is asked for anew each time: it may have been made a moment ago.
    if !accounts.is_empty() {
        KNOWN.with_borrow_mut(|known| known.insert(name, accounts.clone(), now));
    }
    Ok(accounts)
}

fn account_of(row: &Row) -> Result<Account, Error> {
    let mut columns = Columns::of(row);
    Ok(Account {
        business_id: columns.text("business_id")?,
        channel_id: columns.id("id")?,
        app_secret_id: columns.text("app_secret_id")?,
        second_secret_id: columns.text("second_secret_id")?,
        settings: columns.text("settings")?,
    })
}
