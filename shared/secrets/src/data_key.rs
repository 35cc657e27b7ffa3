use crate::sql::{DATA_KEY_BEGIN, DATA_KEYS_GET};
use common::context::Context;
use common::db::{Columns, Row, Statement};
use common::http::Error;
use common::ports::DataKey;
use std::collections::BTreeMap;

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Seals the secrets of a business.
    Seal,
    /// Names Meta's app secrets, throughout the deployment.
    AppSecretId,
    /// Names the verify tokens of Meta's callbacks, throughout the deployment.
    VerifyTokenId,
    /// Names what is not to be stored itself, such as by what an erased customer was known.
    Digest,
}

impl Purpose {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::AppSecretId => "app secret id",
            Self::VerifyTokenId => "verify token id",
            Self::Digest => "digest",
        }
    }
}

/// Seals a secret of the caller's business for storing, under its data key. `context` is that of the
/// secret's [`SealedColumn`](crate::SealedColumn).
///
/// # Errors
/// 500 where the ring lacks the master key that seals the data key; 503 when the database is away.
pub async fn seal(cx: &Context<'_>, context: &str, secret: &str) -> Result<String, Error> {
    let key = data_key(cx, cx.business_id()).await?;
    cx.ports.seal_under(cx.entropy, &key, context, secret)
}

/// The key of the caller's business for keyed digests ([`DataKey::hmac`]). No rotation of the master key changes it.
///
/// # Errors
/// As [`seal`].
pub async fn digest_key(cx: &Context<'_>) -> Result<DataKey, Error> {
    let mut keys = keys_of(cx, [cx.business_id()], Purpose::Digest).await?;
    let key = keys.remove(cx.business_id());
    key.ok_or_else(|| Error::internal("a key was neither there nor made"))?
}

async fn data_key(cx: &Context<'_>, business_id: &str) -> Result<DataKey, Error> {
    let mut keys = data_keys_of(cx, [business_id]).await?;
    let key = keys.remove(business_id);
    key.ok_or_else(|| Error::internal("a data key was neither there nor made"))?
}

/// The data keys by which businesses seal, as they seal now: sealed under the first master key of the ring.
/// One that is missing is made. One that cannot be opened is an error of its own.
///
/// # Errors
/// 503 when the database is away.
pub async fn data_keys_of<'b>(
    cx: &Context<'_>,
    business_ids: impl IntoIterator<Item = &'b str>,
) -> Result<BTreeMap<String, Result<DataKey, Error>>, Error> {
    keys_of(cx, business_ids, Purpose::Seal).await
}

async fn keys_of<'b>(
    cx: &Context<'_>,
    business_ids: impl IntoIterator<Item = &'b str>,
    purpose: Purpose,
) -> Result<BTreeMap<String, Result<DataKey, Error>>, Error> {
    let mut wanted: Vec<_> = business_ids.into_iter().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let json = serde_json::to_string(&wanted).map_err(Error::internal)?;
    let get = || get(&json, purpose);
    let mut rows = cx.db.rows(get()).await?;
    if rows.len() < wanted.len() {
        let mut statements = Vec::new();
        for business_id in wanted {
            let is_of = |row: &Row| Columns::of(row).str("business_id").ok() == Some(business_id);
            if !rows.iter().any(is_of) {
                let key = cx.ports.data_key_new(cx.entropy)?;
                statements.push(begin(cx, business_id, purpose, &key));
            }
        }
        // Of two that make one at once the first wins.
        statements.push(get());
        rows = cx.db.batch(statements).await?.pop().unwrap_or_default();
    }
    let mut keys = BTreeMap::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        let business_id = columns.text("business_id")?;
        let opened = cx.ports.data_key_open(columns.str("sealed")?);
        let key = opened.and_then(|key| cx.ports.data_key_reseal(cx.entropy, key));
        keys.insert(business_id, key);
    }
    Ok(keys)
}

/// Reads the keys of businesses, a JSON list.
pub(super) fn get(business_ids: &str, purpose: Purpose) -> Statement {
    DATA_KEYS_GET.bind(vec![business_ids.into(), purpose.as_str().into()])
}

/// Stores a key, unless there is one.
pub(super) fn begin(
    cx: &Context<'_>,
    business_id: &str,
    purpose: Purpose,
    key: &DataKey,
) -> Statement {
    DATA_KEY_BEGIN.bind(vec![
        business_id.into(),
        purpose.as_str().into(),
        key.sealed().into(),
        cx.now.micros().into(),
    ])
}
