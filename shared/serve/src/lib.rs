//! The path of a request through a function, without the platform: the checks of the ledger row, the
//! handler, and what is written and logged afterwards. `edge::serve` runs it in a Worker.

mod batch;
mod credential;
mod deadline;
pub mod gate;
mod job;
mod limit;
mod log;
mod outcome;
mod public;
mod stream;
mod turns;
mod wakes;

pub use batch::{Batch, batch_of};
use credential::{Credential, allow, caller_of};
pub use deadline::JOB_MICROS;
use gate::ADDRESS_HEADER;
pub use job::{CallOutcome, JobOutcome, QUEUE, called, mailed, work};
pub use limit::{Counts, RATE_LIMIT_SECONDS, REQUESTS_PER_QUESTION, RateLimiter};
pub use log::LogLine;
pub use outcome::Outcome;
pub use public::answer_public;
pub use stream::EventStream;
pub use turns::Turns;
pub use wakes::{Turn, Wakes};

use access::audit::{AuditLog, Entry};
use access::idempotency;
use access::idempotency::{Claim, Claimed, Storage};
use access::sso::InboxAccess;
use common::allowance::Allowance;
pub use common::context::{Caller, Context};
use common::db::Database;
use common::effects::Effects;
use common::http::ledger::{Found, HEAD, Segments, find_in, is_shared_in};
use common::http::{
    Access, Body, Error, Incoming, Kind, Method, Query, Request, RequestBody, Response, Route,
    Unread, multipart::FormDigest,
};
use common::ids::{Entropy, Ids, RequestId};
use common::in_flight::{Held, MIN_BYTES, hold};
use common::ports::Ports;
use common::time::{Clock, Timestamp};

/// What a function runs on: the platform's parts as plain values.
pub struct Platform<'a> {
    /// The database.
    pub db: &'a dyn Database,
    /// The time of the request.
    pub now: Timestamp,
    /// The source of randomness.
    pub entropy: Entropy,
    /// The time as it goes on.
    pub clock: &'a dyn Clock,
    /// The limit of requests per key.
    pub limiter: &'a dyn RateLimiter,
    /// The ports.
    pub ports: Ports<'a>,
    /// What may still be asked of it.
    pub allowance: &'a Allowance,
    /// The rows of the ledger that the function needs.
    pub routes: &'static [Route],
    /// How tokens of the embedded inbox are checked; none in functions that it does not call.
    pub inbox: Option<InboxAccess>,
    /// How two uploads of one file are known to be the same; none in functions that take no forms.
    pub form_digest: Option<FormDigest>,
    /// How the audit log is kept; none in functions of which it tells nothing.
    pub audit: Option<AuditLog>,
}

impl<'a> Platform<'a> {
    /// What a handler works with on it.
    fn context(
        &self,
        request_id: &'a RequestId,
        header: &'a dyn Fn(&str) -> Option<String>,
        body: &'a dyn RequestBody,
        effects: &'a Effects,
        caller: Caller,
    ) -> Context<'a> {
        Context {
            db: self.db,
            now: self.now,
            request_id,
            ids: Ids::new(self.now, self.entropy),
            entropy: self.entropy,
            ports: self.ports,
            header,
            body,
            clock: self.clock,
            effects,
            allowance: self.allowance,
            caller,
        }
    }
}

/// Answers one request of a function.
pub async fn answer<H>(
    function: &str,
    platform: &Platform<'_>,
    incoming: Incoming<'_>,
    handler: H,
) -> Outcome
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response, Error>,
{
    let request_id = RequestId::new(platform.entropy);
    let mut log = LogLine::new(function, &request_id, &incoming.method);
    let effects = Effects::default();
    let (found, is_shared) = route_of(function, platform.routes, &incoming);
    let is_head = incoming.method == HEAD;
    let answered = run(
        found,
        platform,
        &request_id,
        incoming,
        handler,
        &mut log,
        &effects,
    )
    .await;
    outcome(answered, &request_id, is_shared, effects, log).of(is_head)
}

fn outcome(
    answered: Result<Response, Error>,
    request_id: &RequestId,
    is_shared: bool,
    effects: Effects,
    mut log: LogLine,
) -> Outcome {
    let response = match answered {
        Ok(response) => response,
        Err(error) => {
            log.failed(&error);
            error.to_response(request_id)
        }
    };
    log.answered(&response);
    log.noted(&effects);
    Outcome {
        response: with_common_headers(response, request_id, is_shared),
        afterwards: effects.into_afterwards(),
        log,
    }
}

/// That a browser is to call us by https alone, for a year (RFC 6797). Over http it is not heeded, so that
/// it does no harm locally; hosts beside ours are not ours to speak for.
const HTTPS_ALONE: &str = "max-age=31536000";

/// Headers that every answer carries; the gateway gives its own answers the same. What may be kept
/// says so itself; nothing else is. `is_shared`: whether pages of other origins may read it.
#[must_use]
pub fn with_common_headers(
    response: Response,
    request_id: &RequestId,
    is_shared: bool,
) -> Response {
    let may_be_kept = response.header("cache-control").is_some();
    let response = if may_be_kept {
        response
    } else {
        response.with_header("cache-control", "no-store")
    };
    let response = response
        .with_header("x-request-id", request_id.to_string())
        .with_header("x-content-type-options", "nosniff")
        .with_header("strict-transport-security", HTTPS_ALONE);
    if !is_shared {
        return response;
    }
    response
        .with_header("access-control-allow-origin", "*")
        .with_header(
            "access-control-expose-headers",
            "x-request-id, retry-after, idempotent-replayed, etag, content-range, \
             content-disposition",
        )
}

async fn run<H>(
    found: FoundRoute,
    platform: &Platform<'_>,
    request_id: &RequestId,
    incoming: Incoming<'_>,
    handler: H,
    log: &mut LogLine,
    effects: &Effects,
) -> Result<Response, Error>
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response, Error>,
{
    let (route, Named { id, connector }) = found?;
    log.routed(route);
    let credential = Credential::of(route, incoming.header);
    let check = caller_of(route, platform, &credential, effects);
    let caller = gate::checked(platform, incoming.header, &credential, check).await?;
    log.called_by(&caller);
    allow(route, &caller)?;
    let query = Query::parse(&incoming.query);
    limit::check(platform.limiter, route, &query, &caller).await?;
    if route.access != Access::Provider {
        query.check(route)?;
    }
    // A provider is not known before its signature is checked, and repeats itself by its own ids. Of the public, nobody
    // knows who repeats whom.
    let may_repeat =
        route.method == Method::Post && !matches!(route.access, Access::Provider | Access::Public);
    let idempotency_key = match may_repeat {
        true => (incoming.header)("idempotency-key"),
        false => None,
    };
    let raw_query = incoming.query.clone();
    let header = incoming.header;
    let target = target_of(&incoming);
    let storage = match (route.secret, platform.ports.sealing) {
        (false, _) => Storage::Plain,
        (true, Some(sealing)) => Storage::Sealed(sealing, credential.text()),
        (true, None) => Storage::Never,
    };
    let content_type = match route.body {
        Body::Form(_) => (incoming.header)("content-type"),
        _ => None,
    };
    let _held = held(route, header, platform.now)?;
    let unread = Unread::of(incoming.body);
    let body = body_of(route, header, &unread).await?;
    let mut recall = None;
    let claim = match &idempotency_key {
        None => None,
        Some(key) => {
            let form = content_type
                .zip(platform.form_digest)
                .and_then(|(content_type, digest)| digest(&content_type, &body));
            let parts = [
                route.operation.as_bytes(),
                raw_query.as_bytes(),
                caller.id().as_bytes(),
                form.as_deref().unwrap_or(&body),
            ];
            let business = &caller.business_id;
            let claimed =
                idempotency::claim(platform.db, platform.now, business, key, storage, parts)
                    .await?;
            match claimed {
                Claimed::Replay(response) => return Ok(response),
                Claimed::Recall(first) => {
                    recall = Some(first);
                    None
                }
                Claimed::Run(claim) => Some(claim),
            }
        }
    };
    let mut cx = platform.context(request_id, header, &unread, effects, caller);
    let request = Request {
        route,
        id,
        connector,
        query,
        target,
        body,
        recall: recall.as_ref().map(|recall| recall.ids.clone()),
    };
    let audit = platform.audit.filter(|_| route.is_audited());
    let audit = audit.map(|audit| {
        let at = (request_id, platform.now);
        let entry = Entry::of(&request, &cx.caller, header(ADDRESS_HEADER), at);
        audit(platform.db, effects, entry)
    });
    if let Some(audit) = &audit {
        cx.db = audit.as_ref();
    }
    let result = handler(&cx, request).await;
    if let (Some(audit), Err(error)) = (&audit, &result) {
        audit.failed(error);
    }
    if let Some(recall) = recall {
        return recall.replayed(result);
    }
    if let Some(claim) = claim {
        let refusal = match &result {
            Err(error) if error.kind() == Kind::ProviderRejected => {
                Some(error.to_response(request_id))
            }
            _ => None,
        };
        let ran = refusal.as_ref().or(result.as_ref().ok());
        settle(platform, &claim, storage, (request_id, ran), effects).await;
    }
    result
}

/// Stores the answer before it is given, so that a repeat right after it finds it. When that fails
/// the answer still stands: the claim then runs out, and what ran is idempotent itself.
async fn settle(
    platform: &Platform<'_>,
    claim: &Claim,
    storage: Storage<'_>,
    (request_id, response): (&RequestId, Option<&Response>),
    effects: &Effects,
) {
    let statements = claim.settle(
        platform.now,
        platform.entropy,
        storage,
        request_id,
        response,
    );
    if let Err(error) = platform.db.batch(statements).await {
        effects.note(format!("the answer was not stored for a replay: {error}"));
    }
}

/// What was asked for, as it stood in the request: path and query.
fn target_of(incoming: &Incoming<'_>) -> String {
    match incoming.query.as_str() {
        "" => incoming.path.clone(),
        query => [&incoming.path, "?", query].concat(),
    }
}

/// What stood for the named segments of a route's path.
struct Named {
    id: Option<String>,
    connector: Option<String>,
}

impl Named {
    fn of(segments: Segments<'_>) -> Self {
        Self {
            id: segments.id.map(str::to_owned),
            connector: segments.connector.map(str::to_owned),
        }
    }
}

/// A request's route with what stood in its path, or why it has none.
type FoundRoute = Result<(&'static Route, Named), Error>;

/// The route; and whether pages of other origins may read the answer.
fn route_of(
    function: &str,
    routes: &'static [Route],
    incoming: &Incoming<'_>,
) -> (FoundRoute, bool) {
    let found = match find_in(routes, &incoming.method, &incoming.path) {
        Found::Route(route, segments) if route.function == function => {
            return (Ok((route, Named::of(segments))), route.cors);
        }
        Found::WrongMethod(allow) => Err(Error::method_not_allowed(allow)),
        _ => Err(nothing_here()),
    };
    (found, is_shared_in(routes, &incoming.path))
}

/// 404 for a path that no route has, by the gateway and, where it is bypassed, by a function.
#[track_caller]
#[must_use]
pub fn nothing_here() -> Error {
    let message = "There is nothing at this path. The API is described at /docs.";
    Error::new(Kind::NotFound, message)
}

/// 415 for another content type than the route's. JSON may come without one.
fn expect_type(
    header: &dyn Fn(&str) -> Option<String>,
    expected: &str,
    may_lack: bool,
) -> Result<(), Error> {
    let content_type = header("content-type");
    let essence = content_type
        .as_deref()
        .map(|text| text.split(';').next().unwrap_or_default().trim());
    let fits = essence.map_or(may_lack, |essence| essence.eq_ignore_ascii_case(expected));
    if fits {
        return Ok(());
    }
    let message = format!("Send the body with `content-type: {expected}`.");
    Err(Error::new(Kind::UnsupportedMediaType, message))
}

/// Counts a file that is uploaded while its request goes on.
fn held(
    route: &Route,
    header: &dyn Fn(&str) -> Option<String>,
    now: Timestamp,
) -> Result<Option<Held>, Error> {
    let Body::Form(cap) = route.body else {
        return Ok(None);
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    let length = length.map_or(cap, |length: usize| length.min(cap));
    (length >= MIN_BYTES).then(|| hold(length, now)).transpose()
}

/// The body, unless the route leaves it to the handler.
async fn body_of(
    route: &Route,
    header: &dyn Fn(&str) -> Option<String>,
    unread: &Unread<'_>,
) -> Result<Vec<u8>, Error> {
    let cap = match route.body {
        Body::None | Body::Raw(_) => return Ok(Vec::new()),
        Body::Json(cap) => {
            expect_type(header, "application/json", true)?;
            cap
        }
        Body::Form(cap) => {
            expect_type(header, "multipart/form-data", false)?;
            cap
        }
    };
    let body = unread.read(Vec::new(), cap).await;
    body.map_err(|reason| reason.to_error(cap))
}
