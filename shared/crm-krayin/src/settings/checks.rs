//! Checks of single settings.

use crate::api::{base_of, lead_value};
use common::http::Error;
use common::json::raw::{integer, part, text};
use common::json::writer::quoted;
use crm::table::rules::wrong;

/// Longest name of a time zone.
const MAX_ZONE: usize = 64;
/// Longest template of a URL.
const MAX_URL: usize = 400;

pub(super) fn id_of(json: &str) -> Option<String> {
    let bare = text(json).unwrap_or_else(|| json.to_owned());
    let digits = integer(bare.trim()).filter(|digits| digits.len() <= 18);
    let number: Option<u64> = digits?.parse().ok();
    number.filter(|number| *number > 0).map(|n| n.to_string())
}

pub(super) fn pairs(json: &str) -> Vec<(String, String)> {
    let value = |(name, value): (&str, &&str)| {
        let value = text(value).or_else(|| id_of(value))?;
        Some((name.to_owned(), value))
    };
    part(json).iter().filter_map(value).collect()
}

pub(super) fn api_url(path: &str, value: &str) -> Result<String, Error> {
    let base = text(value).and_then(|url| base_of(&url));
    let sentence = "must be a URL such as https://crm.example.com/api/admin";
    base.map(|base| quoted(&base))
        .ok_or_else(|| wrong(path, "url", sentence))
}

pub(super) fn value(path: &str, value: &str) -> Result<String, Error> {
    let written = text(value).unwrap_or_else(|| value.to_owned());
    let sentence = "must be a number that is not negative, with four places at most";
    lead_value(&written)
        .map(|value| quoted(&value))
        .ok_or_else(|| wrong(path, "value", sentence))
}

/// Whether there is such a zone, the test tells.
pub(super) fn zone(path: &str, value: &str) -> Result<String, Error> {
    let is_zone = |zone: &String| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
        (1..=MAX_ZONE).contains(&zone.len()) && zone.bytes().all(plain)
    };
    let zone = text(value).map(|zone| zone.trim().to_owned());
    zone.filter(is_zone)
        .map(|zone| quoted(&zone))
        .ok_or_else(|| {
            wrong(
                path,
                "time_zone",
                "must be a time zone such as Europe/Berlin",
            )
        })
}

pub(super) fn domain(path: &str, value: &str) -> Result<String, Error> {
    let is_domain = |domain: &String| {
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        (3..=100).contains(&domain.len())
            && domain.bytes().all(plain)
            && domain.contains('.')
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && !domain.contains("..")
    };
    let domain = text(value).map(|domain| domain.trim().to_ascii_lowercase());
    domain
        .filter(is_domain)
        .map(|domain| quoted(&domain))
        .ok_or_else(|| wrong(path, "domain", "must be a domain such as no-email.invalid"))
}

pub(super) fn url_template(path: &str, value: &str) -> Result<String, Error> {
    let is_url = |url: &String| {
        url.len() <= MAX_URL
            && url.starts_with("https://")
            && url.bytes().all(|b| b.is_ascii_graphic())
    };
    let url = text(value).map(|url| url.trim().to_owned());
    url.filter(is_url)
        .map(|url| quoted(&url))
        .ok_or_else(|| wrong(path, "url", "must be a URL that begins with https://"))
}

pub(super) fn channels(path: &str, value: &str) -> Result<String, Error> {
    map(path, value, |at, value| {
        id_of(value).ok_or_else(|| wrong(at, "id", "must be the id of a source"))
    })
}

pub(super) fn mapping(path: &str, value: &str) -> Result<String, Error> {
    map(path, value, |at, value| {
        let target = text(value).filter(|target| {
            let code = ["person.", "lead."]
                .iter()
                .find_map(|record| target.strip_prefix(record));
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            code.is_some_and(|code| !code.is_empty() && code.bytes().all(plain))
        });
        let sentence = "must be `person.code` or `lead.code`, with the code of an attribute";
        target
            .map(|target| quoted(&target))
            .ok_or_else(|| wrong(at, "attribute", sentence))
    })
}

fn map(
    path: &str,
    value: &str,
    read: impl Fn(&str, &str) -> Result<String, Error>,
) -> Result<String, Error> {
    if !value.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let mut fields = Vec::new();
    for (name, value) in part(value).iter() {
        let shown: String = name.chars().take(64).collect();
        let value = read(&[path, ".", &shown].concat(), value)?;
        fields.push([&quoted(name), ":", &value].concat());
    }
    Ok(["{", &fields.join(","), "}"].concat())
}
