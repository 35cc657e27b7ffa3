use crate::answer::Answer;
use crate::bound::Bound;
use crate::{Stack, run};
use common::Context;
use common::http::ledger::ROUTES;
use common::http::{Access, BodyStream, Chunk, Incoming, Request, Response};
use serve::{EventStream, answer, answer_public};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;

/// A request under construction.
pub struct Call<'s> {
    stack: &'s Stack,
    function: &'static str,
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: VecDeque<Result<Vec<u8>, String>>,
    meanwhile: Option<Box<dyn FnOnce() + 's>>,
    stalls: bool,
}

impl<'s> Call<'s> {
    pub(crate) fn new(
        stack: &'s Stack,
        function: &'static str,
        method: &str,
        target: &str,
    ) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            stack,
            function,
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: HashMap::new(),
            body: VecDeque::new(),
            meanwhile: None,
            stalls: false,
        }
    }

    /// Adds a header, its name in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Calls with an API key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("x-api-key", key)
    }

    /// Calls with a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.body(value.to_string())
    }

    /// Sends JSON, and nothing for null.
    #[must_use]
    pub fn json_unless_null(self, value: &serde_json::Value) -> Self {
        match value.is_null() {
            true => self,
            false => self.json(value),
        }
    }

    /// Sends a text as JSON.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", "application/json")
            .chunks(vec![Ok(body.into())])
    }

    /// Sends a body in these pieces; an `Err` breaks it off.
    #[must_use]
    pub fn chunks(mut self, chunks: Vec<Result<Vec<u8>, String>>) -> Self {
        self.body = chunks.into();
        self
    }

    /// The body stops behind its pieces and never ends.
    #[must_use]
    pub fn stalls(mut self) -> Self {
        self.stalls = true;
        self
    }

    /// Has something happen before the last piece of the body comes.
    #[must_use]
    pub fn meanwhile(mut self, happen: impl FnOnce() + 's) -> Self {
        self.meanwhile = Some(Box::new(happen));
        self
    }

    /// Sends it through the function's checks to its handler.
    pub fn send<H>(mut self, handler: H) -> Answer
    where
        H: AsyncFn(&Context<'_>, Request) -> common::http::Result<Response>,
    {
        let headers = &self.headers;
        let length = headers.get("content-length");
        let mut body = Pieces {
            left: std::mem::take(&mut self.body),
            length: length.and_then(|length| length.parse().ok()),
            meanwhile: self.meanwhile.take(),
            stalls: self.stalls,
        };
        let incoming = Incoming {
            method: self.method,
            path: self.path,
            query: self.query,
            header: &|name| headers.get(name).cloned(),
            body: &mut body,
        };
        let mut routes = ROUTES
            .iter()
            .filter(|route| route.function == self.function);
        let is_public =
            routes.all(|route| matches!(route.access, Access::Public | Access::Provider));
        let bound = Bound::of(self.stack, Some(self.function));
        let came = self.stack.now();
        let outcome = self
            .stack
            .with_platform(&bound, |platform| match is_public {
                true => run(answer_public(self.function, platform, incoming, handler)),
                false => run(answer(self.function, platform, incoming, handler)),
            });
        let serve::Outcome {
            mut response,
            afterwards,
            log,
        } = outcome;
        let mut events = Vec::new();
        let mut log = match response.has_events() {
            false => log,
            true => {
                bound.expect(".streams()");
                let mut stream = EventStream::of(&mut response, log);
                while let Some(bytes) = run(stream.next()) {
                    events.push(String::from_utf8(bytes).expect("events are text"));
                }
                stream.into_log(false)
            }
        };
        bound.after(afterwards);
        log.took((self.stack.now().micros() - came.micros()) / 1000);
        if let Some(call) = log.call(came) {
            self.stack.usage.borrow_mut().add(&call, self.stack.now());
        }
        Answer::new(response, log.to_json(), body.left.len()).with_events(&events)
    }
}

/// A body as it comes.
pub(crate) struct Pieces<'s> {
    pub(crate) left: VecDeque<Result<Vec<u8>, String>>,
    pub(crate) length: Option<usize>,
    pub(crate) meanwhile: Option<Box<dyn FnOnce() + 's>>,
    pub(crate) stalls: bool,
}

impl BodyStream for Pieces<'_> {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        if self.left.len() == 1
            && let Some(happen) = self.meanwhile.take()
        {
            happen();
        }
        match self.left.pop_front() {
            None if self.stalls => Box::pin(std::future::pending()),
            piece => Box::pin(std::future::ready(piece)),
        }
    }

    fn length(&self) -> Option<usize> {
        self.length
    }
}
