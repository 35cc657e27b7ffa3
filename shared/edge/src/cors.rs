//! What browsers ask before they call from a page of another origin. The gateway answers, and so does a
//! function, which Workers routes may put before it.

use crate::convert::response_of;
use crate::{Response, Result};
use common::http::Method;
use common::http::Route;
use common::http::ledger::is_shared_in;

/// Headers that a browser may send to us.
const ALLOWED_HEADERS: &str =
    "x-api-key, authorization, content-type, idempotency-key, range, if-none-match";
/// Seconds for which a browser may remember that.
const PREFLIGHT_SECONDS: &str = "86400";

/// Whether a request is such a question, where pages of other origins may call at all.
pub(crate) fn is_preflight(routes: &[Route], method: &str, path: &str) -> bool {
    method == "OPTIONS" && is_shared_in(routes, path)
}

/// The answer for a path that has these methods.
pub(crate) fn preflight(methods: &[Method]) -> Result<Response> {
    let methods: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
    let answer = common::http::Response::empty(204)
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-allow-methods", methods.join(", "))
        .with_header("access-control-allow-headers", ALLOWED_HEADERS)
        .with_header("access-control-max-age", PREFLIGHT_SECONDS);
    Ok(response_of(answer)?)
}
