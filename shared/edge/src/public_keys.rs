//! Signatures by keys that others publish, checked by the platform's WebCrypto.

use crate::ports::{Bindings, call, object, text_of};
use common::http::Error;
use common::ports::{Algorithm, Async, PublicKey, PublicKeys, Signed};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

impl PublicKeys for Bindings {
    fn is_signed<'a>(&'a self, signed: Signed<'a>) -> Async<'a, Result<bool, Error>> {
        Box::pin(async move {
            if !signed.key.is_for(signed.algorithm) {
                return Ok(false);
            }
            let checked = check(&signed).await;
            Ok(checked.unwrap_or_else(|error| {
                // Of a key that is none, too.
                worker::console_warn!("a signature could not be checked: {}", text_of(&error));
                false
            }))
        })
    }
}

async fn check(signed: &Signed<'_>) -> Result<bool, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle = Reflect::get(&crypto, &"subtle".into())?;
    let how = algorithm(signed.algorithm)?;
    let usages = Array::of1(&"verify".into());
    let import = [
        "jwk".into(),
        jwk(signed.key)?,
        how.clone(),
        false.into(),
        usages.into(),
    ];
    let key = call(&subtle, "importKey", &import).await?;
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let verify = [how, key, bytes(signed.signature), bytes(signed.message)];
    let is_signed = call(&subtle, "verify", &verify).await?;
    Ok(is_signed.is_truthy())
}

fn algorithm(algorithm: Algorithm) -> Result<JsValue, JsValue> {
    let hash = || ("hash", JsValue::from("SHA-256"));
    let name = |name: &str| ("name", JsValue::from(name));
    match algorithm {
        Algorithm::Rs256 => object(&[name("RSASSA-PKCS1-v1_5"), hash()]),
        Algorithm::Ps256 => object(&[name("RSA-PSS"), hash(), ("saltLength", 32.into())]),
        Algorithm::Es256 => object(&[name("ECDSA"), hash(), ("namedCurve", "P-256".into())]),
        Algorithm::EdDsa => object(&[name("Ed25519")]),
    }
}

/// What is its own of a key, and nothing that its owner says it is for: that was looked at before.
fn jwk(key: &PublicKey) -> Result<JsValue, JsValue> {
    let text = |text: &str| JsValue::from(text);
    match key {
        PublicKey::Rsa { n, e } => object(&[("kty", text("RSA")), ("n", text(n)), ("e", text(e))]),
        PublicKey::P256 { x, y } => object(&[
            ("kty", text("EC")),
            ("crv", text("P-256")),
            ("x", text(x)),
            ("y", text(y)),
        ]),
        PublicKey::Ed25519 { x } => object(&[
            ("kty", text("OKP")),
            ("crv", text("Ed25519")),
            ("x", text(x)),
        ]),
    }
}
