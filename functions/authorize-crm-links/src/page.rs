//! What a person sees who comes back: a page without scripts, styles and anything that the address says.

use common::http::Response;

/// Nothing is loaded, nothing is sent, and nobody frames it.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page with a title and a sentence.
pub(crate) fn page(status: u16, title: &str, message: &str) -> Response {
    let mut html = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    for part in [
        "<meta name=\"viewport\" content=\"width=device-width\"><title>",
        title,
        "</title><h1>",
        title,
        "</h1><p>",
        &escaped(message),
        "</p></html>",
    ] {
        html.push_str(part);
    }
    Response::content(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", POLICY)
        // The address has the code in it.
        .with_header("referrer-policy", "no-referrer")
        .with_header("cross-origin-opener-policy", "same-origin")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
