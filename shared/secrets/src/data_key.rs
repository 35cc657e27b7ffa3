use crate::sql::{DATA_KEY_BEGIN, DATA_KEY_OF};
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::ports::DataKey;

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
    let key = data_key_of(cx, cx.business_id()).await??;
    cx.ports.seal_under(cx.entropy, &key, context, secret)
}

/// The key of the caller's business for keyed digests ([`DataKey::hmac`]). No rotation of the master key changes it.
///
/// # Errors
/// As [`seal`].
pub async fn digest_key(cx: &Context<'_>) -> Result<DataKey, Error> {
    key_of(cx, cx.business_id(), Purpose::Digest).await?
}

/// The data key by which a business seals, as it seals now: sealed under the first master key of the ring.
/// One that is missing is made. One that cannot be opened is an error of its own.
///
/// # Errors
/// 503 when the database is away.
pub async fn data_key_of(
    cx: &Context<'_>,
    business_id: &str,
) -> Result<Result<DataKey, Error>, Error> {
    key_of(cx, business_id, Purpose::Seal).await
}

async fn key_of(
    cx: &Context<'_>,
    business_id: &str,
    purpose: Purpose,
) -> Result<Result<DataKey, Error>, Error> {
    let get = || get(business_id, purpose);
    let mut rows = cx.db.rows(get()).await?;
    if rows.is_empty() {
        let key = cx.ports.data_key_new(cx.entropy)?;
        // Of two that make one at once the first wins.
        let statements = vec![begin(cx, business_id, purpose, &key), get()];
        rows = cx.db.batch(statements).await?.pop().unwrap_or_default();
    }
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("a key was neither there nor made"))?;
    let opened = cx.ports.data_key_open(Columns::of(row).str("sealed")?);
    Ok(opened.and_then(|key| cx.ports.data_key_reseal(cx.entropy, key)))
}

/// Reads a key.
pub(super) fn get(business_id: &str, purpose: Purpose) -> Statement {
    DATA_KEY_OF.bind(vec![business_id.into(), purpose.as_str().into()])
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
