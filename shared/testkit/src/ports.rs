use crate::sockets::Peer;
use crate::{PLATFORM_TOKEN, Stack};
use common::http::{BodyStream, Chunk, Error};
use common::ports::{
    AiError, Async, Blobs, FetchError, Http, OpenedResponse, OutboundRequest, OutboundResponse,
    Queue, Streams, Wake,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

type Outcome = Result<OutboundResponse, FetchError>;
type Meanwhile = Box<dyn Fn(&Stack)>;
type Listener = Box<dyn Fn() -> Box<dyn Peer>>;
type Models = Box<dyn Fn(&str, &str) -> Result<String, AiError>>;
type Rule = Box<dyn Fn(&OutboundRequest) -> Option<Outcome>>;

/// Other servers, KV and queues, as a test scripts and inspects them.
#[derive(Default)]
pub struct Fake {
    /// What the next requests get, in order; then [`Fake::respond`] is asked.
    pub answers: RefCell<VecDeque<Outcome>>,
    /// Into how many bytes the bodies of answers are cut that are read while they come; 0 for one piece. Bodies break off
    /// where [`OutboundResponse::is_cut`] says so.
    pub piece_bytes: Cell<usize>,
    /// How many pieces of these bodies were read.
    pub pieces_read: Rc<Cell<usize>>,
    /// How many of these bodies were let go before their end.
    pub hung_up: Rc<Cell<usize>>,
    /// What was requested.
    pub requests: RefCell<Vec<OutboundRequest>>,
    /// What is stored.
    pub blobs: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Which keys were asked for, in order.
    blob_reads: RefCell<Vec<String>>,
    /// Whether KV fails.
    pub blobs_are_down: Cell<bool>,
    /// Whether other functions fail.
    pub services_are_down: Cell<bool>,
    /// The log lines of other functions that were called.
    pub call_logs: RefCell<Vec<serde_json::Value>>,
    /// What happens while something waits, one for each wait.
    pub(crate) meanwhile: RefCell<VecDeque<Meanwhile>>,
    variables: RefCell<BTreeMap<String, String>>,
    wakes: RefCell<Vec<Wake>>,
    rule: RefCell<Option<Rule>>,
    /// The platform's models, where the deployment binds them.
    pub(crate) models: RefCell<Option<Models>>,
    /// Who answers connections, by `host:port`.
    pub(crate) listeners: RefCell<BTreeMap<String, Listener>>,
}

/// An answer of another server, in JSON.
pub fn answer(status: u16, body: &serde_json::Value) -> Outcome {
    Ok(OutboundResponse {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        is_cut: false,
    })
}

/// Nobody listens there.
pub fn refused() -> Outcome {
    Err(FetchError::NotSent("connection refused".into()))
}

/// The request left, and no answer came.
pub fn timed_out() -> Outcome {
    Err(FetchError::Unsure("the operation timed out".into()))
}

impl Fake {
    /// Scripts the next answer.
    pub fn will(&self, outcome: Outcome) {
        self.answers.borrow_mut().push_back(outcome);
    }

    /// Answers whatever is not scripted.
    pub fn respond(&self, rule: impl Fn(&OutboundRequest) -> Option<Outcome> + 'static) {
        *self.rule.borrow_mut() = Some(Box::new(rule));
    }

    /// Binds models of the platform: what one answers to its input, both in JSON.
    pub fn bind_models(&self, run: impl Fn(&str, &str) -> Result<String, AiError> + 'static) {
        *self.models.borrow_mut() = Some(Box::new(run));
    }

    /// Has somebody answer connections to `host:port`, a new one each.
    pub fn listen(&self, address: &str, answers: impl Fn() -> Box<dyn Peer> + 'static) {
        let mut listeners = self.listeners.borrow_mut();
        listeners.insert(address.to_owned(), Box::new(answers));
    }

    /// Has something happen during the next wait that has nothing else scripted.
    pub fn meanwhile(&self, happen: impl Fn(&Stack) + 'static) {
        self.meanwhile.borrow_mut().push_back(Box::new(happen));
    }

    /// Sets a variable of the deployment.
    pub fn set(&self, name: &str, value: &str) {
        self.variables
            .borrow_mut()
            .insert(name.into(), value.into());
    }

    /// The requests made since this was asked last.
    pub fn take_requests(&self) -> Vec<OutboundRequest> {
        std::mem::take(&mut self.requests.borrow_mut())
    }

    /// The messages sent to a queue since this was asked last, with their delays.
    pub fn take_wakes(&self, queue: Queue) -> Vec<(String, u32)> {
        let mut wakes = self.wakes.borrow_mut();
        let taken = wakes.extract_if(.., |wake| wake.queue == queue);
        taken
            .map(|wake| (wake.message, wake.delay_seconds))
            .collect()
    }

    /// The ends of the keys that were asked for since this was asked last, from their last slash on.
    pub fn take_blob_reads(&self) -> Vec<String> {
        let reads = std::mem::take(&mut *self.blob_reads.borrow_mut());
        let end = |key: &String| key.rsplit('/').next().unwrap_or_default().to_owned();
        reads.iter().map(end).collect()
    }

    pub(crate) fn woken(&self, wakes: Vec<Wake>) {
        self.wakes.borrow_mut().extend(wakes);
    }

    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let set = self.variables.borrow().get(name).cloned();
        set.or_else(|| match name {
            "PLATFORM_TOKEN" => Some(PLATFORM_TOKEN.into()),
            // 32 bytes 0x01.
            "MASTER_KEY" => Some("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".into()),
            "PUBLIC_ORIGIN" => Some("https://tieline.example".into()),
            _ => None,
        })
    }
}

impl Http for Fake {
    fn fetch(&self, request: OutboundRequest) -> Async<'_, Outcome> {
        let scripted = self.answers.borrow_mut().pop_front();
        let by_rule = || self.rule.borrow().as_ref().and_then(|rule| rule(&request));
        let outcome = scripted.or_else(by_rule).unwrap_or_else(refused);
        self.requests.borrow_mut().push(request);
        Box::pin(ready(outcome))
    }
}

impl Streams for Fake {
    fn open(&self, request: OutboundRequest) -> Async<'_, Result<OpenedResponse, FetchError>> {
        Box::pin(async move {
            let answer = self.fetch(request).await?;
            let size = match self.piece_bytes.get() {
                0 => answer.body.len().max(1),
                size => size,
            };
            let pieces = answer.body.chunks(size).map(|piece| Ok(piece.to_vec()));
            let mut left: VecDeque<_> = pieces.collect();
            if answer.is_cut {
                left.push_back(Err("the operation was aborted".to_owned()));
            }
            let body = Body {
                left,
                read: Rc::clone(&self.pieces_read),
                hung_up: Rc::clone(&self.hung_up),
            };
            Ok(OpenedResponse {
                status: answer.status,
                headers: answer.headers,
                body: Box::new(body),
            })
        })
    }
}

/// A body as it comes.
struct Body {
    left: VecDeque<Result<Vec<u8>, String>>,
    read: Rc<Cell<usize>>,
    hung_up: Rc<Cell<usize>>,
}

impl BodyStream for Body {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        self.read.set(self.read.get() + 1);
        Box::pin(ready(self.left.pop_front()))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if !self.left.is_empty() {
            self.hung_up.set(self.hung_up.get() + 1);
        }
    }
}

impl Blobs for Fake {
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        _: Option<u32>,
    ) -> Async<'a, Result<(), Error>> {
        if self.blobs_are_down.get() {
            return Box::pin(ready(Err(Error::unavailable("KV is down"))));
        }
        self.blobs.borrow_mut().insert(key.into(), bytes.into());
        Box::pin(ready(Ok(())))
    }

    fn get<'a>(&'a self, key: &'a str) -> Async<'a, Result<Option<Vec<u8>>, Error>> {
        let found = self.blobs.borrow().get(key).cloned();
        self.blob_reads.borrow_mut().push(key.into());
        Box::pin(ready(if self.blobs_are_down.get() {
            Err(Error::unavailable("KV is down"))
        } else {
            Ok(found)
        }))
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Async<'a, Result<(), Error>> {
        for key in keys {
            self.blobs.borrow_mut().remove(key);
        }
        Box::pin(ready(Ok(())))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Async<'a, Result<Vec<String>, Error>> {
        let blobs = self.blobs.borrow();
        let keys = blobs.keys().filter(|key| key.starts_with(prefix));
        Box::pin(ready(Ok(keys.cloned().collect())))
    }
}
