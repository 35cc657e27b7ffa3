//! How a list goes on behind a page: as it is set, or as the page shows (crm-links.md §2).

mod cursor;
mod found;
mod numbers;

pub use cursor::Cursor;
pub(super) use cursor::Target;

use super::json::{checked, find, part, scalar};
use super::{Page, Place, Trouble, graphql, trouble, url};
use crate::link::{LinkType, Paging};
use common::json::raw::Object;
use std::borrow::Cow;

/// How much of a value tells it from another, in bytes.
const CONTENT_BYTES: usize = 64 * 1024;
/// How much of all values.
const MAX_CONTENT_BYTES: usize = 1024 * 1024;
/// Objects that tell of the page and are none of its records.
const BESIDE: [&str; 9] = [
    "links",
    "_links",
    "meta",
    "page",
    "paging",
    "pagination",
    "page_info",
    "additional_data",
    "extensions",
];

/// Where the page behind this one is; nothing behind the last. `at` is what the page was fetched with, and
/// `records_on_it` what was found on it.
///
/// # Errors
/// [`Class::Settings`](super::Class::Settings) for a page on another host, for one that was fetched before, and for a
/// list that says that there is more and not where.
pub fn next(
    place: &Place<'_>,
    at: Option<&Cursor>,
    page: &Page,
    records_on_it: usize,
) -> Result<Option<Cursor>, Trouble> {
    if let Some(after) = &page.after {
        let target = Target::Field {
            name: after.column.clone(),
            value: after.value.clone(),
        };
        let content = page.body.get(..CONTENT_BYTES).unwrap_or(&page.body);
        return Cursor::behind(at, page, Some(content), target).map(Some);
    }
    if place.kind != LinkType::Api {
        return Ok(None);
    }
    let next = next_of(place, at, page, records_on_it);
    next.map_err(|trouble| trouble.without(&super::auth::secrets_of(place)))
}

fn next_of(
    place: &Place<'_>,
    at: Option<&Cursor>,
    page: &Page,
    records_on_it: usize,
) -> Result<Option<Cursor>, Trouble> {
    if place.settings.next == Paging::None {
        return Ok(None);
    }
    let json = object_of(page);
    let body = json.as_deref().map(part).unwrap_or_default();
    let target = match &place.settings.next {
        Paging::None => None,
        Paging::LinkHeader => page
            .link
            .as_deref()
            .map(|link| at_url(page, link))
            .transpose()?,
        Paging::Page => numbers::counted(place, at, page, &body, records_on_it),
        Paging::Cursor(path) => by_path(place, page, &body, path)?,
        Paging::Found if place.document().is_some() => graphql::next(place, &body, None)?,
        Paging::Found => found::found(place, page, &body)?,
    };
    let target = match target {
        None => return Ok(None),
        Some(Target::Url(next)) if url::origin(&next) != url::origin(place.url) => {
            return Err(trouble::next_elsewhere(&next));
        }
        Some(Target::Url(next)) => Target::Url(super::auth::without_key(place, &next)),
        Some(field @ Target::Field { .. }) => field,
    };
    let content = (records_on_it > 0).then(|| content_of(page, &body));
    Cursor::behind(at, page, content.as_deref(), target).map(Some)
}

/// The body of a page where it is a JSON object.
fn object_of(page: &Page) -> Option<Cow<'_, str>> {
    let body = page.body.trim_ascii_start();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.starts_with(b"{").then(|| checked(body)).flatten()
}

/// What a page has beside numbers and links, or the beginning of it: by that a page is known again that came under
/// another number.
fn content_of(page: &Page, body: &Object<'_>) -> Vec<u8> {
    let is_content = |(name, value): &(&str, &&str)| {
        value.starts_with('[') || value.starts_with('{') && !BESIDE.contains(name)
    };
    let begin = |value: &[u8]| value.get(..CONTENT_BYTES).unwrap_or(value).to_vec();
    let mut content = Vec::new();
    for (_, value) in body.iter().filter(is_content) {
        content.extend(begin(value.as_bytes()));
        if content.len() > MAX_CONTENT_BYTES {
            break;
        }
    }
    match content.is_empty() {
        true => begin(&page.body),
        false => content,
    }
}

/// By the value at a path: a URL, or what a parameter of the URL or a field of the body is to be.
fn by_path(
    place: &Place<'_>,
    page: &Page,
    body: &Object<'_>,
    path: &str,
) -> Result<Option<Target>, Trouble> {
    if place.document().is_some() {
        return graphql::next(place, body, Some(path));
    }
    if found::is_last(body) {
        return Ok(None);
    }
    let Some(value) = find(body, path) else {
        return Ok(None);
    };
    let Some(text) = scalar(value) else {
        return Ok(None);
    };
    if found::is_url(value, &text) {
        return at_url(page, &text).map(Some);
    }
    let last = path.rsplit(['.', ']']).find(|step| !step.is_empty());
    let exact = last.unwrap_or(path);
    let name = match url::parameter(&page.url, exact) {
        Some(_) => exact.to_owned(),
        None => parameter_of(exact),
    };
    Ok(Some(with_value(place, page, &name, value)))
}

/// The same page with another value: of a field of the body where one is posted and the URL has no such parameter,
/// else of a parameter of the URL. The value is JSON, a text or a number.
fn with_value(place: &Place<'_>, page: &Page, name: &str, value: &str) -> Target {
    let is_posted = place.settings.body.is_some() && url::parameter(&page.url, name).is_none();
    if is_posted {
        return Target::Field {
            name: name.to_owned(),
            value: value.to_owned(),
        };
    }
    let text = scalar(value).unwrap_or_default();
    Target::Url(url::with_parameter(&page.url, name, Some(&text)))
}

/// The parameter that takes a field: `next_cursor` is for `cursor`, `nextPageToken` for `pageToken`, `after` for
/// itself.
fn parameter_of(field: &str) -> String {
    if let Some(rest) = field.strip_prefix("next_").filter(|rest| !rest.is_empty()) {
        return rest.to_owned();
    }
    let rest = field
        .strip_prefix("next")
        .or_else(|| field.strip_prefix("end"));
    match rest.and_then(|rest| rest.chars().next().map(|first| (first, rest))) {
        Some((first, rest)) if first.is_ascii_uppercase() => {
            let behind = rest.get(1..).unwrap_or_default();
            [&*first.to_ascii_lowercase().to_string(), behind].concat()
        }
        _ => field.to_owned(),
    }
}

/// The page that a URL leads to, seen from this one.
fn at_url(page: &Page, target: &str) -> Result<Target, Trouble> {
    let resolved = url::resolved(&page.url, target);
    let next = resolved.ok_or_else(|| trouble::unsafe_url(target))?;
    Ok(Target::Url(next))
}
