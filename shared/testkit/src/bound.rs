use crate::limits::{Invocation, check_business};
use crate::{Stack, run};
use common::db::{Database, DbError, Pending, Places, Rows, Statement, by_business};
use common::effects::Afterwards;
use common::http::Error;
use common::http::ledger::{
    MASTER_KEYS, META_APP_SECRET, META_VERIFY_TOKEN, PLATFORM_TOKEN, VECTORIZE_TOKEN, WORKERS,
    Worker, functions,
};
use common::ports::{
    Ai, AiError, Assets, Async, Blobs, Called, FetchError, Http, OpenedResponse, OutboundRequest,
    OutboundResponse, Pause, PublicKeys, Queue, Services, Signed, Socket, SocketError, Sockets,
    Streams,
};
use common::signatures::{AES_GCM, Sealing};
use common::time::Timestamp;
use std::any::type_name;
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// What a function of the deployment has: what its row of the ledger binds, and no more. A test in
/// which it reaches for anything else fails. Without a function it has everything.
pub(crate) struct Bound<'s> {
    stack: &'s Stack,
    worker: Option<&'static Worker>,
    invocation: Invocation,
}

/// The function whose handler this type is: `fan_out::handler::handle` is of `fan-out`.
pub(crate) fn function_of<H>() -> Option<&'static str> {
    let (package, _) = type_name::<H>().split_once("::handler::")?;
    functions().find(|function| function.replace('-', "_") == package)
}

fn wakes_column(queue: Queue) -> String {
    format!(".wakes(&[Queue::{queue:?}])")
}

fn calls_column(function: &str) -> String {
    format!(".calls(&[{function:?}])")
}

/// What a row binds, as it is written there.
fn columns(worker: &Worker) -> Vec<String> {
    let parts = [
        (worker.http, ".http()"),
        (worker.streams, ".streams()"),
        (worker.sockets, ".sockets()"),
        (worker.blobs, ".blobs()"),
        (worker.search, ".search()"),
        (worker.databases, ".databases()"),
        (worker.assets && !worker.pages, ".assets()"),
        (worker.pages, ".pages()"),
        (worker.ai, ".ai()"),
        (worker.public_keys, ".public_keys()"),
        (worker.pause, ".pause()"),
        (worker.connectors, ".connectors()"),
    ];
    let parts = parts.into_iter().filter(|(is_bound, _)| *is_bound);
    let mut columns: Vec<_> = parts.map(|(_, column)| column.to_owned()).collect();
    columns.extend(worker.required_secrets().into_iter().map(str::to_owned));
    columns.extend(
        worker
            .optional_secrets
            .iter()
            .map(|name| (*name).to_owned()),
    );
    columns.extend(worker.wakes.iter().copied().map(wakes_column));
    columns.extend(worker.callees().into_iter().map(calls_column));
    columns
}

fn is_variable_of_a_connector(name: &str) -> bool {
    let tables = connectors::SETUP
        .iter()
        .map(|connector| connector.settings());
    let mut variables = tables.flat_map(crm::table::Table::variables);
    variables.any(|(variable, _)| variable == name)
}

/// What functions have reached for in this process.
static USED: Mutex<BTreeSet<(&'static str, String)>> = Mutex::new(BTreeSet::new());
static MORE_IS_USED: Condvar = Condvar::new();

fn used(function: &'static str, column: &str) {
    if let Ok(mut used) = USED.lock()
        && used.insert((function, column.to_owned()))
    {
        MORE_IS_USED.notify_all();
    }
}

/// What rows bind and no test of this process reached for. Waits for tests that still run, as long as
/// something is missing and at most so long.
#[must_use]
pub fn bound_without_use(at_most: Duration) -> Vec<String> {
    let missing = |used: &BTreeSet<(&'static str, String)>| -> Vec<String> {
        let rows = WORKERS.iter().filter(|worker| worker.function != "gateway");
        let all = rows.flat_map(|worker| {
            let columns = columns(worker).into_iter();
            columns.map(|column| (worker.function, column))
        });
        let unused = all.filter(|one| !used.contains(one));
        unused
            .map(|(function, column)| format!("{function}: {column}"))
            .collect()
    };
    let used = USED.lock().expect("no test panics while it notes a use");
    let wait = MORE_IS_USED.wait_timeout_while(used, at_most, |used| !missing(used).is_empty());
    let (used, _) = wait.expect("no test panics while it notes a use");
    missing(&used)
}

impl<'s> Bound<'s> {
    pub(crate) fn of(stack: &'s Stack, function: Option<&str>) -> Self {
        let worker = function.map(Worker::of);
        Self {
            stack,
            worker,
            invocation: Invocation::default(),
        }
    }

    pub(crate) fn expect(&self, column: &str) {
        if let Some(worker) = self.worker {
            assert!(
                columns(worker).iter().any(|known| known == column),
                "{} reaches for what its row in ledger/workers.rs lacks: {column}",
                worker.function
            );
            used(worker.function, column);
        }
    }

    /// The databases one by one, for functions that do something to them.
    pub(crate) fn databases(&self) -> Option<&dyn Places> {
        let is_bound = self.worker.is_none_or(|worker| worker.databases);
        let several = self.stack.several.as_ref().filter(|_| is_bound);
        if let Some(worker) = self.worker.filter(|_| is_bound) {
            used(worker.function, ".databases()");
        }
        several.map(|several| several as &dyn Places)
    }

    pub(crate) fn sealing(&self) -> Option<Sealing> {
        self.worker
            .is_none_or(|worker| worker.cipher)
            .then_some(AES_GCM)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        match name {
            // A single key is the ring of a deployment that has no other.
            MASTER_KEYS | "MASTER_KEY" => self.expect(MASTER_KEYS),
            PLATFORM_TOKEN | META_APP_SECRET | META_VERIFY_TOKEN | VECTORIZE_TOKEN => {
                self.expect(name)
            }
            _ => {}
        }
        if is_variable_of_a_connector(name) {
            self.expect(".connectors()");
        }
        self.stack.ports.variable(name)
    }

    /// Does what is to be done after an answer.
    pub(crate) fn after(&self, afterwards: Afterwards) {
        let Afterwards { statements, wakes } = afterwards;
        if !statements.is_empty() {
            for batch in by_business(&*self.stack.database, statements) {
                let written = run(self.batch(batch));
                let is_closed = written.as_ref().is_err_and(DbError::is_outage);
                assert!(is_closed || written.is_ok(), "{written:?}");
            }
        }
        for wake in &wakes {
            self.expect(&wakes_column(wake.queue));
            self.invocation.wakes(wake);
        }
        self.stack.ports.woken(wakes);
    }
}

impl Database for Bound<'_> {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        self.invocation.queries(1 + self.stack.database.added());
        self.stack.database.rows(statement)
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        let more = self.stack.database.added();
        self.invocation.queries(statements.len() + more);
        check_business(&statements, more == 0);
        self.stack.database.batch(statements)
    }

    fn size(&self) -> Option<i64> {
        self.stack.database.size()
    }

    fn added(&self) -> usize {
        self.stack.database.added()
    }
}

/// The second database of a function, which its statements count against as those of the first do.
pub(crate) struct Search<'b, 's>(pub(crate) &'b Bound<'s>);

impl Database for Search<'_, '_> {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        self.0.expect(".search()");
        self.0.invocation.queries(1);
        self.0.stack.search.rows(statement)
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        self.0.expect(".search()");
        self.0.invocation.queries(statements.len());
        self.0.stack.search.batch(statements)
    }

    fn size(&self) -> Option<i64> {
        self.0.stack.search.size()
    }

    fn added(&self) -> usize {
        self.0.stack.search.added()
    }
}

impl Http for Bound<'_> {
    fn fetch(&self, request: OutboundRequest) -> Async<'_, Result<OutboundResponse, FetchError>> {
        self.expect(".http()");
        self.invocation.fetches();
        self.stack.ports.fetch(request)
    }
}

impl Streams for Bound<'_> {
    fn open(&self, request: OutboundRequest) -> Async<'_, Result<OpenedResponse, FetchError>> {
        self.expect(".streams()");
        self.invocation.fetches();
        self.stack.ports.open(request)
    }
}

impl Sockets for Bound<'_> {
    fn connect<'a>(
        &'a self,
        address: &'a str,
        _: u32,
    ) -> Async<'a, Result<Box<dyn Socket>, SocketError>> {
        self.expect(".sockets()");
        self.invocation.fetches();
        Box::pin(std::future::ready(self.stack.open_socket(address)))
    }
}

impl Blobs for Bound<'_> {
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        seconds: Option<u32>,
    ) -> Async<'a, Result<(), Error>> {
        self.expect(".blobs()");
        self.invocation.stores(key, bytes);
        self.stack.ports.put(key, bytes, seconds)
    }

    fn get<'a>(&'a self, key: &'a str) -> Async<'a, Result<Option<Vec<u8>>, Error>> {
        self.expect(".blobs()");
        self.invocation.reaches_kv(key);
        self.stack.ports.get(key)
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Async<'a, Result<(), Error>> {
        self.expect(".blobs()");
        for key in keys {
            self.invocation.reaches_kv(key);
        }
        self.stack.ports.delete(keys)
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Async<'a, Result<Vec<String>, Error>> {
        self.expect(".blobs()");
        self.invocation.reaches_kv(prefix);
        self.stack.ports.list(prefix)
    }
}

impl Services for Bound<'_> {
    fn is_up<'a>(&'a self, function: &'a str) -> Async<'a, bool> {
        self.invocation.calls_worker();
        self.stack.is_up(function)
    }

    fn call<'a>(&'a self, function: &'a str, note: &'a str, body: &'a [u8]) -> Called<'a> {
        self.expect(&calls_column(function));
        self.invocation.calls_worker();
        Services::call(self.stack, function, note, body)
    }
}

impl Assets for Bound<'_> {
    fn read<'a>(&'a self, name: &'a str) -> Async<'a, Result<Vec<u8>, Error>> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let path = match self.worker {
            Some(worker) if worker.pages => format!("{root}/shared/pages/assets/{name}"),
            worker => {
                let function = worker.map_or("", |worker| worker.function);
                format!("{root}/functions/{function}/assets/{name}")
            }
        };
        self.expect(match self.worker {
            Some(worker) if worker.pages => ".pages()",
            _ => ".assets()",
        });
        let read = std::fs::read(path);
        let read = read.map_err(|error| Error::unavailable(format!("{name}: {error}")));
        Box::pin(std::future::ready(read))
    }
}

impl Ai for Bound<'_> {
    fn is_bound(&self) -> bool {
        self.expect(".ai()");
        self.stack.ports.models.borrow().is_some()
    }

    fn run<'a>(
        &'a self,
        model: &'a str,
        input: &'a str,
        timeout_ms: u32,
    ) -> Async<'a, Result<String, AiError>> {
        self.expect(".ai()");
        let models = self.stack.ports.models.borrow();
        let unbound = || Err(AiError::Refused("there is no binding AI".into()));
        let ran = models
            .as_ref()
            .map_or_else(unbound, |run| run(model, input));
        if ran == Err(AiError::Late) {
            self.stack.advance(i64::from(timeout_ms) * 1000);
        }
        Box::pin(std::future::ready(ran))
    }
}

impl PublicKeys for Bound<'_> {
    fn is_signed<'a>(&'a self, signed: Signed<'a>) -> Async<'a, Result<bool, Error>> {
        self.expect(".public_keys()");
        Box::pin(std::future::ready(Ok(crate::public_keys::is_signed(
            signed,
        ))))
    }
}

impl Pause for Bound<'_> {
    fn pause(&self, millis: u32) -> Async<'_, Option<Timestamp>> {
        self.expect(".pause()");
        self.stack.pause(millis)
    }
}
