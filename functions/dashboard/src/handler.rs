use crate::{business, sessions};
use access::keys;
use common::Context;
use common::http::{Error, Request, Response, Result};

/// The settings, below `/api/dashboard`. Creating answers 201, deleting 204, the rest 200.
///
/// - `POST businesses` (platform token): makes a business and its first two keys; 422 for a bad name
///   or region.
/// - `POST sessions` (`x-api-key` with `admin`): opens a session.
/// - `GET api-keys` (session): the keys, never their secrets.
/// - `POST api-keys` (session): makes a key, shown this once; 422 for a bad name, scope or expiry.
/// - `DELETE api-keys/{id}` (session): revokes a key, which is dead everywhere within 60 s; 404.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "business_create" => {
            let made = business::business_create(cx, request.json()?).await?;
            Ok(Response::json(201, &made))
        }
        "session_create" => Ok(Response::json(201, &sessions::session_create(cx).await?)),
        "key_list" => Ok(Response::json(
            200,
            &keys::KeyList {
                keys: keys::key_list(cx).await?,
            },
        )),
        "key_create" => Ok(Response::json(
            201,
            &keys::key_create(cx, request.json()?).await?,
        )),
        "key_revoke" => {
            keys::key_revoke(cx, request.id.as_deref().unwrap_or_default()).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
