/// The parts of a path at which a server's own pages begin.
const PAGES: [&str; 6] = ["app", "api", "super_admin", "auth", "rails", "public"];

/// Where a server is, as people paste it: a page of it, or its API, will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Scheme, host, port and the folder, without a slash at the end.
    pub root: String,
    /// The account that the address names.
    pub account_id: Option<String>,
}

impl Base {
    /// Reads an address; https where it names no scheme. `None` for another scheme, for a user's name in
    /// it, and for what is no address.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        let address = address.trim();
        let address = address.split(['?', '#']).next()?;
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), address),
        };
        let is_http = matches!(scheme.as_str(), "https" | "http");
        let mut parts = rest.split('/').filter(|part| !part.is_empty());
        let host = parts.next()?.to_ascii_lowercase();
        let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_http || rest.starts_with('/') || host.contains(['@', '\\']) || !is_part(rest) {
            return None;
        }
        let mut root = format!("{scheme}://{host}");
        let mut rest = Vec::new();
        for part in parts {
            if !rest.is_empty() || PAGES.contains(&part) {
                rest.push(part);
            } else {
                root.push('/');
                root.push_str(part);
            }
        }
        let account = rest
            .windows(2)
            .find(|pair| pair.first() == Some(&"accounts"));
        let account = account.and_then(|pair| pair.get(1));
        let is_id = |id: &&&str| id.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self {
            root,
            account_id: account.filter(is_id).map(|id| (*id).to_owned()),
        })
    }
}
