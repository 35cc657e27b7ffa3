//! The databases of the deployment.

use crate::sql::BUSINESSES_COUNT;
use common::Context;
use common::db::{Columns, Rows};
use common::http::Error;
use serde::Serialize;

/// The databases.
#[derive(Debug, Serialize)]
pub(crate) struct DatabaseList {
    /// By their numbers.
    pub databases: Vec<ListedDatabase>,
}

/// A database.
#[derive(Debug, Serialize)]
pub(crate) struct ListedDatabase {
    /// The number: 0 is `DATABASE`, 1 is `DATABASE_1`, and so on.
    pub number: usize,
    /// Its size, as the platform reports it.
    pub bytes: i64,
    /// The size at which it is full.
    pub max_bytes: i64,
    /// How many businesses it has, as far as they are counted: up to 10,000.
    pub businesses: i64,
    /// Whether new businesses are made in it.
    pub takes_new: bool,
}

/// Reads how large they are, and what they have.
///
/// # Errors
/// 503 when one is away.
pub(crate) async fn databases(cx: &Context<'_>) -> Result<DatabaseList, Error> {
    let count = [BUSINESSES_COUNT.bind(Vec::new())];
    let of = |number, bytes: Option<i64>, answers: Vec<Rows>, takes_new| {
        let row = answers.into_iter().flatten().next().unwrap_or_default();
        let bytes = bytes.ok_or_else(|| Error::internal("the database does not tell its size"))?;
        Ok::<_, Error>(ListedDatabase {
            number,
            bytes,
            max_bytes: cx.ports.database_max_bytes(),
            businesses: Columns::of(&row).integer("n")?,
            takes_new,
        })
    };
    let Some(several) = cx.ports.databases else {
        let answers = cx.db.batch(count.to_vec()).await?;
        return Ok(DatabaseList {
            databases: vec![of(0, cx.db.size(), answers, true)?],
        });
    };
    let mut databases = Vec::new();
    for number in 0..several.count() {
        let answers = several.batch_in(number, &count).await?;
        let takes_new = several.for_new() == number;
        databases.push(of(number, several.size(number), answers, takes_new)?);
    }
    Ok(DatabaseList { databases })
}
