//! Whether a request that failed may have left. One that has not is sent again; one that may have is not.

use crate::ports::{call, text_of, timer};
use common::ports::{FetchError, OutboundRequest};
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "cloudflare:sockets")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn connect(address: &str) -> Result<JsValue, JsValue>;
}

/// Why a request never left, where Cloudflare says so by a status of its own.
pub(crate) fn why_never_left(status: u16) -> Option<&'static str> {
    match status {
        521 => Some("the server refused the connection (521)"),
        523 => Some("the server could not be reached (523)"),
        530 => Some("the host has no address (530)"),
        _ => None,
    }
}

/// Connects to where a request goes that must not be sent twice, and hangs up again.
///
/// Outside of Cloudflare's network, workerd fails alike for a connection that was refused and for one that
/// broke after the request. What runs beside it is called by plain `http`, so only then this costs anything.
///
/// # Errors
/// [`FetchError::NotSent`] where there is no connection.
pub(crate) async fn reach(request: &OutboundRequest) -> Result<(), FetchError> {
    let Some(address) = plain_address(&request.url).filter(|_| request.method == "POST") else {
        return Ok(());
    };
    let knock = knock(&address, request.timeout_ms).await;
    knock.map_err(|error| FetchError::NotSent(format!("no connection: {}", text_of(&error))))
}

/// The host and port of a URL of plain `http`.
fn plain_address(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(match has_port {
        true => host.to_owned(),
        false => format!("{host}:80"),
    })
}

async fn knock(address: &str, timeout_ms: u32) -> Result<(), JsValue> {
    let socket = connect(address)?;
    let opened: Promise = Reflect::get(&socket, &"opened".into())?.dyn_into()?;
    let first = Promise::race(&Array::of2(&opened, &timer(timeout_ms)));
    if JsFuture::from(first).await?.is_undefined() {
        return Err(JsValue::from_str("nobody answered in time"));
    }
    call(&socket, "close", &[]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plain_address;

    #[test]
    fn only_plain_http_is_asked_before() {
        let address = |url| plain_address(url);
        assert_eq!(address("https://graph.facebook.com/v25.0/1/messages"), None);
        let there = |address: &str| Some(address.to_owned());
        assert_eq!(
            address("http://127.0.0.1:4000/v25.0?a=b"),
            there("127.0.0.1:4000")
        );
        assert_eq!(address("http://[::1]:80/x"), there("[::1]:80"));
        assert_eq!(address("http://[::1]/x"), there("[::1]:80"));
        assert_eq!(address("http://user:pw@localhost"), there("localhost:80"));
    }
}
