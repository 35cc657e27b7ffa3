//! The only crate that names the platform: D1, fetch, the clock, entropy, secrets, the log line,
//! and [`serve`], the one way into a function.

mod assets;
mod body;
mod calls;
mod convert;
mod d1;
mod gateway;
mod jobs;
mod limiter;
mod mail;
mod outside;
mod platform;
mod reach;
mod services;

pub use calls::{serve_and_calls, serve_calls};
pub use gateway::serve_gateway;
pub use jobs::{consume, consume_in_turn, each_minute};
pub use mail::{Mail, receive_mail};
pub use reach::Reach;
pub use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

use common::http::Incoming;
use common::outside::Afterwards;
use common::time::Timestamp;
use platform::Parts;
use serve::{Outcome, Platform, answer, answer_public};
use worker::MessageBatch;

/// The binding of the one database.
pub const DATABASE: &str = "DATABASE";
/// The path at which a function says that it is up. The gateway lets nobody else ask.
pub const HEALTH_PATH: &str = "/healthz";

/// A batch of a queue, whose messages are texts.
pub type Batch = MessageBatch<wasm_bindgen::JsValue>;
/// The same.
pub type Messages = Batch;

/// A function's `handle`.
pub trait Handler:
    AsyncFn(&common::Context<'_>, common::http::Request) -> common::http::Result<common::http::Response>
{
}

impl<H> Handler for H where
    H: AsyncFn(
        &common::Context<'_>,
        common::http::Request,
    ) -> common::http::Result<common::http::Response>
{
}

/// Fills a buffer with the platform's random bytes.
///
/// # Panics
/// Where the platform has no entropy, in which no key may be made and no request go on.
#[expect(
    clippy::expect_used,
    reason = "going on without entropy would make guessable secrets"
)]
pub fn entropy(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the platform gives entropy");
}

/// The time, to the millisecond that the platform tells.
#[must_use]
pub fn now() -> Timestamp {
    let millis = i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX / 1000);
    Timestamp::from_micros(millis * 1000)
}

/// Serves one request of a function: the checks of its ledger row, the handler, the answer in the
/// contract's shape, and the log line.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve<H>(
    function: &str,
    reach: Reach,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    serve_reaching::<WithKeys, H>(function, reach, handler, request, env, ctx).await
}

/// As [`serve`], for functions whose every route is public or a provider's; such a Worker carries
/// nothing that checks keys.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve_public<H>(
    function: &str,
    reach: Reach,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    serve_reaching::<Public, H>(function, reach, handler, request, env, ctx).await
}

/// How a request is answered: a type, so that a Worker carries the code of one way alone.
trait Answering {
    async fn answer<H: Handler>(
        function: &str,
        platform: &Platform<'_>,
        incoming: Incoming<'_>,
        handler: H,
    ) -> Outcome;
}

struct WithKeys;

impl Answering for WithKeys {
    async fn answer<H: Handler>(
        function: &str,
        platform: &Platform<'_>,
        incoming: Incoming<'_>,
        handler: H,
    ) -> Outcome {
        answer(function, platform, incoming, handler).await
    }
}

struct Public;

impl Answering for Public {
    async fn answer<H: Handler>(
        function: &str,
        platform: &Platform<'_>,
        incoming: Incoming<'_>,
        handler: H,
    ) -> Outcome {
        answer_public(function, platform, incoming, handler).await
    }
}

async fn serve_reaching<A: Answering, H>(
    function: &str,
    reach: Reach,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    console_error_panic_hook::set_once();
    if request.path() == HEALTH_PATH {
        return Response::ok(function);
    }
    serve_with::<A, H>(function, reach, handler, request, env, ctx).await
}

/// Answers for a function that no request reaches but the one that asks whether it is up.
///
/// # Errors
/// None in practice. The type is the platform's.
pub fn serve_background(function: &str, request: &Request) -> Result<Response> {
    if request.path() == HEALTH_PATH {
        return Response::ok(function);
    }
    Response::error("There is nothing at this path.", 404)
}

async fn serve_with<A: Answering, H>(
    function: &str,
    reach: Reach,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    let started = now();
    let parts = Parts::of(env)?;
    let Outcome {
        response,
        afterwards,
        mut log,
    } = {
        let mut body = body::Stream::of(&request);
        let headers = request.headers();
        let incoming = Incoming {
            method: request.inner().method(),
            path: request.path(),
            query: convert::query_of(&request),
            header: &|name| headers.get(name).ok().flatten(),
            body: &mut body,
        };
        let variable = |name: &str| parts.bindings.variable(name);
        let platform = parts.platform(started, reach, &variable);
        A::answer(function, &platform, incoming, handler).await
    };
    log.took((now().micros() - started.micros()) / 1000);
    // The caller need not wait for any of it.
    ctx.wait_until(async move {
        let Afterwards { statements, wakes } = afterwards;
        parts.bindings.wake(&wakes).await;
        worker::console_log!("{}", log.to_json());
        if statements.is_empty() {
            return;
        }
        if let Err(error) = common::db::Database::batch(&parts.database, statements).await {
            worker::console_warn!("a note was not written: {error}");
        }
    });
    convert::response_of(response)
}
