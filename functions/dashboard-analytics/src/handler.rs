use crate::query::{AnalyticsQuery, Format};
use crate::report::{Report, statements};
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /api/dashboard/analytics?from=&to=[&format=json|csv][&of=days|agents]` (session)
///
/// The figures are counted as the rows now stand, so a day's may still change: a conversation that
/// began then is answered or escalated later, one that was closed goes on.
///
/// 1. Reads the span and the format: 422 for what is no date, a span that ends before it begins or
///    has more than 92 days, a format or table that there is not.
/// 2. Counts conversations, messages, agents, ratings and connectors, in one call of the database.
/// 3. Answers 200 with `{from, to, days, totals, agents}`, or as CSV with a line for each day, or
///    each agent, where `format`, `of` or `accept` say so.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let accept = (cx.header)("accept");
    let query = AnalyticsQuery::from_query(&request.query, accept.as_deref(), cx.now)?;

    // 2.
    let results = cx.db.batch(statements(cx, query.span)).await?;
    let report = Report::of(query.span, results)?;

    // 3.
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
