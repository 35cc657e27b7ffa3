use crate::sql::{BUSINESS_EXISTS, BUSINESSES_PAGE};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind, Query, decode_cursor, encode_cursor};
use serde::Serialize;
use tables::tables;
use tables::{LEFT_OUT, SCHEMA};

/// Counts up when pages are written otherwise.
const FORMAT: u32 = 1;
/// Businesses on a page.
const BUSINESSES: usize = 1000;

/// What a backup is of.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The number of the last migration.
    schema: u32,
    /// The ids of the deployment's master keys, the one that seals first.
    master_keys: Vec<String>,
    /// The tables that a backup has, in the order in which they are restored.
    tables: Vec<&'static str>,
    left_out: Vec<LeftOut>,
    businesses: Vec<String>,
    next_cursor: Option<String>,
}

/// A table that it has not.
#[derive(Debug, Serialize)]
struct LeftOut {
    table: &'static str,
    reason: &'static str,
}

/// `GET backup`: of one business, or a page of all.
///
/// # Errors
/// 404 for a business that there is not; 422 for a cursor that no page gave.
pub(crate) async fn manifest(cx: &Context<'_>, query: &Query) -> Result<Manifest, Error> {
    let (businesses, next_cursor) = match query.get("business") {
        Some(business) => (vec![existing(cx, business).await?], None),
        None => businesses(cx, query.get("cursor")).await?,
    };
    let ring = cx.ports.ring()?;
    let left_out = LEFT_OUT
        .iter()
        .map(|&(table, reason)| LeftOut { table, reason });
    Ok(Manifest {
        format: FORMAT,
        schema: SCHEMA,
        master_keys: ring.keys().map(|key| key.id.clone()).collect(),
        tables: tables().iter().map(|table| table.name).collect(),
        left_out: left_out.collect(),
        businesses,
        next_cursor,
    })
}

async fn existing(cx: &Context<'_>, business: &str) -> Result<String, Error> {
    let found = cx
        .db
        .rows(BUSINESS_EXISTS.bind(vec![business.into()]))
        .await?;
    match found.is_empty() {
        true => Err(Error::new(Kind::NotFound, "There is no such business.")),
        false => Ok(business.to_owned()),
    }
}

async fn businesses(
    cx: &Context<'_>,
    cursor: Option<&str>,
) -> Result<(Vec<String>, Option<String>), Error> {
    let after = cursor.map(|cursor| decode_cursor(cursor, |text| Some(text.to_owned())));
    let after = after.transpose()?.unwrap_or_default();
    let most = i64::try_from(BUSINESSES).map_err(Error::internal)?;
    let rows = cx
        .db
        .rows(BUSINESSES_PAGE.bind(vec![after.into(), most.into()]))
        .await?;
    let ids = rows.iter().map(|row| Columns::of(row).text("id"));
    let mut ids: Vec<_> = ids.collect::<Result<_, _>>()?;
    // Each of several databases gives a page.
    ids.sort_unstable();
    ids.truncate(BUSINESSES);
    let last = ids.last().filter(|_| ids.len() == BUSINESSES);
    let next = last.map(|id| encode_cursor(id));
    Ok((ids, next))
}
