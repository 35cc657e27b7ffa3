use crate::ports::Bindings;
use js_sys::{Object, Reflect};
use serve::{Counts, RateLimiter};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::RateLimiter as Raw;

/// The binding; a deployment without it has no limit.
const BINDING: &str = "RATE_LIMITER";

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

async fn ask(binding: &Raw, key: &str) -> Result<bool, JsValue> {
    let question = Object::new();
    Reflect::set(&question, &"key".into(), &key.into())?;
    let outcome = JsFuture::from(binding.limit(question)?).await?;
    Ok(Reflect::get(&outcome, &"success".into())?.is_truthy())
}

impl RateLimiter for Bindings {
    fn allow<'a>(&'a self, key: &'a str, weight: u32) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            let questions = COUNTS.with_borrow_mut(|counts| counts.questions(key, weight));
            if questions == 0 {
                return true;
            }
            let Ok(binding) = self.named(BINDING) else {
                return true;
            };
            let mut is_allowed = true;
            for _ in 0..questions {
                // A limiter that fails must not stop the business.
                is_allowed = ask(binding.unchecked_ref(), key).await.unwrap_or(true);
                if !is_allowed {
                    break;
                }
            }
            COUNTS.with_borrow_mut(|counts| counts.answered(key, is_allowed));
            is_allowed
        })
    }
}
