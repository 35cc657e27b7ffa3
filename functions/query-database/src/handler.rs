use crate::connection::Connection;
use crate::{login, rows};
use common::Context;
use common::calls;
use common::http::Result;
use knowledge::source::database::{Failure, PostgresUrl, ReadRows, RowsRead, check_statement};

/// Reads a page of a statement's rows from a PostgreSQL, for [`fetch`](knowledge::source::fetch); no request from
/// outside gets here. It neither reads nor writes the deployment's database, and keeps nothing: each page is a
/// connection of its own, since nothing of a connection outlives an invocation.
///
/// 1. Reads what is asked for: 400 for another version or shape, 422 for a database that may not be connected to, and
///    for a statement that does not read.
/// 2. Connects, by TLS unless it is on this machine, and logs in: 10 seconds in all.
/// 3. Begins a transaction that may only read. Whatever the statement is, or calls, the database refuses to change
///    anything in it; and it runs as a part of a SELECT, so that it is a single one.
/// 4. Reads the rows behind the one that is named, in the order of the column that names rows, as the JSON that the
///    database makes of them: at most 2,000, 2 MiB and 25 seconds. Longer ones than 256 KiB are left out there.
/// 5. Hangs up, whereby the transaction ends.
///
/// What the database does wrong is an answer that says so.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    // 1.
    let asked: ReadRows = calls::read(body)?;
    let place = PostgresUrl::parse(&cx.ports, &asked.url)?;
    check_statement(&asked.statement)?;

    let read = match read(cx, &place, &asked).await {
        Ok(read) => read,
        Err(failed) => RowsRead {
            failed: Some(failed),
            ..RowsRead::default()
        },
    };
    calls::answer::<ReadRows>(&read)
}

async fn read(
    cx: &Context<'_>,
    place: &PostgresUrl,
    asked: &ReadRows,
) -> Result<RowsRead, Failure> {
    // 2.
    let mut connection = Connection::open(cx, place).await?;
    let password = asked.password.as_deref().unwrap_or_default();
    login::login(cx, &mut connection, place, password).await?;

    // 3. and 4.
    let read = rows::read(&mut connection, asked).await;

    // 5.
    connection.close().await;
    read
}
