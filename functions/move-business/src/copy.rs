use crate::delete::{Emptied, empty};
use crate::drive::Mover;
use crate::place::{Row, State};
use crate::sql::{MOVE_PROGRESS, MOVE_STATE_GUARD};
use common::db::{Rows, Statement, json_arrays, text_of};
use common::http::{Error, Kind};
use common::json::raw;
use tables::{MovedTable, PAGE_CHARS, PAGE_ROWS, all_tables};

/// Tables that are read in one call of the database: most businesses have few rows of most.
const TABLES_AT_ONCE: usize = 12;
/// Where copying begins.
pub(crate) const FIRST: &str = "0 0 ";
/// The progress of a copy that is given up.
pub(crate) const GIVEN_UP: &str = "given up";

/// How far the rows are copied.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The table, by its place in [`all_tables`].
    pub(crate) table: usize,
    /// How many rows there are so far.
    pub(crate) rows: i64,
    /// The key of the table behind which to go on; none at its first row.
    after: Option<String>,
}

impl Progress {
    /// As it is stored: `table rows key`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.splitn(3, ' ');
        let table = parts.next().and_then(|table| table.parse().ok());
        let rows = parts.next().and_then(|rows| rows.parse().ok());
        let after = parts.next().filter(|after| !after.is_empty());
        Self {
            table: table.unwrap_or_default(),
            rows: rows.unwrap_or_default(),
            after: after.map(str::to_owned),
        }
    }

    /// All of them.
    pub(crate) fn end() -> Self {
        Self {
            table: all_tables().len(),
            ..Self::default()
        }
    }

    fn to_text(&self) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        format!("{} {} {after}", self.table, self.rows)
    }

    /// The tables of the next page: the one that it is in the middle of, or the next few.
    fn tables(&self) -> &'static [MovedTable] {
        let most = match self.after {
            Some(_) => 1,
            None => TABLES_AT_ONCE,
        };
        let left = all_tables().get(self.table..).unwrap_or_default();
        left.get(..most.min(left.len())).unwrap_or_default()
    }
}

/// What a page writes.
#[derive(Default)]
struct Page {
    statements: Vec<Statement>,
    chars: usize,
}

/// Copies rows, and compares each with what it was, until all are there or the call is over. Whether all are.
///
/// How far it is stands where the rows are copied to, and is written with each page, in one transaction with the
/// comparison: a page that comes late, or is not the same, writes nothing.
///
/// # Errors
/// 409 for a row that cannot be copied, or is another one in the copy; 503 when a database is away.
pub(crate) async fn copy(
    mover: &Mover<'_>,
    from: usize,
    row: &Row,
    there: Option<&Row>,
) -> Result<bool, Error> {
    let there = there.filter(|row| row.state == State::Arriving && row.progress != GIVEN_UP);
    // Of a move that began while the last one was being cleared away.
    let mut arriving = there.cloned().ok_or_else(|| differs("the business"))?;
    loop {
        let mut progress = Progress::parse(&arriving.progress);
        let tables = progress.tables();
        if tables.is_empty() {
            return Ok(true);
        }
        if mover.is_over() {
            return Ok(false);
        }
        if progress.after.is_none() {
            // What triggers have made of rows that came before gives way to what is there. The business itself comes first,
            // and what names it would hold it.
            let made: Vec<_> = tables.iter().filter(|table| table.keys > 1).collect();
            if empty(mover, row.other, &arriving, &made).await? == Emptied::InPart {
                return Ok(false);
            }
        }
        let mut reads = vec![guard(mover, row)];
        reads.extend(tables.iter().map(|table| read(mover, table, &progress)));
        let results = mover.run(from, &reads).await?;
        let mut page = Page::default();
        page.statements.push(guard(mover, &arriving));
        for (table, rows) in tables.iter().zip(results.into_iter().skip(1)) {
            if page.chars >= PAGE_CHARS {
                break;
            }
            let (count, last) = page.add(mover, table, rows)?;
            progress.rows += count;
            progress.after = last;
            if progress.after.is_some() {
                break;
            }
            progress.table += 1;
        }
        arriving.progress = progress.to_text();
        page.statements.push(MOVE_PROGRESS.bind(vec![
            mover.business.into(),
            arriving.progress.as_str().into(),
            mover.cx.time_now().micros().into(),
        ]));
        mover.write(row.other, &page.statements).await?;
    }
}

/// Fails once somebody else has taken the next step.
pub(crate) fn guard(mover: &Mover<'_>, row: &Row) -> Statement {
    MOVE_STATE_GUARD.bind(vec![
        mover.business.into(),
        row.state.as_str().into(),
        row.since.micros().into(),
        row.progress.as_str().into(),
    ])
}

fn read(mover: &Mover<'_>, table: &'static MovedTable, progress: &Progress) -> Statement {
    let mut params = vec![mover.business.into()];
    if table.keys > 1 {
        params.push(progress.after.as_deref().unwrap_or(&table.first).into());
    }
    table.read.bind(params)
}

impl Page {
    /// Adds rows of a table. Gives how many, and the key of the last one where more may follow.
    fn add(
        &mut self,
        mover: &Mover<'_>,
        table: &'static MovedTable,
        rows: Rows,
    ) -> Result<(i64, Option<String>), Error> {
        let lines = rows.into_iter().map(|row| text_of(row, "line"));
        let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
        let chars: usize = lines.iter().map(String::len).sum();
        let count = lines.len();
        let last = match lines.last() {
            Some(last) if table.keys > 1 && (count >= PAGE_ROWS || chars >= PAGE_CHARS) => {
                let items = raw::list(last).unwrap_or_default();
                let key = items.get(1..table.keys);
                let key = key.ok_or_else(|| Error::internal("a row is shorter than its key"))?;
                Some(format!("[{}]", key.join(",")))
            }
            _ => None,
        };
        for array in json_arrays(lines) {
            let params = || vec![mover.business.into(), array.text.as_str().into()];
            self.statements.push(table.write.bind(params()));
            self.statements.push(table.compare.bind(params()));
        }
        self.chars += chars;
        Ok((i64::try_from(count).map_err(Error::internal)?, last))
    }
}

/// Holds how many rows there are of each table against how many there were.
///
/// # Errors
/// 409 for a table that has another number of them.
pub(crate) async fn check_counts(mover: &Mover<'_>, from: usize, to: usize) -> Result<(), Error> {
    let all = all_tables();
    let counts = all
        .iter()
        .map(|table| table.count.bind(vec![mover.business.into()]));
    let counts: Vec<Statement> = counts.collect();
    let (here, there) = (
        mover.run(from, &counts).await?,
        mover.run(to, &counts).await?,
    );
    let differing = all.iter().zip(here.iter().zip(&there));
    let differing = differing.filter(|(_, (here, there))| here != there);
    match differing.map(|(table, _)| table.name).next() {
        Some(table) => Err(differs(table)),
        None => Ok(()),
    }
}

/// 409: the copy is given up.
#[track_caller]
pub(crate) fn differs(table: &str) -> Error {
    let message = format!(
        "The copy of {table} is not what was copied: the move was given up, and the business is open where it was."
    );
    Error::new(Kind::Conflict, message)
}
