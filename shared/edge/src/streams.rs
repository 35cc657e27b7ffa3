//! Answers of others that are read while they come, and answers of ours that are made while they are sent. Only Workers
//! whose row of the ledger says `.streams()` contain any of it.

use crate::convert::response_with;
use crate::platform::Parts;
use crate::ports::{Bindings, call, headers_of, no_answer, send, status_of, text_of};
use crate::reach::{reach, why_never_left};
use crate::{Context, Response, now, run, usage};
use common::http::{BodyStream, Chunk};
use common::ports::{Async, FetchError, OpenedResponse, OutboundRequest, Streams};
use common::time::Timestamp;
use js_sys::{Array, Function, Reflect, Uint8Array};
use serve::{EventStream, Outcome};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::ReadableStream;

impl Streams for Bindings {
    fn open(&self, request: OutboundRequest) -> Async<'_, Result<OpenedResponse, FetchError>> {
        Box::pin(async move {
            reach(&request).await?;
            let opened = opened(&request).await;
            let opened = opened.map_err(|error| no_answer(&text_of(&error)))?;
            match why_never_left(opened.status) {
                None => Ok(opened),
                Some(reason) => Err(FetchError::NotSent(reason.into())),
            }
        })
    }
}

async fn opened(request: &OutboundRequest) -> Result<OpenedResponse, JsValue> {
    let response = send(request).await?;
    let body = Reflect::get(&response, &"body".into())?;
    let reader = match body.is_object() {
        true => Some(call(&body, "getReader", &[]).await?),
        false => None,
    };
    Ok(OpenedResponse {
        status: status_of(&response)?,
        headers: headers_of(&response)?,
        body: Box::new(Pieces { reader }),
    })
}

/// A body as it comes; nothing is left of it behind its end.
struct Pieces {
    reader: Option<JsValue>,
}

impl Pieces {
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let result = call(reader, "read", &[]).await?;
        let value = Reflect::get(&result, &"value".into())?;
        Ok(value
            .dyn_into::<Uint8Array>()
            .ok()
            .map(|piece| piece.to_vec()))
    }
}

impl BodyStream for Pieces {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(async {
            let piece = self.piece().await;
            if !matches!(piece, Ok(Some(_))) {
                self.reader = None;
            }
            match piece {
                Ok(piece) => piece.map(Ok),
                Err(error) => Some(Err(text_of(&error))),
            }
        })
    }
}

impl Drop for Pieces {
    /// Hangs up, so that a model does not go on to write what nobody reads.
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else {
            return;
        };
        let cancel = Reflect::get(&reader, &"cancel".into());
        let cancel = cancel.and_then(|cancel| cancel.dyn_into::<Function>());
        let _hung_up = cancel.and_then(|cancel| cancel.call0(&reader));
    }
}

/// See [`SEND_EVENTS`].
pub(crate) type SendEvents = fn(Outcome, Parts, Timestamp, &Context) -> Result<Response, JsValue>;

/// Answers with events, each sent as soon as it is there. The log line is written at their end.
pub(crate) const SEND_EVENTS: SendEvents = send_events;

fn send_events(
    outcome: Outcome,
    parts: Parts,
    started: Timestamp,
    ctx: &Context,
) -> Result<Response, JsValue> {
    let Outcome {
        mut response,
        afterwards,
        log,
    } = outcome;
    // Of bytes alone, which the platform carries without JavaScript.
    let class: Function =
        Reflect::get(&js_sys::global(), &"IdentityTransformStream".into())?.dyn_into()?;
    let ends = Reflect::construct(&class, &Array::new())?;
    let readable: ReadableStream = Reflect::get(&ends, &"readable".into())?.unchecked_into();
    let writable = Reflect::get(&ends, &"writable".into())?;
    let mut events = EventStream::of(&mut response, log);
    // Beyond the caller, so that the log tells who went away. It is seen when the next event is written.
    run::wait_until(ctx, async move {
        let sent = send_all(&mut events, &writable).await;
        let mut log = events.into_log(sent.is_err());
        log.took((now().micros() - started.micros()) / 1000);
        worker::console_log!("{}", log.to_json());
        let writes_usage = usage::note(&log, started);
        parts.after(afterwards).await;
        if writes_usage {
            usage::write(&parts).await;
        }
    });
    response_with(&response, false, |init| {
        worker::web_sys::Response::new_with_opt_readable_stream_and_init(Some(&readable), init)
    })
}

/// Writes event after event, as fast as they are taken.
///
/// # Errors
/// Where the caller has gone away.
async fn send_all(events: &mut EventStream, writable: &JsValue) -> Result<(), JsValue> {
    let writer = call(writable, "getWriter", &[]).await?;
    let gone: js_sys::Promise = Reflect::get(&writer, &"closed".into())?.dyn_into()?;
    let mut gone = pin!(JsFuture::from(gone));
    loop {
        let next = {
            let mut next = pin!(events.next());
            poll_fn(|cx| {
                if let Poll::Ready(gone) = gone.as_mut().poll(cx) {
                    return Poll::Ready(Err(gone.err().unwrap_or(JsValue::UNDEFINED)));
                }
                next.as_mut().poll(cx).map(Ok)
            })
            .await?
        };
        match next {
            Some(bytes) => call(&writer, "write", &[Uint8Array::from(&*bytes).into()]).await?,
            None => break,
        };
    }
    call(&writer, "close", &[]).await?;
    Ok(())
}
