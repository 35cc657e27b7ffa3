//! How a list goes on, as its pages show it (crm-links.md §2).

use super::super::json::{find, items, part, scalar, whole};
use super::super::{Page, Place, Trouble};
use super::{Target, at_url, numbers, with_value};
use common::json::raw::{Object, integer};

/// Fields that say whether there is more, and what they are where there is none.
const MORE: [(&str, &str); 16] = [
    ("has_more", "false"),
    ("hasMore", "false"),
    ("has_next", "false"),
    ("hasNext", "false"),
    ("meta.has_more", "false"),
    ("meta.has_next", "false"),
    ("pagination.has_more", "false"),
    ("pagination.has_next", "false"),
    ("pagination.hasMore", "false"),
    ("page_info.has_next_page", "false"),
    ("pageInfo.hasNextPage", "false"),
    (
        "additional_data.pagination.more_items_in_collection",
        "false",
    ),
    ("paging.has_more", "false"),
    ("done", "true"),
    ("end_of_stream", "true"),
    ("last", "true"),
];

/// Fields with the URL of the next page.
const URLS: [&str; 25] = [
    "@odata.nextLink",
    "odata.nextLink",
    "nextRecordsUrl",
    "links.next",
    "links.next.href",
    "_links.next.href",
    "_links.next",
    "paging.next.link",
    "paging.next",
    "next_page_url",
    "next_page_uri",
    "next_page",
    "next_url",
    "nextPageUrl",
    "nextUrl",
    "nextLink",
    "nextPage",
    "next",
    "after_url",
    "meta.next_page_url",
    "meta.next",
    "pagination.next_url",
    "pagination.next",
    "pages.next",
    "meta.pagination.links.next",
];

/// Fields with what a parameter of the next page's URL is to be, and that parameter.
const TOKENS: [(&str, &str); 17] = [
    ("paging.next.after", "after"),
    ("additional_data.pagination.next_start", "start"),
    ("additional_data.next_cursor", "cursor"),
    ("next_cursor", "cursor"),
    ("nextCursor", "cursor"),
    ("meta.next_cursor", "cursor"),
    ("meta.nextCursor", "cursor"),
    ("meta.after_cursor", "page[after]"),
    ("pagination.next_cursor", "cursor"),
    ("pagination.nextCursor", "cursor"),
    ("paging.cursors.next", "cursor"),
    ("paging.next_cursor", "cursor"),
    ("response_metadata.next_cursor", "cursor"),
    ("pages.next.starting_after", "starting_after"),
    ("next_page_token", "page_token"),
    ("nextPageToken", "pageToken"),
    ("pageInfo.endCursor", "after"),
];

/// Fields with the number of the next page.
const NUMBERS: [&str; 7] = [
    "next_page",
    "nextPage",
    "next",
    "meta.next_page",
    "meta.nextPage",
    "pagination.next_page",
    "meta.pagination.next_page",
];

/// Where the next page is: by the `Link` header, else by the body, else by the number of pages in a header.
pub(super) fn found(
    place: &Place<'_>,
    page: &Page,
    body: &Object<'_>,
) -> Result<Option<Target>, Trouble> {
    if let Some(link) = &page.link {
        return at_url(page, link).map(Some);
    }
    match in_body(place, page, body)? {
        Some(target) => Ok(Some(target)),
        None => Ok(numbers::by_header(place, page)),
    }
}

/// Whether a body says that nothing is behind it.
pub(super) fn is_last(body: &Object<'_>) -> bool {
    let mut told = MORE
        .iter()
        .filter_map(|(path, no)| Some((find(body, path)?, no)));
    told.any(|(value, no)| value == *no)
}

/// Whether a text leads to a page, and is no token.
pub(super) fn is_url(value: &str, text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let is_whole = lower.starts_with("https://") || lower.starts_with("http://");
    value.starts_with('"') && (is_whole || text.starts_with(['/', '?']))
}

fn in_body(place: &Place<'_>, page: &Page, body: &Object<'_>) -> Result<Option<Target>, Trouble> {
    if is_last(body) {
        return Ok(None);
    }
    let by_relation = find(body, "links").and_then(next_of_links).into_iter();
    for value in URLS
        .iter()
        .filter_map(|path| find(body, path))
        .chain(by_relation)
    {
        let text = scalar(value).unwrap_or_default();
        if is_url(value, &text) {
            return at_url(page, &text).map(Some);
        }
    }
    let with = |name: &str, value: &str| Ok(Some(with_value(place, page, name, value)));
    for (path, name) in TOKENS {
        if let Some(token) = find(body, path).filter(|token| scalar(token).is_some()) {
            return with(name, token);
        }
    }
    // A place in the list that is no number is a token by that name.
    let offset = find(body, "offset").filter(|value| value.starts_with('"'));
    if let Some(offset) = offset.filter(|value| whole(value).is_none() && scalar(value).is_some()) {
        return with("offset", offset);
    }
    let mut next = NUMBERS.iter().filter_map(|path| find(body, path));
    if let Some(number) = next.find(|value| integer(value).is_some()) {
        return with("page", number);
    }
    if let Some(target) = numbers::by_body(place, page, body) {
        return Ok(Some(target));
    }
    let is_more = |(path, no): &(&str, &str)| *no == "false" && find(body, path) == Some("true");
    if !MORE.iter().any(is_more) {
        return Ok(None);
    }
    // The list goes on behind its last record, as cursors by object do.
    let records = items(find(body, "data").unwrap_or_default());
    let last = records.last().map(|last| part(last));
    let id = last.as_ref().and_then(|last| find(last, "id"));
    match id.filter(|id| scalar(id).is_some()) {
        Some(id) => with("starting_after", id),
        None => Err(Trouble::settings(
            "The list says that there is more, and not where. Set `next`: `page` where pages have numbers, or `cursor:` \
             and the path of what leads on.",
        )),
    }
}

/// The target of the link to the next page, in a list of links with their relations.
fn next_of_links(links: &str) -> Option<&str> {
    let links = items(links);
    let mut links = links.iter().map(|link| part(link));
    let next = links.find(|link| link.text("rel").as_deref() == Some("next"))?;
    next.get("href").copied()
}
