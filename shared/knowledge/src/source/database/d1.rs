//! A D1 database by Cloudflare's API (docs/reference/databases.md §2). A statement stands within a SELECT, in which
//! SQLite takes nothing that writes; a token that may only read (`D1 Read`) is refused the rest by Cloudflare itself.

use super::super::json::{checked, find, scalar};
use super::super::{MAX_BODY_BYTES, TIMEOUT_MS, Trouble, trouble, words};
use super::sql::all_of;
use super::url::d1_endpoint;
use super::{After, Failure, PAGE_ROWS, Place, Reason, Rows, auth, is_only, key_of, statement};
use common::context::Context;
use common::json::raw;
use common::ports::OutboundRequest;
use serde_json::json;

/// Where an answer has the rows of the first statement.
const ROWS: &str = "result[0].results";

pub(super) async fn fetch(
    cx: &Context<'_>,
    place: &Place<'_>,
    query: &str,
    after: Option<After>,
) -> Result<Rows, Trouble> {
    if statement::has_several(query) {
        return Err(Trouble::settings(
            "There is more than one statement. The `query` of a `database` is a single one that reads.",
        ));
    }
    let inner = all_of(query);
    let column = match &after {
        Some(after) => Some(after.column.clone()),
        None => {
            let first = ask(cx, place, &format!("{inner} LIMIT 1")).await?;
            let object = raw::items(&first).first().copied().map(raw::part);
            let object = object.unwrap_or_default();
            let columns: Vec<&str> = object.iter().map(|(name, _)| name).collect();
            key_of(&columns, place.settings.key.as_deref()).map(str::to_owned)
        }
    };
    let mut sql = inner;
    if let Some(column) = &column {
        let name = ["tieline_row.\"", &column.replace('"', "\"\""), "\""].concat();
        if let Some(after) = &after {
            sql += &format!(" WHERE {name} > {}", literal(&after.value));
        }
        // Those without a key come first, and so on the first page (SQLite, ORDER BY).
        sql += &format!(" ORDER BY {name}");
    }
    sql += &format!(" LIMIT {}", PAGE_ROWS + 1);
    let rows = ask(cx, place, &sql).await?;
    let items = raw::items(&rows);
    if items.len() <= PAGE_ROWS {
        return Ok((rows, 0, None));
    }
    let page = items.get(..PAGE_ROWS).unwrap_or_default();
    let next = match (column, page.last()) {
        _ if is_only(place) => None,
        (Some(column), Some(last)) => {
            let object = raw::part(last);
            let value = object.get(&column).filter(|value| **value != "null");
            let value = value.ok_or_else(|| told(Reason::KeysMissing))?;
            Some(After {
                value: (*value).to_owned(),
                column,
            })
        }
        _ => return Err(told(Reason::NeedsKey)),
    };
    Ok((["[", &page.join(","), "]"].concat(), 0, next))
}

fn told(reason: Reason) -> Trouble {
    Failure::of(reason, "").trouble("")
}

/// A value of JSON as SQLite reads it: a number, or a text with its quotes doubled.
fn literal(value: &str) -> String {
    match value.starts_with('"') {
        false if scalar(value).is_some() => value.to_owned(),
        _ => {
            let text = raw::text(value).unwrap_or_default();
            ["'", &text.replace('\'', "''"), "'"].concat()
        }
    }
}

/// Asks for the rows of a statement: a list of objects, as JSON.
async fn ask(cx: &Context<'_>, place: &Place<'_>, sql: &str) -> Result<String, Trouble> {
    let token = place.secrets.api_key.as_deref().unwrap_or_default().trim();
    let url = d1_endpoint(place.url).ok_or_else(|| trouble::unsafe_url(place.url))?;
    let request = OutboundRequest {
        url,
        headers: vec![("authorization", ["Bearer ", token].concat())],
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BODY_BYTES,
        ..OutboundRequest::default()
    };
    let request = request.with_json("POST", json!({ "sql": sql }).to_string());
    let response = cx.ports.http.fetch(request).await;
    let response = response.map_err(|error| trouble::no_answer(&error))?;
    let secrets = auth::secrets_of(place);
    if response.status != 200 {
        let spoken = |words: &str| words::cleaned(words, &secrets);
        return Err(trouble::of_answer(&response, cx.time_now(), &spoken));
    }
    trouble::check_body(&response, Some("application/json"))?;
    let json = checked(&response.body).unwrap_or_default();
    let rows = find(&raw::part(&json), ROWS).filter(|rows| rows.starts_with('['));
    match rows {
        Some(rows) => Ok(rows.to_owned()),
        None => {
            let said = words::of(&response.body).unwrap_or_default();
            let said = words::cleaned(&said, &secrets);
            Err(Trouble::settings(format!(
                "Cloudflare's API answered without rows: {said}. Verify the URL of the database."
            )))
        }
    }
}
