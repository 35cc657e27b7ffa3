use crate::copy::guard;
use crate::drive::Mover;
use crate::place::Row;
use crate::sql::{CHANGES, VISITS_DELETE};
use common::db::Columns;
use common::http::Error;
use tables::{DELETED_ROWS, MovedTable, all_tables};

/// Tables of which rows are deleted in one call of the database.
const TABLES_AT_ONCE: usize = 12;

/// Whether all rows are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emptied {
    Whole,
    InPart,
}

/// Deletes all rows of the business, which do not count there, until none is left or the call is over; those first that
/// others need least.
pub(crate) async fn empty_all(
    mover: &Mover<'_>,
    number: usize,
    row: &Row,
) -> Result<Emptied, Error> {
    let visits = VISITS_DELETE.bind(vec![mover.business.into()]);
    mover.run(number, &[guard(mover, row), visits]).await?;
    let tables: Vec<_> = all_tables().iter().rev().collect();
    empty(mover, number, row, &tables).await
}

/// The same of some tables, in their order.
pub(crate) async fn empty(
    mover: &Mover<'_>,
    number: usize,
    row: &Row,
    tables: &[&'static MovedTable],
) -> Result<Emptied, Error> {
    let most = i64::try_from(DELETED_ROWS).map_err(Error::internal)?;
    for tables in tables.chunks(TABLES_AT_ONCE) {
        loop {
            if mover.is_over() {
                return Ok(Emptied::InPart);
            }
            let mut statements = vec![guard(mover, row)];
            for table in tables {
                statements.push(table.delete.bind(vec![mover.business.into()]));
                statements.push(CHANGES.bind(Vec::new()));
            }
            let answers = mover.run(number, &statements).await?;
            let mut is_rest = false;
            for counted in answers.iter().filter_map(|rows| rows.first()) {
                is_rest |= Columns::of(counted).integer("n")? >= most;
            }
            if !is_rest {
                break;
            }
        }
    }
    Ok(Emptied::Whole)
}
