//! URLs, as far as paging needs them: their origin, their query, and what a relative one leads to. Whether one may
//! be called is for the gate ([`PublicUrl`](common::ports::PublicUrl)), which reads them in the same way.

use common::form;

/// Scheme, host and port of a URL, in lower case; `None` for what has none, or a user in it.
pub(super) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let standard = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let host = authority.strip_suffix(standard).unwrap_or(&authority);
    let is_plain = !host.is_empty() && !host.contains(['@', '\\']);
    is_plain.then(|| [&*scheme, "://", host].concat())
}

/// The host of a URL, in lower case and without its port.
pub(super) fn host(url: &str) -> String {
    let origin = origin(url).unwrap_or_default();
    let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
    let end = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    authority.get(..end).unwrap_or_default().to_owned()
}

/// The path of a URL, without its query.
pub(super) fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or_default()
}

/// What a target leads to from the page at `base`; `None` for what is no URL of HTTP.
pub(super) fn resolved(base: &str, target: &str) -> Option<String> {
    let target = target.trim().replace(' ', "%20");
    let target = target.split('#').next().unwrap_or_default();
    let first = target.bytes().find(|b| b":/?".contains(b));
    let begins_with_scheme = first == Some(b':');
    if begins_with_scheme {
        return origin(target).map(|_| target.to_owned());
    }
    let (scheme, rest) = base.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at_checked(end)?;
    let path = behind.split(['?', '#']).next().unwrap_or_default();
    if let Some(other) = target.strip_prefix("//") {
        return Some([scheme, "://", other].concat());
    }
    let place = [scheme, "://", authority].concat();
    Some(match target.chars().next()? {
        '/' => [&*place, target].concat(),
        '?' => [&*place, path, target].concat(),
        _ => {
            let folder = path.rfind('/').and_then(|at| path.get(..=at));
            [&*place, folder.unwrap_or("/"), target].concat()
        }
    })
}

/// The value of a query parameter.
pub(super) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    let found = form::pairs(query)
        .into_iter()
        .find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

/// The URL with a query parameter in place of those of its name; without them where there is no value. The others
/// stay as they are written.
pub(super) fn with_parameter(url: &str, name: &str, value: Option<&str>) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let is_other = |pair: &&str| {
        let is_it = form::pairs(pair)
            .first()
            .is_some_and(|(known, _)| known == name);
        !pair.is_empty() && !is_it
    };
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(is_other)
        .map(str::to_owned)
        .collect();
    if let Some(value) = value {
        let mut pair = String::new();
        form::escape(name, b"-._~", "%20", &mut pair);
        pair.push('=');
        form::escape(value, b"-._~", "%20", &mut pair);
        pairs.push(pair);
    }
    match pairs.is_empty() {
        true => before.to_owned(),
        false => [before, "?", &pairs.join("&")].concat(),
    }
}

/// The target of the first link of a `Link` header (RFC 8288 §3) whose relations have `next`.
pub(super) fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (_, behind) = rest.split_once('<')?;
        let (target, behind) = behind.split_once('>')?;
        let end = unquoted(behind, b',').unwrap_or(behind.len());
        let (parameters, after) = behind.split_at_checked(end)?;
        if unquoted_parts(parameters, b';').any(is_next) {
            return Some(target.trim().to_owned());
        }
        rest = after;
    }
}

/// The parts of a text between a separator, wherever it is not within quotes.
fn unquoted_parts(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = unquoted(text, separator).unwrap_or(text.len());
        rest = text.get(end + 1..);
        text.get(..end)
    })
}

/// Where a separator is first that is not within quotes.
fn unquoted(text: &str, separator: u8) -> Option<usize> {
    let mut is_quoted = false;
    text.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == separator && !is_quoted
    })
}

/// Whether a parameter is `rel` with `next` among its relations.
fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel")
        && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
}
