//! Names of secrets, by which a row is found without the secret in it.
//!
//! They are keyed digests. Their keys are stored, so that no rotation of the master key changes a name; a key
//! that is not stored yet is derived from a master key, since names were derived so before keys were stored.

use crate::CHANNEL_CREDENTIALS;
use crate::data_key::{Purpose, begin, get};
use crate::sql::{APP_SECRETS_NAMED, VERIFY_TOKENS_NAMED};
use common::context::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::json::raw::texts;
use common::ports::DataKey;
use common::signatures::hmac_sha256;

/// Whose the keys of the deployment itself are.
const DEPLOYMENT: &str = "";
/// The digits of a name.
const NAME_LEN: usize = 32;

/// Names a secret without telling it: the same for equal ones, and by a key that no rotation of the
/// master key changes.
///
/// # Errors
/// 500 where the ring lacks the master key that seals the key; 503 when the database is away.
pub async fn secret_name(
    cx: &Context<'_>,
    purpose: Purpose,
    secret: &str,
) -> Result<String, Error> {
    let row = naming_key(cx, purpose).await?;
    let key = cx.ports.data_key_open(Columns::of(&row).str("sealed")?)?;
    Ok(name_of(key.hmac(secret.as_bytes())))
}

/// Stores the keys that name secrets, where none are stored yet: they can be derived only as long as the ring
/// has the master key of the names that are stored.
///
/// # Errors
/// 503 when the database is away.
pub async fn naming_keys_begin(cx: &Context<'_>) -> Result<(), Error> {
    for purpose in [Purpose::AppSecretId, Purpose::VerifyTokenId] {
        naming_key(cx, purpose).await?;
    }
    Ok(())
}

/// The row of a key, which is made if it is missing.
async fn naming_key(cx: &Context<'_>, purpose: Purpose) -> Result<Row, Error> {
    let mut rows = cx.db.rows(get(DEPLOYMENT, purpose)).await?;
    if rows.is_empty() {
        let key = derived(cx, purpose).await?;
        // Of two that make one at once the first wins.
        let key = begin(cx, DEPLOYMENT, purpose, &key);
        let statements = vec![key, get(DEPLOYMENT, purpose)];
        rows = cx.db.batch(statements).await?.pop().unwrap_or_default();
    }
    let row = rows.pop();
    row.ok_or_else(|| Error::internal("a key was neither there nor made"))
}

/// The key of the names that are stored. Where a key stands in the ring does not tell whether it made them, so
/// each is tried on a few. With no name to try, any key will do.
async fn derived(cx: &Context<'_>, purpose: Purpose) -> Result<DataKey, Error> {
    let ring = cx.ports.ring()?;
    let mut keys = ring.keys().map(|key| key.key_for(purpose.as_str()));
    let key = match ring.keys().count() {
        1 => keys.next(),
        _ => {
            let named = match purpose {
                Purpose::AppSecretId => APP_SECRETS_NAMED.bind(Vec::new()),
                Purpose::VerifyTokenId | Purpose::Seal | Purpose::Digest => {
                    VERIFY_TOKENS_NAMED.bind(Vec::new())
                }
            };
            let named = cx.db.rows(named).await?;
            keys.find(|key| named.iter().any(|row| is_named_by(cx, row, key)))
        }
    };
    let key = key.unwrap_or_else(|| ring.last().key_for(purpose.as_str()));
    cx.ports.data_key_of(cx.entropy, key)
}

/// Whether a key gives the name that a row has for one of its secrets. What cannot be opened tells nothing.
fn is_named_by(cx: &Context<'_>, row: &Row, key: &[u8; 32]) -> bool {
    let is_named = || -> Result<bool, Error> {
        let mut columns = Columns::of(row);
        let (business_id, id) = (columns.text("business_id")?, columns.text("id")?);
        let context = CHANNEL_CREDENTIALS.context(&business_id, &id);
        let name = columns.text("name")?;
        let opened = cx.ports.open(&context, columns.str("credentials")?)?;
        let secrets = texts(&opened).unwrap_or_default();
        let mut secrets = secrets.iter();
        Ok(secrets.any(|(_, secret)| name_of(hmac_sha256(key, secret.as_bytes())) == name))
    };
    is_named().unwrap_or(false)
}

fn name_of(digest: [u8; 32]) -> String {
    let mut name = hex::encode(digest);
    name.truncate(NAME_LEN);
    name
}
