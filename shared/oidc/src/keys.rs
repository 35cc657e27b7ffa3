//! The keys of an issuer, and what they have signed.

use crate::answer::object_at;
use crate::{Metadata, Trouble};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use common::Context;
use common::http::Error;
use common::json::raw::{self, Object};
use common::ports::{Algorithm, PublicKey, Signed};
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;
use std::rc::Rc;

/// Most bytes of keys that are read. Those in use have 2 to 20 KB.
const MAX_BYTES: usize = 256 * 1024;
/// Most keys of an issuer that are looked at.
const MAX_KEYS: usize = 64;
/// Most keys that a signature is tried by that names none.
const MAX_TRIES: usize = 8;
/// Most issuers whose keys an isolate remembers.
const MAX_ISSUERS: usize = 64;
/// How long it trusts them. What none of them has signed has them asked for at once.
const TRUST_MICROS: i64 = 3600 * SECOND;
/// Characters of the least modulus of RSA that is taken: 2048 bits (RFC 7518 §3.3).
const MIN_MODULUS_CHARS: usize = 342;
/// Characters of the largest: 8192 bits.
const MAX_MODULUS_CHARS: usize = 1366;
/// Characters of 32 bytes.
const CHARS_OF_32: usize = 43;

thread_local! {
    static KNOWN: RefCell<TtlCache<Rc<Vec<Key>>>> =
        RefCell::new(TtlCache::new(MAX_ISSUERS, TRUST_MICROS));
}

/// A key that signs.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The one algorithm that it is for, where it says so.
    algorithm: Option<String>,
    key: PublicKey,
}

/// The claims of a token that a key of the issuer has signed (RFC 7515, RFC 7519), as JSON. None of what they say has been
/// looked at yet.
///
/// # Errors
/// [`Trouble`] within, for a token that is none, by another algorithm than those of [`Algorithm`], or that no key of the
/// issuer's has signed. 500 where signatures cannot be checked.
pub async fn signed_claims(
    cx: &Context<'_>,
    metadata: &Metadata,
    token: &str,
) -> Result<Result<String, Trouble>, Error> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return Ok(Err(Trouble::token("The ID token is not a signed JWT.")));
    };
    let (Some(header_json), Some(claims), Ok(signature)) =
        (text_of(header), text_of(payload), BASE64.decode(signature))
    else {
        return Ok(Err(Trouble::token("The ID token is not a signed JWT.")));
    };
    let header_fields = raw::object(&header_json).unwrap_or_default();
    let named = header_fields.text("alg").unwrap_or_default();
    let Some(algorithm) = Algorithm::named(&named) else {
        let message = "The ID token is not signed by RS256, PS256, ES256 or EdDSA.";
        return Ok(Err(Trouble::token(message)));
    };
    if header_fields.get("crit").is_some() {
        let message = "The ID token wants something that Tieline does not know (`crit`).";
        return Ok(Err(Trouble::token(message)));
    }

    let message = [*header, ".", *payload].concat();
    let token = Token {
        algorithm,
        key_id: header_fields.text("kid"),
        message: message.as_bytes(),
        signature: &signature,
    };
    let url = metadata.jwks_uri.as_str();
    let known = KNOWN.with_borrow(|known| known.get(url, cx.now));
    let mut found = match known {
        Some(keys) => token.check(cx, &keys).await?,
        None => Found::NoKey,
    };
    // The provider may have others by now, also under a name that is known.
    if found != Found::Signed {
        let keys = match fetch(cx, url).await {
            Ok(keys) => keys,
            Err(trouble) => return Ok(Err(trouble)),
        };
        found = token.check(cx, &keys).await?;
    }
    Ok(match found {
        Found::Signed => Ok(claims),
        Found::OtherKey => Err(Trouble::token(
            "The signature of the ID token is not the provider's.",
        )),
        Found::NoKey => Err(Trouble::token(
            "The ID token is signed by a key that the provider does not publish.",
        )),
    })
}

/// What is found of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// One of the keys has made it.
    Signed,
    /// None of those that may have made it has.
    OtherKey,
    /// None of the keys may have made it.
    NoKey,
}

/// A token whose signature is checked.
struct Token<'t> {
    algorithm: Algorithm,
    key_id: Option<String>,
    message: &'t [u8],
    signature: &'t [u8],
}

impl Token<'_> {
    async fn check(&self, cx: &Context<'_>, keys: &[Key]) -> Result<Found, Error> {
        let mut found = Found::NoKey;
        let candidates = candidates(keys, self.algorithm, self.key_id.as_deref());
        for key in candidates.take(MAX_TRIES) {
            let signed = Signed {
                algorithm: self.algorithm,
                key: &key.key,
                message: self.message,
                signature: self.signature,
            };
            if cx.ports.public_keys.is_signed(signed).await? {
                return Ok(Found::Signed);
            }
            found = Found::OtherKey;
        }
        Ok(found)
    }
}

/// The keys by which something may be signed so, that of this id alone where there is one.
fn candidates<'k>(
    keys: &'k [Key],
    algorithm: Algorithm,
    id: Option<&str>,
) -> impl Iterator<Item = &'k Key> {
    keys.iter().filter(move |key| {
        let is_named = id.is_none() || key.id.as_deref() == id;
        let is_for = key
            .algorithm
            .as_deref()
            .is_none_or(|known| known == algorithm.name());
        is_named && is_for && key.key.is_for(algorithm)
    })
}

async fn fetch(cx: &Context<'_>, url: &str) -> Result<Rc<Vec<Key>>, Trouble> {
    let text = object_at(cx, url, None, MAX_BYTES, "the provider's keys").await?;
    let object = raw::part(text.trim());
    let listed = object.get("keys").and_then(|json| raw::list(json));
    let listed = listed.ok_or_else(|| Trouble::unusable("The provider's keys are no JWK set."))?;
    let keys = listed.into_iter().map(raw::part);
    let keys: Vec<Key> = keys.filter_map(|key| read(&key)).take(MAX_KEYS).collect();
    let keys = Rc::new(keys);
    KNOWN.with_borrow_mut(|known| known.insert(url.to_owned(), Rc::clone(&keys), cx.now));
    Ok(keys)
}

/// A key that signs; `None` for others, and for what is no key. A key that is secret is none of these: what it signs could
/// be made by whoever reads it.
fn read(jwk: &Object<'_>) -> Option<Key> {
    if jwk.text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let number = |name: &str, chars: std::ops::RangeInclusive<usize>| {
        let number = jwk.text(name)?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (chars.contains(&number.len()) && number.bytes().all(is_plain)).then_some(number)
    };
    let bytes_32 = |name: &str| number(name, CHARS_OF_32..=CHARS_OF_32);
    let curve = jwk.text("crv");
    let key = match (jwk.text("kty")?.as_str(), curve.as_deref()) {
        ("RSA", _) => PublicKey::Rsa {
            n: number("n", MIN_MODULUS_CHARS..=MAX_MODULUS_CHARS)?,
            e: number("e", 2..=8)?,
        },
        ("EC", Some("P-256")) => PublicKey::P256 {
            x: bytes_32("x")?,
            y: bytes_32("y")?,
        },
        ("OKP", Some("Ed25519")) => PublicKey::Ed25519 { x: bytes_32("x")? },
        _ => return None,
    };
    Some(Key {
        id: jwk.text("kid"),
        algorithm: jwk.text("alg"),
        key,
    })
}

fn text_of(part: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(part).ok()?).ok()
}
