//! The only way to a CRM: keeps to the budget, and writes down what was asked.

use super::Connector;
use super::budget;
use super::failure::Failure;
use super::figures::Tally;
use super::integration::Integration;
use super::limits::{Limits, Refused, Scope};
use channels::outbound::FetchResult;
use channels::outcomes::retry_after;
use common::context::Context;
use common::db::{Rows, Statement, Value};
use common::ids::CustomerId;
use common::ports::OutboundRequest;
use common::time::{DAY, SECOND, Timestamp};
use std::cell::{Cell, RefCell};

/// How long a request waits in place for a token of the budget.
const PATIENCE_MICROS: i64 = 10 * SECOND;
/// One minute in microseconds.
const MINUTE: i64 = 60 * SECOND;

/// The context of the jobs of one stream, or of a request while a caller waits.
pub struct CrmClient<'a> {
    /// The business's context.
    pub cx: &'a Context<'a>,
    /// The connection.
    pub integration: &'a Integration,
    limits: &'static Limits,
    /// 1 for what can wait.
    priority: Cell<i64>,
    /// The minute that requests are counted in, and how many it has.
    used: Cell<(i64, i64)>,
    /// What was asked for the job at hand.
    requests: RefCell<Vec<String>>,
    pub(super) throttled: Cell<i64>,
    /// Requests that the figures do not have yet.
    pub(super) tally: Cell<Tally>,
    /// What the last 429 covers.
    refusal: Cell<Scope>,
    /// When the run of this client began.
    began: Cell<i64>,
    /// The time that the last wait ended at.
    waited_to: Cell<i64>,
    /// Whose jobs are made again that were skipped.
    identified: RefCell<Option<CustomerId>>,
}

impl<'a> CrmClient<'a> {
    /// A client for requests that a caller waits for, outside any stream.
    #[must_use]
    pub fn new<C: Connector + ?Sized>(
        cx: &'a Context<'a>,
        connector: &C,
        integration: &'a Integration,
    ) -> Self {
        Self {
            cx,
            integration,
            limits: connector.limits(),
            priority: Cell::new(0),
            used: Cell::default(),
            requests: RefCell::default(),
            throttled: Cell::new(0),
            tally: Cell::default(),
            refusal: Cell::new(Scope::Account),
            began: Cell::new(cx.time_now().micros()),
            waited_to: Cell::new(0),
            identified: RefCell::default(),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> i64 {
        let now = self.cx.time_now().micros();
        now.max(self.waited_to.get())
    }

    /// Makes a request of the CRM, within the budget. `what` names it in the job's log.
    ///
    /// # Errors
    /// [`Failure::Waiting`] where there is no budget for it now; when the database is away.
    pub async fn ask(&self, what: &str, request: OutboundRequest) -> Result<FetchResult, Failure> {
        let per_minute = self.take().await?;
        let (method, url) = (request.method, request.url.clone());
        let began = self.now();
        let answered = self.cx.ports.http.fetch(request).await;
        let now = self.now();
        let status = answered.as_ref().map_or(0, |answer| answer.status);
        let mut tally = self.tally.get();
        tally.count(status, now - began);
        self.tally.set(tally);
        let shown = match status {
            0 => "no answer".to_owned(),
            status => status.to_string(),
        };
        self.requests
            .borrow_mut()
            .push([what, " ", &shown].concat());
        let reported = (self.limits.read)(&answered, Timestamp::from_micros(now));
        let blocked = answered.as_ref().ok().filter(|_| status == 429);
        let blocked = blocked.map(|answer| {
            let after = retry_after(answer).map(|seconds| now + i64::from(seconds) * SECOND);
            after.max(reported.reset).unwrap_or(now + 5 * SECOND)
        });
        if blocked.is_some() {
            self.throttled.set(self.throttled.get() + 1);
            let scope = (self.limits.refusal)(&Refused {
                method,
                url: &url,
                reported,
                per_minute,
            });
            self.refusal.set(scope);
            // A limit of one record says nothing of the account's.
            if scope == Scope::Record {
                return Ok(answered);
            }
        }
        // The answer counts more than a note of it that could not be written.
        drop(budget::feed(self, per_minute, reported, blocked).await);
        Ok(answered)
    }

    /// Asks nothing more before this time, since the CRM lets nothing more be asked and said so by other means than a
    /// status of 429.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn block(&self, until: i64) -> Result<(), Failure> {
        self.throttled.set(self.throttled.get() + 1);
        self.refusal.set(Scope::Account);
        budget::block(self, until).await.map_err(Failure::Away)
    }

    /// Takes one request from the budget; waits for it where that is short, since a job that gave up
    /// in the middle would ask half of its questions again.
    async fn take(&self) -> Result<i64, Failure> {
        let patience = self.now() + PATIENCE_MICROS;
        loop {
            let now = self.now();
            let (minute, used) = match self.used.get() {
                (minute, used) if minute == now.div_euclid(MINUTE) => (minute, used),
                _ => (now.div_euclid(MINUTE), 0),
            };
            let is_capped = used >= self.limits.per_customer;
            let until = if is_capped {
                (minute + 1) * MINUTE
            } else {
                match budget::take(self, now).await? {
                    Ok(per_minute) => {
                        self.used.set((minute, used + 1));
                        return Ok(per_minute);
                    }
                    Err(until) => until,
                }
            };
            let millis = u32::try_from((until - now) / 1000 + 1).unwrap_or(u32::MAX);
            if until > patience && is_capped {
                return Err(Failure::Capped { until });
            }
            if until > patience {
                return Err(Failure::Waiting { until });
            }
            let Some(then) = self.cx.ports.pause.pause(millis).await else {
                return Err(Failure::Waiting { until });
            };
            self.waited_to.set(then.micros());
        }
    }

    /// Parameters that begin with the business and the connector.
    pub fn named<'v>(&self, more: impl IntoIterator<Item = &'v str>) -> Vec<Value> {
        let mut params = vec![
            self.cx.business_id().into(),
            self.integration.connector.as_str().into(),
        ];
        params.extend(more.into_iter().map(Value::from));
        params
    }

    /// Rows of our own database.
    ///
    /// # Errors
    /// When it is away.
    pub async fn rows(&self, statement: Statement) -> Result<Rows, Failure> {
        self.cx
            .db
            .rows(statement)
            .await
            .map_err(|error| Failure::Away(error.into()))
    }

    /// A transaction of our own database.
    ///
    /// # Errors
    /// When it is away.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Failure> {
        self.cx
            .db
            .batch(statements)
            .await
            .map_err(|error| Failure::Away(error.into()))
    }

    /// The CRM's limits.
    #[must_use]
    pub fn limits(&self) -> &'static Limits {
        self.limits
    }

    /// What the last 429 covers.
    #[must_use]
    pub fn refusal(&self) -> Scope {
        self.refusal.get()
    }

    /// When the run began that this client is of: however many of its jobs fail, they lengthen the
    /// pause once.
    #[must_use]
    pub fn began(&self) -> i64 {
        self.began.get()
    }

    /// Makes the client one of a run that began then.
    pub fn set_began(&self, began: i64) {
        self.began.set(began);
    }

    /// How urgent it is what is asked from now on: see [`Job::priority`](super::Job::priority).
    pub fn set_priority(&self, priority: i64) {
        self.priority.set(priority);
    }

    pub(super) fn priority(&self) -> i64 {
        self.priority.get()
    }

    /// The minute that the customer's requests are counted in, and how many it has.
    #[must_use]
    pub fn minute(&self) -> (i64, i64) {
        self.used.get()
    }

    /// Goes on with the count of an earlier client, as of [`CrmClient::minute`].
    pub fn set_minute(&self, minute: i64, used: i64) {
        self.used.set((minute, used));
    }

    /// It is known who a customer is. If the job at hand succeeds, the jobs that were skipped while nobody knew
    /// ([`ANONYMOUS`](super::ANONYMOUS)) are made again, and done in their order before what came after them.
    pub fn identified(&self, customer: &CustomerId) {
        self.identified.replace(Some(customer.clone()));
    }

    pub(super) fn take_identified(&self) -> Option<CustomerId> {
        self.identified.take()
    }

    /// Whether anything was asked since [`CrmClient::take_asked`].
    #[must_use]
    pub fn has_asked(&self) -> bool {
        !self.requests.borrow().is_empty()
    }

    /// What was asked since this was last taken, each with the status that came back.
    pub fn take_asked(&self) -> Vec<String> {
        self.requests.take()
    }

    pub(super) fn today(&self) -> i64 {
        self.now().div_euclid(DAY)
    }
}
