use crate::connection::Connection;
use crate::sql::{BEGIN, all_of, page_of};
use crate::wire::{Body, columns, describe, execute, query};
use knowledge::source::database::{
    After, Failure, PAGE_BYTES, PAGE_ROWS, ReadRows, Reason, RowsRead, key_of,
};
use serde_json::value::RawValue;

/// Reads a page, within a transaction that may only read.
pub(crate) async fn read(
    connection: &mut Connection<'_>,
    asked: &ReadRows,
) -> Result<RowsRead, Failure> {
    connection.send(&query(BEGIN)).await?;
    // Nothing is run unless the database says that it is within that transaction.
    if ready(connection).await? != Some(b'T') {
        return Err(Failure::of(Reason::NotPostgres, ""));
    }
    let column = match &asked.after {
        Some(after) => Some(after.column.clone()),
        None => key_column(connection, asked).await?,
    };
    let sql = page_of(&asked.statement, column.as_deref(), asked.after.is_some());
    let values: Vec<&str> = asked.after.iter().map(|after| &*after.value).collect();
    connection.send(&execute(&sql, &values)).await?;
    let mut page = Rows::default();
    loop {
        let message = connection.next().await?;
        match message.kind {
            b'D' if page.is_full() => {
                let next = page.next(column, asked.is_only)?;
                return page.read(next);
            }
            b'D' => page.add(&message.body)?,
            b'C' => return page.read(None),
            // Parsed, bound.
            b'1' | b'2' => {}
            _ => return Err(Failure::of(Reason::NotPostgres, "")),
        }
    }
}

/// Which column names a row.
async fn key_column(
    connection: &mut Connection<'_>,
    asked: &ReadRows,
) -> Result<Option<String>, Failure> {
    connection
        .send(&describe(&all_of(&asked.statement)))
        .await?;
    let mut key = None;
    loop {
        let message = connection.next().await?;
        match message.kind {
            b'T' => {
                let columns = columns(&message.body);
                let columns = columns.ok_or_else(|| Failure::of(Reason::NotPostgres, ""))?;
                key = key_of(&columns, asked.key.as_deref()).map(str::to_owned);
            }
            b'Z' => return Ok(key),
            // Parsed, its parameters, and that it has no columns.
            b'1' | b't' | b'n' => {}
            _ => return Err(Failure::of(Reason::NotPostgres, "")),
        }
    }
}

/// Until the database is ready for more; whether it is within a transaction then.
async fn ready(connection: &mut Connection<'_>) -> Result<Option<u8>, Failure> {
    loop {
        let message = connection.next().await?;
        match message.kind {
            b'Z' => return Ok(message.body.first().copied()),
            b'C' => {}
            _ => return Err(Failure::of(Reason::NotPostgres, "")),
        }
    }
}

/// Rows of a page.
#[derive(Default)]
struct Rows {
    json: String,
    count: usize,
    too_long: u32,
    last: Option<String>,
}

impl Rows {
    fn is_full(&self) -> bool {
        self.count >= PAGE_ROWS || self.json.len() >= PAGE_BYTES
    }

    fn add(&mut self, body: &[u8]) -> Result<(), Failure> {
        let mut body = Body(body);
        let row = match body.short() {
            Some(2) => body.value().zip(body.value()),
            _ => None,
        };
        let (key, json) = row.ok_or_else(|| Failure::of(Reason::NotPostgres, ""))?;
        self.count += 1;
        self.last = key.map(str::to_owned);
        match json {
            None => self.too_long += 1,
            Some(json) => {
                self.json.push(if self.json.is_empty() { '[' } else { ',' });
                self.json.push_str(json);
            }
        }
        Ok(())
    }

    /// Where the next page begins.
    fn next(&mut self, column: Option<String>, is_only: bool) -> Result<Option<After>, Failure> {
        match (column, self.last.take()) {
            _ if is_only => Ok(None),
            (Some(column), Some(value)) => Ok(Some(After { column, value })),
            (Some(_), None) => Err(Failure::of(Reason::KeysMissing, "")),
            (None, _) => Err(Failure::of(Reason::NeedsKey, "")),
        }
    }

    fn read(mut self, next: Option<After>) -> Result<RowsRead, Failure> {
        if self.json.is_empty() {
            self.json.push('[');
        }
        self.json.push(']');
        let rows = RawValue::from_string(self.json);
        Ok(RowsRead {
            rows: Some(rows.map_err(|_| Failure::of(Reason::NotPostgres, ""))?),
            too_long: self.too_long,
            next,
            failed: None,
        })
    }
}
