//! How Twilio signs what it sends (channels.md §5.1): over the URL as its owner configured it and the
//! parameters of the form. What the URL looked like there nobody tells us, so that several spellings
//! are tried, as Twilio's own libraries do.

use super::{equal, hmac_sha1, hmac_sha256, sha256_hex};
use crate::form;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// By what a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// By the account's auth token always; by a shared key where its header says so.
    HmacSha1,
    /// By a shared key alone.
    HmacSha256,
}

/// What a request says of how it is signed: `key=<id>,algorithm=HMAC_SHA256`, in
/// `X-Twilio-Webhooks-Signature-Settings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedKey {
    /// Which key.
    pub id: String,
    /// By what.
    pub algorithm: Algorithm,
}

impl SharedKey {
    /// Reads the header; `None` where it names no key, or an algorithm that is not known.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (mut id, mut algorithm) = (None, None);
        for setting in header.split(',') {
            match setting.split_once('=')? {
                (name, value) if name.trim() == "key" => id = Some(value.trim()),
                (name, value) if name.trim() == "algorithm" => {
                    algorithm = Some(match value.trim() {
                        "HMAC_SHA1" => Algorithm::HmacSha1,
                        "HMAC_SHA256" => Algorithm::HmacSha256,
                        _ => return None,
                    });
                }
                _ => {}
            }
        }
        Some(Self {
            id: id.filter(|id| !id.is_empty())?.to_owned(),
            algorithm: algorithm?,
        })
    }
}

/// Whether the signature is that of one of these URLs, in any of their spellings, with these
/// parameters of the form, decoded; none where the URL has a [`body_hash_holds`].
#[must_use]
pub fn is_signed(
    secret: &str,
    algorithm: Algorithm,
    signature: &str,
    urls: &[String],
    params: &[(String, String)],
) -> bool {
    let params = signed_params(params);
    let mut tried: Vec<String> = Vec::new();
    for url in urls {
        for spelling in spellings(url) {
            if tried.contains(&spelling) {
                continue;
            }
            if equal(
                signature,
                &signature_of(secret, algorithm, &spelling, &params),
            ) {
                return true;
            }
            tried.push(spelling);
        }
    }
    false
}

/// Whether a body is the one whose SHA-256 the URL carries, as `bodySHA256`, where it is no form.
#[must_use]
pub fn body_hash_holds(hash: &str, body: &[u8]) -> bool {
    equal(&hash.to_ascii_lowercase(), &sha256_hex(body))
}

fn signature_of(secret: &str, algorithm: Algorithm, url: &str, params: &str) -> String {
    let signed = [url, params].concat();
    let (key, signed) = (secret.as_bytes(), signed.as_bytes());
    match algorithm {
        Algorithm::HmacSha1 => STANDARD.encode(hmac_sha1(key, signed)),
        Algorithm::HmacSha256 => STANDARD.encode(hmac_sha256(key, signed)),
    }
}

/// Names and values without anything between, sorted by their bytes; of one name each value once.
fn signed_params(params: &[(String, String)]) -> String {
    let mut params: Vec<_> = params.iter().collect();
    params.sort_unstable();
    params.dedup();
    let texts = params.into_iter().flat_map(|(name, value)| [name, value]);
    texts.map(String::as_str).collect()
}

/// A URL as it is, without its port, and with its scheme's; each with the query as it is, with an
/// apostrophe as `URL` writes it and as people do, and as Node's old `querystring` encodes it.
fn spellings(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Vec::new();
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let mut queries = vec![String::new()];
    if let Some(query) = query {
        let written = [
            query.to_owned(),
            query.replace('\'', "%27"),
            query.replace("%27", "'"),
            legacy(query),
        ];
        queries = written.map(|query| format!("?{query}")).to_vec();
    }
    let mut spellings = Vec::new();
    for authority in authorities(scheme, authority) {
        for query in &queries {
            spellings.push([scheme, "://", &authority, path, query].concat());
        }
    }
    spellings
}

fn authorities(scheme: &str, authority: &str) -> [String; 3] {
    let bare = match authority.rsplit_once(':') {
        // A password and an address of IPv6 have colons of their own.
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let default = if scheme == "http" { "80" } else { "443" };
    let with_port = match bare.len() < authority.len() {
        true => authority.to_owned(),
        false => format!("{bare}:{default}"),
    };
    [authority.to_owned(), bare.to_owned(), with_port]
}

/// A query as Node's `querystring` reads and writes it: the values of one name stand together.
fn legacy(query: &str) -> String {
    const PLAIN: &[u8] = b"-_.!~*'()";
    let pairs = form::pairs(query);
    let mut legacy = String::with_capacity(query.len());
    for (n, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().take(n).any(|(earlier, _)| earlier == name) {
            continue;
        }
        for (_, value) in pairs.iter().filter(|(same, _)| same == name) {
            if !legacy.is_empty() {
                legacy.push('&');
            }
            form::escape(name, PLAIN, "%20", &mut legacy);
            legacy.push('=');
            form::escape(value, PLAIN, "%20", &mut legacy);
        }
    }
    legacy
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const PARAMS: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234\
                          &From=%2B14158675309&To=%2B18005551212";

    fn accepts(url: &str, form: &str, signature: &str) -> bool {
        let urls = [url.to_owned()];
        let params = form::pairs(form);
        is_signed("12345", Algorithm::HmacSha1, signature, &urls, &params)
    }

    #[test]
    fn the_vectors_of_twilios_own_library_hold() {
        // twilio-node spec/validation.spec.js, token 12345.
        for (url, form, signature) in [
            (BASE, PARAMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            (BASE, PARAMS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            (
                "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
                PARAMS,
                "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
            ),
            (
                "http://mycompany.com/myapp.php?foo=1&bar=2",
                PARAMS,
                "0ZXoZLH/DfblKGATFgpif+LLRf4=",
            ),
            (
                "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2",
                PARAMS,
                "CukzLTc1tT5dXEDIHm/tKBanW10=",
            ),
            (
                "https://user@mycompany.com/myapp.php?foo=1&bar=2",
                PARAMS,
                "2YRLlVAflCqxaNicjMpJcSTgzSs=",
            ),
            (
                BASE,
                "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
                "83O6e2vORAoJHUNzJjDWN1jz+BA=",
            ),
            (
                BASE,
                "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
                "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
            ),
        ] {
            assert!(accepts(url, form, signature), "{url} {signature}");
            assert!(!accepts(url, &format!("{form}&a=b"), signature));
            assert!(!accepts(&url.replace(".com", ".org"), form, signature));
            assert!(!accepts(&url.replace("myapp", "app"), form, signature));
        }
    }

    #[test]
    fn an_apostrophe_counts_in_each_of_its_spellings() {
        for signature in [
            "TfZzewPq8wqrGlMfyAud8+/IvJ0=",
            "dsq4Ehbj6cs+KdTkpF5sSSplOWw=",
            "bD9iT2C/HNMwZ/yCH1s/5R2+wUs=",
        ] {
            for body in ["It's+amazing", "It%27s+amazing"] {
                let url = format!("{BASE}&Body={body}");
                assert!(accepts(&url, PARAMS, signature), "{body} {signature}");
            }
        }
    }

    #[test]
    fn json_is_signed_by_its_hash_in_the_url() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{BASE}&bodySHA256={hash}");
        assert!(accepts(&url, "", "a9nBmqA0ju/hNViExpshrM61xv4="));
        assert!(body_hash_holds(hash, body) && !body_hash_holds(hash, b"{}"));
        let url = format!("https://mycompany.com/myapp.php?bodySHA256={hash}");
        assert!(accepts(&url, "", "y77kIzt2vzLz71DgmJGsen2scGs="));
        let empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let url = format!("{BASE}&bodySHA256={empty}");
        for signature in [
            "Ldidvp12m26NI7eqEvxnEpkd9Hc=",
            "rw/jVviOgicj2+kHZULvebnA4ag=",
        ] {
            assert!(accepts(&url, "", signature));
        }
        assert!(body_hash_holds(empty, b"{}") && !body_hash_holds(empty, b"{} "));
    }

    #[test]
    fn empty_values_and_those_beyond_ascii_are_signed_as_they_are() {
        let form = "MessageSid=SM00000000000000000000000000000001\
                    &AccountSid=AC00000000000000000000000000000001&From=%2B15005550006\
                    &To=%2B15005550001&Body=Ol%C3%A1+%C3%A7%C3%A3o+%F0%9F%98%80+%26+%2B+%3D\
                    &NumMedia=0&MessagingServiceSid=";
        let url = "https://inbox.example.com/hooks/twilio/acme";
        let signature = "oZyg/l8fofnXEocFxcw69O6jXB4=";
        assert!(accepts(url, form, signature));
        assert!(!accepts(
            url,
            &form.replace("&MessagingServiceSid=", ""),
            signature
        ));
    }

    #[test]
    fn a_shared_key_signs_by_the_algorithm_that_its_header_names() {
        let urls = [BASE.to_owned()];
        let params = form::pairs(PARAMS);
        let signature = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=";
        let by = |algorithm| is_signed("12345", algorithm, signature, &urls, &params);
        assert!(by(Algorithm::HmacSha256) && !by(Algorithm::HmacSha1));
        let key = SharedKey::parse("key=WK1, algorithm=HMAC_SHA256");
        let id = "WK1".to_owned();
        let algorithm = Algorithm::HmacSha256;
        assert_eq!(key, Some(SharedKey { id, algorithm }));
        for other in [
            "",
            "key=WK1",
            "key=,algorithm=HMAC_SHA1",
            "algorithm=HMAC_SHA1",
            "key=WK1,algorithm=NONE",
        ] {
            assert_eq!(SharedKey::parse(other), None, "{other}");
        }
    }
}
