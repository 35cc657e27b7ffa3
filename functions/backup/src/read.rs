use crate::files::file_of;
use crate::sealed::{Transfer, keys_of};
use common::Context;
use common::db::{Rows, Statement, text_of};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::json::raw;
use common::json::writer::quoted;
use std::collections::BTreeSet;
use tables::{PAGE_CHARS, PAGE_ROWS, Table, tables};

/// Tables that are read in one call of the database: most businesses have few rows of most.
const TABLES_AT_ONCE: usize = 12;
/// Divides the parts of a cursor; no table has it in its name.
const BETWEEN: char = '\n';

/// Where a page begins.
pub(crate) struct Place {
    /// Empty for what is the deployment's own.
    business: String,
    /// Counted from the table that comes last in [`tables`]: what others need is read after them, so that a backup
    /// that is made while people write has whatever its rows name.
    table: usize,
    /// The key behind which it begins; none for the first row of the table.
    after: Option<String>,
}

impl Place {
    /// Reads `business` and `cursor`.
    ///
    /// # Errors
    /// 422 for a cursor that no page gave.
    pub(crate) fn of(query: &Query) -> Result<Self, Error> {
        let begin = Self {
            business: query.get("business").unwrap_or_default().to_owned(),
            table: 0,
            after: None,
        };
        let Some(cursor) = query.get("cursor") else {
            return Ok(begin);
        };
        decode_cursor(cursor, |text| {
            let (name, after) = text.split_once(BETWEEN)?;
            let table = tables().iter().rev().position(|table| table.name == name)?;
            let after = (!after.is_empty()).then(|| after.to_owned());
            if let Some(after) = &after {
                raw::list(after)?;
            }
            Some(Self {
                table,
                after,
                ..begin
            })
        })
    }

    fn encoded(&self) -> Option<String> {
        let name = self.table()?.name;
        let after = self.after.as_deref().unwrap_or_default();
        Some(encode_cursor(&[name, after].join(&BETWEEN.to_string())))
    }

    fn table(&self) -> Option<&'static Table> {
        tables().iter().rev().nth(self.table)
    }

    /// Goes to the next table that this scope has rows in.
    fn next_table(&mut self) {
        self.table += 1;
        self.after = None;
    }

    fn has_rows_in(&self, table: &Table) -> bool {
        !self.business.is_empty() || table.is_of_deployment()
    }

    /// The tables to read in one call: the one that the page is in the middle of, or the next few.
    fn batch(&self) -> Vec<(usize, &'static Table)> {
        let all = tables().iter().rev().enumerate().skip(self.table);
        let all = all.filter(|(_, table)| self.has_rows_in(table));
        let most = if self.after.is_some() {
            1
        } else {
            TABLES_AT_ONCE
        };
        all.take(most).collect()
    }

    fn statement(&self, table: &'static Table) -> Statement {
        let mut params = vec![self.business.as_str().into()];
        if table.keys > 1 {
            let after = self.after.as_deref().unwrap_or(&table.first);
            params.push(after.into());
        }
        table.read.bind(params)
    }
}

/// The next page: a line with a table's name and columns, its rows as JSON lists, the next table, and so on; a line for
/// each file that a row names; at last `{"next": <cursor or null>, "keys": [<ids of the master keys of its secrets>]}`.
///
/// # Errors
/// 500 for a secret under a master key that the ring lacks, where it is to be sealed anew; 503 when the database is away.
pub(crate) async fn page(cx: &Context<'_>, mut place: Place) -> Result<String, Error> {
    let transfer = Transfer::of(cx)?;
    let (mut text, mut keys) = (String::new(), BTreeSet::new());
    'page: loop {
        let batch = place.batch();
        if batch.is_empty() {
            place.table = tables().len();
            break;
        }
        let statements = batch.iter().map(|(_, table)| place.statement(table));
        let results = cx.db.batch(statements.collect()).await?;
        for ((n, table), rows) in batch.into_iter().zip(results) {
            if n != place.table {
                place = Place {
                    table: n,
                    after: None,
                    ..place
                };
            }
            if text.len() >= PAGE_CHARS {
                break 'page;
            }
            match written(cx, (&mut text, &mut keys), table, rows, transfer.as_ref())? {
                Some(after) => {
                    place.after = Some(after);
                    break 'page;
                }
                None => place.next_table(),
            }
        }
    }
    let next = place
        .encoded()
        .map_or_else(|| "null".to_owned(), |next| quoted(&next));
    let keys: Vec<_> = keys.iter().map(|key| quoted(key)).collect();
    text.push_str(&format!(
        "{{\"next\":{next},\"keys\":[{}]}}\n",
        keys.join(",")
    ));
    Ok(text)
}

/// Adds the rows of a table. Gives the key of the last one where more may follow.
fn written(
    cx: &Context<'_>,
    (text, keys): (&mut String, &mut BTreeSet<String>),
    table: &Table,
    rows: Rows,
    transfer: Option<&Transfer>,
) -> Result<Option<String>, Error> {
    if rows.is_empty() {
        return Ok(None);
    }
    text.push_str(&head(table));
    let (count, begin) = (rows.len(), text.len());
    let mut last = String::new();
    for row in rows {
        let mut line = text_of(row, "line")?;
        if let Some(transfer) = transfer {
            line = transfer.leaving(cx, table, line)?;
        }
        keys_of(table, &line, keys);
        text.push_str(&line);
        text.push('\n');
        if let Some(file) = file_of(table, &line) {
            text.push_str(&file);
        }
        last = line;
    }
    if table.keys == 1 || (count < PAGE_ROWS && text.len() - begin < PAGE_CHARS) {
        return Ok(None);
    }
    let items = raw::list(&last).unwrap_or_default();
    let key = items.get(1..table.keys);
    let key = key.ok_or_else(|| Error::internal("a row is shorter than its key"))?;
    Ok(Some(format!("[{}]", key.join(","))))
}

/// `{"table":"messages","columns":["business_id", …]}` and a line's end.
fn head(table: &Table) -> String {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| quoted(column.name))
        .collect();
    let columns = columns.join(",");
    format!("{{\"table\":\"{}\",\"columns\":[{columns}]}}\n", table.name)
}
