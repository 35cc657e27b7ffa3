//! The Graph API: where it is, how a call proves itself, how it says that it failed.

use common::json::raw::{integer, object, text};
use common::ports::{OutboundRequest, Ports};

/// The Graph API, where `GRAPH_API_BASE` does not say otherwise.
pub const DEFAULT_BASE: &str = "https://graph.facebook.com";
/// The same for accounts that log in at Instagram, where `INSTAGRAM_API_BASE` does not say otherwise.
pub const INSTAGRAM_BASE: &str = "https://graph.instagram.com";
/// Its version, where `GRAPH_API_VERSION` does not say otherwise (channels.md §1.1).
pub const DEFAULT_VERSION: &str = "v26.0";
/// Longest answer that is read: Graph's are a few kilobytes.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Where the Graph API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Its base URL, without a last slash.
    pub base: String,
    /// Its version, such as `v26.0`.
    pub version: String,
}

impl Graph {
    /// The deployment's.
    #[must_use]
    pub fn of(ports: &Ports<'_>) -> Self {
        Self {
            base: ports.base_url("GRAPH_API_BASE", DEFAULT_BASE),
            version: ports.base_url("GRAPH_API_VERSION", DEFAULT_VERSION),
        }
    }

    /// That of an account whose setting `login` is this: Instagram has a host of its own for those
    /// that log in there (channels.md §4.1).
    #[must_use]
    pub fn of_login(ports: &Ports<'_>, login: Option<&str>) -> Self {
        let mut graph = Self::of(ports);
        if login == Some("instagram") {
            graph.base = ports.base_url("INSTAGRAM_API_BASE", INSTAGRAM_BASE);
        }
        graph
    }

    /// The URL of a path, which begins without a slash: `<phone number id>/messages`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base, self.version)
    }

    /// A question, with the account's token.
    #[must_use]
    pub fn get(&self, path: &str, token: &str, timeout_ms: u32) -> OutboundRequest {
        OutboundRequest {
            method: "GET",
            url: self.url(path),
            headers: vec![bearer(token)],
            body: None,
            timeout_ms,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }

    /// A command in JSON, with the account's token.
    #[must_use]
    pub fn post(&self, path: &str, token: &str, json: Vec<u8>, timeout_ms: u32) -> OutboundRequest {
        OutboundRequest {
            method: "POST",
            url: self.url(path),
            headers: vec![
                bearer(token),
                ("content-type", "application/json".to_owned()),
            ],
            body: Some(json),
            timeout_ms,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }
}

/// The header by which a call proves itself. In a header, since URLs reach logs.
#[must_use]
pub fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

/// Why a call failed, as Graph says it (channels.md §1.5). Its sentences are Meta's: for people,
/// never to branch on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GraphError {
    /// What went wrong, roughly; 0 where Graph did not say.
    pub code: i64,
    /// What exactly.
    pub subcode: Option<i64>,
    /// A sentence.
    pub message: String,
    /// A longer one.
    pub details: Option<String>,
    /// Whether the same call may succeed later.
    pub is_transient: bool,
    /// By which Meta's support finds the call.
    pub fbtrace_id: Option<String>,
}

impl GraphError {
    /// Reads the body of an answer; `None` where it is no error of Graph's.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        // Every field may be missing or of another type in some corner of Graph; none may fail the
        // rest.
        let body = object(std::str::from_utf8(body).ok()?)?;
        let error = object(body.get("error")?)?;
        let of = |name: &str| error.get(name).copied();
        let data = of("error_data").and_then(object);
        let details = data.and_then(|data| text(data.get("details")?));
        Some(Self {
            code: of("code").and_then(number).unwrap_or_default(),
            subcode: of("error_subcode").and_then(number),
            message: of("message").and_then(text).unwrap_or_default(),
            details,
            is_transient: of("is_transient").is_some_and(|value| value == "true"),
            fbtrace_id: of("fbtrace_id").and_then(text),
        })
    }

    /// Whether the account's token is dead, so that every call will fail until it is replaced.
    #[must_use]
    pub fn is_dead_token(&self) -> bool {
        self.code == 190
    }
}

/// A code, which may come as a text.
fn number(value: &str) -> Option<i64> {
    match integer(value) {
        Some(digits) => digits.parse().ok(),
        None => text(value)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_whatever_of_it_is_there() {
        let whole = br#"{"error":{"message":"(#131030) Not allowed","type":"OAuthException",
            "code":131030,"error_subcode":"2655007","is_transient":true,"fbtrace_id":"A1",
            "error_data":{"messaging_product":"whatsapp","details":"Add the number"}}}"#;
        let error = GraphError::parse(whole).unwrap();
        assert_eq!((error.code, error.subcode), (131_030, Some(2_655_007)));
        assert_eq!(error.details.as_deref(), Some("Add the number"));
        assert_eq!(error.fbtrace_id.as_deref(), Some("A1"));
        assert!(error.is_transient && !error.is_dead_token());
        let bare = GraphError::parse(br#"{"error":{"code":190,"error_data":"x","message":7}}"#);
        assert!(bare.unwrap().is_dead_token());
        for other in ["", "{}", "<html>", r#"{"error":"no"}"#] {
            assert_eq!(GraphError::parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_deployment_says_where_graph_is() {
        let variable = |name: &str| match name {
            "GRAPH_API_BASE" => Some("http://127.0.0.1:9000/".to_owned()),
            "GRAPH_API_VERSION" => Some("v25.0".to_owned()),
            _ => None,
        };
        let ports = Ports {
            variable: &variable,
            ..Ports::NOTHING
        };
        let url = Graph::of(&ports).url("1/messages");
        assert_eq!(url, "http://127.0.0.1:9000/v25.0/1/messages");
        let url = Graph::of(&Ports::NOTHING).url("1");
        assert_eq!(url, "https://graph.facebook.com/v26.0/1");
    }
}
