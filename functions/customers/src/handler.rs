use common::Context;
use common::http::{Error, Method, Request, Response, Result};
use customer::{CustomerQuery, customer_erase, customer_find, customer_page};

/// `GET /api-customers?id=|external_id=[&external_system=]|email=|phone=` (`customers:read`)
///
/// 1. Reads what is asked for: 422 for two questions at once or a value that cannot be of its kind.
/// 2. Finds the customer: 200 with the customer at the top level, 404, or 409
///    `ambiguous_external_id` where two systems give the id to two customers.
/// 3. Without a question: 200 with a page `{customers, has_more, next_cursor}`; `limit`, `cursor`.
///
/// `DELETE /api-customers?id=` (`customers:write`)
///
/// 1. Reads the id: 422 without one.
/// 2. Erases the person: 200, or 404. Afterwards the customer is 404 everywhere.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if request.route.method == Method::Delete {
        return erase(cx, &request).await;
    }
    let query = CustomerQuery::from_query(&request.query, &cx.caller.default_region)?;
    let json = match &query {
        CustomerQuery::Page { after, limit } => customer_page(cx, after, *limit).await?,
        one => customer_find(cx, one).await?,
    };
    Ok(Response::json_text(200, json))
}

async fn erase(cx: &Context<'_>, request: &Request) -> Result<Response> {
    let id = request.query.get("id").ok_or_else(|| {
        Error::invalid(
            "query.id",
            "required",
            "Say which customer to erase: `?id=`.",
        )
    })?;
    Ok(Response::json(200, &customer_erase(cx, id).await?))
}
