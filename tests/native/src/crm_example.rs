//! A connector that nothing but the test kit knows, through the handlers of all functions: what it gets
//! without a line elsewhere.

use common::http::Request;
use common::ports::Queue;
use common::signatures::hmac_sha256_hex;
use common::{Context, http::Response};
use crm::history::History;
use crm::{Connector, Receive, Setup, Sync};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use testkit::{Answer, Example, Stack, Tenant, answer};

const CONNECTORS: &[&dyn Connector] = &[&Example];
const SYNC: &[&dyn Sync] = &[&Example];
const SETUP: &[&dyn Setup] = &[&Example];
const RECEIVE: &[&dyn Receive] = &[&Example];
const HISTORY: &[&dyn History] = &[&Example];
const TOKEN: &str = "the-token-of-the-example-wxyz";
const ANN: &str = "353871234567";

type Answered = common::http::Result<Response>;

async fn integrations(cx: &Context<'_>, request: Request) -> Answered {
    dashboard_integrations::handler::handle_with(SETUP, cx, request).await
}

async fn jobs(cx: &Context<'_>, request: Request) -> Answered {
    dashboard_crm_jobs::handler::handle_with(CONNECTORS, cx, request).await
}

async fn receive(cx: &Context<'_>, request: Request) -> Answered {
    webhook_crm::handler::handle_with(RECEIVE, cx, request).await
}

async fn history(cx: &Context<'_>, request: Request) -> Answered {
    customer_history::handler::handle_with(HISTORY, cx, request).await
}

struct Desk {
    stack: Stack,
    tenant: Tenant,
    session: String,
    number: String,
}

impl Desk {
    /// A business with WhatsApp, and an example CRM that answers an id to whatever it is asked.
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(7000);
        let (stack, tenant) = Stack::with_tenant();
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        drop(stack.whatsapp(&tenant, &number));
        stack.ports.respond(|request| {
            let path = request.url.strip_prefix("https://crm.example/")?;
            Some(answer(200, &json!(null)).map(|mut answer| {
                answer.body = format!("{path}-1").into_bytes();
                answer
            }))
        });
        let session = stack.session(&tenant);
        Self {
            stack,
            tenant,
            session,
            number,
        }
    }

    fn enabled() -> Self {
        let desk = Self::new();
        let set = json!({ "credentials": { "token": TOKEN } });
        assert_eq!(desk.call("PUT", "", &set).status, 200);
        let enabled = desk.call("POST", "/enable", &Value::Null);
        assert_eq!(enabled.status, 200, "{}", enabled.text());
        desk.stack.ports.take_requests();
        desk
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let target = format!("/api/dashboard/integrations/example{path}");
        let is_of_jobs = ["/jobs", "/backfill", "/retry"]
            .iter()
            .any(|of| path.starts_with(of));
        let function = match is_of_jobs {
            true => "dashboard-crm-jobs",
            false => "dashboard-integrations",
        };
        let call = self
            .stack
            .call(function, method, &target)
            .bearer(&self.session);
        let call = match body.is_null() {
            true => call,
            false => call.json(body),
        };
        match is_of_jobs {
            true => call.send(jobs),
            false => call.send(integrations),
        }
    }

    fn hear(&self, id: &str) {
        let id = format!("{}.{id}", self.number);
        self.stack
            .receive_whatsapp(&self.number, &id, ANN, "Where is my parcel?");
    }

    /// Does what is due.
    fn run(&self) {
        let business = &self.tenant.business_id;
        let log = self
            .stack
            .job(business, async |cx: &Context<'_>, message: &str| {
                sync_crm::handler::handle_with(SYNC, cx, message).await
            });
        assert_eq!(log["level"], "info", "{log}");
    }

    /// Hands events out, and does what is to be done.
    fn settle(&self) {
        for _ in 0..20 {
            self.stack.fan_out(&self.tenant);
            self.run();
            if self.stack.ports.take_wakes(Queue::Crm).is_empty() {
                return;
            }
            self.stack.advance(1_000_000);
        }
    }

    /// What was asked of the CRM since this was asked last, by path and body.
    fn requests_made(&self) -> Vec<String> {
        let requests = self.stack.ports.take_requests().into_iter();
        let of_crm = requests.filter_map(|request| {
            let path = request.url.strip_prefix("https://crm.example/")?.to_owned();
            let body = String::from_utf8(request.body.unwrap_or_default()).unwrap();
            Some([path, body].join(" ").trim().to_owned())
        });
        of_crm.collect()
    }

    /// A customer of the business's own, with this number.
    fn sync(&self, phone: &str) {
        let answer = self
            .stack
            .call("customers-sync", "POST", "/api-customers-sync")
            .key(&self.tenant.api_key)
            .json(&json!({ "customers": [{ "name": "Ann", "phone": phone, "external_id": "c1" }] }))
            .send(customers_sync::handler::handle);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The bodies of an event's webhooks.
    fn bodies(&self, event: &str) -> Vec<Value> {
        let sql = format!("SELECT body FROM outbox WHERE event = '{event}' ORDER BY sequence");
        let rows = self.stack.db.sql(&sql);
        let bodies = rows
            .iter()
            .map(|row| common::db::text_of(row.clone(), "body").unwrap());
        bodies
            .map(|body| serde_json::from_str(&body).unwrap())
            .collect()
    }

    fn states(&self) -> Vec<String> {
        let answer = self.call("GET", "/jobs", &Value::Null);
        let jobs = answer.json["jobs"].as_array().unwrap().iter();
        let mut states: Vec<_> = jobs
            .map(|job| format!("{} {}", job["kind"], job["state"]).replace('"', ""))
            .collect();
        states.sort();
        states
    }
}

#[test]
fn its_settings_are_shown_changed_described_and_listed() {
    let desk = Desk::new();
    let list = desk
        .stack
        .call(
            "dashboard-integrations",
            "GET",
            "/api/dashboard/integrations",
        )
        .bearer(&desk.session)
        .send(integrations);
    assert_eq!(list.json["integrations"][0]["connector"], "example");
    let before = desk.call("GET", "", &Value::Null).json["integration"].clone();
    assert_eq!(before["base_url"], "https://crm.example");
    assert_eq!(before["source"], json!({ "base_url": "default" }));
    let set = json!({ "features": { "notes": true }, "credentials": { "token": TOKEN } });
    let after = desk.call("PUT", "", &set).json["integration"].clone();
    let expected = json!({
        "connector": "example", "status": "disabled", "base_url": "https://crm.example",
        "features": { "notes": true }, "source": { "base_url": "default" },
        "credentials": {
            "token": { "set": true, "source": "business", "last_chars": "…wxyz" },
            "webhook_secret": { "set": false }
        },
        "remote_organization_id": null, "remote_user_id": null,
        "webhook_url": "https://tieline.example/api/webhooks/example",
        "updated_at": "2026-01-02T03:04:05.000000Z"
    });
    assert_eq!(after, expected);
    let refused = desk.call("PUT", "", &json!({ "features": { "magic": true } }));
    assert_eq!(refused.detail(), ("features.magic", "unknown"));
    let schema = desk.call("GET", "/schema", &Value::Null).json;
    let fields = schema["fields"].as_array().unwrap().iter();
    let paths: Vec<_> = fields
        .map(|field| field["path"].as_str().unwrap())
        .collect();
    let expected = [
        "base_url",
        "features.notes",
        "credentials.token",
        "credentials.webhook_secret",
    ];
    assert_eq!(paths, expected);
    let notes = &schema["schema"]["properties"]["features"]["properties"]["notes"];
    assert_eq!(notes["type"], json!(["boolean", "null"]));
    // Kustomer's hand-off group is Kustomer's.
    let refused = desk.call("PUT", "", &json!({ "escalation": {} }));
    assert_eq!(refused.detail(), ("escalation", "unknown"));
}

#[test]
fn it_is_tested_enabled_watched_and_disabled() {
    let desk = Desk::new();
    let draft = json!({ "credentials": { "token": TOKEN } });
    let tested = desk.call("POST", "/test", &draft);
    assert_eq!(
        (tested.status, &tested.json),
        (200, &json!({ "success": true }))
    );
    assert_eq!(desk.requests_made(), ["whoami"]);
    desk.stack.ports.will(answer(401, &Value::Null));
    let refused = desk.call("POST", "/enable", &Value::Null);
    assert_eq!(refused.detail(), ("credentials.token", "bad_key"));
    let desk = Desk::enabled();
    let status = desk.call("GET", "/status", &Value::Null).json;
    assert_eq!(
        (&status["status"], &status["webhook"]),
        (&json!("healthy"), &json!("active"))
    );
    let budget = &status["budget"];
    assert_eq!(
        (&budget["per_minute"], &budget["per_day"]),
        (&json!(60), &json!(86_400))
    );
    let org = desk.stack.db.value("SELECT remote_org FROM integrations");
    assert_eq!(org, "whoami-1".into());
    let disabled = desk.call("POST", "/disable", &Value::Null);
    assert_eq!(disabled.json["integration"]["status"], "disabled");
    assert_eq!(desk.requests_made(), ["goodbye"]);
}

#[test]
fn what_happens_here_becomes_its_jobs_and_they_are_done() {
    let desk = Desk::enabled();
    desk.hear("1");
    desk.settle();
    assert_eq!(desk.requests_made(), ["messages Where is my parcel?"]);
    assert_eq!(desk.states(), ["count skipped", "message done"]);
    // A look at the CRM every few minutes.
    desk.stack.job("", sync_crm::handler::each_minute);
    desk.settle();
    assert_eq!(desk.requests_made(), ["changes"]);
}

#[test]
fn a_record_that_is_refused_for_now_holds_up_no_other() {
    let desk = Desk::enabled();
    desk.stack.ports.will(answer(429, &Value::Null));
    desk.hear("1");
    desk.stack.receive_whatsapp(
        &desk.number,
        &format!("{}.9", desk.number),
        "353870000009",
        "Me, too",
    );
    desk.settle();
    let requests_made = desk.requests_made();
    assert_eq!(requests_made.len(), 3, "{requests_made:?}");
    let blocked = desk.stack.db.value("SELECT blocked_until FROM crm_budgets");
    assert_eq!(blocked, 0.into());
}

#[test]
fn a_request_that_the_crm_stumbles_over_is_repeated_soon_and_then_later_and_blames_nobody() {
    let desk = Desk::enabled();
    for _ in 0..4 {
        desk.stack.ports.will(answer(500, &Value::Null));
    }
    desk.hear("1");
    desk.stack.fan_out(&desk.tenant);
    let mut waits = Vec::new();
    for _ in 0..4 {
        desk.run();
        let due = "SELECT due_at FROM crm_streams WHERE due_at IS NOT NULL";
        let due = desk.stack.db.value(due).as_integer().unwrap();
        let wait = due - desk.stack.now().micros();
        desk.stack.advance(wait);
        waits.push(wait / 1_000_000);
    }
    assert_eq!(waits[..3], [2, 4, 8]);
    assert!((2..=5).contains(&waits[3]), "{waits:?}");
    let status = desk.call("GET", "/status", &Value::Null).json;
    assert_eq!(status["status"], "healthy", "{status}");
    desk.settle();
    assert_eq!(desk.requests_made().len(), 5);
    assert_eq!(desk.states(), ["count skipped", "message done"]);
}

#[test]
fn what_the_crm_refuses_in_its_own_way_stops_all_that_would_be_asked() {
    let desk = Desk::enabled();
    desk.stack.ports.will(answer(503, &Value::Null));
    desk.hear("1");
    let from = "353870000009";
    let id = format!("{}.9", desk.number);
    desk.stack
        .receive_whatsapp(&desk.number, &id, from, "Me, too");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    assert_eq!(desk.requests_made().len(), 1);
    let blocked = desk.stack.db.value("SELECT blocked_until FROM crm_budgets");
    let minute = desk.stack.now().micros() + 60_000_000;
    assert_eq!(blocked, minute.into());
    desk.stack.advance(60_000_000);
    desk.settle();
    assert_eq!(desk.requests_made().len(), 2);
}

#[test]
fn a_crm_that_is_away_for_an_hour_is_asked_again_ten_minutes_after_at_the_latest() {
    let desk = Desk::enabled();
    desk.stack
        .ports
        .respond(|_| Some(Err(common::ports::FetchError::NotSent("away".into()))));
    desk.hear("1");
    desk.stack.fan_out(&desk.tenant);
    let mut longest = 0;
    for _ in 0..120 {
        desk.run();
        let until = "SELECT coalesce(broken_until, 0) FROM integrations";
        let until = desk.stack.db.value(until).as_integer().unwrap();
        longest = longest.max(until - desk.stack.now().micros());
        desk.stack.advance(30_000_000);
    }
    assert_eq!(longest / 1_000_000, 600);
    let waiting = "SELECT count(*) FROM crm_jobs WHERE state = 'failed'";
    assert_eq!(desk.stack.db.value(waiting), 0.into());
}

#[test]
fn a_customer_shows_which_records_they_are_there() {
    let desk = Desk::enabled();
    desk.stack
        .endpoint(&desk.tenant, "https://crm.example.org/hook", &["*"]);
    desk.sync("+353871234567");
    desk.sync("+353871234568");
    desk.settle();
    assert_eq!(desk.requests_made(), ["people"]);
    let customer = desk
        .stack
        .call("customers", "GET", "/api-customers?external_id=c1")
        .key(&desk.tenant.api_key)
        .send(customers::handler::handle);
    let shown = "example:person:people-1|example:lead:7";
    assert_eq!(customer.json["crm_ids"], shown, "{}", customer.text());
    let cursors = desk.stack.db.value("SELECT cursors FROM integrations");
    assert_eq!(cursors, r#"{"people":"people-1"}"#.into());
    let told = desk.bodies("crm.lead_stage_changed");
    assert_eq!(told.len(), 1);
    let data = &told[0]["data"];
    assert_eq!(
        (&data["connector"], &data["lead_id"], &data["external_id"]),
        (&json!("example"), &json!("7"), &json!("c1"))
    );
    let updated = desk.bodies("customer.updated");
    assert_eq!(updated.len(), 2, "by the sync, and by the ids");
}

#[test]
fn what_was_there_before_is_sent_by_a_backfill() {
    let desk = Desk::new();
    desk.hear("1");
    let refused = desk.call("POST", "/backfill", &json!({}));
    assert_eq!(refused.refusal(), (409, "conflict"));
    let desk = Desk::new();
    desk.hear("1");
    desk.stack.fan_out(&desk.tenant);
    let set = json!({ "credentials": { "token": TOKEN } });
    desk.call("PUT", "", &set);
    desk.call("POST", "/enable", &Value::Null);
    desk.requests_made();
    let begun = desk.call("POST", "/backfill", &json!({}));
    assert_eq!(begun.json["backfill"]["total"], 1, "{}", begun.text());
    desk.settle();
    assert_eq!(desk.requests_made(), ["messages Where is my parcel?"]);
    let finished = desk.call("GET", "/backfill", &Value::Null);
    assert_eq!(finished.json["backfill"]["finished"], true);
}

#[test]
fn what_it_posts_is_a_job() {
    let desk = Desk::enabled();
    let post = |signature: &str, path: &str| {
        let path = format!("/api/webhooks/{path}");
        let call = desk.stack.call("webhook-crm", "POST", &path).body("r1");
        call.header("x-example-signature", signature).send(receive)
    };
    let signature = hmac_sha256_hex(b"secret of webhooks-1", b"r1");
    assert_eq!(post(&signature, "example?org=whoami-1").status, 204);
    let forged = post("x", "example?org=whoami-1");
    assert_eq!(forged.refusal(), (401, "invalid_signature"));
    let another = post(&signature, "kustomer?org=whoami-1");
    assert_eq!(another.refusal(), (404, "not_found"));
    desk.settle();
    assert_eq!(desk.states(), ["remote skipped"]);
}

#[test]
fn what_it_has_in_the_url_of_its_webhook_reaches_it() {
    let desk = Desk::enabled();
    let shown = desk.call("GET", "", &Value::Null).json;
    let url = "https://tieline.example/api/webhooks/example/whoami-1";
    assert_eq!(shown["integration"]["webhook_url"], url);
    let enabled = desk.call("POST", "/enable", &Value::Null).json;
    assert_eq!(enabled["webhook"]["url"], url);
    let signature = hmac_sha256_hex(b"secret of webhooks-1", b"r1");
    let post = |path: &str| {
        let path = format!("/api/webhooks/example{path}");
        let call = desk.stack.call("webhook-crm", "POST", &path).body("r1");
        call.header("x-example-signature", &signature).send(receive)
    };
    assert_eq!(post("/whoami-1").status, 204);
    assert_eq!(post("/another").refusal(), (401, "invalid_signature"));
    assert_eq!(post("/").refusal(), (404, "not_found"));
}

#[test]
fn it_tells_of_the_past() {
    let desk = Desk::enabled();
    desk.hear("1");
    let id = desk.stack.db.value("SELECT id FROM customers");
    let path = format!(
        "/api-customer-history?customer_id={}",
        id.as_text().unwrap()
    );
    let webhook = desk
        .stack
        .call("customer-history", "GET", &path)
        .key(&desk.tenant.api_key)
        .send(history);
    assert_eq!(webhook.json["connector"], "example", "{}", webhook.text());
    assert_eq!(webhook.json["conversations"][0]["id"], "history-1");
}

#[test]
fn a_connector_that_is_not_there_is_not_found() {
    let desk = Desk::new();
    for (function, path) in [
        (
            "dashboard-integrations",
            "/api/dashboard/integrations/nothing",
        ),
        (
            "dashboard-integrations",
            "/api/dashboard/integrations/nothing/status",
        ),
        (
            "dashboard-crm-jobs",
            "/api/dashboard/integrations/nothing/jobs",
        ),
    ] {
        let call = desk.stack.call(function, "GET", path).bearer(&desk.session);
        let answer = match function {
            "dashboard-crm-jobs" => call.send(dashboard_crm_jobs::handler::handle),
            _ => call.send(dashboard_integrations::handler::handle),
        };
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}");
    }
}
