//! Connecting Krayin: settings, the test, what calls us.

use common::ports::OutboundRequest;
use common::ports::{FetchError, OutboundResponse};
use dashboard_integrations::handler::handle;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{Answer, Stack, answer};

type Outcome = Result<OutboundResponse, FetchError>;

const TOKEN: &str = "7|the-token-of-the-business-wxyz";
const BASE: &str = "https://crm.acme.example/api/v1";

/// What a Krayin answers; the paths of what it keeps.
#[derive(Clone)]
struct There {
    view: &'static str,
    keeps_workflows: bool,
    made: Rc<RefCell<Vec<(String, Value)>>>,
}

struct Desk {
    stack: Stack,
    session: String,
    there: There,
}

fn limited(body: &Value) -> Outcome {
    answer(200, body).map(|mut answer| {
        let limits = [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "41")];
        let limits = limits.map(|(name, value)| (name.to_owned(), value.to_owned()));
        answer.headers.extend(limits);
        answer
    })
}

impl There {
    fn answer(&self, request: &OutboundRequest) -> Option<Outcome> {
        let path = request.url.strip_prefix(BASE)?.split('?').next()?;
        let bearer = format!("Bearer {TOKEN}");
        if !request.headers.contains(&("authorization", bearer)) {
            let message = "admin::app.common.internal-server-error";
            return Some(answer(500, &json!({ "message": message })));
        }
        let named = |id: u64, name: &str| json!({ "id": id, "name": name });
        let listed = |what: &str| {
            let made = self.made.borrow();
            let of = made.iter().filter(|(path, _)| path == what);
            of.map(|(_, row)| row.clone()).collect::<Vec<_>>()
        };
        let data = match (request.method, path) {
            ("GET", "/get") => json!({ "id": 9, "name": "Tieline", "view_permission": self.view }),
            ("GET", "/leads/search") => json!([]),
            ("GET", "/settings/pipelines") => json!([{ "id": 1, "name": "Default", "is_default": 1,
                "stages": [{ "id": 1, "code": "new", "name": "New" },
                    { "id": 5, "code": "won", "name": "Won" }] }]),
            ("GET", "/settings/sources") => json!([named(2, "Web")]),
            ("GET", "/settings/types") => json!([named(1, "New Business")]),
            ("GET", "/settings/users") => json!([named(9, "Tieline")]),
            ("GET", "/settings/attributes") => json!([
                { "code": "name", "entity_type": "persons", "is_required": 1 },
                { "code": "vat", "entity_type": "persons", "is_required": 1 }]),
            ("GET", what) => listed(what).into(),
            ("POST", what) => {
                let mut made = self.made.borrow_mut();
                let body: Value = serde_json::from_slice(request.body.as_ref()?).unwrap();
                let mut row = body.clone();
                row["id"] = (70 + made.len()).into();
                if what != "/settings/workflows" || self.keeps_workflows {
                    made.push((what.to_owned(), row.clone()));
                }
                row
            }
            ("DELETE", what) => {
                let (table, id) = what.rsplit_once('/')?;
                let mut made = self.made.borrow_mut();
                made.retain(|(path, row)| path != table || row["id"].as_u64() != id.parse().ok());
                return Some(limited(&json!({ "message": "deleted" })));
            }
            _ => return None,
        };
        Some(limited(&json!({ "data": data })))
    }
}

impl Desk {
    fn new(view: &'static str, keeps_workflows: bool) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let there = There {
            view,
            keeps_workflows,
            made: Rc::default(),
        };
        let answering = there.clone();
        stack
            .ports
            .respond(move |request| answering.answer(request));
        let session = stack.session(&tenant);
        let desk = Self {
            stack,
            session,
            there,
        };
        let set = json!({ "api_url": "https://crm.acme.example/api/admin", "lead_source_id": 2,
            "credentials": { "api_token": TOKEN } });
        let put = desk.call("PUT", "", &set);
        assert_eq!(put.status, 200, "{}", put.text());
        desk
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let target = format!("/api/dashboard/integrations/krayin{path}");
        let call = self.stack.call("dashboard-integrations", method, &target);
        let answer = call
            .bearer(&self.session)
            .json_unless_null(body)
            .send(handle);
        assert!(!answer.text().contains(TOKEN), "{}", answer.text());
        assert!(!answer.log.to_string().contains(TOKEN), "{}", answer.log);
        answer
    }

    fn test(&self) -> Value {
        self.call("POST", "/test", &Value::Null).json
    }

    /// The code of a check that does not hold.
    fn code(tested: &Value, name: &str) -> Value {
        let checks = tested["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name).unwrap();
        check["code"].clone()
    }
}

#[test]
fn the_url_is_kept_as_the_apis() {
    let desk = Desk::new("global", true);
    let shown = desk.call("GET", "", &Value::Null).json["integration"].clone();
    assert_eq!(shown["api_url"], BASE);
    assert_eq!(shown["lead_source_id"], 2);
    for (set, path) in [
        (json!({ "api_url": "crm.acme.example" }), "api_url"),
        (json!({ "lead_pipeline_id": "x" }), "lead_pipeline_id"),
        (json!({ "time_zone": "no zone" }), "time_zone"),
        (json!({ "lead_value": "75,000" }), "lead_value"),
        (
            json!({ "field_mapping": { "a": "deal.b" } }),
            "field_mapping.a",
        ),
        (
            json!({ "lead_source_by_channel": { "sms": "x" } }),
            "lead_source_by_channel.sms",
        ),
        (
            json!({ "invented_email": { "domain": "nowhere" } }),
            "invented_email.domain",
        ),
        (
            json!({ "conversation_url": "javascript:x" }),
            "conversation_url",
        ),
    ] {
        let refused = desk.call("PUT", "", &set);
        assert_eq!((refused.status, refused.detail().0), (422, path));
    }
}

#[test]
fn a_test_says_for_each_thing_whether_it_holds() {
    let desk = Desk::new("global", true);
    let tested = desk.test();
    assert_eq!(tested["success"], true, "{tested}");
    assert_eq!(tested["base_url"], BASE);
    assert_eq!(tested["user"], json!({ "id": "9", "name": "Tieline" }));
    let names: Vec<_> = tested["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].clone())
        .collect();
    let expected = [
        "url",
        "package",
        "token",
        "global_view",
        "rate_limit",
        "version",
        "pipeline",
        "stages",
        "source",
        "type",
        "owner",
        "attributes",
        "time_zone",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        Desk::code(&tested, "attributes"),
        "required_attribute",
        "a warning"
    );
    assert_eq!(
        tested["choices"]["pipelines"][0]["stages"][1]["name"],
        "Won"
    );
    let used = desk.stack.db.value("SELECT used FROM crm_budgets");
    assert_eq!(used, 7.into());
}

#[test]
fn what_must_hold_and_does_not_is_named() {
    let desk = Desk::new("individual", true);
    let tested = desk.test();
    assert_eq!(tested["success"], false);
    assert_eq!(Desk::code(&tested, "global_view"), "view_permission");
    let enabled = desk.call("POST", "/enable", &Value::Null);
    assert_eq!(
        (enabled.status, enabled.detail().1),
        (422, "view_permission")
    );

    let desk = Desk::new("global", true);
    let set = json!({ "lead_source_id": 77, "lead_type_id": 77, "owner": { "default_user_id": 77 },
        "stage_progression": { "enabled": true, "on_first_response": 77 }, "time_zone": "Mars/Base" });
    assert_eq!(desk.call("PUT", "", &set).status, 200);
    let tested = desk.test();
    for (name, code) in [
        ("source", "unknown_source"),
        ("type", "unknown_type"),
        ("owner", "unknown_owner"),
        ("stages", "unknown_stage"),
        ("time_zone", "unknown_time_zone"),
    ] {
        assert_eq!(Desk::code(&tested, name), code);
    }
    let set = json!({ "lead_pipeline_stage_id": 5 });
    assert_eq!(desk.call("PUT", "", &set).status, 200);
    assert_eq!(
        Desk::code(&desk.test(), "pipeline"),
        "unknown_stage",
        "leads are won there"
    );
}

#[test]
fn a_bad_token_and_what_is_no_krayin_are_told_apart() {
    let desk = Desk::new("global", true);
    let other = json!({ "credentials": { "api_token": "1|another-token-of-nobody" } });
    let tested = desk.call("POST", "/test", &other).json;
    assert_eq!(Desk::code(&tested, "token"), "bad_key");
    for (status, body, name, code) in [
        (
            404,
            json!({ "message": "admin::app.common.resource-not-found" }),
            "package",
            "not_installed",
        ),
        (200, json!("a page"), "url", "not_an_api"),
        (302, Value::Null, "url", "not_an_api"),
    ] {
        desk.stack.ports.will(answer(status, &body));
        assert_eq!(Desk::code(&desk.test(), name), code, "{status}");
    }
}

#[test]
fn enabling_has_krayin_call_us_and_disabling_ends_that() {
    let desk = Desk::new("global", true);
    let enabled = desk.call("POST", "/enable", &Value::Null);
    assert_eq!(enabled.status, 200, "{}", enabled.text());
    let webhook = enabled.json["webhook"].clone();
    assert_eq!(webhook["created"], true, "{webhook}");
    let url = webhook["url"].as_str().unwrap();
    let org = enabled.json["integration"]["remote_organization_id"]
        .as_str()
        .unwrap();
    let secret = url
        .split(&format!("/api/webhooks/krayin/{org}/"))
        .nth(1)
        .unwrap();
    assert_eq!(secret.len(), 64);
    let shown = desk.call("GET", "", &Value::Null);
    assert!(!shown.text().contains(secret), "it is shown once");
    let made = desk.there.made.borrow().clone();
    let of = |what: &str| {
        made.iter()
            .filter(|(path, _)| path == what)
            .map(|(_, row)| row.clone())
            .collect::<Vec<_>>()
    };
    let (hooks, flows) = (of("/settings/webhooks"), of("/settings/workflows"));
    assert_eq!((hooks.len(), flows.len()), (3, 3));
    assert!(hooks.iter().all(|hook| hook["end_point"] == url));
    assert_eq!(flows[1]["event"], "lead.update.after");
    assert_eq!(flows[1]["actions"][0]["value"], hooks[1]["id"]);
    // Once more makes nothing more.
    let again = desk.call("POST", "/enable", &Value::Null);
    assert_eq!(again.json["webhook"]["url"], url);
    assert_eq!(desk.there.made.borrow().len(), 6);
    assert_eq!(desk.call("POST", "/disable", &Value::Null).status, 200);
    assert!(
        desk.there.made.borrow().is_empty(),
        "{:?}",
        desk.there.made.borrow()
    );
}

#[test]
fn a_new_secret_is_called_by_workflows_of_its_own() {
    let desk = Desk::new("global", true);
    let first = desk.call("POST", "/enable", &Value::Null).json["webhook"]["url"].clone();
    // Of somebody else, by the same names.
    let others = json!({ "id": 40, "name": "Tieline leads", "actions": [
        { "id": "trigger_webhook", "value": 39 }] });
    desk.there
        .made
        .borrow_mut()
        .push(("/settings/workflows".to_owned(), others));
    let forget = json!({ "credentials": { "webhook_secret": null } });
    assert_eq!(desk.call("PUT", "", &forget).status, 200);
    let again = desk.call("POST", "/enable", &Value::Null).json["webhook"].clone();
    assert_eq!(again["created"], true, "{again}");
    assert_ne!(again["url"], first);
    let made = desk.there.made.borrow().clone();
    let of = |what: &str| {
        let of = made.iter().filter(|(path, _)| path == what);
        of.map(|(_, row)| row.clone()).collect::<Vec<_>>()
    };
    let (hooks, flows) = (of("/settings/webhooks"), of("/settings/workflows"));
    let ends: Vec<_> = hooks.iter().map(|hook| hook["end_point"].clone()).collect();
    assert_eq!(ends, vec![again["url"].clone(); 3]);
    let called = |flow: &Value| flow["actions"][0]["value"].clone();
    let called: Vec<_> = flows.iter().map(called).collect();
    let own = hooks.iter().map(|hook| hook["id"].clone());
    let expected: Vec<_> = [json!(39)].into_iter().chain(own).collect();
    assert_eq!(called, expected);
}

#[test]
fn where_workflows_cannot_be_made_people_are_told_how() {
    let desk = Desk::new("global", false);
    let webhook = desk.call("POST", "/enable", &Value::Null).json["webhook"].clone();
    assert_eq!(
        (&webhook["created"], &webhook["reason"]),
        (&json!(false), &json!("by_hand"))
    );
    let message = webhook["message"].as_str().unwrap();
    assert!(
        message.contains(webhook["url"].as_str().unwrap()),
        "{message}"
    );
    let status = desk.stack.db.value("SELECT status FROM integrations");
    assert_eq!(status.as_text(), Some("active"));
}
