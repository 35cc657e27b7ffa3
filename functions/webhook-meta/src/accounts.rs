use crate::sql::ACCOUNT_BY_ADDRESS;
use channels::ChannelKind;
use common::context::Context;
use common::db::{Columns, Row, Value};
use common::http::Error;
use common::ids::ChannelId;
use common::time::SECOND;
use common::ttl_cache::{Rereads, TtlCache};
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
    fn signed_by(accounts: &[Self], secret: &str) -> Option<Self> {
        let by = |id: fn(&Self) -> &str| accounts.iter().find(|account| id(account) == secret);
        let found = by(|account| &account.app_secret_id)
            .or_else(|| by(|account| &account.second_secret_id));
        found.cloned()
    }
}

thread_local! {
    static KNOWN: RefCell<TtlCache<Vec<Account>>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, TRUST_MICROS));
    static REREADS: RefCell<Rereads> = RefCell::default();
}

/// Whose a part of a delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This account's, for which its secret signs.
    Account(Account),
    /// Of an address that nobody has here.
    Nobody,
    /// Of an address whose accounts have other secrets.
    Forged,
}

/// The account that has this address at the provider, and for which this secret signs. Accounts seen
/// lately cost no call of the database. Where none of these has the secret they are read once more,
/// since one may have been given it a moment ago.
///
/// # Errors
/// 503 when the database is away.
pub async fn owner_find(
    cx: &Context<'_>,
    kind: ChannelKind,
    address: &str,
    secret: &str,
) -> Result<Owner, Error> {
    let name = format!("{} {address}", kind.as_str());
    if let Some(accounts) = KNOWN.with_borrow(|known| known.get(&name, cx.now)) {
        let account = Account::signed_by(&accounts, secret);
        if let Some(account) = account {
            return Ok(Owner::Account(account));
        }
        if !REREADS.with_borrow_mut(|rereads| rereads.may_reread(&name, cx.now)) {
            return Ok(Owner::Forged);
        }
    }
    let params: Vec<Value> = vec![kind.as_str().into(), address.into()];
    let rows = cx.db.rows(ACCOUNT_BY_ADDRESS.bind(params)).await?;
    let accounts: Vec<Account> = rows.iter().map(account_of).collect::<Result<_, _>>()?;
    let owner = match Account::signed_by(&accounts, secret) {
        Some(account) => Owner::Account(account),
        None if accounts.is_empty() => Owner::Nobody,
        None => Owner::Forged,
    };
    // What is not there is asked for anew each time: it may have been made a moment ago.
    KNOWN.with_borrow_mut(|known| match accounts.is_empty() {
        true => known.remove(&name),
        false => known.insert(name, accounts, cx.now),
    });
    Ok(owner)
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
