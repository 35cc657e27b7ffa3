use super::{Rows, ask, at, call};
use dashboard_analytics::handler::handle;
use testkit::Stack;

const CSV: &str = "text/csv; charset=utf-8";
const NAMES: &str = "date,conversations_begun,conversations_escalated,escalation_rate,\
    conversations_answered,conversations_unanswered,first_response_median_seconds,\
    first_response_mean_seconds,conversations_closed,resolution_median_seconds,\
    resolution_mean_seconds,messages_in,messages_out,csat_ratings,csat_mean,sync_jobs_done,\
    sync_jobs_failed,sync_success_rate,sync_requests,sync_requests_throttled\r\n";

#[test]
fn csv_has_a_line_for_each_day_and_nothing_where_nothing_was_counted() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let id = rows.begun(at("2026-01-01", 0));
    rows.inbound(&id, at("2026-01-01", 0));
    rows.answered(&id, at("2026-01-01", 1) + 500_000, None);
    let answer = ask(&stack, &tenant, "?format=csv&from=2026-01-01&to=2026-01-02");
    assert_eq!(answer.header("content-type"), Some(CSV));
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"analytics_2026-01-01_2026-01-02.csv\"")
    );
    let expected = "2026-01-01,1,0,0,1,0,1.5,1.5,0,,,1,1,0,,0,0,,0,0\r\n\
                    2026-01-02,0,0,,0,0,,,0,,,0,0,0,,0,0,,0,0\r\n";
    assert_eq!(answer.text(), format!("{NAMES}{expected}"));
    let same = ask(&stack, &tenant, "?of=days&from=2026-01-01&to=2026-01-02");
    assert_eq!(same.text(), answer.text());
}

#[test]
fn names_of_agents_are_no_formulas_and_break_no_line() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let day = "2026-01-01";
    let id = rows.begun(at(day, 0));
    rows.answered(&id, at(day, 1), Some(("1", "=cmd|/C calc!A1")));
    rows.answered(&id, at(day, 2), Some(("1", "=cmd|/C calc!A1")));
    rows.answered(
        &id,
        at(day, 3),
        Some(("-2", "Ann \"Annie\" Smith, Jr.\r\n")),
    );
    rows.closed(&id, at(day, 4), Some("@Zoë"));
    let answer = ask(&stack, &tenant, "?format=csv&of=agents");
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"agents_2025-12-27_2026-01-02.csv\"")
    );
    assert_eq!(
        answer.text(),
        "id,name,messages,tickets_closed\r\n\
         1,'=cmd|/C calc!A1,2,0\r\n\
         '-2,\"Ann \"\"Annie\"\" Smith, Jr.\r\n\",1,0\r\n\
         ,'@Zoë,0,1\r\n"
    );
}

#[test]
fn an_agent_is_known_by_whom_tokens_were_made_for() {
    let (stack, tenant) = Stack::with_tenant();
    let _token = stack.inbox_token(&tenant, None, Some(("a1", "Ann")));
    let rows = Rows(&stack, &tenant);
    let id = rows.begun(at("2026-01-01", 0));
    rows.closed(&id, at("2026-01-01", 1), Some("a1"));
    let answer = ask(&stack, &tenant, "?of=agents");
    assert_eq!(
        answer.text(),
        "id,name,messages,tickets_closed\r\na1,Ann,0,1\r\n"
    );
}

#[test]
fn accept_counts_where_the_query_does_not_say() {
    let (stack, tenant) = Stack::with_tenant();
    let json = "application/json";
    for (query, accept, expected) in [
        ("", "text/csv", CSV),
        ("", "text/html, Text/CSV;q=0.9, */*", CSV),
        ("", "application/json, text/csv", json),
        ("", "*/*", json),
        ("", "", json),
        ("?format=json", "text/csv", json),
        ("?format=csv", json, CSV),
        ("?of=agents", json, CSV),
    ] {
        let call = call(&stack, &tenant, query).header("accept", accept);
        let answer = call.send(handle);
        assert_eq!(
            answer.header("content-type"),
            Some(expected),
            "{query} {accept}"
        );
    }
}
