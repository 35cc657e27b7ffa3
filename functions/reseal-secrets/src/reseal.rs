//! Sealing anew what is stored, after the ring of master keys has changed (docs/deploy.md).

use crate::sql::{SEALED_LEFT, SEALED_PAGES, SEALED_REPLACEMENTS};
use common::context::Context;
use common::db::by_business;
use common::db::{Columns, Row, Statement};
use common::http::input::{Expected, Input, number, text_or_null};
use common::http::{Error, decode_cursor, encode_cursor};
use common::join::join_all;
use common::ports::{DataKey, Ring, master_key_id};
use secrets::{
    CHANNEL_CREDENTIALS, DATA_KEYS, SEALED_COLUMNS, SealedColumn, data_key_of, naming_keys_begin,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most texts of a slice.
const SLICE_MAX: u32 = 100;
/// Texts of a slice, by default.
const SLICE_DEFAULT: u32 = 50;
/// Behind every text that begins as sealed texts do.
const LAST: &str = "~";
/// Divides the parts of a cursor; no id has it.
const BETWEEN: char = '\n';

/// What `POST secrets/reseal` takes.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ResealRequest {
    /// The `next_cursor` of the slice before.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub cursor: Option<String>,
    /// The most texts, 1 to 100; by default 50.
    #[cfg_attr(feature = "schema", schemars(default, range(min = 1, max = SLICE_MAX)))]
    pub limit: Option<i64>,
}

/// Why a text stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResealFault {
    /// The ring lacks the master key that it names.
    UnknownMasterKey,
    /// No key opens it.
    Unreadable,
}

/// A text that could not be sealed anew.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedReseal {
    /// Its table and column.
    pub column: String,
    /// The business; empty for the deployment itself.
    pub business_id: String,
    /// The row.
    pub id: String,
    /// The id of the master key that it names.
    pub key_id: Option<String>,
    /// Why.
    pub reason: ResealFault,
}

/// What a slice came to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resealed {
    /// The id of the master key that seals.
    pub key_id: String,
    /// The number of resealed texts.
    pub resealed: u32,
    /// Those that could not be opened.
    pub failed: Vec<FailedReseal>,
    /// The number of texts under other master keys, at most 20,000 of a column.
    pub remaining: i64,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next slice.
    pub next_cursor: Option<String>,
}

impl ResealRequest {
    /// Reads a request's body; none leaves everything to us.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["cursor", "limit"])?;
        let cursor = input.optional("cursor", Expected::TEXT_OR_NULL, text_or_null)?;
        Ok(Self {
            cursor: cursor.flatten(),
            limit: input.optional("limit", Expected::INTEGER, number)?,
        })
    }

    /// How many texts at most.
    fn limit(&self) -> Result<usize, Error> {
        let limit = u32::try_from(self.limit.unwrap_or(SLICE_DEFAULT.into())).ok();
        let limit = limit.filter(|limit| (1..=SLICE_MAX).contains(limit));
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        limit.ok_or_else(|| {
            let message = format!("`limit` must be 1 to {SLICE_MAX}.");
            Error::invalid("limit", "1_to_100", message)
        })
    }
}

/// Where a text stands: which half of which column, how it begins, whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Twice the number of the column; one more for texts that sort behind those sealed already.
    stage: usize,
    begins: String,
    business_id: String,
    id: String,
}

impl Place {
    /// Before every text of a stage.
    fn before(stage: usize, done: &str) -> Self {
        let (begins, business_id) = match stage % 2 {
            0 => ("", ""),
            _ => (done, LAST),
        };
        Self {
            stage,
            begins: begins.to_owned(),
            business_id: business_id.to_owned(),
            id: String::new(),
        }
    }

    fn encoded(&self) -> String {
        let stage = self.stage.to_string();
        let parts = [&stage, &self.begins, &self.business_id, &self.id];
        encode_cursor(&parts.map(String::as_str).join(&BETWEEN.to_string()))
    }

    fn decoded(cursor: &str) -> Result<Self, Error> {
        decode_cursor(cursor, |text| {
            let mut parts = text.splitn(4, BETWEEN).map(str::to_owned);
            let stage: usize = parts.next()?.parse().ok()?;
            Some(Self {
                stage: (stage < 2 * SEALED_COLUMNS.len()).then_some(stage)?,
                begins: parts.next()?,
                business_id: parts.next()?,
                id: parts.next()?,
            })
        })
    }
}

/// A text that is sealed under another master key than the present one.
struct Stale {
    place: Place,
    column: SealedColumn,
    sealed: String,
}

/// How texts of a column begin that are sealed under this master key.
fn beginning(column: SealedColumn, key_id: &str) -> String {
    let form = match column.has_data_keys() {
        true => "k1.",
        false => "d1.",
    };
    [form, key_id].concat()
}

/// `POST secrets/reseal` (platform token): `{cursor?, limit?}`
///
/// 1. At the first slice, stores the keys that name secrets, as long as the ring can derive them.
/// 2. Finds texts that are sealed under another master key than the first of the ring, by an index: at
///    most `limit`, behind `cursor`.
/// 3. Seals each anew. One that cannot be opened is listed and holds no other back.
/// 4. Stores them, in a transaction for each business, each only where its text is still the one that was read.
/// 5. Answers with what was done, what failed and what is left.
///
/// # Errors
/// 422 for another limit or cursor; 500 where the deployment has no ring.
pub(crate) async fn reseal(cx: &Context<'_>, request: ResealRequest) -> Result<Resealed, Error> {
    let limit = request.limit()?;
    let from = request.cursor.as_deref().map(Place::decoded).transpose()?;
    let ring = cx.ports.ring()?;
    let key_id = ring.first().id.clone();

    // 1.
    if from.is_none() {
        naming_keys_begin(cx).await?;
    }

    // 2.
    let mut stale = stale_after(cx, from, &key_id, limit).await?;
    let has_more = stale.len() > limit;
    stale.truncate(limit);

    // 3.
    let businesses = stale.iter().map(|text| text.place.business_id.as_str());
    let businesses: BTreeSet<&str> = businesses.filter(|id| !id.is_empty()).collect();
    let keys = join_all(businesses.iter().map(|id| data_key_of(cx, id))).await;
    let keys: Vec<_> = keys.into_iter().collect::<Result<_, _>>()?;
    let keys = businesses.into_iter().zip(keys).collect();
    let (mut statements, mut failed) = (Vec::new(), Vec::new());
    for text in &stale {
        match anew(cx, text, &keys) {
            Ok(sealed) => statements.push(replacement(text, &sealed)?),
            Err(error) => {
                cx.note(format!(
                    "{}: {}",
                    named(text.column),
                    error.cause().unwrap_or_default()
                ));
                failed.push(fault(&ring, text));
            }
        }
    }

    // 4.
    let batches = by_business(cx.db, statements).into_iter();
    let mut resealed = 0;
    for results in join_all(batches.map(|batch| cx.db.batch(batch))).await {
        resealed += results?.iter().filter(|rows| !rows.is_empty()).count();
    }

    // 5.
    let mut remaining = 0;
    for row in cx.db.rows(left(&key_id)).await? {
        remaining += Columns::of(&row).integer("remaining")?;
    }
    let last = stale.last().filter(|_| has_more);
    Ok(Resealed {
        key_id,
        resealed: u32::try_from(resealed).map_err(Error::internal)?,
        failed,
        remaining,
        has_more,
        next_cursor: last.map(|last| last.place.encoded()),
    })
}

/// Up to one more than `limit` texts behind a place, or from the first on.
async fn stale_after(
    cx: &Context<'_>,
    from: Option<Place>,
    key_id: &str,
    limit: usize,
) -> Result<Vec<Stale>, Error> {
    let at_most = i64::try_from(limit).map_err(Error::internal)? + 1;
    let first_stage = from.as_ref().map_or(0, |from| from.stage);
    let (mut statements, mut stages) = (Vec::new(), Vec::new());
    for (n, (column, page)) in SEALED_COLUMNS.into_iter().zip(SEALED_PAGES).enumerate() {
        let done = beginning(column, key_id);
        for stage in [2 * n, 2 * n + 1] {
            if stage < first_stage {
                continue;
            }
            let from = from.clone().filter(|from| from.stage == stage);
            let from = from.unwrap_or_else(|| Place::before(stage, &done));
            let below = if stage % 2 == 0 { done.as_str() } else { LAST };
            statements.push(page.bind(vec![
                from.begins.into(),
                from.business_id.into(),
                from.id.into(),
                below.into(),
                at_most.into(),
            ]));
            stages.push((stage, column));
        }
    }
    let results = cx.db.batch(statements).await?;
    let mut stale = Vec::new();
    for ((stage, column), rows) in stages.into_iter().zip(results) {
        for row in &rows {
            stale.push(stale_of(row, stage, column)?);
        }
    }
    // Each of several databases gives its own.
    stale.sort_by(|a, b| a.place.cmp(&b.place));
    stale.truncate(limit + 1);
    Ok(stale)
}

fn stale_of(row: &Row, stage: usize, column: SealedColumn) -> Result<Stale, Error> {
    let mut columns = Columns::of(row);
    let place = Place {
        stage,
        begins: columns.text("begins")?,
        business_id: columns.text("business_id")?,
        id: columns.text("id")?,
    };
    Ok(Stale {
        place,
        column,
        sealed: columns.text("sealed")?,
    })
}

/// A text, sealed anew.
fn anew(
    cx: &Context<'_>,
    text: &Stale,
    keys: &BTreeMap<&str, Result<DataKey, Error>>,
) -> Result<String, Error> {
    let Place {
        business_id, id, ..
    } = &text.place;
    if text.column.has_data_keys() {
        let key = cx.ports.data_key_open(&text.sealed)?;
        let key = cx.ports.data_key_reseal(cx.entropy, key)?;
        return Ok(key.sealed().to_owned());
    }
    let key = match keys.get(business_id.as_str()) {
        Some(Ok(key)) => key,
        Some(Err(error)) => return Err(Error::internal(error.cause().unwrap_or_default())),
        None => return Err(Error::internal("a business has no data key")),
    };
    let context = text.column.context(business_id, id);
    cx.ports.reseal(cx.entropy, key, &context, &text.sealed)
}

fn replacement(text: &Stale, sealed: &str) -> Result<Statement, Error> {
    let replace = SEALED_REPLACEMENTS.get(text.place.stage / 2);
    let replace = replace.ok_or_else(|| Error::internal("no such column"))?;
    Ok(replace.bind(vec![
        text.place.business_id.as_str().into(),
        text.place.id.as_str().into(),
        text.sealed.as_str().into(),
        sealed.into(),
    ]))
}

fn left(key_id: &str) -> Statement {
    SEALED_LEFT.bind(vec![
        beginning(DATA_KEYS, key_id).into(),
        beginning(CHANNEL_CREDENTIALS, key_id).into(),
    ])
}

fn named(column: SealedColumn) -> String {
    format!("{}.{}", column.table, column.column)
}

fn fault(ring: &Ring, text: &Stale) -> FailedReseal {
    let key_id = master_key_id(&text.sealed);
    let is_known = |id: &str| ring.keys().any(|key| key.id == id);
    FailedReseal {
        column: named(text.column),
        business_id: text.place.business_id.clone(),
        id: text.place.id.clone(),
        key_id: key_id.map(str::to_owned),
        reason: match key_id.is_some_and(|id| !is_known(id)) {
            true => ResealFault::UnknownMasterKey,
            false => ResealFault::Unreadable,
        },
    }
}
