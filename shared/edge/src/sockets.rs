//! TCP on the platform's sockets, which encrypt and check certificates themselves.

use crate::ports::{Bindings, call, object, text_of, timer};
use common::ports::{Async, Socket, SocketError, Sockets};
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "cloudflare:sockets")]
extern "C" {
    #[wasm_bindgen(catch, js_name = connect)]
    fn connect_with(address: &str, options: &JsValue) -> Result<JsValue, JsValue>;
}

/// A connection, and what reads and writes it.
struct Connection {
    socket: JsValue,
    reader: JsValue,
    writer: JsValue,
}

impl Sockets for Bindings {
    fn connect<'a>(
        &'a self,
        address: &'a str,
        timeout_ms: u32,
    ) -> Async<'a, Result<Box<dyn Socket>, SocketError>> {
        Box::pin(async move {
            let open = async {
                let options = object(&[("secureTransport", "starttls".into())])?;
                let socket = connect_with(address, &options)?;
                within(&promised(&socket, "opened")?, timeout_ms).await?;
                Connection::of(socket).await.map_err(Fault::from)
            };
            let open: Result<Connection, Fault> = open.await;
            match open {
                Ok(connection) => Ok(Box::new(connection) as Box<dyn Socket>),
                Err(Fault::Late) => Err(SocketError::TimedOut),
                Err(Fault::Thrown(error)) => Err(SocketError::NotConnected(text_of(&error))),
            }
        })
    }
}

impl Connection {
    async fn of(socket: JsValue) -> Result<Self, JsValue> {
        // Somebody has to look at what this promises, or the platform logs that nobody does.
        let _seen = Promise::all_settled(&Array::of1(&promised(&socket, "closed")?.into()));
        let stream = |name: &str| Reflect::get(&socket, &name.into());
        let reader = call(&stream("readable")?, "getReader", &[]).await?;
        let writer = call(&stream("writable")?, "getWriter", &[]).await?;
        Ok(Self {
            socket,
            reader,
            writer,
        })
    }

    async fn upgrade(&mut self, timeout_ms: u32) -> Result<(), Fault> {
        call(&self.reader, "releaseLock", &[]).await?;
        call(&self.writer, "releaseLock", &[]).await?;
        let socket = call(&self.socket, "startTls", &[]).await?;
        let opened = promised(&socket, "opened")?;
        *self = Self::of(socket).await?;
        within(&opened, timeout_ms).await?;
        Ok(())
    }

    async fn receive(&self, timeout_ms: u32) -> Result<Vec<u8>, Fault> {
        let result = within(&begun(&self.reader, "read", &[])?, timeout_ms).await?;
        let value = Reflect::get(&result, &"value".into())?;
        Ok(value
            .dyn_into::<Uint8Array>()
            .map(|bytes| bytes.to_vec())
            .unwrap_or_default())
    }
}

impl Socket for Connection {
    fn write<'a>(
        &'a mut self,
        bytes: &'a [u8],
        timeout_ms: u32,
    ) -> Async<'a, Result<(), SocketError>> {
        Box::pin(async move {
            let write = async {
                let bytes = Uint8Array::from(bytes).into();
                within(&begun(&self.writer, "write", &[bytes])?, timeout_ms).await
            };
            let written: Result<JsValue, Fault> = write.await;
            written.map(|_| ()).map_err(SocketError::from)
        })
    }

    fn read(&mut self, timeout_ms: u32) -> Async<'_, Result<Vec<u8>, SocketError>> {
        Box::pin(async move { Ok(self.receive(timeout_ms).await?) })
    }

    fn start_tls(&mut self, timeout_ms: u32) -> Async<'_, Result<(), SocketError>> {
        Box::pin(async move { Ok(self.upgrade(timeout_ms).await?) })
    }

    fn close(&mut self) -> Async<'_, ()> {
        Box::pin(async move {
            // What is left of it goes with the invocation.
            let _closed = call(&self.socket, "close", &[]).await;
        })
    }
}

/// Why something that was waited for is not there.
pub(crate) enum Fault {
    Late,
    Thrown(JsValue),
}

impl From<JsValue> for Fault {
    fn from(error: JsValue) -> Self {
        Self::Thrown(error)
    }
}

impl From<Fault> for SocketError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Late => Self::TimedOut,
            Fault::Thrown(error) => Self::Broken(text_of(&error)),
        }
    }
}

fn promised(object: &JsValue, name: &str) -> Result<Promise, JsValue> {
    Reflect::get(object, &name.into())?.dyn_into()
}

/// Calls a method, without waiting for what it promises.
pub(crate) fn begun(
    object: &JsValue,
    method: &str,
    arguments: &[JsValue],
) -> Result<Promise, JsValue> {
    let function: js_sys::Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().collect();
    function.apply(object, &arguments)?.dyn_into()
}

/// Waits for a promise, at most so long.
pub(crate) async fn within(promise: &Promise, timeout_ms: u32) -> Result<JsValue, Fault> {
    // An array in any case, which the nothing of the timer is not.
    let settled = Promise::all_settled(&Array::of1(promise.as_ref()));
    let first = JsFuture::from(Promise::race(&Array::of2(
        settled.as_ref(),
        timer(timeout_ms).as_ref(),
    )))
    .await?;
    let Ok(settled) = first.dyn_into::<Array>() else {
        return Err(Fault::Late);
    };
    let outcome = settled.get(0);
    if Reflect::get(&outcome, &"status".into())? == "fulfilled" {
        return Ok(Reflect::get(&outcome, &"value".into())?);
    }
    Err(Fault::Thrown(Reflect::get(&outcome, &"reason".into())?))
}
