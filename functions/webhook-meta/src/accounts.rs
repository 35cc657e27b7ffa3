//! The accounts at Meta's addresses, with the app secrets that sign for them.

use crate::scan::Address;
use crate::sql::{ACCOUNTS_AT, ACCOUNTS_AT_ANY_STATUS};
use channels::{ChannelKind, Credentials};
use common::context::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::ids::ChannelId;
use common::json::raw;
use common::json::writer::quoted;
use common::sender_quota::SenderQuota;
use common::time::SECOND;
use common::ttl_cache::{Rereads, TtlCache};
use std::cell::RefCell;
use std::rc::Rc;

/// How long an isolate trusts what it read of an account, as of a key (contract.md, Access).
const TRUST_MICROS: i64 = 30 * SECOND;
/// Most addresses that an isolate remembers the accounts of.
const MAX_KNOWN: usize = 4096;
/// How long an isolate takes it that nobody has an address, which somebody may connect meanwhile.
const ABSENCE_MICROS: i64 = SECOND;
/// Most addresses that an isolate knows nobody to have.
const MAX_ABSENT: usize = 4096;
/// How many reads a second may find nobody, for each sender. Meta names accounts that are, or were, here.
const MAX_FRUITLESS_READS: u32 = 20;

/// Names the app of the deployment among those whose secrets sign (docs/deploy.md, Secrets).
pub(crate) const DEPLOYMENT: &str = "deployment";

/// An account, as a receiver needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Whose it is.
    pub(crate) business_id: String,
    /// Its id here.
    pub(crate) channel_id: ChannelId,
    /// Which app secret signs for it; [`DEPLOYMENT`] where it has none of its own.
    pub(crate) app_secret_id: String,
    /// Which other one does, where there are two; else empty.
    pub(crate) second_secret_id: String,
    /// What else is known of it: a JSON object.
    pub(crate) settings: String,
}

impl Account {
    /// Whether files that messages carry are stored; they are unless it is set not to.
    pub(crate) fn stores_media(&self) -> bool {
        let settings = raw::object(&self.settings).unwrap_or_default();
        settings.text("store_media").as_deref() != Some("false")
    }
}

/// An app secret, and what names it.
#[derive(Clone)]
pub(crate) struct AppSecret {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// The accounts of one address.
#[derive(Default)]
pub(crate) struct Accounts {
    pub(crate) all: Vec<Account>,
    /// The secrets that sign for them, but for that of the deployment's app.
    pub(crate) secrets: Vec<AppSecret>,
}

impl Accounts {
    /// The account for which this secret signs. Who has it as the first comes before who has it as the
    /// second.
    fn signed_by(&self, secret: &str) -> Option<Account> {
        let by = |id: fn(&Account) -> &str| self.all.iter().find(|account| id(account) == secret);
        let found = by(|account| &account.app_secret_id)
            .or_else(|| by(|account| &account.second_secret_id));
        found.cloned()
    }
}

thread_local! {
    static KNOWN: RefCell<TtlCache<Rc<Accounts>>> =
        RefCell::new(TtlCache::new(MAX_KNOWN, TRUST_MICROS));
    static ABSENT: RefCell<TtlCache<()>> =
        RefCell::new(TtlCache::new(MAX_ABSENT, ABSENCE_MICROS));
    static REREADS: RefCell<Rereads> = RefCell::default();
    static FRUITLESS: RefCell<SenderQuota> = RefCell::new(SenderQuota::new(MAX_FRUITLESS_READS));
}

/// Whose a part of a delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This account's, for which its secret signs.
    Account(Account),
    /// Of an address that nobody has here.
    Nobody,
    /// Of an address whose accounts have other secrets.
    Forged,
}

/// How old what is known of accounts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Read just now.
    Fresh,
    /// Read within the time for which it is trusted, or some of it was.
    Trusted,
    /// Older, since the database is away: good to say who signed, and not that nobody did.
    Stale,
}

/// The accounts of those of these addresses that have any, and how old that is. What an isolate does not know is
/// read from the database, in one call; while that is away, what it knew before counts. `sender` is who is
/// counted for addresses that nobody has; nobody, once it is known who signed.
///
/// # Errors
/// 503 when the database is away and none was known before; 429 for a sender who names too many addresses
/// that nobody has.
pub(crate) async fn accounts_at(
    cx: &Context<'_>,
    sender: Option<&str>,
    addresses: &[Address],
) -> Result<(Vec<Rc<Accounts>>, Age), Error> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for address in addresses {
        let name = address.name();
        match KNOWN.with_borrow(|known| known.get(&name, cx.now)) {
            Some(accounts) => found.push(accounts),
            None if ABSENT
                .with_borrow(|absent| absent.get(&name, cx.now))
                .is_some() => {}
            None => unknown.push(address),
        }
    }
    if unknown.is_empty() {
        return Ok((found, Age::Trusted));
    }
    let sender = sender.unwrap_or_default();
    FRUITLESS.with_borrow(|quota| quota.check(sender, cx.now))?;
    let read = match accounts_read(cx, &unknown).await {
        // Taken as they were, so that what comes can be verified, and parked.
        Err(error) if error.is_unavailable() => {
            let stale = |address: &&Address| {
                KNOWN.with_borrow(|known| known.get_stale(&address.name(), cx.now))
            };
            found.extend(unknown.iter().filter_map(stale));
            return if found.is_empty() {
                Err(error)
            } else {
                Ok((found, Age::Stale))
            };
        }
        read => read?,
    };
    if read.len() < unknown.len() && !sender.is_empty() {
        FRUITLESS.with_borrow_mut(|quota| quota.spend(sender, cx.now, 1));
    }
    found.extend(read);
    let is_fresh = unknown.len() == addresses.len();
    Ok((found, if is_fresh { Age::Fresh } else { Age::Trusted }))
}

/// As [`accounts_at`], all of them read anew, since credentials may have been replaced. `None` where that
/// was done a moment ago.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn accounts_reread(
    cx: &Context<'_>,
    addresses: &[Address],
) -> Result<Option<Vec<Rc<Accounts>>>, Error> {
    let is_due = |address: &&Address| {
        let name = address.name();
        let is_known = KNOWN.with_borrow(|known| known.get(&name, cx.now).is_some());
        is_known && REREADS.with_borrow_mut(|rereads| rereads.may_reread(&name, cx.now))
    };
    let due: Vec<_> = addresses.iter().filter(is_due).collect();
    if due.is_empty() {
        return Ok(None);
    }
    accounts_read(cx, &due).await.map(Some)
}

/// Reads the accounts of these addresses, and remembers them.
async fn accounts_read(
    cx: &Context<'_>,
    addresses: &[&Address],
) -> Result<Vec<Rc<Accounts>>, Error> {
    let pairs: Vec<_> = addresses
        .iter()
        .map(|address| format!("[\"{}\",{}]", address.kind.as_str(), quoted(&address.id)))
        .collect();
    let pairs = format!("[{}]", pairs.join(","));
    let rows = cx.db.rows(ACCOUNTS_AT.bind(vec![pairs.into()])).await?;
    let mut of_names: Vec<_> = addresses
        .iter()
        .map(|address| (address.name(), Accounts::default()))
        .collect();
    for row in &rows {
        let (name, account, sealed) = account_of(row)?;
        if let Some((_, accounts)) = of_names.iter_mut().find(|(known, _)| *known == name) {
            secrets_open(cx, accounts, &account, &sealed);
            accounts.all.push(account);
        }
    }
    let mut found = Vec::new();
    for (name, accounts) in of_names {
        if accounts.all.is_empty() {
            KNOWN.with_borrow_mut(|known| known.remove(&name));
            ABSENT.with_borrow_mut(|absent| absent.insert(name, (), cx.now));
            continue;
        }
        let accounts = Rc::new(accounts);
        found.push(Rc::clone(&accounts));
        KNOWN.with_borrow_mut(|known| known.insert(name, accounts, cx.now));
    }
    Ok(found)
}

/// Opens the secrets of an account, unless they are there under their names. What cannot be opened signs
/// for nobody.
fn secrets_open(cx: &Context<'_>, accounts: &mut Accounts, account: &Account, sealed: &str) {
    let ids = [&account.app_secret_id, &account.second_secret_id];
    let is_needed = |id: &&&String| {
        let is_own = !id.is_empty() && **id != DEPLOYMENT;
        is_own && accounts.secrets.iter().all(|known| known.id != ***id)
    };
    if !ids.iter().any(|id| is_needed(&id)) {
        return;
    }
    let (business, id) = (&account.business_id, &account.channel_id);
    let Ok(credentials) = Credentials::open(&cx.ports, business, id, sealed) else {
        cx.note(format!("the credentials of account {id} cannot be opened"));
        return;
    };
    let secrets = [credentials.app_secret, credentials.instagram_app_secret];
    for (id, secret) in ids.into_iter().zip(secrets) {
        if let Some(secret) = secret
            && !id.is_empty()
        {
            let id = id.clone();
            accounts.secrets.push(AppSecret { id, secret });
        }
    }
}

/// The account that has this address at the provider, and for which this secret signs. Where none of
/// those that are known has the secret they are read once more, since one may have been given it a
/// moment ago.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn owner_find(
    cx: &Context<'_>,
    kind: ChannelKind,
    address: &str,
    secret: &str,
) -> Result<Owner, Error> {
    let wanted = [Address {
        kind,
        id: address.to_owned(),
    }];
    let (mut found, age) = accounts_at(cx, None, &wanted).await?;
    if signed_by(&found, secret).is_none()
        && age != Age::Fresh
        && let Some(reread) = accounts_reread(cx, &wanted).await?
    {
        found = reread;
    }
    Ok(match signed_by(&found, secret) {
        Some(account) => Owner::Account(account),
        None if found.is_empty() => Owner::Nobody,
        None => Owner::Forged,
    })
}

/// As [`owner_find`] for what was acknowledged: an account that was disabled since is still its owner.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn owner_of_parked(
    cx: &Context<'_>,
    kind: ChannelKind,
    address: &str,
    secret: &str,
) -> Result<Owner, Error> {
    let params = vec![kind.as_str().into(), address.into()];
    let rows = cx.db.rows(ACCOUNTS_AT_ANY_STATUS.bind(params)).await?;
    let mut accounts = Accounts::default();
    for row in &rows {
        let (_, account, _) = account_of(row)?;
        accounts.all.push(account);
    }
    Ok(match accounts.signed_by(secret) {
        Some(account) => Owner::Account(account),
        None if accounts.all.is_empty() => Owner::Nobody,
        None => Owner::Forged,
    })
}

fn signed_by(found: &[Rc<Accounts>], secret: &str) -> Option<Account> {
    found.iter().find_map(|accounts| accounts.signed_by(secret))
}

/// The name of an account's address, the account, and its sealed credentials.
fn account_of(row: &Row) -> Result<(String, Account, String), Error> {
    let mut columns = Columns::of(row);
    let address = Address {
        kind: columns.parsed("kind", ChannelKind::parse)?,
        id: columns.text("address")?,
    };
    let account = Account {
        business_id: columns.text("business_id")?,
        channel_id: columns.id("id")?,
        app_secret_id: match columns.text("app_secret_id")? {
            id if id.is_empty() => DEPLOYMENT.to_owned(),
            id => id,
        },
        second_secret_id: columns.text("second_secret_id")?,
        settings: columns.text("settings")?,
    };
    let sealed = columns.text_or_null("credentials")?;
    Ok((address.name(), account, sealed.unwrap_or_default()))
}
