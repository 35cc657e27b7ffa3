use super::sql::ACCOUNT_BY_ID;
use super::{AccountKind, Credentials};
use common::context::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::sender_quota::{SenderQuota, network_of};
use common::time::{SECOND, Timestamp};
use common::ttl_cache::{Rereads, TtlCache};
use std::cell::RefCell;

/// How long an isolate trusts what it read of an account, as of a key (contract.md, Access).
const TRUST_MICROS: i64 = 30 * SECOND;
/// Most accounts that an isolate remembers.
const MAX_ACCOUNTS: usize = 1024;

/// How long an isolate takes it that there is no such account.
const ABSENCE_MICROS: i64 = SECOND;
/// How many reads a second may find no account, for each sender: all businesses whose provider sends from the same
/// network are one, and each may name accounts that are not here.
const MAX_FRUITLESS_READS: u32 = 100;

/// An account whose provider sends to an address of its own, with what verifies it.
#[derive(Debug, Clone)]
pub struct ReceivingAccount {
    /// Whose it is.
    pub business_id: String,
    /// Its id here, which the address names.
    pub channel_id: ChannelId,
    /// Its kind.
    pub kind: AccountKind,
    /// The account at the provider.
    pub address: String,
    /// What else is known of it.
    pub settings: Fields<String>,
    /// Its secrets.
    pub credentials: Credentials,
    /// Whether it is not disabled.
    is_active: bool,
    /// When it was read.
    read_at: Timestamp,
}

thread_local! {
    static KNOWN: RefCell<TtlCache<ReceivingAccount>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, TRUST_MICROS));
    static ABSENT: RefCell<TtlCache<()>> =
        RefCell::new(TtlCache::new(MAX_ACCOUNTS, ABSENCE_MICROS));
    static REREADS: RefCell<Rereads> = RefCell::default();
    static FRUITLESS: RefCell<SenderQuota> =
        RefCell::new(SenderQuota::new(MAX_FRUITLESS_READS));
}

/// The active account of this kind that an address names; one seen lately costs no call of the
/// database. While that is away, one that this isolate has seen within a day is taken as it was, so that what comes
/// can be verified, and kept.
///
/// # Errors
/// 503 when the database is away, 500 where the secrets cannot be opened, 429 for a sender who names too
/// many accounts that nobody has.
pub async fn receiving_account_find(
    cx: &Context<'_>,
    kind: AccountKind,
    channel_id: &str,
) -> Result<Option<ReceivingAccount>, Error> {
    let Some(id) = ChannelId::parse(channel_id) else {
        return Ok(None);
    };
    let known = match KNOWN.with_borrow(|known| known.get(id.as_str(), cx.now)) {
        Some(account) => Some(account),
        None if ABSENT
            .with_borrow(|absent| absent.get(id.as_str(), cx.now))
            .is_some() =>
        {
            None
        }
        None => match read_for_sender(cx, &id).await {
            Err(error) if error.is_unavailable() => {
                let stale = KNOWN.with_borrow(|known| known.get_stale(id.as_str(), cx.now));
                Some(stale.ok_or(error)?)
            }
            read => read?,
        },
    };
    Ok(known.filter(|account| account.kind == kind))
}

/// Reads an account for a sender of whom nothing is verified, and counts what finds none at all. One that this
/// isolate has had is read whatever others of the same network ask for.
async fn read_for_sender(
    cx: &Context<'_>,
    id: &ChannelId,
) -> Result<Option<ReceivingAccount>, Error> {
    let Some(address) = (cx.header)("cf-connecting-ip") else {
        return read(cx, id).await;
    };
    let sender = network_of(&address);
    let is_had = KNOWN.with_borrow(|known| known.get_stale(id.as_str(), cx.now).is_some());
    if !is_had {
        FRUITLESS.with_borrow(|quota| quota.check(&sender, cx.now))?;
    }
    let account = read(cx, id).await?;
    let is_absent = ABSENT.with_borrow(|absent| absent.get(id.as_str(), cx.now).is_some());
    if is_absent {
        FRUITLESS.with_borrow_mut(|quota| quota.spend(&sender, cx.now, 1));
    }
    Ok(account)
}

/// The account for which a delivery was parked, even if it was disabled since: the delivery was
/// acknowledged.
///
/// # Errors
/// As [`receiving_account_find`].
pub async fn parked_account_find(
    cx: &Context<'_>,
    kind: AccountKind,
    channel_id: &str,
) -> Result<Option<ReceivingAccount>, Error> {
    let Some(id) = ChannelId::parse(channel_id) else {
        return Ok(None);
    };
    let account = read_at_any_status(cx, &id).await?;
    Ok(account.filter(|account| account.kind == kind))
}

/// What a delivery proves to be for an account, by `check`. One that the account as it was cached
/// refuses is checked once more with the account as it is now, since its credentials may have been
/// replaced. `None` where the account is gone by now.
///
/// # Errors
/// Those of `check`; as [`receiving_account_find`].
pub async fn receiving_account_check<T>(
    cx: &Context<'_>,
    account: ReceivingAccount,
    check: impl Fn(&ReceivingAccount) -> Result<T, Error>,
) -> Result<Option<(ReceivingAccount, T)>, Error> {
    let refused = match check(&account) {
        Ok(proven) => return Ok(Some((account, proven))),
        Err(error) if error.kind() == Kind::InvalidSignature => error,
        Err(error) => return Err(error),
    };
    let id = &account.channel_id;
    let is_fresh = account.read_at == cx.now;
    if is_fresh || !REREADS.with_borrow_mut(|rereads| rereads.may_reread(id.as_str(), cx.now)) {
        return Err(refused);
    }
    let known = read(cx, id).await?;
    let Some(account) = known.filter(|known| known.kind == account.kind) else {
        KNOWN.with_borrow_mut(|known| known.remove(id.as_str()));
        return Ok(None);
    };
    let proven = check(&account)?;
    Ok(Some((account, proven)))
}

/// Reads an account, and remembers it if it is active. That there is none at all is remembered, too: its
/// id is given out only once it is there.
async fn read(cx: &Context<'_>, id: &ChannelId) -> Result<Option<ReceivingAccount>, Error> {
    let account = read_at_any_status(cx, id).await?;
    if account.is_none() {
        ABSENT.with_borrow_mut(|absent| absent.insert(id.to_string(), (), cx.now));
    }
    let account = account.filter(|account| account.is_active);
    KNOWN.with_borrow_mut(|known| match &account {
        Some(account) => known.insert(id.to_string(), account.clone(), cx.now),
        // It must not be taken as it was before.
        None => known.remove(id.as_str()),
    });
    Ok(account)
}

async fn read_at_any_status(
    cx: &Context<'_>,
    id: &ChannelId,
) -> Result<Option<ReceivingAccount>, Error> {
    let rows = cx.db.rows(ACCOUNT_BY_ID.bind(vec![id.into()])).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(&row);
    let business_id = columns.text("business_id")?;
    let kind = columns.parsed("kind", AccountKind::parse)?;
    let address = columns.text("address")?;
    let settings = columns.parsed("settings", texts)?;
    let sealed = columns.str("credentials")?;
    Ok(Some(ReceivingAccount {
        credentials: Credentials::open(&cx.ports, &business_id, id, sealed)?,
        is_active: columns.str("status")? == "active",
        business_id,
        channel_id: id.clone(),
        kind,
        address,
        settings,
        read_at: cx.now,
    }))
}
