//! URLs that callers give us to call. Only public ones are accepted, so that nobody can make us call
//! internal addresses. Written without a URL crate, which is larger than a function; it therefore
//! accepts only what every parser reads in the same way.
//!
//! A public name may still resolve to a private address. Workers cannot look names up; from
//! Cloudflare's network such an address leads nowhere.

use super::Ports;
use super::address::{is_public_v4, is_public_v6};
use crate::http::{Error, Kind};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// The switch that allows loopback, also by plain http. Only `scripts/dev` and tests set it.
const ALLOW_INSECURE_URLS: &str = "ALLOW_INSECURE_URLS";

/// Suffixes of names that are never public: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and
/// what home and office routers give out.
const PRIVATE_SUFFIXES: [&str; 11] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "arpa",
    "onion",
];

/// A URL that may be called: https to a public name or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Checks a URL; `field` is where it stood in the request, for the error's details.
    ///
    /// # Errors
    /// 422 `unsafe_url`, which says what is wrong with it.
    pub fn parse(ports: &Ports<'_>, field: &str, url: &str) -> Result<Self, Error> {
        match fault_of(ports, url) {
            None => Ok(Self(url.to_owned())),
            Some((rule, message)) => {
                Err(Error::new(Kind::UnsafeUrl, message).with_detail(field.to_owned(), rule))
            }
        }
    }

    /// Whether a URL may be called.
    #[must_use]
    pub fn is_one(ports: &Ports<'_>, url: &str) -> bool {
        fault_of(ports, url).is_none()
    }

    /// Whether a URL leads to this machine, and the deployment allows that.
    #[must_use]
    pub fn is_loopback(ports: &Ports<'_>, url: &str) -> bool {
        Self::is_one(ports, url) && fault(url, false).is_some()
    }

    /// The URL, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

type Fault = (&'static str, &'static str);

const NOT_PUBLIC: Fault = (
    "public_host",
    "The URL must lead to a public name or address.",
);
const NO_HOST: Fault = (
    "host",
    "The URL's host must be a plain domain name or address, without a user or password.",
);

const OUR_OWN: Fault = (
    "other_host",
    "The URL leads to Tieline itself; give one of your own.",
);

fn fault_of(ports: &Ports<'_>, url: &str) -> Option<Fault> {
    let is_ours = || {
        let origin = ports.public_origin().ok();
        let ours = origin.as_deref().and_then(place_of);
        ours.is_some() && place_of(url) == ours
    };
    fault(url, ports.is_on(ALLOW_INSECURE_URLS)).or_else(|| is_ours().then_some(OUR_OWN))
}

/// Where a URL leads: its host, in lower case and without a last dot, and its port.
fn place_of(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = host_of(authority)?;
    let port = authority.get(host.len()..)?.strip_prefix(':');
    let standard = if scheme.eq_ignore_ascii_case("http") {
        80
    } else {
        443
    };
    let port = port.map_or(Some(standard), |port| port.parse().ok())?;
    Some((host.trim_end_matches('.').to_ascii_lowercase(), port))
}

fn fault(url: &str, insecure: bool) -> Option<Fault> {
    if url.len() > MAX_URL_BYTES {
        return Some((
            "at_most_2048_bytes",
            "The URL is longer than 2048 characters.",
        ));
    }
    // Parsers drop or turn round these, and then read another host than we did.
    let twisted = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if url.contains(twisted) {
        return Some((
            "no_spaces",
            "The URL has a space, a control character or a backslash.",
        ));
    }
    let https_only = (
        "https",
        "The URL must begin with https:// and name a public host.",
    );
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some(https_only);
    };
    let is_https = scheme.eq_ignore_ascii_case("https");
    let is_plain_http = scheme.eq_ignore_ascii_case("http");
    if !(is_https || insecure && is_plain_http) {
        return Some(https_only);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some(host) = host_of(authority) else {
        return Some(NO_HOST);
    };
    match class_of(host) {
        Class::Loopback if insecure => None,
        Class::Public if is_https => None,
        Class::Public => Some(https_only),
        Class::Loopback | Class::Inside => Some(NOT_PUBLIC),
        Class::Malformed => Some(NO_HOST),
    }
}

/// The host of an authority, whose port is a port.
fn host_of(authority: &str) -> Option<&str> {
    // Behind an IPv6 address's bracket, or behind the only colon.
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(end)?;
    let is_port = |port: &str| {
        let digits = port.bytes().all(|b| b.is_ascii_digit());
        digits && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    match port.strip_prefix(':') {
        Some(port) if !is_port(port) => None,
        None if !port.is_empty() => None,
        _ => Some(host),
    }
}

enum Class {
    Public,
    Loopback,
    Inside,
    Malformed,
}

fn class_of(host: &str) -> Class {
    if let Some(literal) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return match literal.parse::<Ipv6Addr>() {
            Ok(address) if address.is_loopback() => Class::Loopback,
            Ok(address) if is_public_v6(address) => Class::Public,
            Ok(_) => Class::Inside,
            Err(_) => Class::Malformed,
        };
    }
    let host = host.to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    // What ends so is an address to every browser, in whichever spelling (URL standard, "ends in a
    // number checker").
    if last.starts_with("0x") || !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        return match host.parse::<Ipv4Addr>() {
            Ok(address) if address.is_loopback() => Class::Loopback,
            Ok(address) if is_public_v4(address) => Class::Public,
            Ok(_) | Err(_) => Class::Inside,
        };
    }
    if host == "localhost" {
        return Class::Loopback;
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Class::Malformed;
    }
    let is_private = !host.contains('.') || PRIVATE_SUFFIXES.contains(&last);
    if is_private {
        Class::Inside
    } else {
        Class::Public
    }
}

fn is_label(label: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests;
