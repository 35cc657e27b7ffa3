/// What people paste behind the root of a Krayin, the longer first: the documentation's pages, the
/// prefix that guides print and no server has, and parts of the API's own path.
const BEHIND_ROOT: [&str; 8] = [
    "/api/admin/documentation",
    "/api/documentation",
    "/admin/dashboard",
    "/admin/login",
    "/api/admin",
    "/api/v1",
    "/admin",
    "/api",
];
/// Where the API is below the root.
const PREFIX: &str = "/api/v1";
/// Longest URL that is taken, in bytes.
const MAX_BYTES: usize = 400;

/// The API's base URL, from the URL of a Krayin with or without `/api/admin` or `/api/v1`. A sub-folder
/// stays, and what ends in `/v1` behind a path of its own is taken as it is, since a proxy may have the
/// API there. `None` for what is no URL.
#[must_use]
pub fn base_of(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next()?.trim().trim_end_matches('/');
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'@' | b'\\' | b'"' | b'<' | b'>');
    let is_url = matches!(scheme.as_str(), "http" | "https")
        && !host.is_empty()
        && url.len() <= MAX_BYTES
        && rest.bytes().all(plain);
    if !is_url {
        return None;
    }
    let stripped = BEHIND_ROOT.iter().find_map(|end| path.strip_suffix(end));
    let host = host.to_ascii_lowercase();
    if stripped.is_none() && path.ends_with("/v1") {
        return Some([&scheme, "://", &host, path].concat());
    }
    let root = stripped.unwrap_or(path).trim_end_matches('/');
    Some([&scheme, "://", &host, root, PREFIX].concat())
}
