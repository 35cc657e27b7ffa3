mod figures;
mod tables;

use common::day::Day;
use common::ids::lowest_id;
use common::time::SECOND;
use dashboard_analytics::handler::handle;
use serde_json::Value;
use testkit::{Answer, Call, Stack, Tenant};

fn call<'s>(stack: &'s Stack, tenant: &Tenant, query: &str) -> Call<'s> {
    let path = format!("/api/dashboard/analytics{query}");
    stack
        .call("dashboard-analytics", "GET", &path)
        .bearer(&stack.session(tenant))
}

fn ask(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let answer = call(stack, tenant, query).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// So many seconds after a day's midnight.
fn at(date: &str, seconds: i64) -> i64 {
    Day::parse(date).unwrap().start().micros() + seconds * SECOND
}

/// Rows of a business, past what writes them.
struct Rows<'s>(&'s Stack, &'s Tenant);

impl Rows<'_> {
    fn insert(&self, table: &str, columns: &str, values: &str) {
        let business = &self.1.business_id;
        self.0.db.sql(&format!(
            "INSERT INTO {table} (business_id, {columns}) VALUES ('{business}', {values})"
        ));
    }

    /// A conversation that began then; gives its id. Each has a customer of its own.
    fn begun(&self, created_at: i64) -> String {
        let count = self.0.db.value("SELECT count(*) FROM conversations");
        let n = count.as_integer().unwrap();
        let prefix = lowest_id(common::time::Timestamp::from_micros(created_at));
        let id = format!("{prefix}-7000-8000-{n:012x}");
        self.insert(
            "conversations",
            "id, customer_id, channel_id, channel, last_message_at, created_at, updated_at",
            &format!("'{id}', 'customer-{n}', 'c', 'sms', {created_at}, {created_at}, 0"),
        );
        id
    }

    fn closed(&self, id: &str, closed_at: i64, assignee: Option<&str>) {
        let assignee = assignee.map_or("NULL".to_owned(), |name| format!("'{name}'"));
        self.0.db.sql(&format!(
            "UPDATE conversations SET status = 'closed', closed_at = {closed_at},
               assignee = {assignee} WHERE id = '{id}'"
        ));
    }

    fn message(&self, conversation: &str, created_at: i64, direction: &str, rest: &str) {
        let (status, detail) = rest.split_once(' ').unwrap_or((rest, "NULL"));
        self.insert(
            "messages",
            "created_at, id, conversation_id, customer_id, channel_id, channel, direction, type,
             status, detail, updated_at",
            &format!(
                "{created_at}, 'm{created_at}', '{conversation}', '', 'c', 'sms', '{direction}',
                 'text', '{status}', {detail}, 0"
            ),
        );
    }

    fn inbound(&self, conversation: &str, created_at: i64) {
        self.message(conversation, created_at, "inbound", "received");
    }

    fn answered(&self, conversation: &str, created_at: i64, author: Option<(&str, &str)>) {
        let rest = match author {
            None => "sent".to_owned(),
            Some((id, name)) => {
                let author = serde_json::json!({ "author": { "id": id, "name": name } });
                format!("sent '{author}'")
            }
        };
        self.message(conversation, created_at, "outbound", &rest);
    }

    fn escalated(&self, conversation: &str, created_at: i64) {
        self.insert(
            "escalations",
            "id, conversation_id, source, priority, created_at",
            &format!("'e{created_at}', '{conversation}', 'api', 'high', {created_at}"),
        );
    }

    fn rated(&self, conversation: &str, rated_at: i64, score: &str) {
        self.insert(
            "conversation_ratings",
            "conversation_id, score, rated_at",
            &format!("'{conversation}', {score}, {rated_at}"),
        );
    }

    /// A connector's day: done, failed, requests, throttled.
    fn synced(&self, connector: &str, date: &str, counts: [i64; 4]) {
        let day = Day::parse(date).unwrap().number();
        let [done, failed, requests, throttled] = counts;
        self.insert(
            "crm_days",
            "connector, day, done, failed, requests, throttled",
            &format!("'{connector}', {day}, {done}, {failed}, {requests}, {throttled}"),
        );
    }
}

/// The fields of an object whose value is something else than nothing: zero, null.
fn non_zero(figures: &Value) -> Value {
    let fields = figures.as_object().unwrap().iter();
    let non_zero = fields.filter(|(_, n)| !n.is_null() && **n != 0);
    non_zero
        .map(|(name, n)| (name.clone(), n.clone()))
        .collect()
}

#[test]
fn analytics_get_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || stack.call("dashboard-analytics", "GET", "/api/dashboard/analytics");
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&tenant.admin_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    let wrong = call().bearer("tls_wrong").send(handle);
    assert_eq!(wrong.refusal(), (401, "invalid_token"));
}

#[test]
fn analytics_get_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    for (query, path, rule) in [
        ("?from=yesterday", "query.from", "date"),
        ("?to=2026-02-30", "query.to", "date"),
        ("?to=2026-01-02T00:00:00Z", "query.to", "date"),
        ("?from=1969-12-31&to=1970-01-01", "query.from", "date"),
        ("?from=2199-12-31&to=2200-01-01", "query.to", "date"),
        (
            "?from=2026-01-02&to=2026-01-01",
            "query.from",
            "not_after_to",
        ),
        ("?from=2026-01-03", "query.from", "not_after_to"),
        (
            "?from=2025-10-01&to=2026-01-01",
            "query.from",
            "at_most_92_days",
        ),
        ("?from=2025-01-01", "query.from", "at_most_92_days"),
        ("?format=xml", "query.format", "known_format"),
        ("?format=csv&of=teams", "query.of", "known_table"),
        ("?format=json&of=agents", "query.of", "csv_alone"),
        ("?day=2026-01-01", "query.day", "unknown"),
        ("?from=2026-01-01&from=2026-01-01", "query.from", "once"),
    ] {
        let answer = call(&stack, &tenant, query).send(handle);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
        assert_eq!(answer.detail(), (path, rule), "{query}");
    }
}

#[test]
fn a_span_has_seven_days_where_the_request_does_not_say_and_ninety_two_at_most() {
    let (stack, tenant) = Stack::with_tenant();
    for (query, from, to, days) in [
        ("", "2025-12-27", "2026-01-02", 7),
        ("?from=&to=", "2025-12-27", "2026-01-02", 7),
        ("?from=2026-01-02", "2026-01-02", "2026-01-02", 1),
        ("?to=2024-03-01", "2024-02-24", "2024-03-01", 7),
        (
            "?from=2025-10-02&to=2026-01-01",
            "2025-10-02",
            "2026-01-01",
            92,
        ),
        (
            "?from=1970-01-01&to=1970-01-01",
            "1970-01-01",
            "1970-01-01",
            1,
        ),
        (
            "?from=2199-12-31&to=2199-12-31",
            "2199-12-31",
            "2199-12-31",
            1,
        ),
    ] {
        let answer = ask(&stack, &tenant, query).json;
        assert_eq!((&answer["from"], &answer["to"]), (&from.into(), &to.into()));
        let dates = answer["days"].as_array().unwrap();
        assert_eq!(dates.len(), days, "{query}");
        assert_eq!(dates[0]["date"], from);
        assert_eq!(dates[days - 1]["date"], to);
    }
}
