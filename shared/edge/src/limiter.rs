use crate::ports::Bindings;
use js_sys::{Object, Reflect};
use serve::RateLimiter;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::RateLimiter as Raw;

/// The binding; a deployment without it has no limit.
const BINDING: &str = "RATE_LIMITER";

/// One question to the binding stands for this many requests of a key: asking costs a call of the
/// platform, as dear locally as one of D1. wrangler.toml's limit is counted in these.
const REQUESTS_PER_QUESTION: u32 = 10;
/// Most keys whose requests an isolate counts; beyond it starts anew.
const MAX_KEYS: usize = 4096;

thread_local! {
    static COUNTS: RefCell<HashMap<String, Count>> = RefCell::default();
}

#[derive(Default)]
struct Count {
    requests: u32,
    over: bool,
}

async fn ask(binding: &Raw, key: &str) -> Result<bool, JsValue> {
    let question = Object::new();
    Reflect::set(&question, &"key".into(), &key.into())?;
    let outcome = JsFuture::from(binding.limit(question)?).await?;
    Ok(Reflect::get(&outcome, &"success".into())?.is_truthy())
}

impl RateLimiter for Bindings {
    fn allow<'a>(&'a self, key: &'a str) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            if !is_due(key) {
                return true;
            }
            let Ok(binding) = self.named(BINDING) else {
                return true;
            };
            // A limiter that fails must not stop the business.
            let allowed = ask(binding.unchecked_ref(), key).await.unwrap_or(true);
            COUNTS.with_borrow_mut(|counts| {
                counts.entry(key.to_owned()).or_default().over = !allowed
            });
            allowed
        })
    }
}

/// Counts a request, and says whether the binding is to be asked: at every tenth request of a key,
/// and at each one while the key is over its limit.
fn is_due(key: &str) -> bool {
    COUNTS.with_borrow_mut(|counts| {
        if counts.len() >= MAX_KEYS {
            counts.clear();
        }
        let count = counts.entry(key.to_owned()).or_default();
        count.requests = count.requests.wrapping_add(1);
        count.over || count.requests % REQUESTS_PER_QUESTION == 0
    })
}
