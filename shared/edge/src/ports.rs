//! HTTP, KV, R2 and queues on the platform's own objects, without serde-wasm-bindgen, which is larger than
//! all of this.

use common::http::Error;
use common::join::join_all;
use common::ports::{
    Async, Blobs, FetchError, Http, OutboundRequest, OutboundResponse, Pause, Wake,
};
use common::time::Timestamp;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use serve::{Turn, Wakes};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// The binding of KV.
const BLOBS: &str = "BLOBS";
/// The binding of the R2 bucket, in deployments that have one (docs/deploy.md).
const BUCKET: &str = "BUCKET";
/// Calls under way at once: an invocation has six connections.
const CONNECTIONS: usize = 6;
/// The user agent; some providers refuse requests without one.
const USER_AGENT: &str = "Tieline/0.1";

thread_local! {
    static WAKES: RefCell<Wakes> = RefCell::default();
}

/// The bindings of a deployment, looked up as they are used.
pub(crate) struct Bindings(pub(crate) Env);

impl Bindings {
    /// A variable or secret.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string()
    }

    pub(crate) fn named(&self, name: &str) -> Result<JsValue, JsValue> {
        let binding = Reflect::get(&self.0, &name.into())?;
        if binding.is_object() {
            return Ok(binding);
        }
        Err(JsValue::from_str(&format!("there is no binding {name}")))
    }
}

/// Calls a method of a platform object, and waits for what it promises.
pub(crate) async fn call(
    object: &JsValue,
    method: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().collect();
    let value = function.apply(object, &arguments)?;
    match value.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(value) => Ok(value),
    }
}

pub(crate) fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}

pub(crate) fn text_of(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error
            .as_string()
            .unwrap_or_else(|| "no reason given".to_owned()),
    }
}

pub(crate) fn unavailable(what: &str) -> impl Fn(JsValue) -> Error + '_ {
    move |error| Error::unavailable(format!("{what}: {}", text_of(&error)))
}

/// In the bucket, where there is one. What was stored before, or expires, is in KV.
impl Blobs for Bindings {
    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        seconds: Option<u32>,
    ) -> Async<'a, Result<(), Error>> {
        Box::pin(async move {
            let store = async {
                let mut arguments = vec![key.into(), Uint8Array::from(bytes).into()];
                let store = match (seconds, self.named(BUCKET)) {
                    (None, Ok(bucket)) => bucket,
                    (None, Err(_)) => self.named(BLOBS)?,
                    (Some(seconds), _) => {
                        arguments.push(object(&[("expirationTtl", seconds.into())])?);
                        self.named(BLOBS)?
                    }
                };
                call(&store, "put", &arguments).await
            };
            store.await.map(|_| ()).map_err(unavailable("put"))
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> Async<'a, Result<Option<Vec<u8>>, Error>> {
        Box::pin(async move {
            let load = async {
                if let Ok(bucket) = self.named(BUCKET) {
                    let found = call(&bucket, "get", &[key.into()]).await?;
                    if !found.is_null() {
                        return call(&found, "arrayBuffer", &[]).await;
                    }
                }
                let options = object(&[("type", "arrayBuffer".into())])?;
                call(&self.named(BLOBS)?, "get", &[key.into(), options]).await
            };
            let value = load.await.map_err(unavailable("get"))?;
            Ok((!value.is_null()).then(|| Uint8Array::new(&value).to_vec()))
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Async<'a, Result<(), Error>> {
        Box::pin(async move {
            let delete = async {
                if let Ok(bucket) = self.named(BUCKET) {
                    let all: Array = keys.iter().map(JsValue::from).collect();
                    call(&bucket, "delete", &[all.into()]).await?;
                }
                let store = self.named(BLOBS)?;
                for some in keys.chunks(CONNECTIONS) {
                    let calls = some.iter().map(|key| [key.into()]);
                    let calls: Vec<[JsValue; 1]> = calls.collect();
                    let calls = calls.iter().map(|key| call(&store, "delete", key));
                    join_all(calls)
                        .await
                        .into_iter()
                        .collect::<Result<Vec<_>, _>>()?;
                }
                Ok(())
            };
            delete.await.map_err(unavailable("delete"))
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Async<'a, Result<Vec<String>, Error>> {
        Box::pin(async move {
            let list = async {
                let options = object(&[("prefix", prefix.into())])?;
                let mut names = Vec::new();
                let stores = [(BUCKET, "objects", "key"), (BLOBS, "keys", "name")];
                for (binding, rows, name) in stores {
                    let store = match self.named(binding) {
                        Err(_) if binding == BUCKET => continue,
                        store => store?,
                    };
                    let answer = call(&store, "list", std::slice::from_ref(&options)).await?;
                    let rows: Array = Reflect::get(&answer, &rows.into())?.dyn_into()?;
                    for row in rows.iter() {
                        names.extend(Reflect::get(&row, &name.into())?.as_string());
                    }
                }
                Ok(names)
            };
            list.await.map_err(unavailable("list"))
        })
    }
}

impl Bindings {
    /// Sends messages to queues, one for many that come at once. The cron finds what a lost message would have woken.
    pub(crate) async fn wake(&self, wakes: &[Wake]) {
        let mut later = Vec::new();
        for wake in wakes {
            match WAKES.with_borrow_mut(|all| all.turn(wake, crate::now())) {
                Turn::Now => self.send_or_warn(wake).await,
                Turn::After(millis) => later.push((wake, millis)),
                Turn::Never => {}
            }
        }
        for (wake, millis) in later {
            // Where there is no timer, it is sent at once.
            let _waited = JsFuture::from(timer(millis)).await;
            WAKES.with_borrow_mut(|all| all.sent(wake, crate::now()));
            self.send_or_warn(wake).await;
        }
    }

    async fn send_or_warn(&self, wake: &Wake) {
        if let Err(error) = self.send(wake).await {
            worker::console_warn!("nobody was woken: {}", text_of(&error));
        }
    }

    async fn send(&self, wake: &Wake) -> Result<JsValue, JsValue> {
        let options = object(&[
            ("contentType", "text".into()),
            ("delaySeconds", wake.delay_seconds.into()),
        ])?;
        let queue = self.named(wake.queue.binding())?;
        call(&queue, "send", &[wake.message.as_str().into(), options]).await
    }
}

/// A promise that is kept, with nothing, after so many milliseconds.
pub(crate) fn timer(millis: u32) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let scope = js_sys::global();
        let timer = Reflect::get(&scope, &"setTimeout".into());
        let timer = timer.and_then(|timer| timer.dyn_into::<Function>());
        let set = timer.and_then(|timer| timer.call2(&scope, &resolve, &millis.into()));
        if set.is_err() {
            let _told = reject.call0(&scope);
        }
    })
}

impl Pause for Bindings {
    fn pause(&self, millis: u32) -> Async<'_, Option<Timestamp>> {
        Box::pin(async move {
            JsFuture::from(timer(millis)).await.ok()?;
            Some(crate::now())
        })
    }
}

impl Http for Bindings {
    fn fetch(&self, request: OutboundRequest) -> Async<'_, Result<OutboundResponse, FetchError>> {
        Box::pin(async move {
            crate::reach::reach(&request).await?;
            let answer = exchange(request).await;
            let answer = answer.map_err(|error| no_answer(&text_of(&error)))?;
            match crate::reach::why_never_left(answer.status) {
                None => Ok(answer),
                Some(reason) => Err(FetchError::NotSent(reason.into())),
            }
        })
    }
}

/// Classifies a failed fetch by the platform's message: it was certainly not sent if the host is unknown
/// or refused the connection.
pub(crate) fn no_answer(reason: &str) -> FetchError {
    let lower = reason.to_ascii_lowercase();
    let never_left = [
        "refused",
        "dns",
        "could not resolve",
        "getaddrinfo",
        "unreachable",
        "invalid url",
    ];
    if never_left.iter().any(|word| lower.contains(word)) {
        FetchError::NotSent(reason.to_owned())
    } else {
        FetchError::Unsure(reason.to_owned())
    }
}

async fn exchange(request: OutboundRequest) -> Result<OutboundResponse, JsValue> {
    let response = send(&request).await?;
    let (body, is_cut) = body_of(&response, request.max_bytes).await?;
    Ok(OutboundResponse {
        status: status_of(&response)?,
        headers: headers_of(&response)?,
        body,
        is_cut,
    })
}

/// Sends a request and gives the platform's response once its headers are there.
pub(crate) async fn send(request: &OutboundRequest) -> Result<JsValue, JsValue> {
    let scope = js_sys::global();
    let headers = Object::new();
    Reflect::set(&headers, &"user-agent".into(), &USER_AGENT.into())?;
    for (name, value) in &request.headers {
        Reflect::set(&headers, &(*name).into(), &value.as_str().into())?;
    }
    for (name, value) in &request.custom_headers {
        Reflect::set(&headers, &name.as_str().into(), &value.as_str().into())?;
    }
    let abort: Function = Reflect::get(&scope, &"AbortSignal".into())?.dyn_into()?;
    let timeout: Function = Reflect::get(&abort, &"timeout".into())?.dyn_into()?;
    let signal = timeout.call1(&abort, &request.timeout_ms.into())?;
    let mut fields = vec![
        ("method", request.method.into()),
        ("headers", headers.into()),
        ("redirect", "manual".into()),
        ("signal", signal),
    ];
    if let Some(body) = &request.body {
        fields.push(("body", Uint8Array::from(body.as_slice()).into()));
    }
    let init = object(&fields)?;
    call(&scope, "fetch", &[request.url.as_str().into(), init]).await
}

pub(crate) fn status_of(response: &JsValue) -> Result<u16, JsValue> {
    let status = Reflect::get(response, &"status".into())?.as_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a status has three digits"
    )]
    Ok(status.unwrap_or_default() as u16)
}

pub(crate) fn headers_of(response: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let headers = Reflect::get(response, &"headers".into())?;
    let Ok(Some(pairs)) = js_sys::try_iter(&headers) else {
        return Ok(Vec::new());
    };
    let pair = |pair: Result<JsValue, JsValue>| {
        let pair: Array = pair.ok()?.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Ok(pairs.filter_map(pair).collect())
}

/// Adds a piece to a body of which so many bytes are wanted. It grows by doubling, as vectors do, but never beyond what is
/// wanted: what is reserved in WASM is never given back.
fn add(bytes: &mut Vec<u8>, piece: &[u8], max: usize) {
    let needed = bytes.len() + piece.len();
    if needed > bytes.capacity() {
        let room = bytes.capacity().saturating_mul(2).min(max).max(needed);
        bytes.reserve_exact(room - bytes.len());
    }
    bytes.extend_from_slice(piece);
}

/// The body's first bytes, and whether there were more. A body that is not wanted to its end is let
/// go, so that a sender without end cannot hold us.
pub(crate) async fn body_of(response: &JsValue, max: usize) -> Result<(Vec<u8>, bool), JsValue> {
    let body = Reflect::get(response, &"body".into())?;
    if !body.is_object() {
        return Ok((Vec::new(), false));
    }
    let reader = call(&body, "getReader", &[]).await?;
    let mut bytes = Vec::new();
    loop {
        let result = call(&reader, "read", &[]).await?;
        let Ok(piece) = Reflect::get(&result, &"value".into())?.dyn_into::<Uint8Array>() else {
            return Ok((bytes, false));
        };
        add(&mut bytes, &piece.to_vec(), max);
        if bytes.len() > max {
            bytes.truncate(max);
            // Not awaited: the connection is dropped either way.
            let _dropped = call(&reader, "cancel", &[]).await;
            return Ok((bytes, true));
        }
    }
}
