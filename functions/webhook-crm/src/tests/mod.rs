mod hostile;
mod krayin;
mod trouble;

use crate::kustomer::{KUSTOMER_ORG, KUSTOMER_TOKEN, KUSTOMER_USER};
use common::Context;
use common::db::Value;
use common::ports::Queue;
use common::signatures::hmac_sha256_hex;
use crm::credentials_context;
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack, Tenant};
use webhook_crm::handler::handle;

/// A business that is connected to Kustomer.
struct Desk {
    stack: Stack,
    tenant: Tenant,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        crate::kustomer::connect(&stack, &tenant, &json!({}));
        Self { stack, tenant }
    }

    /// Posts a body with what stands for its signature.
    fn post(&self, body: &[u8], signature: Option<&str>) -> Answer {
        let call = self
            .stack
            .call("webhook-crm", "POST", "/api/webhooks/kustomer")
            .body(body);
        match signature {
            Some(signature) => call.header("x-kustomer-webhook-signature", signature),
            None => call,
        }
        .send(handle)
    }

    /// Posts a body as Kustomer signs it.
    fn signed(&self, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        self.post(body, Some(&signature(KUSTOMER_TOKEN, body)))
    }

    fn event(&self, event: &Json) -> Answer {
        self.signed(event.to_string())
    }

    fn count(&self, table: &str) -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        self.stack.db.value(&count).as_integer().unwrap()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let values = self.stack.db.sql(sql).into_iter().flatten();
        values.filter_map(Value::into_text).collect()
    }

    fn keys(&self) -> Vec<String> {
        self.texts("SELECT key FROM crm_jobs ORDER BY ordered_at, id")
    }

    fn wakes(&self) -> Vec<String> {
        let wakes = self.stack.ports.take_wakes(Queue::Crm).into_iter();
        wakes.map(|(business, _)| business).collect()
    }

    /// Gives another business a connection to the same organisation, with a token of its own.
    fn another(&self, token: &str) -> Tenant {
        let other = self.stack.tenant("Another business");
        crate::kustomer::connect(&self.stack, &other, &json!({}));
        let business = &other.business_id;
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let credentials = json!({ "api_key": "eyJ", "webhook_token": token }).to_string();
            let context = credentials_context(business, "kustomer");
            let sealed = cx.ports.seal(cx.entropy, &context, &credentials)?;
            self.stack.db.sql(&format!(
                "UPDATE integrations SET credentials = '{sealed}' WHERE business_id = '{business}'"
            ));
            Ok(())
        });
        other
    }
}

fn signature(token: &str, body: &[u8]) -> String {
    hmac_sha256_hex(token.as_bytes(), body)
}

/// What Kustomer tells of one of its records.
fn event_of(id: &str, verb: &str, data: &Json) -> Json {
    json!({
        "id": id, "name": format!("kustomer.{}.{verb}", data["type"].as_str().unwrap()),
        "org": KUSTOMER_ORG, "orgName": "acme", "partition": KUSTOMER_ORG, "persist": true,
        "createdAt": "2026-01-02T03:04:00.000Z", "client": "api-gw", "dataId": data["id"],
        "changes": null, "meta": { "customChanged": false }, "snsFilters": [], "data": data,
    })
}

/// An agent's reply.
fn reply(event: &str, message: &str) -> Json {
    let message = json!({ "type": "message", "id": message,
        "attributes": { "channel": "whatsapp", "app": "chat", "direction": "out",
            "preview": "Hello", "rev": 1 },
        "relationships": {
            "conversation": { "data": { "type": "conversation", "id": "c1" } },
            "customer": { "data": { "type": "customers", "id": "k1" } },
            "createdBy": { "data": { "type": "user", "id": "u1" } } },
    });
    event_of(event, "create", &message)
}

/// How a conversation stands there since this revision.
fn standing(event: &str, rev: i64, status: &str) -> Json {
    let conversation = json!({ "type": "conversation", "id": "c1",
        "attributes": { "status": status, "priority": 3, "rev": rev },
        "relationships": { "customer": { "data": { "type": "customer", "id": "k1" } },
            "modifiedBy": { "data": { "type": "user", "id": "u1" } } },
    });
    event_of(event, "update", &conversation)
}

#[test]
fn crm_event_receive_answers_and_keeps_the_event_as_a_job() {
    let desk = Desk::new();
    let answer = desk.event(&reply("e1", "m1"));
    assert_eq!(
        (answer.status, &answer.json),
        (200, &json!({ "success": true }))
    );
    assert_eq!(desk.keys(), ["remote:message:m1:1"]);
    let job =
        "SELECT stream || '|' || kind || '|' || state || '|' || connector || '|' || business_id
      FROM crm_jobs";
    let business = &desk.tenant.business_id;
    assert_eq!(
        desk.texts(job),
        [format!("remote:k1|remote|waiting|kustomer|{business}")]
    );
    let detail: Json = serde_json::from_str(&desk.texts("SELECT detail FROM crm_jobs")[0]).unwrap();
    assert_eq!(detail["data"], reply("e1", "m1")["data"]);
    assert_eq!(desk.wakes(), [business.as_str()]);
}

#[test]
fn crm_event_receive_refuses_callers_without_the_signature() {
    let desk = Desk::new();
    let body = reply("e1", "m1").to_string();
    let good = signature(KUSTOMER_TOKEN, body.as_bytes());
    let forged = [
        None,
        Some(String::new()),
        Some("AAAA".into()),
        Some(good[1..].to_owned()),
        Some(format!("{good}00")),
        Some(format!("sha256={good}")),
        Some("x".repeat(64)),
        Some("0".repeat(64)),
        Some(signature("another token", body.as_bytes())),
        Some(signature("", body.as_bytes())),
        Some(signature(KUSTOMER_TOKEN, b"another body")),
    ];
    for signature in forged {
        let answer = desk.post(body.as_bytes(), signature.as_deref());
        assert_eq!(
            answer.refusal(),
            (401, "invalid_signature"),
            "{signature:?}"
        );
    }
    let tampered = body.replace("Hello", "Hullo");
    let answer = desk.post(tampered.as_bytes(), Some(&good));
    assert_eq!(answer.refusal(), (401, "invalid_signature"));
    assert_eq!((desk.count("crm_jobs"), desk.wakes().len()), (0, 0));
}

#[test]
fn crm_event_receive_refuses_invalid_input() {
    let desk = Desk::new();
    for body in ["", "{", "{} {}", "nonsense"] {
        let unsigned = desk.post(body.as_bytes(), None);
        assert_eq!(unsigned.refusal(), (401, "invalid_signature"), "{body}");
        assert_eq!(
            desk.signed(body).refusal(),
            (400, "malformed_json"),
            "{body}"
        );
    }
    for body in [
        "null",
        "[]",
        "7",
        "{}",
        "{\"org\":7}",
        "{\"org\":\"nobody's\"}",
    ] {
        let answer = desk.signed(body);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{body}");
    }
    let mut large = reply("e1", "m1");
    large["data"]["attributes"]["preview"] = json!("x".repeat(1024 * 1024));
    assert_eq!(desk.event(&large).refusal(), (413, "body_too_large"));
    let mut other = reply("e1", "m1");
    other["org"] = json!("5f0000000000000000000009");
    assert_eq!(desk.event(&other).refusal(), (401, "invalid_signature"));
    assert_eq!(desk.count("crm_jobs"), 0);
}

#[test]
fn a_signature_counts_in_either_case() {
    let desk = Desk::new();
    let body = reply("e1", "m1").to_string();
    let upper = signature(KUSTOMER_TOKEN, body.as_bytes()).to_uppercase();
    assert_eq!(desk.post(body.as_bytes(), Some(&upper)).status, 200);
    assert_eq!(desk.keys().len(), 1);
}

#[test]
fn an_event_that_comes_again_is_one_job_and_so_is_a_revision() {
    let desk = Desk::new();
    for event in ["e1", "e1", "e2"] {
        assert_eq!(desk.event(&standing(event, 2, "done")).status, 200);
    }
    assert_eq!(desk.keys(), ["remote:conversation:c1:2"]);
    // It stays as it is also when it was done meanwhile.
    desk.stack.db.sql("UPDATE crm_jobs SET state = 'done'");
    assert_eq!(desk.event(&standing("e1", 2, "done")).status, 200);
    assert_eq!(desk.texts("SELECT state FROM crm_jobs"), ["done"]);
    // What has no revision goes by its event.
    let mut bare = standing("e3", 2, "open");
    bare["data"]["attributes"]["rev"] = Json::Null;
    for event in ["e3", "e3", "e4"] {
        bare["id"] = json!(event);
        assert_eq!(desk.event(&bare).status, 200);
    }
    assert_eq!(desk.keys().len(), 3);
}

#[test]
fn events_in_the_wrong_order_leave_the_newest_standing() {
    let desk = Desk::new();
    desk.stack.customer(&desk.tenant, "{}");
    let _channel = desk.stack.whatsapp(&desk.tenant, "1001");
    desk.stack
        .receive_whatsapp("1001", "wamid.1", "353871234567", "Hello");
    desk.stack.db.sql(
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, created_at, updated_at)
         SELECT business_id, 'kustomer', 'conversation', id, 'c1', 0, 0 FROM conversations",
    );
    for (event, rev, status) in [("e3", 4, "done"), ("e1", 2, "open"), ("e2", 3, "snoozed")] {
        assert_eq!(desk.event(&standing(event, rev, status)).status, 200);
        desk.stack.advance(1_000_000);
    }
    // All three are their customer's, so that they are done one after the other.
    assert_eq!(desk.texts("SELECT DISTINCT stream FROM crm_jobs").len(), 1);
    desk.stack
        .job(&desk.tenant.business_id, sync_crm::handler::handle);
    let left = "SELECT count(*) FROM crm_jobs WHERE state = 'waiting'";
    assert_eq!(desk.stack.db.value(left), Value::Integer(0));
    assert_eq!(desk.texts("SELECT status FROM conversations"), ["closed"]);
}

#[test]
fn behind_the_name_of_a_crm_that_has_nothing_there_is_nothing() {
    let desk = Desk::new();
    let call = desk
        .stack
        .call("webhook-crm", "POST", "/api/webhooks/kustomer/h1");
    let answer = call.body("{}").send(handle);
    assert_eq!(answer.refusal(), (404, "not_found"));
}

#[test]
fn of_two_businesses_of_one_organisation_the_token_tells_which() {
    let desk = Desk::new();
    let other = desk.another("their token");
    let body = reply("e1", "m1").to_string();
    let theirs = signature("their token", body.as_bytes());
    assert_eq!(desk.post(body.as_bytes(), Some(&theirs)).status, 200);
    let owners = "SELECT business_id FROM crm_jobs";
    assert_eq!(desk.texts(owners), [other.business_id.as_str()]);
    assert_eq!(desk.wakes(), [other.business_id.as_str()]);
    // The same event of the other's webhook is that one's own.
    assert_eq!(desk.event(&reply("e1", "m1")).status, 200);
    assert_eq!(desk.texts(owners).len(), 2);
    assert_eq!(desk.wakes(), [desk.tenant.business_id.as_str()]);
}

#[test]
fn a_connection_that_is_switched_off_takes_nothing() {
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'disabled'");
    let answer = desk.event(&reply("e1", "m1"));
    assert_eq!(answer.refusal(), (401, "invalid_signature"));
    assert_eq!(desk.count("crm_jobs"), 0);
}

#[test]
fn what_is_of_no_interest_is_taken_and_nothing_is_done() {
    let desk = Desk::new();
    for kind in ["user", "team", "company", "kobject", "note"] {
        let data = json!({ "type": kind, "id": KUSTOMER_USER, "attributes": {} });
        assert_eq!(
            desk.event(&event_of("e1", "update", &data)).status,
            200,
            "{kind}"
        );
    }
    assert_eq!((desk.count("crm_jobs"), desk.wakes().len()), (0, 0));
}
