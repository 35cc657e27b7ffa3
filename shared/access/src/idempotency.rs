//! `Idempotency-Key`: a repeated POST gets the first one's answer instead of happening twice.
//!
//! The key is claimed before the request runs and the answer stored after it. A request that died
//! in between holds its key for [`DEAD_MICROS`]; then the same request may run again.

use super::sql::{
    IDEMPOTENCY_CLAIM, IDEMPOTENCY_FIND, IDEMPOTENCY_PRUNE, IDEMPOTENCY_RELEASE, IDEMPOTENCY_STORE,
};
use common::db::{Columns, Database, MAX_VALUE_BYTES, Statement, Value};
use common::http::{Error, Kind, Response};
use common::ids::{Entropy, RequestId};
use common::signatures::{Sealing, hmac_sha256, sha256_hex};
use common::time::{SECOND, Timestamp};

/// Longest key, in characters; they are printable ASCII.
pub const MAX_KEY_CHARS: usize = 255;
/// After this long a request that gave no answer counts as dead: longer than a Worker may run on.
pub const DEAD_MICROS: i64 = 60 * SECOND;

/// The header that tells a stored answer from a new one.
const REPLAYED: (&str, &str) = ("idempotent-replayed", "true");

/// The status of a provider's refusal.
const REFUSED_STATUS: u16 = Kind::ProviderRejected.status_and_code().0;

/// How a route's answers are stored.
#[derive(Clone, Copy)]
pub enum Storage<'a> {
    /// As they are.
    Plain,
    /// Sealed, since they show secrets, under a key made of what the caller presents: only who can
    /// repeat the request can open its answer.
    Sealed(Sealing, &'a str),
    /// Not at all: they show secrets, and the function has no cipher.
    Never,
}

/// Most keys that are forgotten at once, so that no request pays for many.
pub const MAX_PRUNED: i64 = 100;

/// Forgets [`MAX_PRUNED`] of a business's keys whose time is over.
#[must_use]
pub fn prune(business_id: &str, now: Timestamp) -> Statement {
    IDEMPOTENCY_PRUNE.bind(vec![
        business_id.into(),
        now.micros().into(),
        MAX_PRUNED.into(),
    ])
}

/// What a sealed answer is bound to beside its key.
const SEAL_CONTEXT: &str = "tieline idempotency";

/// A key that is ours until the answer is stored or the claim released.
#[derive(Debug)]
pub struct Claim {
    business_id: String,
    key: String,
    claimed_at: Timestamp,
}

/// What a key's claim gave.
#[derive(Debug)]
pub enum Claimed {
    /// Run the request.
    Run(Claim),
    /// It ran before: this was its answer.
    Replay(Response),
    /// It ran before: the handler makes its answer again.
    Recall(Recall),
}

/// What an answer is made of again.
#[derive(Debug)]
pub struct Recall {
    /// The request that was answered first.
    first_request: String,
    /// What its handler left; see [`Response::recalled_by`].
    pub ids: String,
}

/// Claims a key for a request.
///
/// # Errors
/// 422 for a key that is none or was used for another request, 409 while its request runs.
pub async fn claim(
    db: &dyn Database,
    now: Timestamp,
    business_id: &str,
    key: &str,
    storage: Storage<'_>,
    request_parts: [&[u8]; 4],
) -> Result<Claimed, Error> {
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !key.bytes().all(|b| b.is_ascii_graphic()) {
        let message = "`Idempotency-Key` must have 1 to 255 visible ASCII characters.";
        return Err(Error::invalid(
            "idempotency-key",
            "1_to_255_visible_ascii",
            message,
        ));
    }
    // Length-prefixed, so that no two requests can be cut into the same bytes.
    let lengths = request_parts.map(|part| part.len().to_string()).join(",");
    let hash = sha256_hex(&[lengths.as_bytes(), &request_parts.concat()].concat());
    let claim = IDEMPOTENCY_CLAIM.bind(vec![
        business_id.into(),
        key.into(),
        hash.as_str().into(),
        now.micros().into(),
        now.plus(-DEAD_MICROS).micros().into(),
    ]);
    let find = IDEMPOTENCY_FIND.bind(vec![business_id.into(), key.into()]);
    let results = db.batch(vec![claim, find]).await?;
    let [claimed, found] = results.as_slice() else {
        return Err(Error::internal(
            "a batch gave other results than its statements",
        ));
    };
    if !claimed.is_empty() {
        let claim = Claim {
            business_id: business_id.into(),
            key: key.into(),
            claimed_at: now,
        };
        return Ok(Claimed::Run(claim));
    }
    let row = found
        .first()
        .ok_or_else(|| Error::internal("an idempotency key was neither free nor taken"))?;
    let mut columns = Columns::of(row);
    if columns.str("request_hash")? != hash {
        let message = "This `Idempotency-Key` was used for another request. Use a new one.";
        return Err(Error::new(Kind::IdempotencyKeyReused, message));
    }
    let Some(status) = columns.integer_or_null("status")? else {
        let message = "A request with this `Idempotency-Key` is still running.";
        return Err(Error::new(Kind::IdempotencyInProgress, message).retry_after(1));
    };
    let stored = columns.str_or_null("response")?;
    if let Some(recall) = columns.str_or_null("recall")? {
        let (first_request, ids) = recall.split_once(' ').unwrap_or_default();
        return Ok(Claimed::Recall(Recall {
            first_request: first_request.to_owned(),
            ids: ids.to_owned(),
        }));
    }
    let stored = stored.ok_or_else(|| Error::internal("an answer was stored without its body"))?;
    let body = match storage {
        Storage::Plain | Storage::Never => Some(stored.to_owned()),
        Storage::Sealed(sealing, credential) => {
            (sealing.open)(&seal_key(credential, key), SEAL_CONTEXT, stored)
        }
    };
    let Some(body) = body else {
        let message = "This `Idempotency-Key` was used by another caller. Use a new one.";
        return Err(Error::new(Kind::IdempotencyKeyReused, message));
    };
    let response = Response::json_text(u16::try_from(status).map_err(Error::internal)?, body)
        .with_header(REPLAYED.0, REPLAYED.1);
    Ok(Claimed::Replay(response))
}

impl Recall {
    /// The answer to a repeated request, which its handler made again.
    ///
    /// # Errors
    /// As the handler's: a refusal that is repeated, or 404 for what was deleted meanwhile.
    pub fn replayed(&self, result: Result<Response, Error>) -> Result<Response, Error> {
        let (name, value) = REPLAYED;
        match result {
            Ok(response) => Ok(response.with_header(name, value)),
            Err(error) => {
                let error = error.first_answered_to(self.first_request.as_str());
                Err(error.with_header(name, value.to_owned()))
            }
        }
    }
}

fn seal_key(credential: &str, key: &str) -> [u8; 32] {
    hmac_sha256(
        credential.as_bytes(),
        format!("{SEAL_CONTEXT}:{key}").as_bytes(),
    )
}

impl Claim {
    /// What to write once the request has its answer: the answer, where it is to be replayed, or
    /// nothing at all. Our own refusals and failures are not given here, so that the caller may
    /// repeat the request, mended; a provider's refusal is, since what it refused did run
    /// (contract.md, Access).
    #[must_use]
    pub fn settle(
        &self,
        now: Timestamp,
        entropy: Entropy,
        storage: Storage<'_>,
        request_id: &RequestId,
        response: Option<&Response>,
    ) -> Vec<Statement> {
        let mut params: Vec<Value> = vec![
            self.business_id.as_str().into(),
            self.key.as_str().into(),
            self.claimed_at.micros().into(),
        ];
        let may_be = |r: &&Response| r.is_success() || r.status() == REFUSED_STATUS;
        // What is made while it is sent cannot be repeated.
        let may_be = |r: &&Response| may_be(r) && !r.has_events();
        let storable = response.filter(|r| may_be(r) && r.body().len() < MAX_VALUE_BYTES / 2);
        let stored = storable.and_then(|response| {
            let status = i64::from(response.status()).into();
            match response.recall() {
                Some(ids) => {
                    let recall = format!("{request_id} {ids}");
                    Some([status, Value::Null, recall.into()])
                }
                None => Some([
                    status,
                    self.stored(response, entropy, storage)?.into(),
                    Value::Null,
                ]),
            }
        });
        let first = match stored {
            Some(stored) => {
                params.extend(stored);
                IDEMPOTENCY_STORE.bind(params)
            }
            None => IDEMPOTENCY_RELEASE.bind(params),
        };
        let business = self.business_id.as_str();
        vec![first, prune(business, now)]
    }

    fn stored(
        &self,
        response: &Response,
        entropy: Entropy,
        storage: Storage<'_>,
    ) -> Option<String> {
        let text = String::from_utf8_lossy(response.body());
        match storage {
            Storage::Plain => Some(text.into_owned()),
            Storage::Never => None,
            Storage::Sealed(sealing, credential) => {
                let mut nonce = [0; 12];
                entropy(&mut nonce);
                (sealing.seal)(&seal_key(credential, &self.key), nonce, SEAL_CONTEXT, &text)
            }
        }
    }
}
