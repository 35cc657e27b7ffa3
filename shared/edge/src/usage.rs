//! What an isolate collects of the calls that it answers, and writes behind an answer now and then.

use crate::now;
use crate::platform::Parts;
use crate::ports::timer;
use access::usage::{UsageLog, WINDOW_MILLIS};
use common::time::Timestamp;
use serve::LogLine;
use std::cell::RefCell;
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static USAGE: RefCell<UsageLog> = RefCell::default();
}

/// Takes in a request that came then and was answered. Whether it is to go on with [`write`] behind its answer.
pub(crate) fn note(log: &LogLine, came: Timestamp) -> bool {
    let call = log.call(came);
    call.is_some_and(|call| USAGE.with_borrow_mut(|usage| usage.add(&call, now())))
}

/// Waits for what else is answered meanwhile, and writes it all. What cannot be written is lost: the counts are for
/// people to look at, and nothing is decided by them.
pub(crate) async fn write(parts: &Parts) {
    // Where there is no timer, it is written at once.
    let _waited = JsFuture::from(timer(WINDOW_MILLIS)).await;
    let statements = USAGE.with_borrow_mut(|usage| usage.take(now()));
    if statements.is_empty() {
        return;
    }
    if let Err(error) = parts.write(statements).await {
        worker::console_warn!("the log of calls was not written: {error}");
    }
}
