//! The searches for the customers whom the records of a batch name.

use super::entry::Entry;
use super::identity::IdentityKind;
use super::plan::Plan;
use super::sql::{CUSTOMER_MATCH, CUSTOMER_REPEATED, EXTERNAL_ID_GUARD};
use super::stored::Stored;
use common::context::Context;
use common::db::{Rows, Statement, Value};
use common::http::Error;
use common::ids::CustomerId;
use serde::Serialize;

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
    let statement = CUSTOMER_REPEATED.bind(vec![cx.business_id().into(), json(&sent)?]);
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
pub(super) struct Search<'e, 'a> {
    entries: &'e [Entry<'a>],
    /// Which of them it is about.
    positions: Vec<usize>,
    asks_for_repetitions: bool,
    customer: Option<&'e CustomerId>,
}

impl<'e, 'a> Search<'e, 'a> {
    /// About the records that were checked, are valid, and are not among those that repeat; none where there are no such.
    pub(super) fn of(
        entries: &'e [Entry<'a>],
        same: &Same,
        asks_for_repetitions: bool,
        customer: Option<&'e CustomerId>,
    ) -> Option<Self> {
        let all = entries.iter().zip(same).enumerate();
        let searched = all.filter(|(_, (entry, same))| entry.valid().is_some() && same.is_none());
        let positions: Vec<usize> = searched.map(|(index, _)| index).collect();
        (!positions.is_empty()).then_some(Self {
            entries,
            positions,
            asks_for_repetitions,
            customer,
        })
    }

    pub(super) fn statement(&self, cx: &Context<'_>) -> Result<Statement, Error> {
        let repetitions: Vec<String> = match self.asks_for_repetitions {
            true => self.searched().filter_map(repetition_of).collect(),
            false => Vec::new(),
        };
        Ok(CUSTOMER_MATCH.bind(vec![
            cx.business_id().into(),
            json(&repetitions)?,
            self.names(IdentityKind::ExternalId)?,
            self.names(IdentityKind::Email)?,
            self.names(IdentityKind::Phone)?,
            self.names(IdentityKind::WhatsApp)?,
            self.customer.into(),
        ]))
    }

    /// Fails its batch where somebody has an external id of the records.
    pub(super) fn guard(&self, cx: &Context<'_>) -> Result<Statement, Error> {
        let external_ids = self.names(IdentityKind::ExternalId)?;
        Ok(EXTERNAL_ID_GUARD.bind(vec![cx.business_id().into(), external_ids]))
    }

    fn searched(&self) -> impl Iterator<Item = &'e Entry<'a>> {
        let entries = self.entries;
        self.positions
            .iter()
            .filter_map(|index| entries.get(*index))
    }

    /// What the records are named by in this way, null for one that is not, as a list; empty where none is.
    fn names(&self, kind: IdentityKind) -> Result<Value, Error> {
        let names: Vec<Option<&str>> = self.searched().map(|entry| entry.name(kind)).collect();
        let is_empty = names.iter().all(Option::is_none);
        json(if is_empty { &[][..] } else { &names })
    }

    /// What it found: the customers, loaded into a plan, and in `same` the customers of records that repeat what was last
    /// applied to them.
    ///
    /// # Errors
    /// 500 for rows of another shape.
    pub(super) fn loaded<'p>(&self, rows: Rows, same: &mut Same) -> Result<Plan<'p>, Error> {
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

fn json<T: Serialize>(list: &[T]) -> Result<Value, Error> {
    let json = serde_json::to_string(list).map_err(Error::internal)?;
    Ok(json.into())
}
