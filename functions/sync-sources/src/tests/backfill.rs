use super::inbox::{Inbox, MINUTE};
use super::site::Fault;
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::Answer;

const HOUR: i64 = 3600;

impl Inbox {
    fn call(&self, method: &str, body: &Value) -> Answer {
        let session = self.stack.session(&self.tenant);
        let path = "/api/dashboard/integrations/chatwoot/backfill";
        let call = self.stack.call("dashboard-crm-jobs", method, path);
        let call = call.bearer(&session).json_unless_null(body);
        call.send(dashboard_crm_jobs::handler::handle)
    }

    fn backfill(&self, body: &Value) -> Value {
        let answer = self.call("POST", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json["backfill"].clone()
    }

    fn progress(&self) -> Value {
        self.call("GET", &Value::Null).json["backfill"].clone()
    }

    /// So many conversations of as many people, each an hour older than the one before, with an answer each.
    fn has_history(&self, count: u64) {
        let mut site = self.there();
        let now = site.now;
        for number in (0..count).rev() {
            site.now = now - HOUR - i64::try_from(number).unwrap() * HOUR;
            let (id, contact) = (1000 - number, 2000 - number);
            site.contact(contact, json!({}));
            site.conversation(
                id,
                contact,
                json!({ "status": "resolved", "labels": ["old"] }),
            );
            site.writes(id, &format!("question {number}"));
            site.notes(id, "a note");
            site.answers(id, &format!("answer {number}"));
        }
        site.now = now;
    }

    fn count(&self, of: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {of}"))
    }
}

#[test]
fn what_was_there_before_is_read_and_nobody_is_told() {
    let inbox = Inbox::new();
    inbox.has_history(60);
    assert_eq!(inbox.progress(), Value::Null);
    let begun = inbox.backfill(&Value::Null);
    assert_eq!(
        (&begun["scheduled"], &begun["finished"]),
        (&json!(0), &json!(false))
    );
    let woken = inbox.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(inbox.tenant.business_id.clone(), 0)]);
    inbox.settle();
    let progress = inbox.progress();
    let shown = [
        "scheduled",
        "done",
        "failed",
        "waiting",
        "total",
        "finished",
    ];
    let shown = shown.map(|name| progress[name].clone());
    assert_eq!(json!(shown), json!([60, 60, 0, 0, 60, true]));
    assert_eq!(
        (inbox.count("conversations"), inbox.count("customers")),
        (60, 60)
    );
    assert_eq!(
        (inbox.count("messages"), inbox.count("conversation_notes")),
        (120, 60)
    );
    assert_eq!(inbox.count("outbox"), 0, "nobody is told");
    let stands = "SELECT group_concat(DISTINCT status || ' ' || tags || ' ' || unread_count) FROM conversations";
    assert_eq!(inbox.text(stands), r#"closed ["old"] 0"#);
    assert!(inbox.seen().written.is_empty());
    // What is done is done.
    let before = inbox.everything();
    inbox.pass(MINUTE);
    assert_eq!(inbox.backfill(&Value::Null)["finished"], true);
    inbox.settle();
    inbox.backfill(&json!({ "restart": true }));
    inbox.settle();
    assert_eq!(inbox.progress()["finished"], true);
    assert_eq!(inbox.everything(), before);
}

#[test]
fn a_backfill_that_was_cut_off_goes_on_where_it_stopped() {
    for number in (1..60).step_by(5) {
        let inbox = Inbox::new();
        inbox.has_history(30);
        inbox.there().fault = Some((number, Fault::Before));
        inbox.backfill(&Value::Null);
        inbox.settle();
        assert_eq!(inbox.progress()["finished"], true, "{number}");
        assert_eq!(inbox.progress()["done"], 30, "{number}");
        assert_eq!(inbox.count("messages"), 60, "{number}");
        let first = "&page=1";
        let seen = inbox.seen();
        let firsts = seen
            .requests
            .iter()
            .filter(|one| one.contains("created_at_asc") && one.ends_with(first));
        assert!(firsts.count() <= 2, "{number}");
    }
}

#[test]
fn a_long_conversation_is_read_page_by_page() {
    let inbox = Inbox::new();
    inbox.has_history(1);
    {
        let mut site = inbox.there();
        let now = site.now;
        site.now = now - HOUR;
        for number in 0..650 {
            site.writes(1000, &format!("{number}"));
        }
        site.now = now;
    }
    inbox.backfill(&Value::Null);
    inbox.settle();
    assert_eq!(inbox.count("messages"), 652);
    let seen = inbox.seen();
    let pages = seen
        .requests
        .iter()
        .filter(|one| one.contains("messages?after"));
    assert_eq!(pages.count(), 8);
}

#[test]
fn what_is_written_while_it_runs_is_told_as_ever() {
    let inbox = Inbox::new();
    inbox.has_history(2);
    inbox.pass(MINUTE);
    inbox.there().writes(1000, "and now");
    inbox.backfill(&Value::Null);
    inbox.settle();
    assert_eq!(
        inbox.count("messages"),
        4,
        "what is new is not the backfill's"
    );
    inbox.look();
    assert_eq!(inbox.count("messages"), 5);
    let told = "SELECT group_concat(m.content) FROM outbox o JOIN messages m ON m.id = o.subject_id
        WHERE o.event = 'message.received'";
    assert_eq!(inbox.text(told), "and now");
    let stands = "SELECT status || ' ' || unread_count FROM conversations WHERE thread = '1000'";
    assert_eq!(inbox.text(stands), "closed 1");
    assert!(inbox.seen().written.is_empty());
}

#[test]
fn it_goes_back_no_further_than_it_is_told() {
    let inbox = Inbox::new();
    inbox.has_history(10);
    let since = inbox.stack.now().plus(-(4 * HOUR + HOUR / 2) * 1_000_000);
    inbox.backfill(&json!({ "since": since }));
    inbox.settle();
    let progress = inbox.progress();
    assert_eq!(
        (&progress["total"], &progress["finished"]),
        (&json!(4), &json!(true))
    );
    assert_eq!(inbox.count("conversations"), 4);
    let other = inbox.call("POST", &json!({ "since": "2020-01-01T00:00:00Z" }));
    assert_eq!(
        (other.status, other.detail()),
        (409, ("since", "same_or_restart"))
    );
    inbox.pass(MINUTE);
    inbox.backfill(&json!({ "since": "2020-01-01T00:00:00Z", "restart": true }));
    inbox.settle();
    assert_eq!(
        (inbox.count("conversations"), inbox.count("messages")),
        (10, 20)
    );
}

#[test]
fn an_inbox_that_is_left_out_has_no_history() {
    let inbox = Inbox::with(&json!({ "inboxes_left_out": "7" }));
    inbox.has_history(3);
    inbox.there().conversations.get_mut(&1000).unwrap()["inbox_id"] = json!(7);
    inbox.backfill(&Value::Null);
    inbox.settle();
    assert_eq!(inbox.progress()["total"], 2);
    assert_eq!(inbox.count("conversations"), 2);
}
