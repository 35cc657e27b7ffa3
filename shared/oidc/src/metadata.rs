use crate::answer::object_at;
use crate::{Issuer, Trouble};
use common::Context;
use common::json::raw::{self, Object};
use common::ports::{Algorithm, PublicUrl};
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// Most bytes of metadata that are read; the largest of those in use have 10 KB.
const MAX_BYTES: usize = 128 * 1024;
/// Most issuers of which an isolate remembers the metadata.
const MAX_ISSUERS: usize = 64;
/// How long it trusts them. What is behind the URLs changes more often than they do.
const TRUST_MICROS: i64 = 3600 * SECOND;

thread_local! {
    static KNOWN: RefCell<TtlCache<Metadata>> =
        RefCell::new(TtlCache::new(MAX_ISSUERS, TRUST_MICROS));
}

/// What an issuer publishes of itself (openid-connect.md §1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where a person is sent to.
    pub authorization_endpoint: String,
    /// Where a code is redeemed.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is said of a person.
    pub userinfo_endpoint: Option<String>,
    /// Whether a client with a secret proves itself by a header; else in the body.
    pub takes_basic: bool,
    /// Whether it says who it is when it sends a person back (RFC 9207).
    pub names_itself: bool,
}

/// What an issuer publishes, as the isolate knows it for an hour.
///
/// # Errors
/// As [`metadata_fetch`].
pub async fn metadata_of(cx: &Context<'_>, issuer: &Issuer) -> Result<Metadata, Trouble> {
    let known = KNOWN.with_borrow(|known| known.get(issuer.as_str(), cx.now));
    match known {
        Some(metadata) => Ok(metadata),
        None => metadata_fetch(cx, issuer).await,
    }
}

/// What an issuer publishes now.
///
/// # Errors
/// Where it cannot be had; where it is another issuer's, or has not what signing in takes.
pub async fn metadata_fetch(cx: &Context<'_>, issuer: &Issuer) -> Result<Metadata, Trouble> {
    let url = issuer.metadata_url();
    let text = object_at(cx, &url, None, MAX_BYTES, "the provider's metadata").await?;
    let metadata = read(cx, issuer, &raw::part(text.trim()))?;
    KNOWN.with_borrow_mut(|known| {
        known.insert(issuer.as_str().to_owned(), metadata.clone(), cx.now);
    });
    Ok(metadata)
}

fn read(cx: &Context<'_>, issuer: &Issuer, object: &Object<'_>) -> Result<Metadata, Trouble> {
    // The same, to the last character.
    if object.text("issuer").as_deref() != Some(issuer.as_str()) {
        let said = object.text("issuer").unwrap_or_default();
        let said = said.chars().filter(|c| !c.is_control()).take(200);
        let said: String = said.collect();
        let message = [
            "The provider's metadata are those of another issuer: `",
            &said,
            "`. Set `issuer` to exactly what the provider calls itself, with or without its last slash.",
        ];
        return Err(Trouble::unusable(message.concat()));
    }
    let url = |name: &str| {
        let url = object.text(name).unwrap_or_default();
        if PublicUrl::is_one(&cx.ports, &url) && !url.contains('#') {
            return Ok(url);
        }
        let message = ["The provider's metadata have no usable `", name, "`."];
        Err(Trouble::unusable(message.concat()))
    };
    let names = |name: &str| {
        let list = object.get(name).and_then(|json| raw::list(json))?;
        Some(list.into_iter().filter_map(raw::text).collect::<Vec<_>>())
    };
    let algorithms = names("id_token_signing_alg_values_supported");
    if algorithms.is_some_and(|all| !all.iter().any(|one| Algorithm::named(one).is_some())) {
        let message = "The provider signs by none of RS256, PS256, ES256 and EdDSA.";
        return Err(Trouble::unusable(message));
    }
    // openid-connect.md §1: `client_secret_basic`, where nothing is said.
    let methods = names("token_endpoint_auth_methods_supported");
    let takes = |method: &str| {
        let is_known = |all: &Vec<String>| all.iter().any(|one| one == method);
        methods.as_ref().map(is_known)
    };
    Ok(Metadata {
        authorization_endpoint: url("authorization_endpoint")?,
        token_endpoint: url("token_endpoint")?,
        jwks_uri: url("jwks_uri")?,
        userinfo_endpoint: url("userinfo_endpoint").ok(),
        takes_basic: takes("client_secret_basic").unwrap_or(true)
            || takes("client_secret_post") == Some(false),
        names_itself: object.get("authorization_response_iss_parameter_supported") == Some(&"true"),
    })
}
