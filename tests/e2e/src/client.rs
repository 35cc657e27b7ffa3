use serde_json::Value;
use std::io::Read;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Request, Response};

/// An HTTP client that takes every status as an answer.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    origin: String,
    address: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body as text.
    pub text: String,
    /// The body as JSON, or null.
    pub json: Value,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    /// A header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or_default())
    }
}

impl Client {
    pub(crate) fn new(origin: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            // A connection for each request: a server may close an idle one at any time, and a request that is
            // sent at that moment is lost.
            .max_idle_connections(0)
            .build();
        Self {
            agent: config.into(),
            origin: origin.into(),
            address: next_address(),
            headers: Vec::new(),
        }
    }

    /// The same client at another address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// The same client with one more header on every request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[])
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, body.to_string().as_bytes())
    }

    /// POST of bytes that call themselves JSON.
    pub fn post_bytes(&self, path: &str, body: &[u8]) -> Answer {
        self.clone()
            .header("content-type", "application/json")
            .send("POST", path, body)
    }

    /// Any request.
    ///
    /// # Panics
    /// Where the connection breaks before there is an answer.
    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.try_send(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any request.
    ///
    /// # Errors
    /// Where the connection breaks before there is an answer.
    pub fn try_send(&self, method: &str, path: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("cf-connecting-ip", &self.address);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = if body.is_empty() && method != "POST" {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        response.map(answer)
    }
}

/// An address of those kept for benchmarks (RFC 2544): a test that uses up the limit of its own locks no other out.
fn next_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("198.18.{high}.{low}")
}

fn answer(response: Response<ureq::Body>) -> Answer {
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    body.as_reader()
        .read_to_end(&mut bytes)
        .expect("a body can be read");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Answer {
        status: parts.status.as_u16(),
        text,
        json,
        headers: parts.headers,
    }
}
