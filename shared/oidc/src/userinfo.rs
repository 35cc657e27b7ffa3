//! What a provider says of a person beyond the ID token (openid-connect.md §4). Some leave the address out of tokens
//! that are given for a code.

use crate::answer::object_at;
use crate::claims::identity;
use crate::exchange::Tokens;
use crate::{Claims, Identity, Issuer, Metadata, Trouble};
use common::Context;
use common::json::raw;

/// Most bytes that are read of it.
const MAX_BYTES: usize = 64 * 1024;

/// The person of an ID token, asked for where the token does not say.
///
/// # Errors
/// Where the provider does not say whose address it is, or says it of another person; and as for any answer of a
/// provider.
pub async fn identity_of(
    cx: &Context<'_>,
    issuer: &Issuer,
    metadata: &Metadata,
    claims: Claims,
    tokens: &Tokens,
) -> Result<Identity, Trouble> {
    if let Some(identity) = claims.identity {
        return Ok(identity);
    }
    let missing = || {
        let message = "The provider does not say what your address is, or not that it was verified. It has to give the \
                       claims `email` and `email_verified`.";
        Trouble::new("email_missing", message)
    };
    let asked = metadata
        .userinfo_endpoint
        .as_deref()
        .zip(tokens.access.as_deref());
    let (url, access) = asked.ok_or_else(missing)?;
    let bearer = Some(["Bearer ", access].concat());
    let text = object_at(cx, url, bearer, MAX_BYTES, "the provider's claims").await?;
    let object = raw::part(text.trim());
    // openid-connect.md §4: else it may be somebody else's.
    if object.text("sub").as_deref() != Some(claims.subject.as_str()) {
        let message = "The provider tells of another person than who signed in (`sub`).";
        return Err(Trouble::unusable(message));
    }
    identity(&object, issuer)?.ok_or_else(missing)
}
