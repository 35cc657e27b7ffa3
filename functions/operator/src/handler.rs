use crate::business::business_get;
use crate::change::{BusinessChange, business_update};
use crate::list::business_list;
use crate::metrics::{MEDIA_TYPE, metrics};
use crate::overview::overview;
use crate::support::{SupportRequest, support_session};
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::is_id;

/// What the operator of the deployment sees and does, below `/api/operator`, with the platform token.
///
/// - `GET businesses` `?search=&limit=&cursor=`: 200 with a page of businesses, by their names.
/// - `GET businesses/{id}`: 200 with one of them; 404.
/// - `PATCH businesses/{id}` `{name?, suspended?, reason?}`: 200 with the business as it then is; 404, 422.
/// - `POST businesses/{id}/support-session` `{role, reason, minutes?, cookie?}`: 201 with a session; 404, 422.
/// - `GET /metrics`: 200 with figures in the text format of Prometheus.
/// - `GET overview`: 200 with how full the databases are, and what waits.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref();
    match request.route.operation {
        "operator_overview" => Ok(Response::json(200, &overview(cx).await?)),
        "metrics_get" => Ok(Response::content(200, MEDIA_TYPE, metrics(cx).await?)),
        "operator_business_list" => {
            let page = business_list(cx, &request.query).await?;
            Ok(Response::json(200, &page))
        }
        "operator_business_get" => {
            let business = business_get(cx, &business_id(id)?).await?;
            Ok(Response::json(200, &business))
        }
        "operator_business_update" => {
            let change = BusinessChange::read(request.text()?)?;
            let business = business_update(cx, &business_id(id)?, change).await?;
            Ok(Response::json(200, &business))
        }
        "support_session_create" => {
            let wanted = SupportRequest::read(request.text()?)?;
            support_session(cx, &business_id(id)?, wanted).await
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// A business that the path names; what can be none of ours is not there.
fn business_id(id: Option<&str>) -> Result<String> {
    let id = id.filter(|id| is_id(id)).ok_or_else(no_business)?;
    Ok(id.to_ascii_lowercase())
}

/// 404.
#[track_caller]
pub(crate) fn no_business() -> Error {
    Error::new(Kind::NotFound, "There is no such business.")
}
