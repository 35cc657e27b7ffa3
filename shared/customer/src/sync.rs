//! Applies a batch of records: one read, a plan in memory, one write transaction. A few records are taken for new: one
//! call looks for them, and makes them if it finds none.

use super::batch::Batch;
use super::identity::IdentityKind;
use super::plan::{Applied, Plan};
use super::record::{RawRecord, Record, RecordError};
use super::repeats::{self, Expected};
use super::search::{self, Same, Search};
use super::write;
use common::context::Context;
use common::db::{Rows, next_rows};
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

/// Most records that are taken for new. What is sent with them in vain, where they are not, costs less than a call.
const MAX_TAKEN_FOR_NEW: usize = 16;

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

/// The result of one record of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordResult {
    /// The record's position in the request.
    pub index: usize,
    /// The record's external id, as sent.
    pub external_id: Option<String>,
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

/// A record, with what the answer says of it whatever becomes of it.
pub(super) struct Entry<'a> {
    external_id: Option<String>,
    ignored_fields: Vec<String>,
    raw: RawRecord<'a>,
    /// Of what was sent.
    pub(super) fingerprint: String,
    /// What its customer is looked for by before all else, where it is valid so far as was looked.
    pub(super) first: Option<First<'a>>,
    /// The record, once it was checked.
    pub(super) record: Option<Result<Record<'a>, RecordError>>,
}

/// The first name of a record's customer (contract.md, Customers).
pub(super) struct First<'a> {
    pub(super) kind: IdentityKind,
    pub(super) value: Cow<'a, str>,
    /// Whether it is an id whose system the record does not say.
    pub(super) is_unnamed: bool,
}

impl<'a> Entry<'a> {
    fn of(mut raw: RawRecord<'a>, region: &str) -> Self {
        let ignored_fields = raw.take_ignored();
        let first = raw.plain_external_id().map(|(id, system)| First {
            kind: IdentityKind::ExternalId,
            value: Cow::Borrowed(id),
            is_unnamed: system.is_empty(),
        });
        Self {
            external_id: raw.sent_external_id().map(Cow::into_owned),
            ignored_fields,
            fingerprint: raw.fingerprint(region),
            raw,
            first,
            record: None,
        }
    }

    /// Checks the record, unless that was done. `is_known`: it need not say whom it is about.
    fn check(&mut self, region: &str, is_known: bool) {
        if self.record.is_none() {
            let record = self.checked(region, is_known);
            self.first = record
                .as_ref()
                .ok()
                .and_then(|record| record.identities().next())
                .map(|identity| First {
                    kind: identity.kind,
                    value: Cow::Owned(identity.value.to_owned()),
                    is_unnamed: identity.kind == IdentityKind::ExternalId
                        && identity.system.is_empty(),
                });
            self.record = Some(record);
        }
    }

    fn checked(&self, region: &str, is_known: bool) -> Result<Record<'a>, RecordError> {
        match is_known {
            true => Record::check_fields(self.raw.clone(), region),
            false => Record::check(self.raw.clone(), region),
        }
    }
}

/// Applies the records in order. They fail one by one, never the batch.
///
/// # Errors
/// 400 when a record holds what no JSON reader takes, 503 when the database is away or too many
/// others write the same customers.
pub async fn customers_sync(
    cx: &Context<'_>,
    batch: Batch<'_>,
    options: SyncOptions,
) -> Result<Vec<RecordResult>, Error> {
    sync(cx, batch, options, None).await
}

/// Applies a batch of one record to this customer, by whatever it names them; why it could not be, where it failed.
/// What it names somebody else by makes it fail.
///
/// # Errors
/// As of [`customers_sync`].
pub async fn customer_change(
    cx: &Context<'_>,
    batch: Batch<'_>,
    customer: &CustomerId,
) -> Result<Option<String>, Error> {
    let results = sync(cx, batch, SyncOptions::default(), Some(customer)).await?;
    Ok(results.into_iter().find_map(|result| result.error))
}

/// Applies the records, to the customers that they name or all to one.
///
/// What is expected of the batch ([`repeats`]) decides what is tried first. Those of a large one that repeat what was last
/// applied are looked for by what was sent: they need not even be checked. A small one is taken for new, and made in the call
/// that looks for it.
async fn sync(
    cx: &Context<'_>,
    batch: Batch<'_>,
    options: SyncOptions,
    customer: Option<&CustomerId>,
) -> Result<Vec<RecordResult>, Error> {
    let region = cx.caller.default_region.as_str();
    let records = batch.0.into_iter();
    let mut entries: Vec<_> = records.map(|raw| Entry::of(raw, region)).collect();
    let mut same: Same = vec![None; entries.len()];
    let is_large = entries.len() > MAX_TAKEN_FOR_NEW && customer.is_none();
    let expected = match is_large {
        true => repeats::expected(cx),
        false => Expected::Anything,
    };
    if expected == Expected::Repetitions {
        for entry in entries.iter_mut().filter(|entry| entry.first.is_none()) {
            entry.check(region, false);
        }
        same = search::repeated(cx, &entries).await?;
    }
    for (entry, same) in entries.iter_mut().zip(&same) {
        if same.is_none() {
            entry.check(region, customer.is_some());
        }
    }
    // Who repeats what was last applied is not who is meant where somebody else says who is.
    let asks_for_repetitions = expected == Expected::Anything && customer.is_none();
    let search = Search::of(cx, &entries, &same, asks_for_repetitions, customer)?;
    let mut found = None;
    let may_be_new = !is_large && !options.dry_run && customer.is_none();
    if let Some(search) = search.as_ref().filter(|_| may_be_new) {
        match create(cx, &entries, options, search).await? {
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
                    None => cx.db.rows(search.statement.clone()).await?,
                };
                search.loaded(rows, &mut same)?
            }
        };
        plan.customer = customer.cloned();
        let results = apply(cx, &mut plan, &same, &entries, options, &ids)?;
        if is_large {
            repeats::note(cx, &results);
        }
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

/// What came of taking records for new.
enum Attempt {
    /// They were.
    Created(Vec<RecordResult>),
    /// What the search found of them; nothing was written.
    Found(Rows),
    /// It was not tried: not each of them can be one.
    None,
}

/// Takes the records for new, and makes them in the call that looks for them, if it finds nobody.
async fn create(
    cx: &Context<'_>,
    entries: &[Entry<'_>],
    options: SyncOptions,
    search: &Search,
) -> Result<Attempt, Error> {
    let ids = Ids::new(cx.now, cx.entropy);
    let mut plan = Plan::default();
    let results = apply(cx, &mut plan, &Same::new(), entries, options, &ids)?;
    // One that is no new customer may be an update of one who is there, or repeat one before it.
    if plan.drafts.len() < search.records() {
        return Ok(Attempt::None);
    }
    let Some(creation) = write::creation(cx, &plan, &ids)? else {
        return Ok(Attempt::None);
    };
    let statements = [vec![search.statement.clone()], creation].concat();
    let answers = cx.db.batch(statements).await?;
    let mut answers = answers.into_iter();
    let (found, made) = (next_rows(&mut answers)?, next_rows(&mut answers)?);
    if made.is_empty() {
        return Ok(Attempt::Found(found));
    }
    wake_listeners(cx, &answers.next_back().unwrap_or_default())?;
    Ok(Attempt::Created(results))
}

/// Applies the records in order, over what was read.
fn apply(
    cx: &Context<'_>,
    plan: &mut Plan,
    same: &Same,
    entries: &[Entry<'_>],
    options: SyncOptions,
    ids: &Ids,
) -> Result<Vec<RecordResult>, Error> {
    let mut results = Vec::with_capacity(entries.len());
    for (index, one) in entries.iter().enumerate() {
        let repeated = same.get(index).and_then(Option::as_ref);
        let outcome = match repeated.filter(|id| plan.loaded(id).is_none_or(|d| !d.is_changed)) {
            Some(id) => {
                let kind = one.first.as_ref().map(|first| first.kind.field());
                Ok((Some(id.clone()), Action::Updated, kind, false))
            }
            None => outcome(cx, plan, one, options, ids),
        };
        results.push(result(index, one, outcome)?);
    }
    Ok(results)
}

/// Applies one record. One that was found to be a repetition is checked now, since a record before it changed its customer.
fn outcome(
    cx: &Context<'_>,
    plan: &mut Plan,
    entry: &Entry<'_>,
    options: SyncOptions,
    ids: &Ids,
) -> Result<RecordOutcome, RecordError> {
    let checked;
    let record = match &entry.record {
        Some(record) => record,
        None => {
            checked = entry.checked(&cx.caller.default_region, plan.customer.is_some());
            &checked
        }
    };
    let record = record.as_ref().map_err(Clone::clone)?;
    let fingerprint = entry.fingerprint.clone();
    let applied = plan.apply(record, fingerprint, options.on_conflict, ids)?;
    Ok(outcome_of(plan, &applied, options.dry_run))
}

type RecordOutcome = (Option<CustomerId>, Action, Option<&'static str>, bool);

fn outcome_of(plan: &Plan, applied: &Applied, dry_run: bool) -> RecordOutcome {
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

fn result(
    index: usize,
    one: &Entry<'_>,
    outcome: Result<RecordOutcome, RecordError>,
) -> Result<RecordResult, Error> {
    if outcome.as_ref().is_err_and(RecordError::is_malformed) {
        let message = "The body is not valid JSON: it holds a number beyond a double or half a surrogate pair.";
        return Err(Error::new(Kind::MalformedJson, message)
            .with_detail(format!("customers[{index}]"), "json"));
    }
    let failed = |_: &RecordError| (None, Action::Failed, None, false);
    let (customer_id, action, matched_by, changed) =
        outcome.as_ref().map_or_else(failed, Clone::clone);
    let error = outcome.err();
    Ok(RecordResult {
        index,
        external_id: one.external_id.clone(),
        customer_id,
        action,
        matched_by,
        changed,
        code: error.as_ref().map(|error| error.code),
        error: error.map(|error| error.message),
        ignored_fields: one.ignored_fields.clone(),
    })
}
