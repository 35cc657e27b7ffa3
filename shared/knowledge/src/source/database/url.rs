//! Where a database is.

use super::super::url as http;
use common::form;
use common::http::Error;
use common::ports::{Ports, PublicUrl};

/// The port of PostgreSQL.
const PORT: u16 = 5432;
/// The longest URL, in bytes: as long as others.
const MAX_URL_BYTES: usize = 2048;
/// Where D1 is.
const CLOUDFLARE: &str = "api.cloudflare.com";
/// Ways of TLS that ask for no less than ours, which checks the certificate in any case.
const TLS_MODES: [&str; 3] = ["require", "verify-ca", "verify-full"];
/// What URLs of providers have for other clients, and means nothing here.
const FOR_OTHERS: [&str; 5] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "pgbouncer",
    "target_session_attrs",
];

/// A PostgreSQL: `postgres://user@host:5432/database?sslmode=require`. The password is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// The host, an IPv6 address within brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role.
    pub user: String,
    /// The database.
    pub database: String,
    /// What the server is told when a session begins, as `options` has it.
    pub options: Option<String>,
    /// Without TLS: on this machine alone.
    pub is_plain: bool,
}

impl PostgresUrl {
    /// Whether a URL is meant to be one.
    #[must_use]
    pub fn is_one(url: &str) -> bool {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        scheme.is_some_and(|scheme| {
            ["postgres", "postgresql"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known))
        })
    }

    /// Reads a URL of a database that may be connected to: one of a public name or address.
    ///
    /// # Errors
    /// 422 that says what is wrong with it and repeats none of it.
    pub fn parse(ports: &Ports<'_>, url: &str) -> Result<Self, Error> {
        let refused =
            |rule: &'static str, message: &'static str| Err(Error::invalid("url", rule, message));
        if url.len() > MAX_URL_BYTES {
            return refused(
                "at_most_2048_bytes",
                "The URL is longer than 2048 characters.",
            );
        }
        let Some((_, rest)) = url.split_once("://").filter(|_| Self::is_one(url)) else {
            return refused(
                "postgres",
                "The URL of a PostgreSQL begins with postgres://.",
            );
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        if user.contains(':') {
            return refused(
                "no_password",
                "The URL has a password. Leave it out, and put it into `api_key`, which is stored encrypted.",
            );
        }
        let user = decoded(user);
        let database = match database {
            "" => user.clone(),
            name => decoded(name),
        };
        let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_control);
        if !is_name(&user) || !is_name(&database) {
            return refused(
                "user_and_database",
                "The URL has to name the user and the database: postgres://user@host:5432/database.",
            );
        }
        let (options, is_plain) = options(query)?;
        // The gate would read the host up to there, and who connects would not.
        if url.contains('#') {
            return refused("host", "The URL has a `#`. Within a name, write it as %23.");
        }
        let gate = ["https://", place, "/"].concat();
        PublicUrl::parse(ports, "url", &gate)?;
        if is_plain && !PublicUrl::is_loopback(ports, &gate) {
            return refused(
                "tls",
                "Databases are read by TLS alone: set `sslmode` to `require`, or leave it out.",
            );
        }
        let end = place.find(']').map_or(0, |at| at + 1);
        let port = place.get(end..).and_then(|rest| rest.split_once(':'));
        let host = match &port {
            Some((before, _)) => place.get(..end + before.len()).unwrap_or(place),
            None => place,
        };
        Ok(Self {
            host: host.to_owned(),
            port: port.and_then(|(_, port)| port.parse().ok()).unwrap_or(PORT),
            user,
            database,
            options,
            is_plain,
        })
    }
}

/// What behind the `?` is for us: the options of the session, and whether there is to be no TLS.
fn options(query: &str) -> Result<(Option<String>, bool), Error> {
    let (mut options, mut is_plain) = (None, false);
    for (name, value) in form::pairs(query) {
        match (&*name, &*value) {
            ("sslmode", "disable") => is_plain = true,
            ("sslmode", mode) if TLS_MODES.contains(&mode) => {}
            ("sslmode", _) => {
                let message = "`sslmode` is `require`, `verify-ca` or `verify-full`; all of them check the certificate.";
                return Err(Error::invalid("url", "tls", message));
            }
            ("options", value) if !value.contains(char::is_control) => {
                options = Some(value.to_owned());
            }
            (name, _) if FOR_OTHERS.contains(&name) => {}
            ("password", _) => {
                let message = "The URL has a password. Leave it out, and put it into `api_key`, which is stored encrypted.";
                return Err(Error::invalid("url", "no_password", message));
            }
            _ => {
                let message =
                    "The URL has a parameter that is not known. There are `sslmode` and `options`.";
                return Err(Error::invalid("url", "known_parameters", message));
            }
        }
    }
    Ok((options, is_plain))
}

/// `%XX`, decoded. A plus is a plus here.
fn decoded(text: &str) -> String {
    let pairs = form::pairs(
        &text
            .replace('+', "%2B")
            .replace('=', "%3D")
            .replace('&', "%26"),
    );
    pairs
        .into_iter()
        .next()
        .map_or(String::new(), |(name, _)| name)
}

/// Checks where a link of type `database` leads: to a PostgreSQL, or to a D1 database.
///
/// # Errors
/// 422 for anything else, and for what is not public.
pub fn check_url(ports: &Ports<'_>, url: &str) -> Result<(), Error> {
    if PostgresUrl::is_one(url) {
        return PostgresUrl::parse(ports, url).map(|_| ());
    }
    let is_d1 = d1_endpoint(url).is_some()
        && (http::host(url) == CLOUDFLARE || PublicUrl::is_loopback(ports, url));
    if !is_d1 {
        let message = "A `database` is at postgres://user@host:5432/database, or at \
                       https://api.cloudflare.com/client/v4/accounts/<account>/d1/database/<id>.";
        return Err(Error::invalid("url", "database", message));
    }
    PublicUrl::parse(ports, "url", url).map(|_| ())
}

/// Where a D1 database takes statements.
pub(super) fn d1_endpoint(url: &str) -> Option<String> {
    let bare = url.strip_suffix("/query").unwrap_or(url);
    let (_, place) = bare.split_once("/client/v4/accounts/")?;
    let (account, id) = place.split_once("/d1/database/")?;
    let is_id = |id: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=64).contains(&id.len()) && id.bytes().all(plain)
    };
    (is_id(account) && is_id(id)).then(|| [bare, "/query"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, insecure: bool) -> Result<PostgresUrl, String> {
        let allow =
            |name: &str| (insecure && name == "ALLOW_INSECURE_URLS").then(|| "1".to_owned());
        let ports = Ports {
            variable: &allow,
            ..Ports::NOTHING
        };
        PostgresUrl::parse(&ports, url).map_err(|error| {
            assert_eq!(error.status(), 422, "{url}");
            format!("{} {error:?}", error.message())
        })
    }

    #[test]
    fn the_parts_of_a_url_are_read() {
        let there = PostgresUrl {
            host: "db.example.com".into(),
            port: 6543,
            user: "a reader".into(),
            database: "crm+1".into(),
            options: Some("endpoint=ep-1".into()),
            is_plain: false,
        };
        let url = "postgres://a%20reader@db.example.com:6543/crm+1?sslmode=verify-full&options=endpoint%3Dep-1\
                   &channel_binding=require";
        assert_eq!(read(url, false), Ok(there));
        let short = read("PostgreSQL://reader@db.example.com", false).unwrap();
        assert_eq!((short.port, &*short.database), (5432, "reader"));
        let six = read("postgres://reader@[2606:4700::1111]:6000/crm", false).unwrap();
        assert_eq!((&*six.host, six.port), ("[2606:4700::1111]", 6000));
        let six = read("postgres://reader@[2606:4700::1111]/crm", false).unwrap();
        assert_eq!((&*six.host, six.port), ("[2606:4700::1111]", 5432));
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        for url in [
            "postgres://reader:hunter22@db.example.com/crm",
            "postgres://reader@db.example.com/crm?password=hunter22",
        ] {
            let refused = read(url, false).unwrap_err();
            assert!(
                refused.contains("api_key") && !refused.contains("hunter22"),
                "{refused}"
            );
        }
    }

    #[test]
    fn what_leads_inside_or_has_no_tls_or_is_misread_is_refused() {
        for url in [
            "postgres://reader@localhost/crm",
            "postgres://reader@127.0.0.1:5432/crm",
            "postgres://reader@10.0.0.1/crm",
            "postgres://reader@[fd00::1]/crm",
            "postgres://reader@db.internal/crm",
            "postgres://reader@db/crm",
            "postgres://reader@a.example.com,b.example.com/crm",
            "postgres://reader@db.example.com:0/crm",
            "postgres://reader@db.example.com:5432x/crm",
            "postgres://reader@%2Fvar%2Frun/crm",
            "postgres://db.example.com/crm",
            "postgres://@db.example.com/crm",
            "postgres://rea%00der@db.example.com/crm",
            "postgres://a@b@127.0.0.1/crm",
            "postgres:///crm?host=127.0.0.1",
            "postgres://reader@db.example.com/crm?host=127.0.0.1",
            "postgres://reader@db.example.com/crm?sslmode=disable",
            "postgres://reader@db.example.com/crm?sslmode=prefer",
            "postgres://reader@db.example.com#x/crm",
            "postgres://reader@db.example.com#.internal:5432/crm",
            "postgres://reader@db.example.com\\@10.0.0.1/crm",
            "mysql://reader@db.example.com/crm",
        ] {
            assert!(read(url, false).is_err(), "{url}");
        }
        let dev = "postgres://reader@localhost:5432/crm?sslmode=disable";
        assert!(read(dev, true).unwrap().is_plain);
        assert!(read("postgres://reader@db.example.com/crm?sslmode=disable", true).is_err());
        assert!(read("postgres://reader@10.0.0.1/crm", true).is_err());
    }

    #[test]
    fn a_d1_database_is_at_cloudflare() {
        let check = |url: &str| check_url(&Ports::NOTHING, url).is_ok();
        let place = "https://api.cloudflare.com/client/v4/accounts/0a1b/d1/database/3c-4d";
        assert!(check(place) && check(&format!("{place}/query")));
        assert_eq!(d1_endpoint(place), Some(format!("{place}/query")));
        for url in [
            "https://api.cloudflare.com/client/v4/accounts/0a1b/d1/database/",
            "https://api.cloudflare.com/client/v4/accounts/0a1b/d1/database/3c/../x",
            "https://api.cloudflare.com/client/v4/accounts/0a1b/d1/database/3c?x",
            "https://api.cloudflare.com/client/v4/zones/0a1b",
            "https://evil.example/client/v4/accounts/0a1b/d1/database/3c-4d",
            "http://127.0.0.1/client/v4/accounts/0a1b/d1/database/3c-4d",
            "https://crm.example.com/customers",
        ] {
            assert!(!check(url), "{url}");
        }
    }
}
