//! Businesses by their names.

use crate::business::{OperatedBusiness, business_get, counted_params};
use crate::sql::BUSINESS_PAGE;
use common::Context;
use common::http::{Error, Kind, Query, Result, decode_cursor, encode_cursor};
use common::ids::is_id;
use common::json::raw::{list, text};
use common::json::writer::quoted;
use serde::Serialize;

const PAGE_MAX: u32 = 50;
const PAGE_DEFAULT: u32 = 20;
/// Longest search, in characters: that of a name.
const MAX_SEARCH_CHARS: usize = access::name::MAX_NAME_CHARS;
/// Up to how many customers of each business are counted.
const MAX_COUNTED: i64 = 1_000;
/// Sorts behind every name.
const AFTER_ALL: char = char::MAX;

/// A page of businesses, by their names.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessPage {
    /// The businesses.
    pub businesses: Vec<OperatedBusiness>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// `GET businesses` (platform token)
///
/// 1. Reads the query: 422 for a search that is too long, another limit or cursor.
/// 2. Where an id is searched for, answers with that business, or none.
/// 3. Answers with those whose name begins with what is searched for, by their names; capitals do not matter as far as
///    ASCII goes.
///
/// # Errors
/// 422; 503 when the database is away.
pub(crate) async fn business_list(cx: &Context<'_>, query: &Query) -> Result<BusinessPage> {
    // 1.
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let search = query.get("search").map(str::trim).unwrap_or_default();
    if search.chars().count() > MAX_SEARCH_CHARS {
        let message = format!("`search` must have at most {MAX_SEARCH_CHARS} characters.");
        return Err(Error::invalid(
            "query.search",
            "at_most_200_characters",
            message,
        ));
    }
    let cursor = query.get("cursor");
    let place = cursor.map(|cursor| decode_cursor(cursor, place_of));
    let place = place.transpose()?;

    // 2.
    if is_id(search) {
        let found = match business_get(cx, &search.to_ascii_lowercase()).await {
            Ok(business) => vec![business],
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        return Ok(BusinessPage {
            businesses: found,
            has_more: false,
            next_cursor: None,
        });
    }

    // 3.
    let prefix = search.to_ascii_lowercase();
    let end = [prefix.as_str(), AFTER_ALL.encode_utf8(&mut [0; 4])].concat();
    // A cursor of another search leads to no name outside of this one.
    let (from, after) = match place {
        Some((name, id)) if name >= prefix => (name, id),
        _ => (prefix, String::new()),
    };
    let mut params = counted_params(cx, MAX_COUNTED);
    params.extend([
        from.into(),
        end.into(),
        after.into(),
        (i64::from(limit) + 1).into(),
    ]);
    let rows = cx.db.rows(BUSINESS_PAGE.bind(params)).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let mut businesses: Vec<_> = rows
        .iter()
        .map(|row| OperatedBusiness::of_row(row, MAX_COUNTED))
        .collect::<Result<_>>()?;
    // Each of several databases gives a page.
    businesses.sort_by_cached_key(|one| (one.name.to_ascii_lowercase(), one.id.clone()));
    let has_more = businesses.len() > limit;
    businesses.truncate(limit);
    let last = businesses.last().filter(|_| has_more);
    let cursor_of = |last: &OperatedBusiness| {
        let name = quoted(&last.name.to_ascii_lowercase()).to_string();
        encode_cursor(&["[", &name, ",", &quoted(&last.id).to_string(), "]"].concat())
    };
    Ok(BusinessPage {
        next_cursor: last.map(cursor_of),
        has_more,
        businesses,
    })
}

/// A cursor is the name, in lower case, and the id of the last business of its page.
fn place_of(cursor: &str) -> Option<(String, String)> {
    let parts = list(cursor)?;
    let [name, id] = parts.as_slice() else {
        return None;
    };
    let (name, id) = (text(name)?, text(id)?);
    is_id(&id).then_some((name, id))
}
