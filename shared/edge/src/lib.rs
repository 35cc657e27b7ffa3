//! The only crate that names the platform: D1, fetch, the clock, entropy, secrets, the log line,
//! and [`serve`], the one way into a function.

mod body;
mod convert;
mod d1;
mod gateway;
mod limiter;
mod services;

pub use gateway::serve_gateway;
pub use worker::{Context, Env, Request, Response, Result, event};

use common::context::{NoServices, Services};
use common::http::Incoming;
use common::serve::{Outcome, Platform, answer};
use common::signatures::{AES_GCM, Sealing};
use common::time::Timestamp;
use d1::D1;

/// The binding of the one database.
pub const DATABASE: &str = "DATABASE";
/// The path at which a function says that it is up. The gateway lets nobody else ask.
pub const HEALTH_PATH: &str = "/healthz";

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
    serve_with(&NoServices, None, function, handler, request, env, ctx).await
}

/// As [`serve`], for a function whose answers show secrets.
///
/// # Errors
/// See [`serve`].
pub async fn serve_secrets<H>(
    function: &str,
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
    serve_with(
        &NoServices,
        Some(AES_GCM),
        function,
        handler,
        request,
        env,
        ctx,
    )
    .await
}

async fn serve_with<H>(
    services: &dyn Services,
    sealing: Option<Sealing>,
    function: &str,
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    let started = now();
    let database = D1::new(env.d1(DATABASE)?);
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
        let platform = Platform {
            db: &database,
            now: started,
            entropy,
            variable: &|name| env.var(name).ok().map(|value| value.to_string()),
            limiter: &limiter::Binding::of(&env),
            services,
            sealing,
        };
        answer(function, &platform, incoming, handler).await
    };
    log.took((now().micros() - started.micros()) / 1000);
    // The caller need not wait for either.
    ctx.wait_until(async move {
        worker::console_log!("{}", log.to_json());
        if afterwards.is_empty() {
            return;
        }
        if let Err(error) = common::db::Database::batch(&database, afterwards).await {
            worker::console_warn!("a note was not written: {error}");
        }
    });
    convert::response_of(response)
}
