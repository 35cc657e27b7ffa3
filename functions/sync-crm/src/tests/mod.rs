mod back;
mod batch;
mod begun_there;
mod budget;
mod bulk;
mod elapsed;
mod figures;
mod outage;
mod records;
mod replies;
mod roles;
mod there;
mod triggers;
mod trouble;

use common::ports::Queue;
use serde_json::{Value, json};
use sync_crm::handler::{each_minute, handle};
use testkit::{Connection, Stack, Tenant};
use there::There;

const SECOND: i64 = 1_000_000;
/// The account that customers write to.
const ACCOUNT: &str = "1550001";
const ADA: &str = "353871234567";

/// A business with WhatsApp that is connected to Kustomer.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    there: There,
}

impl Desk {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    fn with(settings: &Value) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        drop(stack.whatsapp(&tenant, ACCOUNT));
        crate::kustomer::connect(&stack, &tenant, settings);
        let there = There::default();
        let (answering, clock) = (there.clone(), stack.clone());
        stack.ports.respond(move |request| {
            let now = clock.now().micros();
            let is_theirs = request.url.contains("kustomerapp.com");
            is_theirs.then(|| answering.answer(request, now))
        });
        Self {
            stack,
            tenant,
            there,
        }
    }

    /// A customer writes by WhatsApp.
    fn receive(&self, id: &str, from: &str, text: &str) {
        self.stack.receive_whatsapp(ACCOUNT, id, from, text);
    }

    /// One run for the business; gives the log line.
    fn run(&self) -> Value {
        self.stack.job(&self.tenant.business_id, handle)
    }

    /// Hands events out and runs until nothing is due, as time goes by.
    fn settle(&self) {
        for _ in 0..600 {
            self.stack.fan_out(&self.tenant);
            let log = self.run();
            assert_eq!(log["level"], "info", "{log}");
            let wakes = self.stack.ports.take_wakes(Queue::Crm);
            self.stack.ports.take_wakes(Queue::Events);
            let Some(wait) = wakes.iter().map(|(_, wait)| *wait).max() else {
                return;
            };
            self.stack.advance(i64::from(wait) * SECOND);
        }
        panic!("it never settled: {:?}", self.jobs());
    }

    fn jobs(&self) -> Vec<Vec<String>> {
        let rows = self
            .stack
            .db
            .sql("SELECT key, state, error FROM crm_jobs ORDER BY ordered_at, key");
        let text = |value: &common::db::Value| value.as_text().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| row.iter().map(text).collect())
            .collect()
    }

    fn count(&self, what: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {what}"));
        count.as_integer().unwrap()
    }
}

/// A thread remembers senders of its own, as an isolate does: a deployment is not to find another's.
fn apart(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(work).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn the_workers_of_other_connectors_are_woken() {
    let (stack, tenant) = Stack::with_tenant();
    let woken = || {
        let log = stack.job(&tenant.business_id, handle);
        assert_eq!(log["level"], "info", "{log}");
        let queues = [Queue::Sales, Queue::Sources];
        queues.map(|queue| stack.ports.take_wakes(queue).len())
    };
    assert_eq!(woken(), [0, 0]);
    crate::krayin::connect(&stack, &tenant, &json!({}));
    let chatwoot = Connection {
        connector: "chatwoot",
        org: "",
        user: "",
        settings: &json!({}),
        credentials: &json!({}),
    };
    stack.connect(&tenant, &chatwoot);
    assert_eq!(woken(), [1, 1]);
}

#[test]
fn a_message_makes_customer_conversation_and_message_there_each_once() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Where is my parcel?");
    desk.settle();
    let [customer] = desk.there.all("customer").try_into().unwrap();
    assert_eq!(customer["attributes"]["name"], format!("Customer {ADA}"));
    assert_eq!(
        customer["attributes"]["phones"][0]["phone"],
        format!("+{ADA}")
    );
    let [conversation] = desk.there.all("conversation").try_into().unwrap();
    assert_eq!(
        conversation["relationships"]["customer"]["data"]["id"],
        customer["id"]
    );
    let [message] = desk.there.all("message").try_into().unwrap();
    assert_eq!(message["attributes"]["preview"], "Where is my parcel?");
    assert_eq!(message["attributes"]["direction"], "in");
    assert_eq!(message["attributes"]["channel"], "whatsapp");
    // However often the jobs run.
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, updated_at = 0");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    assert_eq!(desk.there.all("conversation").len(), 1);
}

#[test]
fn what_another_participant_wrote_is_not_shown_as_the_customers() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Send it to my address.");
    desk.stack.db.sql(
        "UPDATE messages SET detail = json_object('from', 'eve@b.ie', 'participant', 'other')",
    );
    desk.settle();
    let [message] = desk.there.all("message").try_into().unwrap();
    let preview = "[From another participant: eve@b.ie]\nSend it to my address.";
    assert_eq!(message["attributes"]["preview"], preview);
}

#[test]
fn messages_are_written_in_order_and_later_ones_look_nothing_up() {
    let desk = Desk::new();
    for n in 0..5 {
        desk.receive(&format!("wamid.{n}"), ADA, &format!("line {n}"));
    }
    desk.settle();
    let lines: Vec<_> = desk
        .there
        .all("message")
        .iter()
        .map(|one| one["attributes"]["preview"].clone())
        .collect();
    assert_eq!(lines, ["line 0", "line 1", "line 2", "line 3", "line 4"]);
    let requests_made = desk.there.requests_made();
    // Three look-ups of somebody unknown and two creations come with the first.
    assert_eq!(
        requests_made
            .iter()
            .filter(|line| line.starts_with("GET /v1/customers"))
            .count(),
        2,
        "{requests_made:?}"
    );
    assert_eq!(
        requests_made
            .iter()
            .filter(|line| line.starts_with("POST"))
            .count(),
        1 + 1 + 5,
        "{requests_made:?}"
    );
}

#[test]
fn a_known_customer_is_found_and_gets_what_they_lack() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().records.push(json!({"type": "customer", "id": "known",
        "attributes": {"name": "Ada", "phones": [{"phone": format!("+{ADA}"), "type": "mobile"}], "rev": 4},
        "relationships": {}}));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let [customer] = desk.there.all("customer").try_into().unwrap();
    assert_eq!(
        customer["attributes"]["name"], "Ada",
        "what they have stays"
    );
    let whatsapps = json!([{"phone": format!("+{ADA}")}]);
    assert_eq!(customer["attributes"]["whatsapps"], whatsapps);
    assert_eq!(
        desk.there.all("conversation")[0]["relationships"]["customer"]["data"]["id"],
        "known"
    );
    let known = desk
        .stack
        .db
        .sql("SELECT key, value FROM crm_cache WHERE key LIKE 'history:%'");
    let past = known[0][1].as_text().unwrap();
    assert!(
        past.contains("Last year's"),
        "their past is there when somebody asks: {past}"
    );
}

#[test]
fn what_is_not_rolled_out_or_switched_off_stays_here() {
    for settings in [
        json!({"rollout": {"percent": 0}}),
        json!({"rollout": {"tag": "pilot"}}),
        json!({"features": {"conversation_sync": false}}),
    ] {
        apart(|| {
            let desk = Desk::with(&settings);
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            assert_eq!(
                desk.there.requests_made(),
                Vec::<String>::new(),
                "{settings}"
            );
            let jobs = desk.jobs();
            assert!(jobs.iter().any(|job| job[1] == "skipped"), "{jobs:?}");
        });
    }
}

#[test]
fn another_business_is_not_touched() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Other");
    drop(desk.stack.whatsapp(&other, "1550002"));
    desk.stack
        .receive_whatsapp("1550002", "wamid.9", ADA, "not yours");
    desk.stack.fan_out(&other);
    desk.settle();
    assert!(desk.there.all("message").is_empty());
    assert_eq!(
        desk.count(&format!(
            "crm_jobs WHERE business_id = '{}'",
            other.business_id
        )),
        0
    );
}

#[test]
fn each_minute_what_is_due_is_found_and_changes_are_asked_for() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.stack.ports.take_wakes(Queue::Crm);
    desk.stack.job("", each_minute);
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
    desk.settle();
    let searches = desk
        .there
        .requests_made()
        .iter()
        .filter(|line| line.contains("search"))
        .count();
    assert_eq!(searches, 3, "customers, messages and conversations");
    desk.stack.advance(60 * SECOND);
    desk.stack.job("", each_minute);
    assert!(
        desk.stack.ports.take_wakes(Queue::Crm).is_empty(),
        "not every minute"
    );
}
