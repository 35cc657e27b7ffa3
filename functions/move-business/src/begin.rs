use crate::copy::FIRST;
use crate::drive::Mover;
use crate::place::{Picture, Step};
use crate::sql::{MOVE_ARRIVE, MOVE_DEPART, SCHEMA_PROBE};
use common::db::DatabaseSize;
use common::http::input::{Expected, Input, boolean};
use common::http::{Error, Kind};

/// What is asked of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// To be begun, or gone on with, to this database.
    To(usize),
    /// To be gone on with, where it was not given up meanwhile.
    Continued,
    /// To be given up.
    Cancelled,
}

impl Wanted {
    /// Reads a request's body: `{to}`, `{to, continues: true}` or `{cancel: true}`.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["to", "continues", "cancel"])?;
        let number = |text: &str| text.parse().ok();
        let to = input.optional("to", Expected::new("integer", "a whole number"), number)?;
        let cancel = input.optional("cancel", Expected::BOOLEAN, boolean)?;
        let continues = input.optional("continues", Expected::BOOLEAN, boolean)?;
        match (to, cancel.unwrap_or_default()) {
            (Some(_), false) if continues == Some(true) => Ok(Self::Continued),
            (Some(to), false) => Ok(Self::To(to)),
            (None, true) => Ok(Self::Cancelled),
            _ => {
                let message = "Say where to move the business, `to`, or `cancel` the move.";
                Err(Error::invalid("body", "exactly_1", message))
            }
        }
    }
}

/// Begins a move, unless it is under way.
///
/// 1. 422 for a database that there is not, 409 while another move of the business is under way.
/// 2. 409 where the databases differ in their schema, and where the other one is nearly full.
/// 3. There it is expected, and here it drains; in this order, so that a move has both.
pub(crate) async fn begin(
    mover: &Mover<'_>,
    picture: &Picture,
    from: usize,
    to: usize,
) -> Result<(), Error> {
    // 1.
    if to >= mover.databases.count() {
        let message = format!("There is no database {to}: they are numbered from 0.");
        return Err(Error::invalid("to", "known", message));
    }
    match picture.step() {
        Some(Step::Move(_, row)) if row.other == to => return Ok(()),
        Some(Step::Move(_, row)) => {
            let other = row.other;
            return Err(conflict(format!(
                "The business is being moved to database {other}."
            )));
        }
        // What a move that was given up, or the last one, has left is deleted first.
        Some(_) => return Ok(()),
        None if from == to => return Ok(()),
        None => {}
    }

    // 2.
    let probe = [SCHEMA_PROBE.bind(Vec::new())];
    if mover.run(from, &probe).await? != mover.run(to, &probe).await? {
        let message =
            "The databases differ in their schema: deploy first, so that both have all migrations.";
        return Err(conflict(message.into()));
    }
    let size = mover.databases.size(to);
    let size = size.map(|bytes| DatabaseSize::of(bytes, mover.cx.ports.variable));
    if size.is_some_and(|size| size.is_nearly_full) {
        return Err(conflict(format!("Database {to} is nearly full.")));
    }

    // 3.
    let now = mover.cx.time_now().micros();
    let params = |other: usize| {
        let other = i64::try_from(other).map_err(Error::internal)?;
        Ok::<_, Error>(vec![mover.business.into(), other.into(), now.into()])
    };
    let mut arrives = params(from)?;
    arrives.push(FIRST.into());
    let arrives = mover.run(to, &[MOVE_ARRIVE.bind(arrives)]).await?;
    let departs = match arrives.first().is_some_and(|rows| !rows.is_empty()) {
        true => mover.run(from, &[MOVE_DEPART.bind(params(to)?)]).await?,
        false => Vec::new(),
    };
    match departs.first().is_some_and(|rows| !rows.is_empty()) {
        true => Ok(()),
        false => Err(conflict(
            "Another move of the business has just begun.".into(),
        )),
    }
}

#[track_caller]
pub(crate) fn conflict(message: String) -> Error {
    Error::new(Kind::Conflict, message)
}
