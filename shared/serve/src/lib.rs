//! The path of a request through a function, without the platform: the checks of the ledger row, the
//! handler, and what is written and logged afterwards. `edge::serve` runs it in a Worker.

mod job;
mod log;
mod outcome;
mod public;
mod turns;

pub use job::{CallOutcome, JobOutcome, called, work};
pub use log::LogLine;
pub use outcome::Outcome;
pub use public::answer_public;
pub use turns::Turns;

use access::idempotency;
use access::idempotency::{Claim, Claimed, Storage};
use access::sso::InboxAccess;
use access::{authenticate_key, authenticate_platform, authenticate_session};
pub use common::context::{Caller, Context};
use common::db::Database;
use common::effects::Effects;
use common::http::ledger::{Found, HEAD, Segments, find, is_embedded};
use common::http::{
    Access, Body, BodyTooLarge, Error, Incoming, Kind, Method, Query, Request, Response, Route,
    multipart, read_capped,
};
use common::ids::{Entropy, Ids, RequestId};
use common::ports::Ports;
use common::time::{Clock, Timestamp};
use std::future::Future;
use std::pin::Pin;

/// Counts the requests of a key.
pub trait RateLimiter {
    /// Whether one more request of this key is within its limit.
    fn allow<'a>(&'a self, key: &'a str) -> Pin<Box<dyn Future<Output = bool> + 'a>>;
}

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
    /// How tokens of the embedded inbox are checked; none in functions that it does not call.
    pub inbox: Option<InboxAccess>,
}

impl<'a> Platform<'a> {
    /// What a handler works with on it.
    fn context(
        &self,
        header: &'a dyn Fn(&str) -> Option<String>,
        effects: &'a Effects,
        caller: Caller,
    ) -> Context<'a> {
        Context {
            db: self.db,
            now: self.now,
            ids: Ids::new(self.now, self.entropy),
            entropy: self.entropy,
            ports: self.ports,
            header,
            clock: self.clock,
            effects,
            caller,
        }
    }
}

/// Seconds after which a key over its limit is let through again: the whole period of the platform's
/// limiter, which does not tell how much of it is left.
pub const RATE_LIMIT_SECONDS: u32 = 60;

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
    let is_shared = !is_embedded(&incoming.path);
    let is_head = incoming.method == HEAD;
    let answered = run(
        function,
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
        .with_header("x-content-type-options", "nosniff");
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
    function: &str,
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
    let (route, segments) = route_of(function, &incoming)?;
    let id = segments.id.map(str::to_owned);
    let connector = segments.connector.map(str::to_owned);
    log.routed(route);
    let caller = caller_of(route, platform, &incoming, effects).await?;
    log.called_by(&caller);
    if matches!(route.access, Access::Key(_) | Access::Inbox)
        && !platform.limiter.allow(&caller.key_id).await
    {
        let message = "This key makes too many requests. Wait a moment, then go on more slowly.";
        return Err(Error::new(Kind::RateLimited, message).retry_after(RATE_LIMIT_SECONDS));
    }
    let query = Query::parse(&incoming.query);
    if route.access != Access::Provider {
        query.check(route)?;
    }
    // A provider is not known before its signature is checked, and repeats itself by its own ids.
    let may_repeat = route.method == Method::Post && route.access != Access::Provider;
    let idempotency_key = match may_repeat {
        true => (incoming.header)("idempotency-key"),
        false => None,
    };
    let raw_query = incoming.query.clone();
    let credential = credential_of(route, &incoming).unwrap_or_default();
    let header = incoming.header;
    let target = target_of(&incoming);
    let storage = match (route.secret, platform.ports.sealing) {
        (false, _) => Storage::Plain,
        (true, Some(sealing)) => Storage::Sealed(sealing, &credential),
        (true, None) => Storage::Never,
    };
    let content_type = match route.body {
        Body::Form(_) => (incoming.header)("content-type"),
        _ => None,
    };
    let body = body_of(route, incoming).await?;
    let mut recall = None;
    let claim = match &idempotency_key {
        None => None,
        Some(key) => {
            let form =
                content_type.and_then(|content_type| multipart::digest(&content_type, &body));
            let parts = [
                route.operation.as_bytes(),
                raw_query.as_bytes(),
                caller.key_id.as_bytes(),
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
    let cx = platform.context(header, effects, caller);
    let request = Request {
        route,
        id,
        connector,
        query,
        target,
        body,
        recall: recall.as_ref().map(|recall| recall.ids.clone()),
    };
    let result = handler(&cx, request).await;
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

/// What the caller proves itself by, as the route wants it.
fn credential_of(route: &Route, incoming: &Incoming<'_>) -> Option<String> {
    match route.access {
        Access::Key(_) => (incoming.header)("x-api-key"),
        Access::Session | Access::Platform | Access::Inbox => (incoming.header)("authorization"),
        Access::Public | Access::Provider => None,
    }
}

/// What was asked for, as it stood in the request: path and query.
fn target_of(incoming: &Incoming<'_>) -> String {
    match incoming.query.as_str() {
        "" => incoming.path.clone(),
        query => [&incoming.path, "?", query].concat(),
    }
}

fn route_of<'p>(
    function: &str,
    incoming: &'p Incoming<'_>,
) -> Result<(&'static Route, Segments<'p>), Error> {
    match find(&incoming.method, &incoming.path) {
        Found::Route(route, segments) if route.function == function => Ok((route, segments)),
        Found::WrongMethod(allow) => Err(Error::method_not_allowed(allow)),
        _ => Err(nothing_here()),
    }
}

/// 404 for a path that no route has, by the gateway and, where it is bypassed, by a function.
#[track_caller]
#[must_use]
pub fn nothing_here() -> Error {
    let message = "There is nothing at this path. The API is described at /docs.";
    Error::new(Kind::NotFound, message)
}

async fn caller_of(
    route: &Route,
    platform: &Platform<'_>,
    incoming: &Incoming<'_>,
    effects: &Effects,
) -> Result<Caller, Error> {
    let credential = credential_of(route, incoming);
    let presented = credential.as_deref();
    match route.access {
        Access::Key(scope) => {
            let check = authenticate_key(platform.db, platform.now, presented).await?;
            if let Some(touch) = check.touch {
                effects.write(touch);
            }
            check.caller.require(scope)?;
            Ok(check.caller)
        }
        Access::Session => authenticate_session(platform.db, platform.now, presented).await,
        Access::Inbox => {
            let access = platform.inbox;
            let access = access.ok_or_else(|| Error::internal("no way to check a token"))?;
            access(platform.ports, platform.now, presented).await
        }
        Access::Platform => {
            let expected = (platform.ports.variable)("PLATFORM_TOKEN");
            authenticate_platform(expected.as_deref(), presented)
        }
        Access::Public | Access::Provider => Ok(Caller::nobody()),
    }
}

/// 415 for another content type than the route's. JSON may come without one.
fn expect_type(incoming: &Incoming<'_>, expected: &str, may_lack: bool) -> Result<(), Error> {
    let content_type = (incoming.header)("content-type");
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

async fn body_of(route: &Route, incoming: Incoming<'_>) -> Result<Vec<u8>, Error> {
    let cap = match route.body {
        Body::None => return Ok(Vec::new()),
        Body::Json(cap) => {
            expect_type(&incoming, "application/json", true)?;
            cap
        }
        Body::Form(cap) => {
            expect_type(&incoming, "multipart/form-data", false)?;
            cap
        }
        Body::Raw(cap) => cap,
    };
    read_capped(incoming.body, cap)
        .await
        .map_err(|reason| match reason {
            BodyTooLarge::Yes => {
                let message =
                    format!("The body is larger than {cap} bytes. Send it in smaller parts.");
                Error::new(Kind::BodyTooLarge, message)
            }
            BodyTooLarge::Broken(_) => {
                Error::new(Kind::MalformedRequest, "The body broke off before its end.")
            }
        })
}
