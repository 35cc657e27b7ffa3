use common::http::{BodyStream, Chunk};
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Request;

/// The largest piece asked for: what a body may hold beyond its cap before it is refused.
const PIECE_BYTES: u32 = 256 * 1024;
/// The piece asked for where the sender does not tell the length.
const UNTOLD_BYTES: u32 = 64 * 1024;

/// A request's body, taken piece by piece, so that no more is held than the cap and a piece.
///
/// Left to itself the platform hands over 4 KB at a time, and each turn through JavaScript costs
/// more than the copy; so pieces are asked for by the size of what is left.
pub(crate) struct Stream {
    reader: Option<Result<JsValue, JsValue>>,
    left: Option<u32>,
}

impl Stream {
    pub(crate) fn of(request: &Request) -> Self {
        let length = request.headers().get("content-length").ok().flatten();
        Self {
            reader: request.inner().body().map(|body| reader_of(&body)),
            left: length.and_then(|length| length.parse().ok()),
        }
    }

    /// The next piece; `None` at the end.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let reader = match &self.reader {
            None => return Ok(None),
            Some(reader) => reader.as_ref().map_err(JsValue::clone)?,
        };
        if self.left == Some(0) {
            return Ok(None);
        }
        let size = self.left.unwrap_or(UNTOLD_BYTES).min(PIECE_BYTES);
        let read: Function = Reflect::get(reader, &"readAtLeast".into())?.dyn_into()?;
        let view = Uint8Array::new_with_length(size);
        let promise: Promise = read.call2(reader, &size.into(), &view)?.dyn_into()?;
        let result = JsFuture::from(promise).await?;
        let Ok(piece) = Reflect::get(&result, &"value".into())?.dyn_into::<Uint8Array>() else {
            return Ok(None);
        };
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(piece.length());
        }
        Ok((piece.length() > 0).then(|| piece.to_vec()))
    }
}

fn reader_of(body: &JsValue) -> Result<JsValue, JsValue> {
    let get: Function = Reflect::get(body, &"getReader".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"byob".into())?;
    get.call1(body, &options)
}

impl BodyStream for Stream {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(async {
            match self.piece().await {
                Ok(piece) => piece.map(Ok),
                Err(error) => Some(Err(format!("{error:?}"))),
            }
        })
    }
}
