//! Redeeming a code (openid-connect.md §2).

use crate::answer::{ask, said};
use crate::{Metadata, Trouble};
use common::Context;
use common::form;
use common::json::raw;
use common::oauth::client_authorization;
use common::ports::OutboundRequest;

/// Most bytes of a token endpoint's answer that are read. Three tokens with many groups have 20 KB.
const MAX_BYTES: usize = 64 * 1024;

/// What a person brought back, and by what we redeem it.
pub struct Code<'a> {
    /// The code.
    pub code: &'a str,
    /// What proves that we have asked for it.
    pub verifier: &'a str,
    /// Where it was sent to, exactly.
    pub redirect_uri: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// Its secret; none for a public client.
    pub client_secret: Option<&'a str>,
}

/// What a code was redeemed for.
pub struct Tokens {
    /// The ID token, of which nothing has been looked at.
    pub id: String,
    /// What opens more that the provider says of the person, where there is one.
    pub access: Option<String>,
}

/// Redeems a code, once: a provider ends what was redeemed twice (RFC 6749 §4.1.2).
///
/// # Errors
/// [`Trouble`] with the provider's words, where it refuses; and as for any answer of a provider.
pub async fn exchange(
    cx: &Context<'_>,
    metadata: &Metadata,
    code: &Code<'_>,
) -> Result<Tokens, Trouble> {
    let mut headers = vec![
        ("accept", "application/json".to_owned()),
        (
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ];
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code.code),
        ("redirect_uri", code.redirect_uri),
        ("code_verifier", code.verifier),
    ];
    match code.client_secret {
        Some(secret) if metadata.takes_basic => {
            headers.push((
                "authorization",
                client_authorization(code.client_id, secret),
            ));
        }
        secret => {
            pairs.push(("client_id", code.client_id));
            pairs.extend(secret.map(|secret| ("client_secret", secret)));
        }
    }
    let request = OutboundRequest {
        method: "POST",
        url: metadata.token_endpoint.clone(),
        headers,
        body: Some(form::encoded(pairs).into_bytes()),
        ..OutboundRequest::default()
    };
    let answer = ask(cx, request, MAX_BYTES, "the provider's tokens").await?;
    let text = String::from_utf8(answer.body).unwrap_or_default();
    let object = raw::object(&text).unwrap_or_default();
    if answer.status != 200 {
        let secret = code.client_secret.unwrap_or_default();
        let said = said(&object, &[code.code, code.verifier, secret]);
        let said = said.map(|said| [": ", &said].concat()).unwrap_or_default();
        let status = answer.status.to_string();
        let message = [
            "The provider did not take the code it gave, with status ",
            &status,
            &said,
            ". Begin again; if it stays so, have the client's id and secret checked.",
        ];
        return Err(Trouble::new("code_refused", message.concat()));
    }
    let id = object.text("id_token");
    let id = id.ok_or_else(|| Trouble::unusable("The provider gave no ID token for the code."))?;
    let is_usable = |token: &String| token.bytes().all(|b| (b'!'..0x7f).contains(&b));
    Ok(Tokens {
        id,
        access: object.text("access_token").filter(is_usable),
    })
}
