use crate::databases::count;
use crate::platform::Parts;
use crate::ports::Bindings;
use crate::{Batch, Capabilities, Context, Env, Result, now, run};
use common::allowance::{Allowance, Need};
use common::ports::{Async, Wake};
use common::time::SECOND;
use serve::{JobOutcome, QUEUE, Turns, batch_of, work};
use std::cell::RefCell;
use worker::ScheduleContext;

/// What a log line has for a method where the cron woke us.
const CRON: &str = "CRON";

/// What does a job: the message of a queue, or an empty text from the cron.
pub trait JobHandler: AsyncFn(&common::Context<'_>, &str) -> common::http::Result<()> {}

impl<H> JobHandler for H where H: AsyncFn(&common::Context<'_>, &str) -> common::http::Result<()> {}

/// Consumes a batch of a queue. Each message, the same once, is a job of its own that goes on after
/// the batch was taken: one that waits for a slow server must not hold back the next batch. A job
/// that is cut off is found by the cron, so that nothing hangs on the queue's own retries. Messages for
/// whose jobs one invocation has not enough go to the queue again.
///
/// # Errors
/// None in practice. The type is the platform's.
pub async fn consume<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    batch: Batch,
    env: Env,
    ctx: Context,
) -> Result<()>
where
    H: JobHandler + Copy + 'static,
{
    console_error_panic_hook::set_once();
    let batch = batch_of(capabilities.consumes, messages_of(&batch), added(&env));
    for message in batch.begun {
        let (env, share) = (env.clone(), batch.share.clone());
        run::wait_until(&ctx, async move {
            let handler = any(handler);
            job(
                function,
                capabilities,
                QUEUE,
                &*handler,
                &message,
                env,
                share,
            )
            .await;
        });
    }
    hand_back(&ctx, env, batch.left);
    Ok(())
}

/// How many statements each call of the database has beside those that it is given.
fn added(env: &Env) -> usize {
    usize::from(count(env) > 1)
}

/// Has other invocations take messages.
fn hand_back(ctx: &Context, env: Env, left: Vec<Wake>) {
    if !left.is_empty() {
        run::wait_until(ctx, async move { Bindings(env).wake(&left).await });
    }
}

/// The texts of a batch, each once.
fn messages_of(batch: &Batch) -> Vec<String> {
    let mut messages = Vec::new();
    for message in batch.raw_iter() {
        if let Some(message) = message.body().as_string()
            && !messages.contains(&message)
        {
            messages.push(message);
        }
    }
    messages
}

/// How long after its beginning an invocation begins another job: what it has left of the platform's 30 seconds and
/// thousand statements must be enough for one. A job that had much to do leaves the next to another invocation.
const AGAIN_MICROS: i64 = SECOND / 10;

thread_local! {
    static TURNS: RefCell<Turns> = RefCell::default();
}

/// As [`consume`], for jobs that process everything that is due: a message that arrives while its job
/// runs in this isolate makes the job run once more, instead of a second job beside it.
///
/// # Errors
/// None in practice. The type is the platform's.
pub async fn consume_in_turn<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    batch: Batch,
    env: Env,
    ctx: Context,
) -> Result<()>
where
    H: JobHandler + Copy + 'static,
{
    console_error_panic_hook::set_once();
    let mut messages = messages_of(&batch);
    messages.retain(|message| TURNS.with_borrow_mut(|turns| turns.begins(message, now())));
    let batch = batch_of(capabilities.consumes, messages, added(&env));
    for wake in &batch.left {
        TURNS.with_borrow_mut(|turns| turns.ends(&wake.message));
    }
    for message in batch.begun {
        let (env, share) = (env.clone(), batch.share.clone());
        run::wait_until(&ctx, async move {
            let began = now();
            let handler = any(handler);
            let mut share = share;
            loop {
                share = job(
                    function,
                    capabilities,
                    QUEUE,
                    &*handler,
                    &message,
                    env.clone(),
                    share,
                )
                .await;
                if !TURNS.with_borrow_mut(|turns| turns.goes_on(&message, now())) {
                    return;
                }
                let need = capabilities
                    .consumes
                    .map(|queue| Need::of(queue, added(&env)));
                let is_enough = need.is_none_or(|need| share.is_enough(need));
                if !is_enough || now() > began.plus(AGAIN_MICROS) {
                    return begin_anew(capabilities, message, env).await;
                }
            }
        });
    }
    hand_back(&ctx, env, batch.left);
    Ok(())
}

/// Leaves a job that is to run once more to another invocation.
async fn begin_anew(capabilities: Capabilities, message: String, env: Env) {
    TURNS.with_borrow_mut(|turns| turns.ends(&message));
    if let Some(queue) = capabilities.consumes {
        let wake = Wake {
            queue,
            message,
            delay_seconds: 0,
        };
        Bindings(env).wake(&[wake]).await;
    }
}

/// Does what is due each minute.
pub async fn each_minute<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    env: Env,
    _ctx: ScheduleContext,
) where
    H: JobHandler + Copy + 'static,
{
    console_error_panic_hook::set_once();
    let whole = Allowance::whole();
    job(function, capabilities, CRON, &*any(handler), "", env, whole).await;
}

/// A handler, whichever it is: what is around a job is in a Worker once, however many kinds of jobs it does.
type Handler =
    dyn for<'a> Fn(&'a common::Context<'_>, &'a str) -> Async<'a, common::http::Result<()>>;

fn any<H>(handler: H) -> Box<Handler>
where
    H: JobHandler + Copy + 'static,
{
    Box::new(move |cx, message| Box::pin(async move { handler(cx, message).await }))
}

/// Does a job, and gives what is left of what it may ask of the platform.
async fn job(
    function: &str,
    capabilities: Capabilities,
    trigger: &str,
    handler: &Handler,
    message: &str,
    env: Env,
    share: Allowance,
) -> Allowance {
    let started = now();
    let parts = Parts::with(env, share);
    let variable = |name: &str| parts.bindings.variable(name);
    let platform = parts.platform(started, capabilities, &variable);
    let JobOutcome {
        afterwards,
        mut log,
    } = work(
        function,
        trigger,
        &platform,
        message,
        async |cx: &common::Context<'_>, message: &str| handler(cx, message).await,
    )
    .await;
    let is_idle = afterwards.is_empty();
    parts.after(afterwards).await;
    if trigger == CRON && is_idle && log.is_quiet() {
        return parts.allowance;
    }
    log.took((now().micros() - started.micros()) / 1000);
    worker::console_log!("{}", log.to_json());
    parts.allowance
}
