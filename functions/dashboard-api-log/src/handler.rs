use crate::calls::{CallQuery, call_list};
use crate::usage::{UsageQuery, usage_get};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// What was asked of the API, below `/api/dashboard` (session).
///
/// `GET api-log?[filters][&limit=][&cursor=|&after=]`: calls one by one, newest first, of the last 30 days. `after` asks
/// for those that were written since.
///
/// `GET usage?[from=][&to=][&key_id=|&member_id=][&operation=]`: how many there were by day, caller and operation.
///
/// 1. Reads the filters: 422 for what is unknown, no date, or of another form.
/// 2. Reads the rows, in one call of the database: 503 with it away.
/// 3. Answers 200.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "api_call_list" => {
            // 1.
            let query = CallQuery::read(&request.query)?;

            // 2. and 3.
            Ok(Response::json(200, &call_list(cx, &query).await?))
        }
        "usage_get" => {
            // 1.
            let query = UsageQuery::read(&request.query, cx.now)?;

            // 2. and 3.
            Ok(Response::json(200, &usage_get(cx, &query).await?))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
