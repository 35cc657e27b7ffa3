mod causes;
mod crms;
mod destinations;
mod list;
mod quiet;
mod settings;
mod silence;
mod status;
mod told;
mod ways;

use dashboard_alerts::handler::{each_minute, handle};
use serde_json::{Value, json};
use testkit::{Answer, Call, Stack, Tenant, answer};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const SLACK: &str = "https://hooks.slack.example/services/T0/B0/secret-part";
/// An id of ours that is nobody's.
pub(crate) const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

/// A business whose alerts somebody has open.
pub(crate) struct Desk {
    pub(crate) stack: Stack,
    pub(crate) tenant: Tenant,
    token: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        Self::of(stack, tenant)
    }

    fn of(stack: Stack, tenant: Tenant) -> Self {
        let token = stack.session(&tenant);
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// Another business of the same deployment.
    pub(crate) fn other(&self) -> Self {
        Self::of(self.stack.clone(), self.stack.tenant("Other"))
    }

    fn begin(&self, method: &str, path: &str) -> Call<'_> {
        let path = format!("/api/dashboard/alerts{path}");
        self.stack.call("dashboard-alerts", method, &path)
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        // A session ends after 12 hours.
        let token = match self
            .begin("GET", "/settings")
            .bearer(&self.token)
            .send(handle)
            .status
        {
            200 => self.token.clone(),
            _ => self.stack.session(&self.tenant),
        };
        let call = self.begin(method, path).bearer(&token);
        call.json_unless_null(body).send(handle)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }

    pub(crate) fn set(&self, body: &Value) -> Answer {
        let answer = self.call("PUT", "/settings", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    /// Has a Slack-compatible URL told; gives the id.
    pub(crate) fn slack(&self) -> String {
        self.tells(&json!({ "type": "slack", "name": "On call", "url": SLACK }))
    }

    pub(crate) fn tells(&self, body: &Value) -> String {
        let made = self.call("POST", "/destinations", body);
        assert_eq!(made.status, 201, "{}", made.text());
        made.json["destination"]["id"].as_str().unwrap().to_owned()
    }

    /// One minute, in which events are handed out.
    pub(crate) fn minute(&self) {
        self.sql(
            "UPDATE businesses SET fanned_out = (SELECT coalesce(max(sequence), 0) FROM outbox o
             WHERE o.business_id = businesses.id)",
        );
        self.minute_without_fan_out();
    }

    /// The cron of one minute.
    pub(crate) fn minute_without_fan_out(&self) {
        self.stack.advance(MINUTE);
        let log = self.stack.job("", each_minute);
        assert_eq!(log["code"], Value::Null, "{log}");
    }

    pub(crate) fn minutes(&self, n: usize) {
        for _ in 0..n {
            self.minute();
        }
    }

    /// The alerts in this state, newest first.
    pub(crate) fn alerts(&self, state: &str) -> Vec<Value> {
        let page = self.get(&format!("?state={state}"));
        assert_eq!(page.status, 200, "{}", page.text());
        page.json["alerts"].as_array().unwrap().clone()
    }

    /// The causes of the alerts that last, and what they are about.
    pub(crate) fn open(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let alerts = self.alerts("open");
        let mut named: Vec<_> = alerts
            .iter()
            .map(|alert| (text(&alert["cause"]), text(&alert["object"]["id"])))
            .collect();
        named.sort();
        named
    }

    /// The one alert that lasts.
    pub(crate) fn only(&self) -> Value {
        let mut open = self.alerts("open");
        assert_eq!(open.len(), 1, "{open:?}");
        open.remove(0)
    }

    /// What was told to endpoints: events and the ids of their alerts.
    pub(crate) fn events(&self) -> Vec<String> {
        let business = &self.tenant.business_id;
        let rows = self.stack.db.sql(&format!(
            "SELECT event || ' ' || (detail ->> '$.alert.cause') FROM outbox
             WHERE business_id = '{business}' AND event GLOB 'alert.*' ORDER BY sequence"
        ));
        let texts = rows.into_iter().flatten();
        texts.map(|text| text.into_text().unwrap()).collect()
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.stack
            .db
            .sql(&sql.replace("{business}", &self.tenant.business_id));
    }

    pub(crate) fn now(&self) -> i64 {
        self.stack.now().micros()
    }

    /// That everything that is posted is answered so.
    pub(crate) fn answers(&self, status: u16) {
        self.stack
            .ports
            .respond(move |_| Some(answer(status, &json!("ok"))));
    }

    /// The texts that were posted to Slack since this was asked last.
    pub(crate) fn texts(&self) -> Vec<String> {
        let requests = self.stack.ports.take_requests();
        let posted = requests.iter().filter(|request| request.url == SLACK);
        let text = |request: &common::ports::OutboundRequest| {
            let body: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
            body["text"].as_str().unwrap().to_owned()
        };
        posted.map(text).collect()
    }

    /// A webhook endpoint that has failed since then; gives its id.
    pub(crate) fn failing_endpoint(&self, since: i64) -> String {
        let (id, _) = self
            .stack
            .endpoint(&self.tenant, "https://crm.example/hook", &["*"]);
        self.sql(&format!(
            "UPDATE webhook_endpoints SET failing_since = {since} WHERE id = '{id}'"
        ));
        id
    }

    /// That it works again.
    pub(crate) fn mend_endpoint(&self, id: &str) {
        self.sql(&format!(
            "UPDATE webhook_endpoints SET failing_since = NULL, status = 'active',
               disabled_reason = NULL WHERE id = '{id}'"
        ));
    }
}

/// Refuses a caller without a session.
pub(crate) fn refuses_callers(method: &str, path: &str) {
    let desk = Desk::new();
    let target = format!("/api/dashboard/alerts{path}");
    let route: (&'static str, &str, &str) = ("dashboard-alerts", method, &target);
    desk.stack.asks_for_a_session(&desk.tenant, route, handle);
}

/// What is no id of ours, or nobody's, is not found.
pub(crate) fn refuses_ids(method: &str, before: &str, behind: &str) {
    let desk = Desk::new();
    for id in ["nothing", NOBODY] {
        let answer = desk.call(method, &format!("{before}{id}{behind}"), &Value::Null);
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
}
