use crate::calls::CallHandler;
use crate::platform::Parts;
use crate::ports::{body_of, object};
use crate::{Capabilities, Context, Env, Result, now, run};
use js_sys::Reflect;
use serve::{CallOutcome, called};
use worker::ForwardableEmailMessage;

/// A mail that Email Routing hands over.
pub type Mail = ForwardableEmailMessage;

/// Largest mail that is read, in bytes: what Email Routing takes (channels.md §6.2).
const MAX_BYTES: usize = 25 * 1024 * 1024;

/// Hands a mail to a handler, with its envelope (`from` and `to`, each on a line) as the note. What
/// the handler answers is why the mail is turned away; nothing where it is taken.
///
/// # Errors
/// Where the mail cannot be taken now: its sender's server comes again.
pub async fn receive_mail<H>(
    function: &'static str,
    capabilities: Capabilities,
    handler: H,
    mail: Mail,
    env: Env,
    ctx: Context,
) -> Result<()>
where
    H: CallHandler,
{
    console_error_panic_hook::set_once();
    let started = now();
    let parts = Parts::of(env);
    let variable = |name: &str| parts.bindings.variable(name);
    let platform = parts.platform(started, capabilities, &variable);
    let raw = object(&[("body", Reflect::get(&mail, &"raw".into())?)])?;
    let (raw, is_cut) = body_of(&raw, MAX_BYTES).await?;
    if is_cut {
        mail.set_reject("The message is larger than 25 MiB.");
        return Ok(());
    }
    let envelope = [mail.from(), mail.to()].map(|address| address.replace(['\r', '\n'], ""));
    let CallOutcome {
        answered,
        afterwards,
        mut log,
    } = called(function, &platform, &envelope.join("\n"), &raw, handler).await;
    drop(raw);
    let (is_taken, status) = (answered.is_done(), answered.status);
    if is_taken && !answered.body.is_empty() {
        mail.set_reject(&String::from_utf8_lossy(&answered.body));
    }
    run::wait_until(&ctx, async move {
        parts.after(afterwards).await;
        log.took((now().micros() - started.micros()) / 1000);
        worker::console_log!("{}", log.to_json());
    });
    match is_taken {
        true => Ok(()),
        false => Err(format!("the mail could not be taken: {status}").into()),
    }
}
