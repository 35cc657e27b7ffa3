//! Which server is called, and with which secrets.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use crate::args::Global;
use crate::failure::Failure;
use crate::secret::Secret;

const DEV_JSON: &str = ".tieline/dev.json";

/// What `scripts/dev` writes for its clients; fields that this program does not use are left out.
#[derive(Debug, Deserialize)]
struct DevJson {
    base_url: String,
    api_key: Option<Secret>,
    admin_key: Option<Secret>,
    platform_token: Option<Secret>,
}

/// The server, and the secrets at hand for it.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) base: BaseUrl,
    pub(crate) timeout: Duration,
    api_key: Option<Secret>,
    /// Present only when it describes the very server that is called, so that the keys of one
    /// server are never sent to another.
    dev: Option<DevJson>,
}

/// The kinds of secret a call can carry, each with the names by which a user gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    ApiKey,
    AdminKey,
    PlatformToken,
}

impl SecretKind {
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::ApiKey => "--api-key",
            Self::AdminKey => "--admin-key",
            Self::PlatformToken => "--platform-token",
        }
    }

    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::ApiKey => "TIELINE_API_KEY",
            Self::AdminKey => "TIELINE_ADMIN_KEY",
            Self::PlatformToken => "TIELINE_PLATFORM_TOKEN",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::ApiKey => "API key",
            Self::AdminKey => "admin key",
            Self::PlatformToken => "platform token",
        }
    }
}

impl Config {
    pub(crate) fn load(global: &Global) -> Result<Self, Failure> {
        let dev = dev_json(global.dev_json.as_deref())?;
        let given = global.base_url.as_deref().map(str::trim);
        let named = given
            .filter(|url| !url.is_empty())
            .or(dev.as_ref().map(|dev| dev.base_url.as_str()));
        let Some(named) = named else {
            return Err(Failure::usage(
                "which server? Run scripts/dev in this folder, or give --base-url or \
                 TIELINE_BASE_URL, such as https://tieline.example.com/functions/v1",
            ));
        };
        let base = BaseUrl::parse(named)?;
        let dev = dev.filter(|dev| BaseUrl::parse(&dev.base_url).is_ok_and(|own| own == base));
        Ok(Self {
            base,
            timeout: Duration::from_secs(global.timeout),
            api_key: global.api_key.clone(),
            dev,
        })
    }

    pub(crate) fn api_key(&self) -> Result<Secret, Failure> {
        self.secret(SecretKind::ApiKey, self.api_key.as_ref())
    }

    fn found<'a>(&'a self, kind: SecretKind, given: Option<&'a Secret>) -> Option<&'a Secret> {
        let local = self.dev.as_ref().and_then(|dev| match kind {
            SecretKind::ApiKey => dev.api_key.as_ref(),
            SecretKind::AdminKey => dev.admin_key.as_ref(),
            SecretKind::PlatformToken => dev.platform_token.as_ref(),
        });
        given.filter(|secret| !secret.is_empty()).or(local)
    }

    /// Whether there is such a secret.
    pub(crate) fn has(&self, kind: SecretKind, given: Option<&Secret>) -> bool {
        self.found(kind, given).is_some()
    }

    /// The secret that was given, or else the local stack's own.
    pub(crate) fn secret(
        &self,
        kind: SecretKind,
        given: Option<&Secret>,
    ) -> Result<Secret, Failure> {
        let found = self.found(kind, given);
        let (noun, option, variable) = (kind.noun(), kind.option(), kind.variable());
        let Some(secret) = found else {
            return Err(Failure::usage(format!(
                "no {noun} for {}: give {option} or set {variable}",
                self.base.as_str()
            )));
        };
        if !secret.is_sendable() {
            return Err(Failure::usage(format!(
                "the {noun} has characters that no {noun} has: check {option} or {variable} \
                 (it is not shown here)"
            )));
        }
        Ok(secret.clone())
    }
}

fn dev_json(given: Option<&Path>) -> Result<Option<DevJson>, Failure> {
    let path = given.map_or_else(|| PathBuf::from(DEV_JSON), Path::to_path_buf);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if given.is_none() && error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file("read", &path, &error)),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        // The position only: the parser's own sentence may quote a value, and all of them matter.
        Failure::usage(format!(
            "{} is not what scripts/dev writes (line {}): start scripts/dev again",
            path.display(),
            error.line()
        ))
    })
}

/// `http(s)://host[:port][/path]` without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::usage(format!(
                "the base URL {what}: give one such as https://tieline.example.com/functions/v1"
            ))
        };
        let mut url = Url::parse(text).map_err(|_| wrong("cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong("does not begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("carries a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("carries a query or fragment"));
        }
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
        }
        Ok(Self(url))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL of a path below it; every segment is escaped.
    pub(crate) fn join(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Whether it is this machine, to which no proxy leads.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(base_url: Option<&str>, dev_json: &Path) -> Global {
        Global {
            base_url: base_url.map(str::to_owned),
            api_key: None,
            dev_json: Some(dev_json.to_owned()),
            timeout: 1,
        }
    }

    fn dev_file() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{"base_url":"http://127.0.0.1:8787/functions/v1","api_key":"tl_dev","x":1}"#;
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn dev_json_gives_server_and_key() {
        let file = dev_file();
        let config = Config::load(&global(None, file.path())).unwrap();
        assert_eq!(config.base.as_str(), "http://127.0.0.1:8787/functions/v1");
        assert_eq!(config.api_key().unwrap().expose(), "tl_dev");
    }

    #[test]
    fn the_local_key_is_never_sent_to_another_server() {
        let file = dev_file();
        let config = Config::load(&global(Some("https://other.example"), file.path())).unwrap();
        let failure = config.api_key().unwrap_err();
        assert!(
            failure.message.contains("TIELINE_API_KEY"),
            "{}",
            failure.message
        );
        assert!(!failure.message.contains("tl_dev"));
    }

    #[test]
    fn a_slash_at_the_end_of_the_base_url_does_not_matter() {
        for text in ["http://h/functions/v1", "http://h/functions/v1/"] {
            let url = BaseUrl::parse(text)
                .unwrap()
                .join(&["a", "b/c"], &[("q", "1")]);
            assert_eq!(url.as_str(), "http://h/functions/v1/a/b%2Fc?q=1");
        }
        let bare = BaseUrl::parse("http://h").unwrap();
        assert_eq!(bare.as_str(), "http://h");
        assert_eq!(bare.join(&["a"], &[]).as_str(), "http://h/a");
    }

    #[test]
    fn a_base_url_that_cannot_be_one_is_refused_without_its_password() {
        for text in [
            "h/functions",
            "ftp://h",
            "https://me:pw@h/",
            "https://h/?a=1",
        ] {
            let failure = BaseUrl::parse(text).unwrap_err();
            assert!(!failure.message.contains("pw"), "{}", failure.message);
        }
    }
}
