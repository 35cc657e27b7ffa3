use crate::platform::Parts;
use crate::ports::{call, text_of};
use crate::{Capabilities, Context, Env, Result, now, run};
use common::http::{BodyStream, Chunk};
use js_sys::{Reflect, Uint8Array};
use serve::{CallOutcome, mailed};
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use worker::ForwardableEmailMessage;

/// A mail that Email Routing hands over.
pub type Mail = ForwardableEmailMessage;

/// What takes a mail in: its envelope comes along, its bytes are the context's body.
pub trait MailHandler: AsyncFn(&common::Context<'_>, &str) -> common::http::Result<String> {}

impl<H> MailHandler for H where
    H: AsyncFn(&common::Context<'_>, &str) -> common::http::Result<String>
{
}

/// The bytes of a mail, piece by piece.
struct Raw<'m> {
    mail: &'m Mail,
    /// None before the first piece is asked for.
    reader: Option<JsValue>,
}

impl Raw<'_> {
    async fn piece(&mut self) -> std::result::Result<Option<Vec<u8>>, JsValue> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let stream = Reflect::get(self.mail, &"raw".into())?;
                call(&stream, "getReader", &[]).await?
            }
        };
        let result = call(&reader, "read", &[]).await?;
        self.reader = Some(reader);
        let value = Reflect::get(&result, &"value".into())?;
        Ok(value
            .dyn_into::<Uint8Array>()
            .ok()
            .map(|piece| piece.to_vec()))
    }
}

impl BodyStream for Raw<'_> {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(async {
            match self.piece().await {
                Ok(piece) => piece.map(Ok),
                Err(error) => Some(Err(text_of(&error))),
            }
        })
    }

    fn length(&self) -> Option<usize> {
        let size = Reflect::get(self.mail, &"rawSize".into()).ok()?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size, which saturates"
        )]
        Some(size as usize)
    }
}

/// Hands a mail to a handler, with its envelope: `from` and `to`, each on a line. What the handler
/// answers is why the mail is turned away; nothing where it is taken.
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
    H: MailHandler,
{
    console_error_panic_hook::set_once();
    let started = now();
    let parts = Parts::of(env);
    let variable = |name: &str| parts.bindings.variable(name);
    let platform = parts.platform(started, capabilities, &variable);
    let envelope = [mail.from(), mail.to()].map(|address| address.replace(['\r', '\n'], ""));
    let CallOutcome {
        answered,
        afterwards,
        mut log,
    } = {
        let mut raw = Raw {
            mail: &mail,
            reader: None,
        };
        mailed(function, &platform, &envelope.join("\n"), &mut raw, handler).await
    };
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
