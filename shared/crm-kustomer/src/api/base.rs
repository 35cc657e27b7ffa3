use common::ports::Ports;

/// What each organisation's host ends with; the longer first.
const SUFFIXES: [&str; 2] = [".api.kustomerapp.com", ".kustomerapp.com"];
/// Hosts of Kustomer's own, which would be asked with the business's key all the same.
const RESERVED: [&str; 3] = ["api", "app", "www"];
/// Longest label of a name (RFC 1035).
const MAX_LABEL: usize = 63;

/// The API's base URL for an organisation (kustomer.md §1): `KUSTOMER_API_BASE`, or the organisation's own host,
/// which leads to its region. `None` for what is no subdomain.
#[must_use]
pub fn base_of(ports: &Ports<'_>, subdomain: &str) -> Option<String> {
    let own = self::subdomain(subdomain).map(|sub| format!("https://{sub}.api.kustomerapp.com"));
    let base = ports.base_url("KUSTOMER_API_BASE", own.as_deref().unwrap_or_default());
    Some(base).filter(|base| !base.is_empty())
}

/// The subdomain of an organisation, given as such, as a host or as a URL; `None` for any other host, so
/// that no setting can send the key elsewhere.
#[must_use]
pub fn subdomain(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (host, is_url) = match text.split_once("://") {
        Some(("https" | "http", rest)) => (rest.split(['/', '?', '#']).next()?, true),
        Some(_) => return None,
        None => (text.trim_end_matches('/'), false),
    };
    let bare = SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix));
    let label = match bare {
        Some(label) => label,
        None if is_url => return None,
        None => host,
    };
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let valid = (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !RESERVED.contains(&label);
    valid.then(|| label.to_owned())
}
