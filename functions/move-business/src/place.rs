//! Where a business is, and what is being done to it.

use crate::sql::PLACE_GET;
use common::db::Databases;
use common::db::{Columns, DbError, Value};
use common::http::{Error, Kind};
use common::join::join_all;
use common::time::Timestamp;

/// What is being done to a business in one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is to be moved: what others see happen has to end, and nothing of it begins.
    Draining,
    /// Nobody reads or writes it, while its rows are copied.
    Frozen,
    /// The copy is whole. There is no way back.
    Flipping,
    /// It is in the other database. The rows that are left here count no more.
    Moved,
    /// It comes from the other database. The rows that are here do not count yet.
    Arriving,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Draining,
        Self::Frozen,
        Self::Flipping,
        Self::Moved,
        Self::Arriving,
    ];

    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Frozen => "frozen",
            Self::Flipping => "flipping",
            Self::Moved => "moved",
            Self::Arriving => "arriving",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A row of `moves`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The state.
    pub state: State,
    /// The other database.
    pub other: usize,
    /// How far it is; empty once there is nothing left to do.
    pub progress: String,
    /// When the state began.
    pub since: Timestamp,
    /// When the mover last got on.
    pub touched_at: Timestamp,
}

/// What one database has of a business.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The database.
    pub number: usize,
    has_business: bool,
    /// What is being done to it here.
    pub row: Option<Row>,
}

/// What all of them have.
#[derive(Debug)]
pub(crate) struct Picture {
    places: Vec<Place>,
    /// Why one of them did not answer.
    away: Option<DbError>,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// It goes from here to there.
    Move(usize, Row),
    /// What was left here is to be deleted.
    DeleteLeft(usize, Row),
    /// What was copied here of a move that was given up is to be deleted.
    DeleteCopied(usize, Row),
}

impl Picture {
    /// Looks into every database.
    pub(crate) async fn of(databases: &dyn Databases, business: &str) -> Result<Self, Error> {
        let asked = [PLACE_GET.bind(vec![business.into()])];
        let answers = (0..databases.count()).map(|number| databases.batch_in(number, &asked));
        let answers = join_all(answers).await;
        let (mut places, mut away) = (Vec::new(), None);
        for (number, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(rows) => {
                    let row = rows.into_iter().flatten().next().unwrap_or_default();
                    places.push(place_of(number, &row)?);
                }
                // One that is neither side of a move does not hinder it.
                Err(error) => away = Some(error),
            }
        }
        Ok(Self { places, away })
    }

    /// As [`Self::home`], where there has to be one.
    ///
    /// # Errors
    /// 404 for a business that there is not; 503 where a database that may have it is away.
    pub(crate) fn existing_home(&self) -> Result<usize, Error> {
        match (self.home(), &self.away) {
            (Some(home), _) => Ok(home),
            (None, Some(error)) => Err(error.clone().into()),
            (None, None) => Err(Error::new(Kind::NotFound, "There is no such business.")),
        }
    }

    /// The database in which the business counts.
    #[must_use]
    pub fn home(&self) -> Option<usize> {
        let counts = |place: &&Place| {
            let state = place.row.as_ref().map(|row| row.state);
            place.has_business && !matches!(state, Some(State::Moved | State::Arriving))
        };
        self.places.iter().find(counts).map(|place| place.number)
    }

    /// The row of a database that a step depends on.
    ///
    /// # Errors
    /// 503 where it is away.
    pub(crate) fn certain_row_at(&self, number: usize) -> Result<Option<&Row>, Error> {
        let place = self.places.iter().find(|place| place.number == number);
        match (place, &self.away) {
            (Some(place), _) => Ok(place.row.as_ref()),
            (None, Some(error)) => Err(error.clone().into()),
            (None, None) => Err(Error::internal("there is no such database")),
        }
    }

    /// The row of a database, as far as it answers.
    pub(crate) fn row_at(&self, number: usize) -> Option<&Row> {
        let place = self.places.iter().find(|place| place.number == number)?;
        place.row.as_ref()
    }

    /// What is to be done next, unless nothing is.
    pub(crate) fn step(&self) -> Option<Step> {
        let rows = || {
            let rows = self.places.iter();
            rows.filter_map(|place| Some((place.number, place.row.clone()?)))
        };
        let open = |wanted: &[State]| {
            rows().find(|(_, row)| wanted.contains(&row.state) && !row.progress.is_empty())
        };
        if let Some((number, row)) = open(&[State::Draining, State::Frozen, State::Flipping]) {
            return Some(Step::Move(number, row));
        }
        // Nothing is deleted unless the business is seen to be elsewhere.
        let home = self.home()?;
        if let Some((number, row)) = open(&[State::Moved]).filter(|(number, _)| *number != home) {
            return Some(Step::DeleteLeft(number, row));
        }
        let (number, row) = open(&[State::Arriving]).filter(|(number, _)| *number != home)?;
        Some(Step::DeleteCopied(number, row))
    }
}

fn place_of(number: usize, row: &[Value]) -> Result<Place, Error> {
    let mut columns = Columns::of(row);
    let has_business = columns.flag("has_business")?;
    let state = columns.parsed_or_null("state", State::parse)?;
    let other = columns.integer_or_null("other")?.unwrap_or_default();
    let progress = columns.text_or_null("progress")?.unwrap_or_default();
    let since = columns.time_or_null("since")?;
    let touched_at = columns.time_or_null("touched_at")?;
    let row = state.zip(since.zip(touched_at));
    let row = row.map(|(state, (since, touched_at))| Row {
        state,
        other: usize::try_from(other).unwrap_or(usize::MAX),
        progress,
        since,
        touched_at,
    });
    Ok(Place {
        number,
        has_business,
        row,
    })
}

/// What went wrong in a database that a step is at.
pub(crate) fn failed(error: DbError) -> Error {
    match is_overtaken(&error) {
        true => Error::unavailable("another call is at this move"),
        false => error.into(),
    }
}

/// Whether somebody else has taken the step.
pub(crate) fn is_overtaken(error: &DbError) -> bool {
    error.message().contains("'another step'")
}
