//! Applies a batch of records: one read, a plan in memory, one write transaction. A few records are taken for new: one
//! call looks for them, and makes them if it finds none.

use super::batch::Batch;
use super::create::{Attempt, create};
use super::entry::Entry;
use super::fingerprint::Fields;
use super::identity::IdentityKind;
use super::plan::{Applied, Draft, Plan};
use super::record::RecordError;
use super::repeats::{self, Expected};
use super::search::{self, Same, Search};
use super::write;
use common::context::Context;
use common::db::Rows;
use common::events::wake_listeners;
use common::http::{Error, Kind, Query};
use common::ids::{CustomerId, Ids};
use serde::Serialize;
use std::borrow::Cow;

/// How often a batch is planned anew after another request came first. Each attempt that fails
/// means that another one succeeded.
const MAX_ATTEMPTS: u32 = 12;
/// Half of the longest pause after the first race that was lost; it doubles with each.
const FIRST_PAUSE_MS: u32 = 10;
/// The longest pause.
const MAX_PAUSE_MS: u32 = 500;

/// What to do with a record whose customer, found by email or phone, has another external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// The record fails.
    #[default]
    Fail,
    /// The customer gets the record's id.
    Adopt,
}

/// How a batch is applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncOptions {
    /// Say what would happen, and write nothing.
    pub dry_run: bool,
    /// See [`OnConflict`].
    pub on_conflict: OnConflict,
}

impl SyncOptions {
    /// Reads them from a request's query.
    ///
    /// # Errors
    /// 422 for other values than they know.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let on_conflict = match query.get("on_conflict") {
            None | Some("fail") => OnConflict::Fail,
            Some("adopt") => OnConflict::Adopt,
            Some(_) => {
                let message = "`on_conflict` must be fail or adopt.";
                return Err(Error::invalid(
                    "query.on_conflict",
                    "fail_or_adopt",
                    message,
                ));
            }
        };
        Ok(Self {
            dry_run: query.flag("dry_run")?,
            on_conflict,
        })
    }
}

/// The result of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Action {
    /// A customer was created.
    Created,
    /// A customer matched; `changed` is true if anything changed.
    Updated,
    /// Nothing was written; `error` and `code` have the reason.
    Failed,
}

impl Action {
    /// As JSON says it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Failed => "failed",
        }
    }
}

/// The result of one record of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordResult<'a> {
    /// The record's position in the request.
    pub index: usize,
    /// The record's external id, as sent.
    pub external_id: Option<Cow<'a, str>>,
    /// The customer; null if the record failed, or would create one in a dry run.
    pub customer_id: Option<CustomerId>,
    /// What was done.
    pub action: Action,
    /// The key that matched: `external_id`, `email`, `phone` or `whatsapp_number`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["external_id", "email", "phone", "whatsapp_number", null])))]
    pub matched_by: Option<&'static str>,
    /// Whether anything changed; a record that changes nothing emits no event.
    pub changed: bool,
    /// Why the record failed, for people.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why the record failed: `invalid_record` or `identity_conflict`.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["invalid_record", "identity_conflict"])))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Fields of the record that a customer does not have; they were not stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_fields: Vec<String>,
}

/// Applies the records in order. They fail one by one, never the batch.
///
/// # Errors
/// 400 when a record holds what no JSON reader takes, 503 when the database is away or too many
/// others write the same customers.
pub async fn customers_sync<'a>(
    cx: &Context<'_>,
    batch: &'a Batch<'a>,
    options: SyncOptions,
) -> Result<Vec<RecordResult<'a>>, Error> {
    let results = sync(cx, batch, options, None).await?;
    repeats::note(cx, &results);
    Ok(results)
}

/// Applies a batch of one record to this customer, by whatever it names them; why it could not be, where it failed.
/// What it names somebody else by makes it fail.
///
/// # Errors
/// As of [`customers_sync`].
pub async fn customer_change(
    cx: &Context<'_>,
    batch: &Batch<'_>,
    customer: &CustomerId,
) -> Result<Option<String>, Error> {
    let results = sync(cx, batch, SyncOptions::default(), Some(customer)).await?;
    Ok(results.into_iter().find_map(|result| result.error))
}

/// Applies the records, to the customers that they name or all to one.
///
/// What is expected of the batch ([`repeats`]) decides what is tried first. Those that repeat what was last applied are looked
/// for by what was sent: they need not even be checked. Those that are new are made without a look at who is there, or, where
/// they are few, in the call that looks.
async fn sync<'a>(
    cx: &Context<'_>,
    batch: &'a Batch<'a>,
    options: SyncOptions,
    customer: Option<&CustomerId>,
) -> Result<Vec<RecordResult<'a>>, Error> {
    let region = cx.caller.default_region.as_str();
    let mut sent = Fields::new(region);
    let records = batch.0.iter();
    let entries: Vec<_> = records.map(|raw| Entry::of(raw, &mut sent)).collect();
    let mut same: Same = vec![None; entries.len()];
    // Who repeats what was last applied is not who is meant where somebody else says who is.
    let expected = match customer {
        None => repeats::expected(cx, entries.len()),
        Some(_) => Expected::Changes,
    };
    if expected == Expected::Repetitions {
        for entry in entries.iter().filter(|entry| entry.first().is_none()) {
            entry.check(region, false);
        }
        same = search::repeated(cx, &entries).await?;
    }
    for (entry, same) in entries.iter().zip(&same) {
        if same.is_none() {
            entry.check(region, customer.is_some());
        }
    }
    let asks_for_repetitions = matches!(expected, Expected::Anything | Expected::Customers);
    let search = Search::of(&entries, &same, asks_for_repetitions, customer);
    let mut found = None;
    let may_be_new = customer.is_none() && !options.dry_run && same.iter().all(Option::is_none);
    if let Some(search) = search.as_ref().filter(|_| may_be_new) {
        match create(cx, &entries, options, search, expected).await? {
            Attempt::Created(results) => return Ok(results),
            Attempt::Found(rows) => found = Some(rows),
            Attempt::None => {}
        }
    }
    for attempt in 0..MAX_ATTEMPTS {
        if attempt > 0 {
            stand_back(cx, attempt).await;
        }
        let ids = Ids::new(cx.now, cx.entropy);
        let mut plan = match &search {
            None => Plan::default(),
            Some(search) => {
                let rows = match found.take() {
                    Some(rows) => rows,
                    None => cx.db.rows(search.statement(cx)?).await?,
                };
                search.loaded(rows, &mut same)?
            }
        };
        plan.customer = customer.cloned();
        let results = apply(cx, &mut plan, &same, &entries, options, &ids)?;
        let statements = match options.dry_run {
            true => Vec::new(),
            false => write::statements(cx, &plan, &ids)?,
        };
        if statements.is_empty() {
            return Ok(results);
        }
        match cx.db.batch(statements).await {
            Ok(written) => {
                wake_listeners(cx, written.last().unwrap_or(&Rows::new()))?;
                return Ok(results);
            }
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error.into()),
        }
    }
    cx.note(format!("others came first {MAX_ATTEMPTS} times"));
    let message = "Others write the same customers at this moment. Send the request again.";
    Err(Error::new(Kind::Busy, message).retry_after(1))
}

/// Waits a random while after a lost race, so that those who race do not meet again.
async fn stand_back(cx: &Context<'_>, attempt: u32) {
    let mut random = [0; 4];
    (cx.entropy)(&mut random);
    let longest = MAX_PAUSE_MS.min(FIRST_PAUSE_MS << attempt);
    let millis = 1 + u32::from_le_bytes(random) % longest;
    cx.ports.pause.pause(millis).await;
}

/// Applies the records in order, over what was read.
pub(super) fn apply<'e, 'a>(
    cx: &Context<'_>,
    plan: &mut Plan<'e>,
    same: &Same,
    entries: &'e [Entry<'a>],
    options: SyncOptions,
    ids: &Ids,
) -> Result<Vec<RecordResult<'a>>, Error> {
    let mut results = Vec::with_capacity(entries.len());
    for (index, one) in entries.iter().enumerate() {
        let repeated = same.get(index).and_then(Option::as_ref);
        let is_as_read = |id: &&CustomerId| !plan.loaded(id).is_some_and(Draft::is_changed);
        let outcome = match repeated.filter(is_as_read) {
            Some(id) => {
                let kind = one.first().map(|first| first.kind.field());
                Ok((Some(id.clone()), Action::Updated, kind, false))
            }
            None => outcome(cx, plan, one, options, ids),
        };
        results.push(result(index, one, outcome)?);
    }
    Ok(results)
}

/// Applies one record. One that was found to be a repetition is checked now, since a record before it changed its customer.
fn outcome<'e>(
    cx: &Context<'_>,
    plan: &mut Plan<'e>,
    entry: &'e Entry<'_>,
    options: SyncOptions,
    ids: &Ids,
) -> Result<RecordOutcome, RecordError> {
    let record = entry.check(&cx.caller.default_region, plan.customer.is_some());
    let record = record.as_ref().map_err(Clone::clone)?;
    let applied = plan.apply(record, entry.fingerprint.as_str(), options.on_conflict, ids)?;
    Ok(outcome_of(plan, &applied, options.dry_run))
}

type RecordOutcome = (Option<CustomerId>, Action, Option<&'static str>, bool);

fn outcome_of(plan: &Plan<'_>, applied: &Applied, dry_run: bool) -> RecordOutcome {
    let draft = plan.drafts.get(applied.draft);
    let id = draft
        .filter(|draft| !(draft.is_new && dry_run))
        .map(|draft| draft.customer.id.clone());
    let action = if applied.matched_by.is_some() {
        Action::Updated
    } else {
        Action::Created
    };
    (
        id,
        action,
        applied.matched_by.map(IdentityKind::field),
        applied.is_changed,
    )
}

fn result<'a>(
    index: usize,
    one: &Entry<'a>,
    outcome: Result<RecordOutcome, RecordError>,
) -> Result<RecordResult<'a>, Error> {
    if outcome.as_ref().is_err_and(RecordError::is_malformed) {
        let message = "The body is not valid JSON: it holds a number beyond a double or half a surrogate pair.";
        return Err(Error::new(Kind::MalformedJson, message)
            .with_detail(format!("customers[{index}]"), "json"));
    }
    let ((customer_id, action, matched_by, changed), error) = match outcome {
        Ok(done) => (done, None),
        Err(error) => ((None, Action::Failed, None, false), Some(error)),
    };
    Ok(RecordResult {
        index,
        external_id: one.external_id.clone(),
        customer_id,
        action,
        matched_by,
        changed,
        code: error.as_ref().map(|error| error.code),
        error: error.map(|error| error.message),
        ignored_fields: one.ignored_fields().to_vec(),
    })
}
