//! The searches for the customers whom the records of a batch name.

use super::entry::Entry;
use super::identity::IdentityKind;
use super::plan::Plan;
use super::sql::{CUSTOMER_LAST, CUSTOMER_LAST_UNNAMED, CUSTOMER_MATCH, EXTERNAL_ID_GUARD};
use super::stored::Stored;
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value};
use common::http::Error;
use common::ids::CustomerId;
use common::json::writer::push_escaped;
use serde::Serialize;

/// Of each record that repeats what was last applied, the customer.
pub(super) type Same = Vec<Option<CustomerId>>;

/// Looks for the records that repeat what was last applied to the customer whom they name first.
///
/// # Errors
/// 503 where the database is away.
pub(super) async fn repeated(cx: &Context<'_>, entries: &[Entry<'_>]) -> Result<Same, Error> {
    let mut lists: [FirstNames; 1 + IdentityKind::ALL.len()] = Default::default();
    for (index, entry) in entries.iter().enumerate() {
        let Some(first) = entry.first() else { continue };
        let place = match first.kind {
            IdentityKind::ExternalId if first.system.is_empty() => 0,
            kind => 1 + kind as usize,
        };
        if let Some(list) = lists.get_mut(place) {
            list.add(first.value, index);
        }
    }
    let kinds = [None].into_iter().chain(IdentityKind::ALL.map(Some));
    let asked: Vec<_> = kinds
        .zip(lists)
        .filter(|(_, list)| !list.positions.is_empty())
        .collect();
    let statements = asked.iter().map(|(kind, list)| list.statement(cx, *kind));
    let mut same = vec![None; entries.len()];
    for (rows, (_, list)) in all_rows(cx, statements.collect())
        .await?
        .into_iter()
        .zip(&asked)
    {
        for row in &rows {
            list.mark(row, entries, &mut same)?;
        }
    }
    Ok(same)
}

/// The rows of each statement. Records mostly name their customers in one way, and one statement costs less than a batch.
async fn all_rows(cx: &Context<'_>, mut statements: Vec<Statement>) -> Result<Vec<Rows>, Error> {
    match statements.pop() {
        None => Ok(Vec::new()),
        Some(one) if statements.is_empty() => Ok(vec![cx.db.rows(one).await?]),
        Some(last) => {
            statements.push(last);
            Ok(cx.db.batch(statements).await?)
        }
    }
}

/// What records name their customers by first, of one kind: as a JSON array, and where they are.
#[derive(Default)]
struct FirstNames {
    json: String,
    positions: Vec<usize>,
}

impl FirstNames {
    fn add(&mut self, name: &str, position: usize) {
        self.json.push_str(if self.positions.is_empty() {
            "[\""
        } else {
            ",\""
        });
        push_escaped(&mut self.json, name);
        self.json.push('"');
        self.positions.push(position);
    }

    /// `kind`: none for external ids without a system.
    fn statement(&self, cx: &Context<'_>, kind: Option<IdentityKind>) -> Statement {
        let names = [self.json.as_str(), "]"].concat();
        let mut params = vec![Value::from(cx.business_id()), names.into()];
        match kind {
            None => CUSTOMER_LAST_UNNAMED.bind(params),
            Some(kind) => {
                params.push(kind.as_str().into());
                CUSTOMER_LAST.bind(params)
            }
        }
    }

    /// Takes in whom they name, where what was applied to these last is what was sent now.
    fn mark(&self, row: &Row, entries: &[Entry<'_>], same: &mut Same) -> Result<(), Error> {
        let mut columns = Columns::of(row);
        let places = columns.str_or_null("places")?.unwrap_or_default();
        let ids = columns.str_or_null("ids")?.unwrap_or_default();
        let fingerprints = columns.str_or_null("fingerprints")?.unwrap_or_default();
        let found = places
            .split(',')
            .zip(ids.split(','))
            .zip(fingerprints.split(','));
        for ((place, id), fingerprint) in found {
            let place = place
                .parse()
                .ok()
                .and_then(|n: usize| self.positions.get(n));
            let Some(index) = place else { continue };
            let is_same = |entry: &Entry<'_>| entry.fingerprint.as_str() == fingerprint;
            if entries.get(*index).is_some_and(is_same)
                && let Some(place) = same.get_mut(*index)
            {
                *place = Some(CustomerId::unchecked(id));
            }
        }
        Ok(())
    }
}

/// Of each record that names somebody its fingerprint, a letter for the kind of what it names them by first, and that; as a
/// JSON array, written without a text for each.
fn repetitions<'e, 'a: 'e>(entries: impl Iterator<Item = &'e Entry<'a>>) -> String {
    let mut json = String::from("[");
    for entry in entries {
        let Some(first) = entry.first() else { continue };
        let letter = match first.kind {
            IdentityKind::ExternalId if first.system.is_empty() => "u",
            IdentityKind::ExternalId => "x",
            IdentityKind::Email => "e",
            IdentityKind::Phone => "p",
            IdentityKind::WhatsApp => "w",
        };
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(entry.fingerprint.as_str());
        json.push_str(letter);
        push_escaped(&mut json, first.value);
        json.push('"');
    }
    json.push(']');
    json
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
        let repetitions = match self.asks_for_repetitions {
            true => repetitions(self.searched()),
            false => "[]".to_owned(),
        };
        Ok(CUSTOMER_MATCH.bind(vec![
            cx.business_id().into(),
            repetitions.into(),
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
