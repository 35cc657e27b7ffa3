use crate::{create, member, settings};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// Tokens of the embedded inbox, and who may make use of them.
///
/// - `POST /api-sso-generate-token` (`sso:write`) `{customer_id?, scope, expires_in?, agent?}`: 200 with
///   `{token, token_id, expires_at, embed_url}`; 404 for an unknown customer, 409 for an external id of
///   two, 422 for another scope, one that does not fit the customer, a life that is not 60 to 86400
///   seconds, an agent without a name.
/// - `POST /api/dashboard/inbox-session` (session): 200 as above, for the whole inbox in the member's
///   name; 403 for support.
/// - `GET /api/dashboard/sso` (session): `{allowed_origins, keys}`.
/// - `PUT /api/dashboard/sso` (session) `{allowed_origins}`: the same as it then is; 422.
/// - `POST /api/dashboard/sso/rotate-key` (session) `{overlap_seconds?}`: `{key, old_key_until}`; 422.
/// - `POST /api/dashboard/sso/revoke` (session) `{token_id | agent_id | all}`: dead everywhere within
///   60 s; 422.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "sso_token_create" => {
            let created =
                create::sso_token_create(cx, create::TokenRequest::parse(request.text()?)?).await?;
            Ok(Response::json(200, &created))
        }
        "inbox_session_create" => Ok(Response::json(
            200,
            &member::inbox_session_create(cx).await?,
        )),
        "sso_get" => Ok(Response::json(200, &settings::sso_settings_get(cx).await?)),
        "sso_put" => {
            let settings = settings::sso_settings_put(
                cx,
                settings::SsoSettingsRequest::parse(request.text()?)?,
            )
            .await?;
            Ok(Response::json(200, &settings))
        }
        "sso_rotate_key" => {
            let rotation = settings::RotationRequest::parse(request.text()?)?;
            Ok(Response::json(
                200,
                &settings::sso_key_rotate(cx, rotation).await?,
            ))
        }
        "sso_revoke" => {
            let revocation =
                settings::sso_revoke(cx, settings::RevocationRequest::parse(request.text()?)?)
                    .await?;
            Ok(Response::json(200, &revocation))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
