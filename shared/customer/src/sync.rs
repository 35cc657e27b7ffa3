//! Applies a batch of records: one read, a plan in memory, one write transaction. A few records are taken for new: one
//! call looks for them, and makes them if it finds none.

use super::batch::Batch;
use super::identity::{Identity, IdentityKind};
use super::plan::{Applied, Plan};
use super::record::{RawRecord, Record, RecordError};
use super::sql::CUSTOMER_MATCH;
use super::stored::Stored;
use super::write;
use common::context::Context;
use common::db::{Rows, Statement, Value, next_rows};
use common::events::wake_listeners;
use common::http::{Error, Kind, Query};
use common::ids::{CustomerId, Ids};
use serde::Serialize;

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

/// A record, checked, with what the answer says of it whatever becomes of it.
struct Checked<'a> {
    external_id: Option<String>,
    ignored_fields: Vec<String>,
    record: Result<(Record<'a>, String), RecordError>,
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
async fn sync(
    cx: &Context<'_>,
    batch: Batch<'_>,
    options: SyncOptions,
    customer: Option<&CustomerId>,
) -> Result<Vec<RecordResult>, Error> {
    let checked: Vec<_> = batch
        .0
        .into_iter()
        .map(|raw| check(raw, &cx.caller.default_region, customer.is_some()))
        .collect();
    let search = Search::of(cx, &checked, customer)?;
    let may_be_new = !options.dry_run && customer.is_none() && checked.len() <= MAX_TAKEN_FOR_NEW;
    let mut found = None;
    if let Some(search) = search.as_ref().filter(|_| may_be_new) {
        match create(cx, &checked, options, search).await? {
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
        let (mut plan, same) = match &search {
            None => Default::default(),
            Some(search) => {
                let rows = match found.take() {
                    Some(rows) => rows,
                    None => cx.db.rows(search.statement.clone()).await?,
                };
                loaded(rows, &search.positions)?
            }
        };
        plan.customer = customer.cloned();
        let results = apply(&mut plan, &same, &checked, options, &ids)?;
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

fn check<'a>(mut raw: RawRecord<'a>, region: &str, is_known: bool) -> Checked<'a> {
    let external_id = raw.sent_external_id().map(std::borrow::Cow::into_owned);
    let ignored_fields = raw.take_ignored();
    let record = match is_known {
        true => Record::check_fields(raw, region),
        false => Record::check(raw, region),
    };
    let record = record.map(|record| {
        let fingerprint = record.fingerprint();
        (record, fingerprint)
    });
    Checked {
        external_id,
        ignored_fields,
        record,
    }
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
    checked: &[Checked<'_>],
    options: SyncOptions,
    search: &Search,
) -> Result<Attempt, Error> {
    let ids = Ids::new(cx.now, cx.entropy);
    let mut plan = Plan::default();
    let results = apply(&mut plan, &Same::new(), checked, options, &ids)?;
    // One that is no new customer may be an update of one who is there, or repeat one before it.
    if plan.drafts.len() < search.positions.len() {
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
    plan: &mut Plan,
    same: &Same,
    checked: &[Checked<'_>],
    options: SyncOptions,
    ids: &Ids,
) -> Result<Vec<RecordResult>, Error> {
    let mut results = Vec::with_capacity(checked.len());
    for (index, one) in checked.iter().enumerate() {
        let outcome = match (&one.record, same.get(index).and_then(Option::as_ref)) {
            (Err(error), _) => Err(error.clone()),
            (Ok((record, _)), Some(id)) if plan.loaded(id).is_none_or(|d| !d.is_changed) => {
                let kind = record
                    .identities()
                    .next()
                    .map(|identity| identity.kind.field());
                Ok((Some(id.clone()), Action::Updated, kind, false))
            }
            (Ok((record, fingerprint)), _) => {
                let applied = plan.apply(record, fingerprint.clone(), options.on_conflict, ids);
                applied.map(|applied| outcome_of(plan, &applied, options.dry_run))
            }
        };
        results.push(result(index, one, outcome)?);
    }
    Ok(results)
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
    one: &Checked<'_>,
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

/// Of each record that repeats what was last applied, the customer.
type Same = Vec<Option<CustomerId>>;

/// The search for the customers whom the records name.
struct Search {
    /// See [`loaded`].
    statement: Statement,
    /// Which records it is about, by their places in the request.
    positions: Vec<usize>,
}

impl Search {
    /// None where no record names anybody.
    fn of(
        cx: &Context<'_>,
        checked: &[Checked<'_>],
        customer: Option<&CustomerId>,
    ) -> Result<Option<Self>, Error> {
        let mut question = Question {
            customer,
            ..Question::default()
        };
        let mut positions = Vec::with_capacity(checked.len());
        for (index, one) in checked.iter().enumerate() {
            if let Ok((record, fingerprint)) = &one.record {
                question.add(record, fingerprint);
                positions.push(index);
            }
        }
        if positions.is_empty() {
            return Ok(None);
        }
        let statement = CUSTOMER_MATCH.bind(question.params(cx.business_id())?);
        Ok(Some(Self {
            statement,
            positions,
        }))
    }
}

/// The parameters of the match, a list of texts each.
#[derive(Default)]
struct Question<'a> {
    /// Whom all records are about, where they do not say so themselves.
    customer: Option<&'a CustomerId>,
    first: Vec<String>,
    by_kind: [Vec<Option<String>>; 4],
}

impl Question<'_> {
    fn add(&mut self, record: &Record<'_>, fingerprint: &str) {
        let mut of_record = [None, None, None, None];
        for (
            n,
            Identity {
                kind,
                value,
                system,
            },
        ) in record.identities().enumerate()
        {
            let (letter, place) = match kind {
                IdentityKind::ExternalId if system.is_empty() => ('u', 0),
                IdentityKind::ExternalId => ('x', 0),
                IdentityKind::Email => ('e', 1),
                IdentityKind::Phone => ('p', 2),
                IdentityKind::WhatsApp => ('w', 3),
            };
            // Who repeats what was last applied is not who is meant.
            if n == 0 && self.customer.is_none() {
                self.first.push(format!("{fingerprint}{letter}{value}"));
            }
            if let Some(slot) = of_record.get_mut(place) {
                *slot = Some(value);
            }
        }
        for (list, value) in self.by_kind.iter_mut().zip(of_record) {
            list.push(value);
        }
    }

    fn params(&self, business_id: &str) -> Result<Vec<Value>, Error> {
        let mut params = vec![business_id.into()];
        params.push(
            serde_json::to_string(&self.first)
                .map_err(Error::internal)?
                .into(),
        );
        for list in &self.by_kind {
            let none = list.iter().all(Option::is_none);
            let list = if none { &[][..] } else { list };
            params.push(serde_json::to_string(list).map_err(Error::internal)?.into());
        }
        params.push(self.customer.into());
        Ok(params)
    }
}

/// Takes in what a search found: the customers, loaded into a plan, and the customers of the records that repeat what was
/// last applied to them.
fn loaded(rows: Rows, positions: &[usize]) -> Result<(Plan, Same), Error> {
    let mut plan = Plan::default();
    let mut same = vec![None; positions.last().map_or(0, |last| last + 1)];
    for row in rows {
        match row.as_slice() {
            [Value::Text(kind), Value::Text(json)] if kind == "same" => {
                let pairs: Vec<(usize, CustomerId)> =
                    serde_json::from_str(json).map_err(Error::internal)?;
                for (n, id) in pairs {
                    let place = positions.get(n).and_then(|index| same.get_mut(*index));
                    if let Some(place) = place {
                        *place = Some(id);
                    }
                }
            }
            [Value::Text(kind), Value::Text(json)] if kind == "customer" => {
                plan.load(Stored::from_json(json)?);
            }
            other => {
                return Err(Error::internal(format!(
                    "a match row of {} columns",
                    other.len()
                )));
            }
        }
    }
    Ok((plan, same))
}
