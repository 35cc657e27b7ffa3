use crate::channels::ChannelKind;
use crate::channels::sql::ACCOUNT_BY_ADDRESS;
use crate::db::{Database, Row, Value};
use crate::http::Error;
use crate::time::{SECOND, Timestamp};
use std::cell::RefCell;
use std::collections::HashMap;

/// How long an isolate trusts what it read of an account, as of a key (design.md §3, Keys).
const TRUST_MICROS: i64 = 30 * SECOND;
/// Most accounts that an isolate remembers; beyond it starts anew.
const MOST_ACCOUNTS: usize = 4096;

/// An account, as a receiver needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub business_id: String,
    /// Its id here.
    pub channel_id: String,
    /// Which app secret signs for it.
    pub app_secret_id: String,
}

struct Known {
    accounts: Vec<Account>,
    read_at: Timestamp,
}

thread_local! {
    static KNOWN: RefCell<HashMap<String, Known>> = RefCell::default();
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
    if let Some(accounts) = recall(&name, now) {
        return Ok(accounts);
    }
    let params: Vec<Value> = vec![kind.as_str().into(), address.into()];
    let rows = db.rows(ACCOUNT_BY_ADDRESS.bind(params)).await?;
    let accounts: Option<Vec<Account>> = rows.into_iter().map(account_of).collect();
    let accounts = accounts.ok_or_else(|| Error::internal("a channel's row is unreadable"))?;
    // What is not there is asked for anew each time: it may have been made a moment ago.
    if !accounts.is_empty() {
        remember(name, &accounts, now);
    }
    Ok(accounts)
}

fn recall(name: &str, now: Timestamp) -> Option<Vec<Account>> {
    KNOWN.with_borrow(|all| {
        let known = all.get(name)?;
        let age = now.micros() - known.read_at.micros();
        (0..TRUST_MICROS)
            .contains(&age)
            .then(|| known.accounts.clone())
    })
}

fn remember(name: String, accounts: &[Account], read_at: Timestamp) {
    KNOWN.with_borrow_mut(|all| {
        if all.len() >= MOST_ACCOUNTS {
            all.clear();
        }
        let accounts = accounts.to_vec();
        all.insert(name, Known { accounts, read_at });
    });
}

fn account_of(row: Row) -> Option<Account> {
    let mut texts = row.into_iter().map(Value::into_text);
    Some(Account {
        business_id: texts.next()??,
        channel_id: texts.next()??,
        app_secret_id: texts.next()??,
    })
}
