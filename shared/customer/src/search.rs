//! The searches for the customers whom the records of a batch name.

use super::entry::Entry;
use super::identity::IdentityKind;
use super::plan::Plan;
use super::record::Record;
use super::sql::{CUSTOMER_MATCH, CUSTOMER_REPEATED, EXTERNAL_ID_GUARD};
use super::stored::Stored;

use common::context::Context;
use common::db::{Rows, Statement, Value};
use common::http::Error;
use common::ids::CustomerId;

/// Of each record that repeats what was last applied, the customer.
pub(super) type Same = Vec<Option<CustomerId>>;

/// Looks for the records that repeat what was last applied to the customer whom they name first.
///
/// # Errors
/// 503 where the database is away.
pub(super) async fn repeated(cx: &Context<'_>, entries: &[Entry<'_>]) -> Result<Same, Error> {
    let mut sent = Vec::with_capacity(entries.len());
    let mut positions = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        if let Some(text) = repetition_of(entry) {
            sent.push(text);
            positions.push(index);
        }
    }
    let mut same = vec![None; entries.len()];
    let sent = serde_json::to_string(&sent).map_err(Error::internal)?;
    let statement = CUSTOMER_REPEATED.bind(vec![cx.business_id().into(), sent.into()]);
    for row in cx.db.rows(statement).await? {
        match row.as_slice() {
            [Value::Text(found)] => mark(found, &positions, &mut same)?,
            [Value::Null] => {}
            other => {
                let columns = other.len();
                return Err(Error::internal(format!(
                    "a row of repetitions of {columns} columns"
                )));
            }
        }
    }
    Ok(same)
}

/// A record's fingerprint, a letter for the kind of what it names its customer by first, and that.
fn repetition_of(entry: &Entry<'_>) -> Option<String> {
    let first = entry.first()?;
    let letter = match first.kind {
        IdentityKind::ExternalId if first.system.is_empty() => "u",
        IdentityKind::ExternalId => "x",
        IdentityKind::Email => "e",
        IdentityKind::Phone => "p",
        IdentityKind::WhatsApp => "w",
    };
    Some([entry.fingerprint.as_str(), letter, first.value].concat())
}

/// Takes in places among the texts that were sent, each with its customer: `0 id,3 id`.
fn mark(pairs: &str, positions: &[usize], same: &mut Same) -> Result<(), Error> {
    for pair in pairs.split(',') {
        let pair = pair.split_once(' ');
        let pair = pair.and_then(|(n, id)| Some((n.parse::<usize>().ok()?, id)));
        let (n, id) = pair.ok_or_else(|| Error::internal("a repetition without a place"))?;
        let place = positions.get(n).and_then(|index| same.get_mut(*index));
        if let Some(place) = place {
            *place = Some(CustomerId::unchecked(id));
        }
    }
    Ok(())
}

/// The search for whom the records name, in whatever way.
pub(super) struct Search {
    /// Those of the match.
    params: Vec<Value>,
    /// Which records it is about, by their places in the request.
    positions: Vec<usize>,
}

impl Search {
    /// About the records that were checked, are valid, and are not among those that repeat; none where there are no such.
    pub(super) fn of(
        cx: &Context<'_>,
        entries: &[Entry<'_>],
        same: &Same,
        asks_for_repetitions: bool,
        customer: Option<&CustomerId>,
    ) -> Result<Option<Self>, Error> {
        let mut question = Question::default();
        let mut positions = Vec::with_capacity(entries.len());
        for (index, (entry, same)) in entries.iter().zip(same).enumerate() {
            if let (Some(record), None) = (entry.valid(), same) {
                question.add(record);
                if asks_for_repetitions {
                    question.repetitions.extend(repetition_of(entry));
                }
                positions.push(index);
            }
        }
        if positions.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            params: question.params(cx.business_id(), customer)?,
            positions,
        }))
    }

    pub(super) fn statement(&self) -> Statement {
        CUSTOMER_MATCH.bind(self.params.clone())
    }

    /// Fails its batch where somebody has an external id of the records.
    pub(super) fn guard(&self) -> Statement {
        let params = match self.params.as_slice() {
            [business, _, external_ids, ..] => vec![business.clone(), external_ids.clone()],
            _ => Vec::new(),
        };
        EXTERNAL_ID_GUARD.bind(params)
    }

    /// What it found: the customers, loaded into a plan, and in `same` the customers of records that repeat what was last
    /// applied to them.
    ///
    /// # Errors
    /// 500 for rows of another shape.
    pub(super) fn loaded<'a>(&self, rows: Rows, same: &mut Same) -> Result<Plan<'a>, Error> {
        let mut plan = Plan::default();
        for index in &self.positions {
            if let Some(place) = same.get_mut(*index) {
                *place = None;
            }
        }
        for row in rows {
            match row.as_slice() {
                [Value::Text(kind), Value::Text(found)] if kind == "same" => {
                    mark(found, &self.positions, same)?;
                }
                [Value::Text(kind), Value::Null] if kind == "same" => {}
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
        Ok(plan)
    }

    /// How many records it is about.
    pub(super) fn records(&self) -> usize {
        self.positions.len()
    }
}

/// The parameters of the match, a list of texts each.
#[derive(Default)]
struct Question<'r> {
    repetitions: Vec<String>,
    by_kind: [Vec<Option<&'r str>>; 4],
}

impl<'r> Question<'r> {
    fn add(&mut self, record: &'r Record<'_>) {
        let mut of_record = [None, None, None, None];
        for identity in record.identities() {
            let place = match identity.kind {
                IdentityKind::ExternalId => 0,
                IdentityKind::Email => 1,
                IdentityKind::Phone => 2,
                IdentityKind::WhatsApp => 3,
            };
            if let Some(slot) = of_record.get_mut(place) {
                *slot = Some(identity.value);
            }
        }
        for (list, value) in self.by_kind.iter_mut().zip(of_record) {
            list.push(value);
        }
    }

    fn params(
        &self,
        business_id: &str,
        customer: Option<&CustomerId>,
    ) -> Result<Vec<Value>, Error> {
        let json =
            |list: serde_json::Result<String>| list.map(Value::from).map_err(Error::internal);
        let mut params = vec![business_id.into()];
        params.push(json(serde_json::to_string(&self.repetitions))?);
        for list in &self.by_kind {
            let none = list.iter().all(Option::is_none);
            let list = if none { &[][..] } else { list };
            params.push(json(serde_json::to_string(list))?);
        }
        params.push(customer.into());
        Ok(params)
    }
}
