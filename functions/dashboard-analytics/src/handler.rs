use crate::analytics::{AnalyticsQuery, Format, analytics_read};
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /api/dashboard/analytics?from=&to=[&format=json|csv][&of=days|agents]` (session)
///
/// 1. Reads the span and the format: 422 for what is no date, a span that ends before it begins or
///    has more than 92 days, a format or table that there is not.
/// 2. Counts, in one call of the database.
/// 3. Answers 200 with `{from, to, days, totals, agents}`, or as CSV with a line for each day, or
///    each agent, where `format`, `of` or `accept` say so.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let accept = (cx.header)("accept");
    let query = AnalyticsQuery::from_query(&request.query, accept.as_deref(), cx.now)?;
    let report = analytics_read(cx, query.span).await?;
    let (table, name) = match query.format {
        Format::Json => return Ok(Response::json_text(200, report.json())),
        Format::Days => (report.days_csv(), "analytics"),
        Format::Agents => (report.agents_csv(), "agents"),
    };
    let (from, to) = (query.span.from, query.span.to);
    let disposition = format!("attachment; filename=\"{name}_{from}_{to}.csv\"");
    let csv = Response::content(200, "text/csv; charset=utf-8", table);
    Ok(csv.with_header("content-disposition", disposition))
}
