//! Who signed a delivery.

use crate::accounts::{
    Accounts, Age, AppSecret, DEPLOYMENT, Owner, accounts_at, accounts_reread, owner_find,
    owner_of_parked,
};
use crate::scan::scan;
use crate::sql::VERIFY_TOKEN_FIND;
use channels::{ChannelKind, verify_token_id};
use common::context::Context;
use common::http::ledger::{META_APP_SECRET, META_BYTES, META_VERIFY_TOKEN};
use common::http::{Error, Kind};
use common::sender_quota::{SenderQuota, network_of};
use common::signatures::{equal, hmac_sha256, same_bytes, sha256_hex};
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;
use std::rc::Rc;

/// Most app secrets that a delivery is tried with. Each trial reads the whole body, and Meta's are of
/// one app.
const MAX_SECRETS: usize = 8;
/// What a sender's refused deliveries for an account may cost in a second, in units of
/// [`UNIT_BYTES`]: one of 4 MB, or many small ones.
const MAX_REFUSED_UNITS: u32 = 64;
/// What one unit stands for.
const UNIT_BYTES: usize = 64 * 1024;
/// What an address may cost in a second in refused deliveries, whoever they are for, before none of its
/// bodies is read: eight times as much, since others may send by way of Meta's addresses.
const MAX_ADDRESS_UNITS: u32 = 512;
/// How many handshakes of a sender may be refused in a second: each is two calls of the database.
const MAX_HANDSHAKES: u32 = 5;
/// How long an isolate takes it that a verify token is no account's. It may be stored meanwhile.
const TOKEN_ABSENCE_MICROS: i64 = 5 * SECOND;
/// Most such tokens that it remembers.
const MAX_REFUSED_TOKENS: usize = 1024;

thread_local! {
    static REFUSED_ADDRESSES: RefCell<SenderQuota> = RefCell::new(SenderQuota::new(MAX_ADDRESS_UNITS));
    static REFUSED: RefCell<SenderQuota> = RefCell::new(SenderQuota::new(MAX_REFUSED_UNITS));
    static HANDSHAKES: RefCell<SenderQuota> = RefCell::new(SenderQuota::new(MAX_HANDSHAKES));
    static REFUSED_TOKENS: RefCell<TtlCache<()>> =
        RefCell::new(TtlCache::new(MAX_REFUSED_TOKENS, TOKEN_ABSENCE_MICROS));
}

/// Who signed a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signer {
    /// Names the app secret.
    pub(crate) secret_id: String,
    /// Whether the delivery was parked: an account that was disabled since still gets it.
    pub(crate) was_parked: bool,
}

impl Signer {
    /// Whose a part of the delivery is.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub(crate) async fn owner(
        &self,
        cx: &Context<'_>,
        kind: ChannelKind,
        address: &str,
    ) -> Result<Owner, Error> {
        match self.was_parked {
            true => owner_of_parked(cx, kind, address, &self.secret_id).await,
            false => owner_find(cx, kind, address, &self.secret_id).await,
        }
    }
}

/// What a signature proves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// An app secret made it that an account has which the delivery names.
    Signed(Signer),
    /// Nobody here has any of the accounts that it names, so many of them.
    Nobody(usize),
    /// None of these secrets made it.
    None,
}

/// Finds the app secret that signed these bytes: `X-Hub-Signature-256: sha256=<hex>` is the
/// HMAC-SHA256 of the body as it came (channels.md §1.3). Only the secrets of the accounts that it names
/// are tried, those that this isolate knows first; where none fits they are read again, since one may be
/// new, once in a few seconds.
///
/// # Errors
/// 400 for a body that breaks off before it names an account; 429 for a sender whose deliveries are
/// refused time and again; 503 when the database is away.
pub(crate) async fn signature_check(
    cx: &Context<'_>,
    signature: &[u8; 32],
    body: &[u8],
) -> Result<Proof, Error> {
    let proof = proof_of(cx, signature, body).await;
    // Small deliveries for accounts that are gone come from Meta itself, for days.
    let small = match &proof {
        Ok(Proof::Signed(_)) => return proof,
        Ok(Proof::Nobody(_)) => 0,
        Err(error) if error.is_unavailable() => return proof,
        Ok(Proof::None) | Err(_) => 1,
    };
    address_spend(cx, units_of(body.len()) - 1 + small);
    proof
}

/// Whether the address that sends may have another body read.
///
/// # Errors
/// 429 where its deliveries were refused time and again.
pub(crate) fn address_check(cx: &Context<'_>) -> Result<(), Error> {
    REFUSED_ADDRESSES.with_borrow(|quota| quota.check(&address(cx), cx.now))
}

/// Counts a body that could not be read, unless that was ours to answer for.
pub(crate) fn unread_count(cx: &Context<'_>, error: &Error) {
    if !error.is_unavailable() {
        address_spend(cx, units_of(META_BYTES));
    }
}

fn address_spend(cx: &Context<'_>, units: u32) {
    // The body may have taken its time.
    REFUSED_ADDRESSES.with_borrow_mut(|quota| quota.spend(&address(cx), cx.time_now(), units));
}

fn address(cx: &Context<'_>) -> String {
    network_of(&(cx.header)("cf-connecting-ip").unwrap_or_default())
}

/// What a body costs, at least one unit.
fn units_of(bytes: usize) -> u32 {
    u32::try_from(1 + bytes / UNIT_BYTES).unwrap_or(u32::MAX)
}

async fn proof_of(cx: &Context<'_>, signature: &[u8; 32], body: &[u8]) -> Result<Proof, Error> {
    let scan = scan(body);
    let addresses = &scan.addresses;
    if addresses.is_empty() {
        return match scan.is_whole {
            true => Ok(Proof::Nobody(0)),
            false => Err(malformed()),
        };
    }
    let ip = address(cx);
    let (found, age) = accounts_at(cx, Some(&format!("ip {ip}")), addresses).await?;
    let Some(first) = found.iter().find_map(|accounts| accounts.all.first()) else {
        return Ok(Proof::Nobody(addresses.len()));
    };
    // Together with the account: what others send by way of Meta must not count against Meta.
    let sender = format!("{ip} {}", first.channel_id);
    REFUSED.with_borrow(|quota| quota.check(&sender, cx.time_now()))?;
    if let Some(signer) = try_secrets(cx, &found, signature, body) {
        return Ok(Proof::Signed(signer));
    }
    let reread = match age {
        Age::Fresh => None,
        Age::Trusted => accounts_reread(cx, addresses).await?,
        // A secret may have been replaced since.
        Age::Stale => {
            return Err(Error::unavailable(
                "no known secret fits, and no other is read",
            ));
        }
    };
    match reread {
        Some(found) if found.is_empty() => return Ok(Proof::Nobody(addresses.len())),
        Some(found) => {
            if let Some(signer) = try_secrets(cx, &found, signature, body) {
                return Ok(Proof::Signed(signer));
            }
        }
        None => {}
    }
    let units = units_of(body.len());
    REFUSED.with_borrow_mut(|quota| quota.spend(&sender, cx.time_now(), units));
    Ok(Proof::None)
}

pub(crate) fn malformed() -> Error {
    Error::new(Kind::MalformedJson, "The body is not valid JSON.")
}

/// The 32 bytes behind `sha256=`.
pub(crate) fn signature_of(header: &str) -> Option<[u8; 32]> {
    let mut signature = [0; 32];
    hex::decode_to_slice(header.strip_prefix("sha256=")?, &mut signature).ok()?;
    Some(signature)
}

fn try_secrets(
    cx: &Context<'_>,
    found: &[Rc<Accounts>],
    signature: &[u8; 32],
    body: &[u8],
) -> Option<Signer> {
    let mut secrets: Vec<AppSecret> = Vec::new();
    let mut of_deployment = found.iter().flat_map(|accounts| &accounts.all);
    if of_deployment.any(|account| account.app_secret_id == DEPLOYMENT)
        && let Some(secret) =
            (cx.ports.variable)(META_APP_SECRET).filter(|secret| !secret.is_empty())
    {
        let id = DEPLOYMENT.to_owned();
        secrets.push(AppSecret { id, secret });
    }
    for secret in found.iter().flat_map(|accounts| &accounts.secrets) {
        if secrets.len() < MAX_SECRETS && secrets.iter().all(|known| known.id != secret.id) {
            secrets.push(secret.clone());
        }
    }
    let fits =
        |secret: &AppSecret| same_bytes(&hmac_sha256(secret.secret.as_bytes(), body), signature);
    let fitting = secrets.into_iter().find(fits)?;
    Some(Signer {
        secret_id: fitting.id,
        was_parked: false,
    })
}

/// Whether the token of a handshake is the deployment's, or some account's (channels.md §1.2).
///
/// # Errors
/// 503 when the database is away; 429 for a sender whose tokens are refused time and again.
pub(crate) async fn handshake_answers(cx: &Context<'_>, token: &str) -> Result<bool, Error> {
    let of_deployment = (cx.ports.variable)(META_VERIFY_TOKEN).filter(|token| !token.is_empty());
    if of_deployment.is_some_and(|known| equal(&known, token)) {
        return Ok(true);
    }
    let digest = sha256_hex(token.as_bytes());
    if REFUSED_TOKENS.with_borrow(|refused| refused.get(&digest, cx.now).is_some()) {
        return Ok(false);
    }
    let sender = address(cx);
    HANDSHAKES.with_borrow(|quota| quota.check(&sender, cx.now))?;
    let name = verify_token_id(cx, token).await?;
    let rows = cx
        .db
        .rows(VERIFY_TOKEN_FIND.bind(vec![name.into()]))
        .await?;
    if rows.is_empty() {
        HANDSHAKES.with_borrow_mut(|quota| quota.spend(&sender, cx.now, 1));
        REFUSED_TOKENS.with_borrow_mut(|refused| refused.insert(digest, (), cx.now));
    }
    Ok(!rows.is_empty())
}
