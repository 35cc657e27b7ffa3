use crate::settings::{
    channel_create, channel_delete, channel_get, channel_list, channel_test, channel_update,
    verify_pending,
};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// The channel accounts of a business, at `/api/dashboard/channels` (session). What an account is
/// made of depends on its kind; its credentials go in and never come out.
///
/// - `GET channels`: 200 with `{channels}`, oldest first.
/// - `POST channels`: asks whose the address is: 201 with `{channel}`, `pending` where that is not proven;
///   422 for a field that is missing, unknown or wrong; 403 where the quota is used up; 409 for an account
///   that is connected already. Of Chatwoot also `webhook`, and `crm_card` where it is to have one, which are
///   made there; 422 where that does not know the account.
/// - `GET channels/{id}`: 200 with `{channel}`; 404.
/// - `PATCH channels/{id}`: 200 with `{channel}`; 404; 422 for a field that is unknown, wrong, or
///   cannot change; 409 as above.
/// - `DELETE channels/{id}`: 204; 404. Its conversations stay; its webhook and its CRM card at Chatwoot go.
/// - `POST channels/{id}/test`: asks the provider, and again whose the address is: 200 with
///   `{ok, detail, error?}`; 404. Makes the webhook at Chatwoot, or finds it and reads its secret anew; the
///   CRM card, too.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "channel_list" => Ok(Response::json(200, &channel_list(cx).await?)),
        "channel_create" => {
            let made = channel_create(cx, request.text()?).await?;
            Ok(Response::json(201, &made))
        }
        "channel_get" => Ok(Response::json(200, &channel_get(cx, id).await?)),
        "channel_update" => {
            let changed = channel_update(cx, id, request.text()?).await?;
            Ok(Response::json(200, &changed))
        }
        "channel_delete" => {
            channel_delete(cx, id).await?;
            Ok(Response::empty(204))
        }
        "channel_test" => Ok(Response::json(200, &channel_test(cx, id).await?)),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// The cron: asks again about up to eight accounts, two of a business, whose address, or reply domain, is not
/// proven yet. One that cannot be asked about is logged, and due again later.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    verify_pending(cx).await
}
