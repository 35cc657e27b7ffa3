mod records;

use super::bodies::{Search, array};
use common::form::{encoded, escape};
use common::json::writer::{JsonWriter, quoted};
use common::ports::OutboundRequest;

/// By which Kustomer and we know what we wrote: the `app` of our messages.
pub const APP: &str = "tieline";
/// How long Kustomer may take.
pub const TIMEOUT_MS: u32 = 15_000;
/// Largest answer that is read: a page of a hundred messages with their texts.
pub(super) const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How many records a page has.
const PAGE: &str = "100";
/// The same of lists that are read whole.
const LONG_PAGE: &str = "500";

/// An organisation's API.
#[derive(Clone)]
pub struct Api {
    /// The base URL, without a last slash.
    pub base: String,
    authorization: String,
}

impl Api {
    /// By a base of `base_of` and a key.
    #[must_use]
    pub fn new(base: String, key: &str) -> Self {
        let authorization = format!("Bearer {key}");
        let base = base.trim_end_matches('/').to_owned();
        Self {
            base,
            authorization,
        }
    }

    /// Whom the key is of, and its roles.
    #[must_use]
    pub fn token_current(&self) -> OutboundRequest {
        self.get("/v1/auth/tokens/current")
    }

    /// Who we are there, and of which organisation.
    #[must_use]
    pub fn user_current(&self) -> OutboundRequest {
        self.get("/v1/users/current")
    }

    /// The teams, those that were deleted among them.
    #[must_use]
    pub fn teams(&self) -> OutboundRequest {
        self.get(&query("/v1/teams", &[("pageSize", LONG_PAGE)]))
    }

    /// The people, or the one that has an address.
    #[must_use]
    pub fn users(&self, email: Option<&str>) -> OutboundRequest {
        let mut pairs = vec![("pageSize", LONG_PAGE)];
        pairs.extend(email.map(|email| ("email", email)));
        self.get(&query("/v1/users", &pairs))
    }

    /// The tags, by which the ids on records get their names.
    #[must_use]
    pub fn tags(&self) -> OutboundRequest {
        self.page("/v1/tags", 1)
    }

    /// Searches; of its 100 pages the last is `MAX_PAGES`.
    #[must_use]
    pub fn search(&self, search: &Search, page: u32) -> OutboundRequest {
        let page = page.to_string();
        let path = query(
            "/v1/customers/search",
            &[("page", &page), ("pageSize", PAGE)],
        );
        self.send("POST", &path, search.body())
    }

    /// Has Kustomer call us. `headers` go along with each call.
    #[must_use]
    pub fn webhook_create(
        &self,
        name: &str,
        url: &str,
        events: &[&str],
        headers: &[(&str, &str)],
    ) -> OutboundRequest {
        let events: Vec<_> = events.iter().map(|event| quoted(event)).collect();
        let header = |(name, value): &(&str, &str)| {
            JsonWriter::default()
                .text("name", name)
                .text("value", value)
                .finish()
        };
        let headers: Vec<_> = headers.iter().map(header).collect();
        let mut body = JsonWriter::default()
            .text("name", name)
            .text("url", url)
            .json("events", &array(&events));
        if !headers.is_empty() {
            body = body.json("headers", &array(&headers));
        }
        self.send("POST", "/v1/outbound-webhooks", body.finish())
    }

    /// The webhooks of the organisation, other people's among them.
    #[must_use]
    pub fn webhooks(&self) -> OutboundRequest {
        // Five is the most there are; pages are not documented.
        self.get("/v1/outbound-webhooks")
    }

    /// A webhook, with its token.
    #[must_use]
    pub fn webhook(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/outbound-webhooks/", id))
    }

    /// Ends a webhook; see `gone`.
    #[must_use]
    pub fn webhook_delete(&self, id: &str) -> OutboundRequest {
        let mut request = self.webhook(id);
        request.method = "DELETE";
        request
    }

    /// The next page of a list: `Page::next`.
    #[must_use]
    pub fn next(&self, path: &str) -> OutboundRequest {
        // Else it could go on with the host's name.
        let slash = if path.starts_with('/') { "" } else { "/" };
        self.get(&[slash, path].concat())
    }

    fn page(&self, path: &str, page: u32) -> OutboundRequest {
        let page = page.to_string();
        self.get(&query(path, &[("page", &page), ("pageSize", PAGE)]))
    }

    fn get(&self, path: &str) -> OutboundRequest {
        OutboundRequest {
            method: "GET",
            url: format!("{}{path}", self.base),
            headers: vec![
                ("authorization", self.authorization.clone()),
                ("accept", "application/json".to_owned()),
                ("user-agent", APP.to_owned()),
            ],
            body: None,
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }

    fn send(&self, method: &'static str, path: &str, body: String) -> OutboundRequest {
        self.get(path).with_json(method, body)
    }
}

/// A request as it may be logged and shown: `GET /v1/customers/email=…`, without what names a person.
#[must_use]
pub fn shown(request: &OutboundRequest) -> String {
    let behind = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = behind
        .find('/')
        .and_then(|at| behind.get(at..))
        .unwrap_or("/");
    let path = path.split('?').next().unwrap_or_default();
    let path = match path.split_once('=') {
        Some((before, _)) => format!("{before}=…"),
        None => path.to_owned(),
    };
    format!("{} {path}", request.method)
}

/// A path that ends in a value, in which no character has a meaning of its own.
fn of(path: &str, value: &str) -> String {
    let mut path = path.to_owned();
    let is_alone = path.ends_with('/');
    match value {
        "" => path.push_str("%00"),
        // Alone in their place they would lead elsewhere, also where they are escaped once.
        "." if is_alone => path.push_str("%252E"),
        ".." if is_alone => path.push_str("%252E%252E"),
        value => escape(value, b"-_.~", "%20", &mut path),
    }
    path
}

fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", encoded(pairs.iter().copied()))
}
