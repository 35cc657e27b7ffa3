//! OAuth 2's authorization code with PKCE (RFC 6749 §4.1, RFC 7636): what sends a person away, and how a client proves
//! itself.

use crate::form;
use crate::http::Error;
use crate::ids::Entropy;
use crate::ports::Ports;
use crate::signatures::{hmac_sha256, sha256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// How a random text of [`random_text`] is long.
const RANDOM_BYTES: usize = 32;
/// How long such a text is, and anything that is made of one.
pub const RANDOM_CHARS: usize = 43;

/// A text that nobody can guess, for a state or a cookie: 256 bits in base64url.
#[must_use]
pub fn random_text(entropy: Entropy) -> String {
    let mut bytes = [0; RANDOM_BYTES];
    entropy(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What proves something of a visit, made of its state and a key of the deployment for this purpose. It is stored
/// nowhere: whoever reads the database, or sees the state go by, cannot make it.
///
/// # Errors
/// 500 where the deployment has no master key.
pub fn proof(ports: &Ports<'_>, purpose: &str, state: &str) -> Result<String, Error> {
    let key = ports.key_for(purpose)?;
    Ok(URL_SAFE_NO_PAD.encode(hmac_sha256(&key, state.as_bytes())))
}

/// The challenge of a code verifier by `S256` (RFC 7636 §4.2).
#[must_use]
pub fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

/// An authorization endpoint with these parameters. One that the endpoint's URL has stays, but for those that are ours:
/// none is there twice (RFC 6749 §3.1).
#[must_use]
pub fn authorize_url(endpoint: &str, ours: &[(&str, &str)]) -> String {
    let (place, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let theirs = form::pairs(query);
    let theirs = theirs
        .iter()
        .filter(|(name, _)| ours.iter().all(|(known, _)| known != name));
    let theirs = theirs.map(|(name, value)| (&**name, &**value));
    let all = theirs.chain(ours.iter().copied());
    [place, "?", &form::encoded(all)].concat()
}

/// `Authorization` of a client with a secret (RFC 6749 §2.3.1): both are encoded as in a form first.
#[must_use]
pub fn client_authorization(id: &str, secret: &str) -> String {
    let part = |text: &str| form::encoded([("", text)]).split_off(1);
    let client = [&*part(id), ":", &*part(secret)].concat();
    ["Basic ", &STANDARD.encode(client)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        // RFC 7636, appendix B.
        let challenge = code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_random_text_has_its_length() {
        let text = random_text(|bytes| bytes.fill(0xff));
        assert_eq!(text.len(), RANDOM_CHARS);
    }

    #[test]
    fn no_parameter_of_ours_is_there_twice() {
        let url = authorize_url(
            "https://a.example/authorize?state=x&tenant=1",
            &[("state", "s p"), ("scope", "openid")],
        );
        assert_eq!(
            url,
            "https://a.example/authorize?tenant=1&state=s+p&scope=openid"
        );
        let url = authorize_url("https://a.example/authorize", &[("state", "s")]);
        assert_eq!(url, "https://a.example/authorize?state=s");
    }

    #[test]
    fn a_client_is_encoded_before_it_is_joined() {
        let header = client_authorization("a:b", "c d/%");
        let text = STANDARD.decode(header.strip_prefix("Basic ").unwrap());
        assert_eq!(String::from_utf8(text.unwrap()).unwrap(), "a%3Ab:c+d%2F%25");
    }
}
