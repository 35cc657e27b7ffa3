use crate::bound::{Bound, Search, function_of};
use crate::call::{Call, Pieces};
use crate::databases::Several;
use crate::limiter::Limiter;
use crate::ports::Fake;
use crate::zones::wall_clock;
use crate::{Sqlite, entropy, run};
use access::audit::AUDIT;
use access::sso::{INBOX, VERIFIER};
use access::usage::UsageLog;
use common::Context;
use common::allowance::Allowance;
use common::db::{Database, by_business};
use common::http::ledger::{ROUTES, Worker};
use common::http::{Error, multipart};
use common::ports::{Async, Called, Pause, Ports, ServiceResponse, Services};
use common::time::{Clock, Timestamp};
use customer::APPLIER;
use dashboard::business::NewBusiness;
use dashboard::handler::business_create;
use databases::Routed;
use knowledge::embedder::EMBEDDER;
use knowledge::preview::FETCHER;
use knowledge::source::database::READER;
use messaging::messages::send::SENDER;
use serde_json::Value;
use serve::{Platform, QUEUE, batch_of, called, mailed, work};
use std::cell::{Cell, RefCell};
use std::future::ready;
use std::rc::Rc;

/// The platform token of every test deployment.
pub const PLATFORM_TOKEN: &str = "the platform token of the tests";

/// A deployment for one test: a database, a clock that the test moves, a limit.
#[derive(Clone)]
pub struct Stack {
    /// The database; of several, the one in which businesses are made.
    pub db: Rc<Sqlite>,
    /// All of them, where there are several.
    pub several: Option<Several>,
    pub(crate) database: Rc<dyn Database>,
    /// The database of what is searched.
    pub search: Rc<Sqlite>,
    /// Other servers, KV, queues.
    pub ports: Rc<Fake>,
    now: Rc<Cell<Timestamp>>,
    pub(crate) limiter: Rc<Limiter>,
    pub(crate) usage: Rc<RefCell<UsageLog>>,
}

/// A business of a test, with its keys.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The business.
    pub business_id: String,
    /// A key with every scope but `admin`.
    pub api_key: String,
    /// A key with `admin`.
    pub admin_key: String,
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl Stack {
    /// An empty deployment.
    #[must_use]
    pub fn new() -> Self {
        match std::env::var_os("TIELINE_DATABASES") {
            Some(_) => Self::with_databases(2),
            None => Self::of(vec![Rc::new(Sqlite::new())]),
        }
    }

    /// A deployment with so many databases.
    #[must_use]
    pub fn with_databases(count: usize) -> Self {
        Self::of((0..count).map(|_| Rc::new(Sqlite::new())).collect())
    }

    /// A deployment with this database.
    #[must_use]
    pub fn on(database: Sqlite) -> Self {
        Self::of(vec![Rc::new(database)])
    }

    fn of(databases: Vec<Rc<Sqlite>>) -> Self {
        let start = Timestamp::parse("2026-01-02T03:04:05Z").expect("a time");
        let db = databases
            .last()
            .expect("a deployment has a database")
            .clone();
        let several = (databases.len() > 1).then(|| Several::of(databases));
        let database: Rc<dyn Database> = match &several {
            Some(several) => Rc::new(Routed(several.clone())),
            None => db.clone(),
        };
        Self {
            db,
            several,
            database,
            search: Rc::new(Sqlite::of_search()),
            ports: Rc::new(Fake::default()),
            now: Rc::new(Cell::new(start)),
            limiter: Rc::default(),
            usage: Rc::default(),
        }
    }

    /// A deployment with one business.
    #[must_use]
    pub fn with_tenant() -> (Self, Tenant) {
        let stack = Self::new();
        let tenant = stack.tenant("Test business");
        (stack, tenant)
    }

    /// Makes a business in Ireland.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Tenant {
        let new = NewBusiness {
            name: name.into(),
            default_region: "IE".into(),
        };
        let mut made = None;
        self.job("", async |cx: &Context<'_>, _: &str| {
            made = Some(business_create(cx, new).await?);
            Ok(())
        });
        let made = made.expect("a business can be made");
        Tenant {
            business_id: made.business.id,
            api_key: made.api_key,
            admin_key: made.admin_key,
        }
    }

    /// The platform, with what the function is bound to.
    pub(crate) fn with_platform<T>(
        &self,
        bound: &Bound<'_>,
        work: impl FnOnce(&Platform<'_>) -> T,
    ) -> T {
        self.with_share(bound, &Allowance::whole(), work)
    }

    /// As [`Self::with_platform`], with what one job of several may ask of it.
    fn with_share<T>(
        &self,
        bound: &Bound<'_>,
        allowance: &Allowance,
        work: impl FnOnce(&Platform<'_>) -> T,
    ) -> T {
        let variable = |name: &str| bound.variable(name);
        work(&Platform {
            db: bound,
            now: self.now(),
            entropy,
            clock: self,
            limiter: self,
            allowance,
            ports: Ports {
                http: bound,
                streams: bound,
                sockets: bound,
                blobs: bound,
                search: &Search(bound),
                databases: bound.databases(),
                variable: &variable,
                services: bound,
                assets: bound,
                ai: bound,
                public_keys: bound,
                pause: bound,
                sealing: bound.sealing(),
                wall_clock: Some(wall_clock),
            },
            routes: ROUTES,
            inbox: Some(INBOX),
            form_digest: Some(multipart::digest),
            audit: Some(AUDIT),
        })
    }

    /// Does a job of a function: a queue's message, or the empty text of the cron. Gives its log
    /// line. A function's own handler has what its row of the ledger binds, any other has everything.
    pub fn job<H>(&self, message: &str, handler: H) -> Value
    where
        H: AsyncFnOnce(&Context<'_>, &str) -> Result<(), Error>,
    {
        let handler = Cell::new(Some(handler));
        let once = async |cx: &Context<'_>, message: &str| match handler.take() {
            Some(handler) => handler(cx, message).await,
            None => Ok(()),
        };
        let bound = Bound::of(self, function_of::<H>());
        let outcome = self.with_platform(&bound, |platform| {
            run(work("test", QUEUE, platform, message, once))
        });
        bound.after(outcome.afterwards);
        serde_json::from_str(&outcome.log.to_json()).expect("a log line is JSON")
    }

    /// Has a function take a batch of its queue in one invocation, as `edge` does; a test fails where that asks more of
    /// the platform than it allows. Messages that are handed back are woken for again. Gives the log lines of the others.
    pub fn batch<H>(&self, messages: Vec<String>, handler: H) -> Vec<Value>
    where
        H: AsyncFn(&Context<'_>, &str) -> Result<(), Error>,
    {
        let function = function_of::<H>().expect("a function's own handler");
        let bound = Bound::of(self, Some(function));
        let batch = batch_of(
            Worker::of(function).consumes,
            messages,
            self.database.added(),
        );
        let mut logs = Vec::new();
        for message in &batch.begun {
            let outcome = self.with_share(&bound, &batch.share.clone(), |platform| {
                run(work("test", QUEUE, platform, message, &handler))
            });
            bound.after(outcome.afterwards);
            logs.push(serde_json::from_str(&outcome.log.to_json()).expect("a log line is JSON"));
        }
        self.ports.woken(batch.left);
        logs
    }

    /// Hands a mail to a function: its envelope, and its bytes in these pieces. Gives what the function
    /// answers, and its log line.
    pub fn mail<H>(&self, envelope: &str, raw: Vec<Vec<u8>>, handler: H) -> (String, Value)
    where
        H: AsyncFn(&Context<'_>, &str) -> Result<String, Error>,
    {
        let bound = Bound::of(self, function_of::<H>());
        let mut raw = Pieces {
            length: Some(raw.iter().map(Vec::len).sum()),
            left: raw.into_iter().map(Ok).collect(),
            meanwhile: None,
            stalls: false,
        };
        let outcome = self.with_platform(&bound, |platform| {
            run(mailed("test", platform, envelope, &mut raw, handler))
        });
        bound.after(outcome.afterwards);
        let log = serde_json::from_str(&outcome.log.to_json()).expect("a log line is JSON");
        let answered = String::from_utf8(outcome.answered.body).expect("a text");
        let is_done = outcome.answered.status == 200;
        (if is_done { answered } else { String::new() }, log)
    }

    /// Has a function do what another asks of it.
    #[must_use]
    pub fn answer_call<H>(
        &self,
        function: &str,
        note: &str,
        body: &[u8],
        handler: H,
    ) -> ServiceResponse
    where
        H: AsyncFn(&Context<'_>, &str, &[u8]) -> Result<String, Error>,
    {
        let bound = Bound::of(self, Some(function));
        let outcome = self.with_platform(&bound, |platform| {
            run(called(function, platform, note, body, handler))
        });
        bound.after(outcome.afterwards);
        outcome.answered
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Writes what was collected of the calls so far, as an isolate does it now and then.
    pub fn write_usage(&self) {
        let statements = self.usage.borrow_mut().take(self.now());
        if !statements.is_empty() {
            for batch in by_business(&*self.database, statements) {
                run(self.database.batch(batch)).expect("usage can be written");
            }
        }
    }

    /// Lets time pass.
    pub fn advance(&self, micros: i64) {
        self.now.set(self.now.get().plus(micros));
    }

    /// Begins a request to a function.
    #[must_use]
    pub fn call(&self, function: &'static str, method: &str, path_and_query: &str) -> Call<'_> {
        Call::new(self, function, method, path_and_query)
    }
}

impl Services for Stack {
    fn is_up<'a>(&'a self, _: &'a str) -> Async<'a, bool> {
        Box::pin(ready(!self.ports.services_are_down.get()))
    }

    fn call<'a>(&'a self, function: &'a str, note: &'a str, body: &'a [u8]) -> Called<'a> {
        if self.ports.services_are_down.get() {
            return Box::pin(ready(Err(Error::unavailable("the service is down"))));
        }
        let bound = Bound::of(self, Some(function));
        let outcome = self.with_platform(&bound, |platform| match function {
            SENDER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, _: &str, body: &[u8]| {
                    send_message::handler::run(cx, "", body).await
                }
            })),
            VERIFIER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, _: &str, body: &[u8]| {
                    verify_token::handler::run(cx, "", body).await
                }
            })),
            APPLIER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, note: &str, body: &[u8]| {
                    apply_customers::handler::run(cx, note, body).await
                }
            })),
            EMBEDDER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, _: &str, body: &[u8]| {
                    embed_text::handler::run(cx, "", body).await
                }
            })),
            FETCHER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, _: &str, body: &[u8]| {
                    refresh_crm_links::handler::answer(cx, "", body).await
                }
            })),
            READER => run(called(function, platform, note, body, {
                async |cx: &Context<'_>, _: &str, body: &[u8]| {
                    query_database::handler::run(cx, "", body).await
                }
            })),
            _ => panic!("no test has the function {function}"),
        });
        bound.after(outcome.afterwards);
        let log = serde_json::from_str(&outcome.log.to_json()).expect("a log line is JSON");
        self.ports.call_logs.borrow_mut().push(log);
        Box::pin(ready(Ok(outcome.answered)))
    }
}

/// Time passes as a test lets it pass, also while a request goes on.
impl Clock for Stack {
    fn now(&self) -> Timestamp {
        self.now.get()
    }
}

/// Waiting takes no time but the clock's; what a test wants to happen meanwhile happens then.
impl Pause for Stack {
    fn pause(&self, millis: u32) -> Async<'_, Option<Timestamp>> {
        self.advance(i64::from(millis) * 1000);
        let meanwhile = self.ports.meanwhile.borrow_mut().pop_front();
        if let Some(happen) = meanwhile {
            happen(self);
        }
        Box::pin(ready(Some(self.now())))
    }
}

/// A connection of a business to a CRM, for [`Stack::connect`].
#[derive(Debug)]
pub struct Connection<'a> {
    /// The connector's name.
    pub connector: &'a str,
    /// The organisation at the CRM.
    pub org: &'a str,
    /// Who we are there.
    pub user: &'a str,
    /// What the business set.
    pub settings: &'a Value,
    /// Its secrets, by the names under which they are sealed.
    pub credentials: &'a Value,
}

impl Stack {
    /// Connects a business to a CRM: the connection is on, and the CRM was asked what changed until now.
    pub fn connect(&self, tenant: &Tenant, connection: &Connection<'_>) {
        let Connection {
            connector,
            org,
            user,
            settings,
            credentials,
        } = connection;
        let log = self.job("", async |cx: &Context<'_>, _: &str| {
            let business = &tenant.business_id;
            let context = crm::credentials_context(business, connector);
            let sealed = cx
                .ports
                .seal(cx.entropy, &context, &credentials.to_string())?;
            let now = cx.now.micros();
            self.db.sql(&format!(
                "INSERT INTO integrations (business_id, connector, status, remote_org, remote_user,
                   settings, credentials, reconciled_to, reconcile_at, created_at, updated_at)
                 VALUES ('{business}', '{connector}', 'active', '{org}', '{user}',
                   '{settings}', '{sealed}', {now}, {now}, {now}, {now})"
            ));
            Ok(())
        });
        assert_eq!(log["code"], Value::Null, "{log}");
    }
}
