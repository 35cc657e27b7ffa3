//! Pages that have numbers, or begin at a place in the list.

use super::super::json::{find, whole};
use super::super::{Page, Place, url};
use super::found::is_last;
use super::{Cursor, Target, with_value};
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
    body: &Object<'_>,
    records: usize,
) -> Option<Target> {
    let is_behind = pages_of(body).is_some_and(|(current, last)| current >= last);
    if records == 0 || is_behind || is_last(body) {
        return None;
    }
    let is_offset = url::parameter(&page.url, "offset").is_some();
    let name = if is_offset { "offset" } else { "page" };
    let step = if is_offset { records as u64 } else { 1 };
    if let Some(posted) = place.settings.body.as_ref().filter(|_| !is_offset) {
        let first = posted.get(name).and_then(Value::as_u64).unwrap_or(1);
        let current = match at.map(Cursor::target) {
            Some(Target::Field { value, .. }) => value.parse().unwrap_or(first),
            _ => first,
        };
        return Some(Target::Field {
            name: name.to_owned(),
            value: (current + step).to_string(),
        });
    }
    let current = url::parameter(&page.url, name).and_then(|current| current.parse().ok());
    let current: u64 = current.unwrap_or(u64::from(!is_offset));
    let pages = page.pages.filter(|_| !is_offset);
    let is_counted_out = pages.is_some_and(|pages| current >= u64::from(pages));
    (!is_counted_out).then(|| numbered(place, page, name, current.saturating_add(step)))
}
