//! The only crate that names the platform: D1, fetch, the clock, entropy, secrets, the log line,
//! and [`serve`], the one way into a function.

mod ai;
mod assets;
mod body;
mod calls;
mod capabilities;
mod convert;
mod cors;
mod d1;
#[cfg_attr(not(feature = "several-databases"), path = "one_database.rs")]
mod databases;
#[doc(hidden)]
pub mod entry;
mod gateway;
mod jobs;
mod limiter;
mod mail;
mod platform;
mod ports;
mod public_keys;
mod reach;
mod run;
mod services;
mod sockets;
mod streams;
mod usage;
mod zones;

pub use calls::{serve_and_calls, serve_calls};
pub use capabilities::Capabilities;
pub use common::http::Route;
pub use common::http::ledger::{own_count, own_routes};
pub use edge_event::event;
pub use gateway::serve_gateway;
pub use jobs::{consume, consume_in_turn, each_minute};
pub use mail::{Mail, MailHandler, receive_mail};
pub use worker::web_sys::{Request, Response};
pub use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent};
pub use zones::wall_clock;

use common::http::Incoming;
use common::http::ledger::{Found, find_in};
use common::time::{Clock, Timestamp};
use convert::path_and_query;
use platform::Parts;
use serve::{Outcome, Platform, answer, answer_public};
use worker::MessageBatch;

/// Smaller than the one that Rust brings for WASM, and faster where much is freed.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// The binding of the database.
pub const DATABASE: &str = "DATABASE";
/// The binding of the database of what is searched.
pub const SEARCH: &str = "SEARCH";
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
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds, far below 2^53"
    )]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_micros(millis * 1000)
}

/// The clock of the platform, which goes on only while something outside is waited for.
pub(crate) struct PlatformClock;

impl Clock for PlatformClock {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// Serves one request of a function: the checks of its ledger row, the handler, the answer in the
/// contract's shape, and the log line.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve<H>(
    function: &str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    serve_with_capabilities::<WithKeys, H>(function, capabilities, handler, request, env, ctx).await
}

/// As [`serve`], for functions whose every route is public or a provider's; such a Worker carries
/// nothing that checks keys.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve_public<H>(
    function: &str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    serve_with_capabilities::<Public, H>(function, capabilities, handler, request, env, ctx).await
}

/// How a request is answered. A type, so that a Worker contains the code of one variant only.
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

async fn serve_with_capabilities<A: Answering, H>(
    function: &str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    console_error_panic_hook::set_once();
    let url = request.url();
    let (path, _) = path_and_query(&url);
    if path == HEALTH_PATH {
        return is_up(function);
    }
    let method = request.method();
    let routes = capabilities.routes;
    if cors::is_preflight(routes, &method, path)
        && let Found::WrongMethod(methods) = find_in(routes, &method, path)
    {
        return cors::preflight(&methods);
    }
    serve_with::<A, H>(function, capabilities, handler, request, url, env, ctx).await
}

/// Serves a function whose only request is the health check.
///
/// # Errors
/// None in practice. The type is the platform's.
pub fn serve_background(function: &str, request: &Request) -> Result<Response> {
    if path_and_query(&request.url()).0 == HEALTH_PATH {
        return is_up(function);
    }
    text(404, "There is nothing at this path.")
}

fn is_up(function: &str) -> Result<Response> {
    text(200, function)
}

fn text(status: u16, text: &str) -> Result<Response> {
    let content = common::http::Response::content(status, "text/plain; charset=utf-8", text);
    Ok(convert::response_of(content)?)
}

async fn serve_with<A: Answering, H>(
    function: &str,
    capabilities: Capabilities,
    handler: H,
    request: Request,
    url: String,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    let started = now();
    let parts = Parts::of(env);
    let outcome = {
        let (path, query) = path_and_query(&url);
        let mut body = body::Stream::of(&request);
        let headers = request.headers();
        let incoming = Incoming {
            method: request.method(),
            path: path.to_owned(),
            query: query.to_owned(),
            header: &|name| headers.get(name).ok().flatten(),
            body: &mut body,
        };
        let variable = |name: &str| parts.bindings.variable(name);
        let platform = parts.platform(started, capabilities, &variable);
        A::answer(function, &platform, incoming, handler).await
    };
    if let Some(send) = capabilities.send_events
        && outcome.response.has_events()
    {
        return Ok(send(outcome, parts, started, &ctx)?);
    }
    let Outcome {
        response,
        afterwards,
        mut log,
    } = outcome;
    log.took((now().micros() - started.micros()) / 1000);
    let writes_usage = usage::note(&log, started);
    if afterwards.is_empty() && !writes_usage {
        worker::console_log!("{}", log.to_json());
        return Ok(convert::response_of(response)?);
    }
    // The caller need not wait for any of it.
    run::wait_until(&ctx, async move {
        parts.after(afterwards).await;
        worker::console_log!("{}", log.to_json());
        if writes_usage {
            usage::write(&parts).await;
        }
    });
    Ok(convert::response_of(response)?)
}
