use channels_meta::graph::Graph;
use common::ports::{Ports, PublicUrl};

/// The parts of an absolute URL that decide which server it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    /// The whole.
    pub(crate) url: String,
    /// `https://host[:port]`, in lower case.
    origin: String,
    host: String,
    is_https: bool,
}

/// Hosts at which Meta keeps media, and those below them (channels.md §2.9).
const META_HOSTS: [&str; 4] = ["fbsbx.com", "fbcdn.net", "facebook.com", "cdninstagram.com"];

impl Remote {
    /// Parses a URL; `None` if it is invalid, has user information, or obscures its host.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        if !url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end)?.to_ascii_lowercase();
        // An address of IPv6 has colons of its own.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (authority.as_str(), ""),
        };
        let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._[:]".contains(&b);
        let valid = !host.is_empty()
            && host.bytes().all(is_host)
            && port.len() <= 5
            && port.bytes().all(|b| b.is_ascii_digit());
        let scheme = if is_https { "https" } else { "http" };
        valid.then(|| Self {
            url: url.to_owned(),
            origin: format!("{scheme}://{authority}"),
            host: host.to_owned(),
            is_https,
        })
    }

    /// Where a redirect leads from here; `None` where that is nowhere.
    pub(crate) fn redirected(&self, location: &str) -> Option<Self> {
        let scheme = if self.is_https { "https:" } else { "http:" };
        if location.starts_with("//") {
            Self::parse(&format!("{scheme}{location}"))
        } else if location.starts_with('/') {
            Self::parse(&format!("{}{location}", self.origin))
        } else {
            Self::parse(location)
        }
    }

    /// Whether it may be asked at all: the provider's own server, or a public one.
    pub(crate) fn may_fetch(&self, ports: &Ports<'_>, base: &str) -> bool {
        self.is_of(base) || PublicUrl::is_one(ports, &self.url)
    }

    /// Whether it may see the token of an account at Meta.
    pub(crate) fn may_see_token(&self, ports: &Ports<'_>, graph: &Graph) -> bool {
        self.is_of(&graph.base)
            || PublicUrl::is_loopback(ports, &self.url)
            || (self.is_https && META_HOSTS.iter().any(|name| self.is_below(name)))
    }

    /// Whether it is the server of this base URL.
    pub(crate) fn is_of(&self, base: &str) -> bool {
        Self::parse(base).is_some_and(|base| base.origin == self.origin)
    }

    fn is_below(&self, name: &str) -> bool {
        let before = self.host.strip_suffix(name);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        Graph {
            base: "https://graph.facebook.com".into(),
            version: "v26.0".into(),
        }
    }

    /// Whether it may be asked, and whether it may see the token.
    fn trust(url: &str, allow_insecure: bool) -> (bool, bool) {
        let Some(remote) = Remote::parse(url) else {
            return (false, false);
        };
        let ports = Ports {
            variable: &|_| allow_insecure.then(|| "1".to_owned()),
            ..Ports::NOTHING
        };
        let allowed = remote.may_fetch(&ports, &graph().base);
        (allowed, remote.may_see_token(&ports, &graph()))
    }

    #[test]
    fn the_token_is_for_meta_alone() {
        for url in [
            "https://graph.facebook.com/x",
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://LOOKASIDE.FBSBX.COM/",
            "https://scontent.xx.fbcdn.net/v/1",
            "https://www.facebook.com:443/x",
        ] {
            assert_eq!(trust(url, false), (true, true), "{url}");
        }
        for url in [
            "https://evil.example/x",
            "https://lookaside.fbsbx.com.evil.example/",
            "https://notfbsbx.com/",
            "https://evil.example?lookaside.fbsbx.com/",
            "https://evil.example#.fbsbx.com",
        ] {
            assert_eq!(trust(url, false), (true, false), "{url}");
        }
    }

    #[test]
    fn nothing_inside_is_asked() {
        for url in [
            "http://lookaside.fbsbx.com/",
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://localhost/",
            "https://localhost./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://user@evil.example/",
            "https://lookaside.fbsbx.com@evil.example/",
            "https://evil.example\\@lookaside.fbsbx.com/",
            "https:///x",
            "ftp://lookaside.fbsbx.com/",
            "file:///etc/passwd",
            "lookaside.fbsbx.com/x",
            "",
        ] {
            assert_eq!(trust(url, false), (false, false), "{url}");
        }
    }

    #[test]
    fn loopback_counts_where_the_deployment_says_so() {
        for url in [
            "http://127.0.0.1:8999/x",
            "http://localhost:1/",
            "http://[::1]:8/",
        ] {
            assert_eq!(trust(url, true), (true, true), "{url}");
            assert_eq!(trust(url, false), (false, false), "{url}");
        }
        assert_eq!(trust("http://10.0.0.1/", true), (false, false));
    }

    #[test]
    fn a_redirect_is_followed_from_where_it_stands() {
        let from = Remote::parse("https://a.example:8443/b/c?d").unwrap();
        let to = |location: &str| from.redirected(location).map(|remote| remote.url);
        assert_eq!(to("/x?y").as_deref(), Some("https://a.example:8443/x?y"));
        assert_eq!(to("//b.example/x").as_deref(), Some("https://b.example/x"));
        assert_eq!(
            to("https://b.example").as_deref(),
            Some("https://b.example")
        );
        assert_eq!(to("x"), None);
        assert_eq!(to("javascript:alert(1)"), None);
    }
}
