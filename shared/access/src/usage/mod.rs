//! What the API is asked: each call of a key or a member, as far as the bounds go, and counts of all. An isolate collects
//! it and writes it now and then, after answers that it gave: no answer waits for it, and what an isolate has not
//! written when it dies is lost.

mod counts;
mod kept;
mod log;

pub use counts::{Counts, MS_BOUNDS};
pub use log::{Call, UsageLog, WINDOW_MILLIS};

/// What the dashboard asks again and again, and at each of its pages: a log would fill with that. Such calls are counted,
/// and not kept one by one.
pub const NOT_KEPT: [&str; 3] = ["api_call_list", "me_get", "status_get"];
