use js_sys::Uint8Array;
use std::borrow::Cow;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use worker::web_sys::{Headers, Response, ResponseInit};

/// Path and query of a request's URL, as sent, the query without its `?`. Without parsing the URL,
/// which costs more than the rest of the routing: the platform writes it with a scheme and a path.
pub(crate) fn path_and_query(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let path = rest.find('/').and_then(|slash| rest.get(slash..));
    let path = path.unwrap_or("/");
    path.split_once('?').unwrap_or((path, ""))
}

/// Most heads that an isolate keeps; beyond it starts anew.
const MAX_HEADS: usize = 64;

/// The status and the headers that answers have in common, as the platform takes them.
struct Head {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    init: ResponseInit,
}

thread_local! {
    /// Each header that crosses costs as much as a small answer's body, and most are the same in
    /// every answer.
    static HEADS: RefCell<Vec<Head>> = RefCell::default();
}

/// The answer as the platform sends it. Of headers with one name the last holds.
pub(crate) fn response_of(response: common::http::Response) -> Result<Response, JsValue> {
    let is_empty = response.body().is_empty();
    response_with(&response, is_empty, |init| {
        if is_empty {
            return Response::new_with_opt_str_and_init(None, init);
        }
        let body = Uint8Array::from(response.body());
        Response::new_with_opt_buffer_source_and_init(Some(&body), init)
    })
}

/// The status and the headers of an answer, with a body that the platform is given.
pub(crate) fn response_with(
    response: &common::http::Response,
    is_empty: bool,
    make: impl FnOnce(&ResponseInit) -> Result<Response, JsValue>,
) -> Result<Response, JsValue> {
    let status = response.status();
    let mut fixed = Vec::with_capacity(8);
    let mut own = Vec::with_capacity(4);
    let headers = response.headers();
    for (n, (name, value)) in headers.iter().enumerate() {
        let is_last = headers.iter().skip(n + 1).all(|(later, _)| later != name);
        match value {
            Cow::Borrowed(value) if is_last => fixed.push((*name, *value)),
            Cow::Owned(value) if is_last => own.push((*name, value.as_str())),
            _ => {}
        }
    }
    if is_empty {
        // Else workerd, run locally, calls nothing gzip, at which some clients stumble.
        fixed.push(("content-encoding", "identity"));
    }
    let init = init_of(status, fixed)?;
    let answer = make(&init)?;
    if !own.is_empty() {
        let headers = answer.headers();
        for (name, value) in own {
            headers.set(name, value)?;
        }
    }
    Ok(answer)
}

fn init_of(status: u16, fixed: Vec<(&'static str, &'static str)>) -> Result<ResponseInit, JsValue> {
    let known = HEADS.with_borrow(|heads| {
        let same = |head: &&Head| head.status == status && head.headers == fixed;
        heads.iter().find(same).map(|head| head.init.clone())
    });
    if let Some(init) = known {
        return Ok(init);
    }
    let headers = Headers::new()?;
    for (name, value) in &fixed {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    HEADS.with_borrow_mut(|heads| {
        if heads.len() >= MAX_HEADS {
            heads.clear();
        }
        heads.push(Head {
            status,
            headers: fixed,
            init: init.clone(),
        });
    });
    Ok(init)
}

#[cfg(test)]
mod tests {
    use super::path_and_query;

    #[test]
    fn a_url_is_cut_into_path_and_query() {
        for (url, path, query) in [
            ("https://a.example/", "/", ""),
            ("https://a.example", "/", ""),
            ("https://a.example/b/c?d=1&e=/f?", "/b/c", "d=1&e=/f?"),
            ("https://a.example/b#/c?d", "/b", ""),
            ("https://a.example/b?c#d", "/b", "c"),
            ("http://127.0.0.1:8080/a%3Fb?c=://", "/a%3Fb", "c=://"),
        ] {
            assert_eq!(path_and_query(url), (path, query), "{url}");
        }
    }
}
