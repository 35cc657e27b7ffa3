//! Pages that have numbers, or begin at a place in the list.

use super::super::json::{find, whole};
use super::super::{Page, Place, Trouble, url};
use super::cursor::hash;
use super::found::is_last;
use super::{Cursor, Target, with_body, with_value};
use common::json::raw::Object;
use serde_json::Value;

/// Where APIs put the numbers of their pages.
const PLACES: [&str; 7] = [
    "",
    "meta.",
    "pagination.",
    "paging.",
    "meta.pagination.",
    "page_info.",
    "page.",
];
/// What they call the page at hand, the last one, the place at hand, and how many records there are.
const CURRENT: [&str; 3] = ["current_page", "currentPage", "page"];
const LAST: [&str; 8] = [
    "last_page",
    "lastPage",
    "total_pages",
    "totalPages",
    "page_count",
    "pageCount",
    "pages",
    "num_pages",
];
const TOTAL: [&str; 3] = ["total", "total_count", "totalCount"];

/// The first of some fields, beside each other, that is a whole number.
fn number(body: &Object<'_>, place: &str, names: &[&str]) -> Option<u64> {
    let mut values = names
        .iter()
        .filter_map(|name| find(body, &[place, name].concat()));
    values.find_map(whole)
}

/// The page at hand and the last one.
fn pages_of(body: &Object<'_>) -> Option<(u64, u64)> {
    let of = |place: &&str| {
        let current = number(body, place, &CURRENT)?;
        Some((current, number(body, place, &LAST)?))
    };
    PLACES.iter().find_map(of)
}

/// Where the next page is, by numbers in the body that say that there is one.
pub(super) fn by_body(place: &Place<'_>, page: &Page, body: &Object<'_>) -> Option<Target> {
    if let Some((current, last)) = pages_of(body) {
        return (current < last).then(|| numbered(place, page, "page", current + 1));
    }
    // Pages that count from zero call themselves `number`.
    let zero = |place: &&str| {
        let current = number(body, place, &["number"])?;
        Some((current + 1, number(body, place, &["totalPages"])?))
    };
    if let Some((next, pages)) = PLACES.iter().find_map(zero) {
        return (next < pages).then(|| numbered(place, page, "page", next));
    }
    let places = |place: &&str| {
        let offset = number(body, place, &["offset"])?;
        let limit = number(body, place, &["limit"]).filter(|limit| *limit > 0)?;
        Some((offset.saturating_add(limit), number(body, place, &TOTAL)?))
    };
    let (next, total) = PLACES.iter().find_map(places)?;
    (next < total).then(|| numbered(place, page, "offset", next))
}

/// Where the next page is, by the number of pages that a header tells.
pub(super) fn by_header(place: &Place<'_>, page: &Page) -> Option<Target> {
    let current = url::parameter(&page.url, "page");
    let current = current.map_or(Some(1), |current| current.parse::<u64>().ok())?;
    (current < u64::from(page.pages?)).then(|| numbered(place, page, "page", current + 1))
}

fn numbered(place: &Place<'_>, page: &Page, name: &str, number: u64) -> Target {
    with_value(place, page, name, &number.to_string())
}

/// The next page by counting: until one has no records, or says that it is the last.
pub(super) fn counted(
    place: &Place<'_>,
    at: Option<&Cursor>,
    page: &Page,
    records: usize,
) -> Result<Option<Target>, Trouble> {
    if records == 0 {
        return Ok(None);
    }
    let mut is_end = false;
    with_body(page, |body| {
        let is_behind = pages_of(body).is_some_and(|(current, last)| current >= last);
        is_end = is_behind || is_last(body);
        Ok(None)
    })?;
    let is_offset = url::parameter(&page.url, "offset").is_some();
    let name = if is_offset { "offset" } else { "page" };
    let posted = place.settings.body.as_ref();
    let target = match posted {
        Some(body) => {
            let first = body.get(name).and_then(Value::as_u64).unwrap_or(1);
            let current = match at.map(Cursor::target) {
                Some(Target::Field { value, .. }) => value.parse().unwrap_or(first),
                _ => first,
            };
            Target::Field {
                name: name.to_owned(),
                value: (current + 1).to_string(),
            }
        }
        None => {
            let first = u64::from(!is_offset);
            let current = url::parameter(&page.url, name);
            let current = current.and_then(|current| current.parse().ok());
            let current = current.unwrap_or(first);
            is_end |= !is_offset && page.pages.is_some_and(|pages| current >= pages.into());
            let step = if is_offset { records as u64 } else { 1 };
            numbered(place, page, name, current + step)
        }
    };
    if is_end {
        return Ok(None);
    }
    if at.is_some_and(|at| at.body == hash(&page.body)) {
        return Err(Trouble::settings(
            "The endpoint answers with the same page whichever number is asked for. Set `next` to how its pages go on, \
             or to `none`.",
        ));
    }
    Ok(Some(target))
}
