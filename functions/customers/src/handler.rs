use crate::erasure::{MAX_SLICES, claim, customer_erase, run};
use common::Context;
use common::http::{Error, Method, Query, Request, Response, Result};
use customer::{CustomerQuery, customer_of, customer_page, customer_statement, customers_by_ids};
use inbox::search::{MAX_SEARCH_CHARS, customers_meant};

/// Most customers that a search finds.
const MOST_FOUND: u32 = 100;

/// `GET /api-customers` and `DELETE /api-customers`: what a business knows of its customers.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.method {
        Method::Delete => erase(cx, &request).await,
        _ if request.query.get("search").is_some() => search(cx, &request.query).await,
        _ => find(cx, &request).await,
    }
}

/// `GET /api-customers?id=|external_id=[&external_system=]|email=|phone=` (`customers:read`)
///
/// 1. Reads what is asked for: 422 for two questions at once or a value that cannot be of its kind.
/// 2. Without a question, reads a page, by `limit` and `cursor`: 200 with
///    `{customers, has_more, next_cursor}`.
/// 3. Finds the customer: 404, or 409 `ambiguous_external_id` where two systems give the id to two
///    customers.
/// 4. Answers 200 with the customer at the top level.
async fn find(cx: &Context<'_>, request: &Request) -> Result<Response> {
    // 1.
    let query = CustomerQuery::from_query(&request.query, &cx.caller.default_region)?;

    // 2.
    if let CustomerQuery::Page { after, limit } = &query {
        let page = customer_page(cx, after, *limit).await?;
        return Ok(Response::json_text(200, page));
    }

    // 3.
    let rows = cx.db.rows(customer_statement(cx, &query)?).await?;
    let customer = customer_of(rows)?;

    // 4.
    Ok(Response::json_text(200, customer))
}

/// `GET /api-customers?search=[&limit=]` (`customers:read`)
///
/// 1. Reads what is searched for: 422 beside another question, without a word, and for more than 200 characters.
/// 2. Finds who may be meant.
/// 3. Answers 200 with one page, `{customers, has_more: false, next_cursor: null}`.
async fn search(cx: &Context<'_>, query: &Query) -> Result<Response> {
    // 1.
    let q = query.get("search").unwrap_or_default().trim();
    let mut others = ["id", "external_id", "email", "phone", "cursor"].into_iter();
    if let Some(other) = others.find(|name| query.get(name).is_some()) {
        let message = format!("`search` does not go with `{other}`.");
        return Err(Error::invalid("query", "at_most_one_key", message));
    }
    if q.is_empty() || q.chars().count() > MAX_SEARCH_CHARS {
        let message = format!("`search` must have 1 to {MAX_SEARCH_CHARS} characters.");
        return Err(Error::invalid(
            "query.search",
            "1_to_200_characters",
            message,
        ));
    }
    let most = query.number("limit", 1, MOST_FOUND, MOST_FOUND)?;

    // 2.
    let ids = customers_meant(cx, q, most).await?;
    let customers = customers_by_ids(cx, &ids).await?;

    // 3.
    let page = format!("{{\"customers\":[{customers}],\"has_more\":false,\"next_cursor\":null}}");
    Ok(Response::json_text(200, page))
}

/// `DELETE /api-customers?id=` (`customers:write`)
///
/// 1. Reads the id: 422 without one.
/// 2. Begins the erasure: 404. Afterwards the customer is 404 everywhere, and `customer.erased` is told.
/// 3. Has every crate forget its part, as far as that goes within a request; the cron does the rest.
/// 4. Answers 200 with `{success, customer_id, status}`.
async fn erase(cx: &Context<'_>, request: &Request) -> Result<Response> {
    // 1.
    let message = "Say which customer to erase: `?id=`.";
    let id = request.query.get("id");
    let id = id.ok_or_else(|| Error::invalid("query.id", "required", message))?;

    // 2. and 3.
    let erased = customer_erase(cx, id).await?;

    // 4.
    Ok(Response::json(200, &erased))
}

/// Goes on with erasures that a request left, or that were broken off.
///
/// 1. Takes those that are due, so that no other minute has them.
/// 2. Does a bounded number of slices of them. What is left is due at once, or, after a failure, in a minute.
///
/// 503 when the database or KV is away.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    let claimed = claim(cx).await?;

    // 2.
    let mut slices = MAX_SLICES;
    for (business, erasure) in &claimed {
        if slices == 0 {
            break;
        }
        run(&cx.of_business(business), erasure, &mut slices).await?;
    }
    Ok(())
}
