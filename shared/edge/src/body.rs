use common::http::{BodyStream, Chunk};
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::Request;

/// The largest body that is taken at once, where the sender states its length: a thousand customers have a third of this.
const AT_ONCE_BYTES: u32 = 1024 * 1024;
/// The largest piece of others that is asked for: what a body may hold beyond its cap before it is refused.
const PIECE_BYTES: u32 = 256 * 1024;
/// The size of a read where the sender states no length.
const UNTOLD_BYTES: u32 = 64 * 1024;

/// A request's body, taken piece by piece, so that no more is held than the cap and a piece.
///
/// Left to itself the platform hands over 4 KB at a time, and each turn through JavaScript costs
/// more than the copy; so pieces are asked for by the size of what is left, and a reader is made only
/// for what is not taken at once.
pub(crate) struct Stream<'a> {
    request: &'a Request,
    state: State,
}

enum State {
    /// Nothing was asked for yet.
    Untouched,
    /// Read in pieces; how much is left, where the sender told.
    Reading(JsValue, Option<u32>),
    AtEnd,
}

impl<'a> Stream<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        Self {
            request,
            state: State::Untouched,
        }
    }

    /// The next piece; `None` at the end.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        match std::mem::replace(&mut self.state, State::AtEnd) {
            State::AtEnd => Ok(None),
            State::Reading(reader, left) => self.next_of(reader, left).await,
            State::Untouched => {
                let length = self.request.headers().get("content-length")?;
                match length.and_then(|length| length.parse().ok()) {
                    Some(0) => Ok(None),
                    Some(length) if length <= AT_ONCE_BYTES => {
                        let bytes = JsFuture::from(self.request.array_buffer()?).await?;
                        Ok(some(&Uint8Array::new(&bytes)))
                    }
                    length => match self.request.body() {
                        None => Ok(None),
                        Some(body) => self.next_of(reader_of(&body)?, length).await,
                    },
                }
            }
        }
    }

    async fn next_of(
        &mut self,
        reader: JsValue,
        left: Option<u32>,
    ) -> Result<Option<Vec<u8>>, JsValue> {
        if left == Some(0) {
            return Ok(None);
        }
        let size = left.unwrap_or(UNTOLD_BYTES).min(PIECE_BYTES);
        let read: Function = Reflect::get(&reader, &"readAtLeast".into())?.dyn_into()?;
        let view = Uint8Array::new_with_length(size);
        let promise: Promise = read.call2(&reader, &size.into(), &view)?.dyn_into()?;
        let result = JsFuture::from(promise).await?;
        let Ok(piece) = Reflect::get(&result, &"value".into())?.dyn_into::<Uint8Array>() else {
            return Ok(None);
        };
        let left = left.map(|left| left.saturating_sub(piece.length()));
        self.state = State::Reading(reader, left);
        Ok(some(&piece))
    }
}

fn some(piece: &Uint8Array) -> Option<Vec<u8>> {
    let bytes = piece.to_vec();
    (!bytes.is_empty()).then_some(bytes)
}

fn reader_of(body: &JsValue) -> Result<JsValue, JsValue> {
    let get: Function = Reflect::get(body, &"getReader".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"byob".into())?;
    get.call1(body, &options)
}

impl BodyStream for Stream<'_> {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(async {
            match self.piece().await {
                Ok(piece) => piece.map(Ok),
                Err(error) => Some(Err(format!("{error:?}"))),
            }
        })
    }

    fn length(&self) -> Option<usize> {
        let length = self.request.headers().get("content-length").ok()?;
        length?.parse().ok()
    }
}
