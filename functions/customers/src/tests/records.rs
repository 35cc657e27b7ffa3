//! Nothing of an erased customer's records is searched, nor comes back while nobody is that customer.

use super::{erase, seed};
use common::db::{DbError, Value as Column};
use customers::handler::each_minute;
use knowledge::index::Segment;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Failure, LINKED_PAGE, Links};
use webhook_crm_links::handler::handle as receive;

const URL: &str = "https://crm.example/api/customers";
const HOOK: &str = "https://crm.example/hook";
const TOKEN: &str = "the-token-of-the-other-side";
const MINUTE: i64 = 60_000_000;
/// What tells of the customer, of whom nothing else does.
const TRACES: [&str; 4] = ["Aoife", "aoife@b.ie", "353871111111", "Qwzqwz"];

/// A customer whose records are fetched and pushed, beside another's and what is everybody's.
struct Erasing {
    links: Links,
    customer: String,
    pushed: String,
}

fn records() -> Value {
    json!([
        { "id": "c-1", "name": "Aoife", "email": "AOIFE@b.ie", "note": "Likes Qwzqwz. Calls at night." },
        { "id": "c-2", "name": "Bob", "email": "bob@b.ie", "note": "Likes tea." },
        { "id": "o-1", "email": "bob@b.ie", "phone": "+353871111111", "note": "A parcel of both." },
        { "id": "o-2", "customer_id": "CRM-1", "note": "An order of Qwzqwz." },
        { "id": "p-1", "title": "A blue bicycle" },
    ])
}

fn aoife() -> Value {
    json!([{ "external_id": "CRM-1", "external_system": "shop", "name": "Aoife", "email": "aoife@b.ie",
        "phone": "+353871111111" }])
}

impl Erasing {
    fn new() -> Self {
        let links = Links::new();
        links.tick();
        seed(&links.stack, &links.tenant, aoife());
        let bob = json!([{ "external_id": "CRM-2", "name": "Bob", "email": "bob@b.ie" }]);
        seed(&links.stack, &links.tenant, bob);
        links.serve_json(URL, &records());
        let identity = json!({ "identity": { "external_system": "shop" } });
        links.add(URL, &identity);
        let hook = json!({ "type": "webhook", "api_key": TOKEN, "identity": { "external_system": "shop" } });
        let pushed = links.add(HOOK, &hook);
        links.run();
        let found = links
            .stack
            .db
            .value("SELECT id FROM customers WHERE name = 'Aoife'");
        let this = Self {
            customer: found.into_text().unwrap(),
            links,
            pushed,
        };
        this.push();
        this.links.run();
        this
    }

    fn push(&self) {
        let path = format!("/api/webhooks/crm-links/{}", self.pushed);
        let call = self.links.stack.call("webhook-crm-links", "POST", &path);
        let taken = call.bearer(TOKEN).json(&records()).send(receive);
        assert_eq!(taken.status, 202, "{}", taken.text());
    }

    fn erase(&self) -> Value {
        let links = &self.links;
        let asked = erase(
            &links.stack,
            &links.tenant,
            &format!("?id={}", self.customer),
        );
        assert_eq!(asked.status, 200, "{}", asked.text());
        asked.json["status"].clone()
    }

    fn minute(&self) {
        self.links.stack.advance(MINUTE + 1);
        self.links.stack.job("", each_minute);
    }

    fn is_done(&self) -> bool {
        let done = "SELECT count(*) FROM erasures WHERE done_at IS NOT NULL";
        self.links.stack.db.value(done).as_integer() == Some(1)
    }

    /// Everything done, also the second look.
    fn to_the_end(&self) {
        for _ in 0..20 {
            self.links.run();
            self.minute();
            if self.links.stack.db.value("SELECT due_at FROM erasures") == Column::Null {
                return;
            }
        }
        panic!("it never ends");
    }

    /// The keys of all records that are searched, each as often as it is.
    fn documents(&self) -> Vec<String> {
        let path = format!("rag/documents/details?page_id={LINKED_PAGE}&source=crm&limit=100");
        let shown = self.links.call("GET", &path, &Value::Null);
        assert_eq!(shown.status, 200, "{}", shown.text());
        for trace in TRACES {
            assert!(!shown.text().contains(trace), "{}", shown.text());
        }
        let rows = self
            .links
            .stack
            .search
            .sql("SELECT record_key FROM chunks ORDER BY record_key");
        rows.into_iter()
            .flatten()
            .filter_map(Column::into_text)
            .collect()
    }

    /// Places that tell of the customer, but for the job itself and what waits to be put in.
    fn traces(&self) -> Vec<String> {
        let stored = self.links.stored();
        let lines = stored.lines().filter(|line| {
            let told = line.to_lowercase();
            TRACES
                .iter()
                .any(|trace| told.contains(&trace.to_lowercase()))
        });
        let mut found: Vec<String> = lines.map(str::to_owned).collect();
        found.retain(|line| {
            !line.starts_with("erasures ") && !line.starts_with("knowledge_pushes ")
        });
        for trigram in ["qwz", "aoi", "871"] {
            let words =
                format!("SELECT count(*) FROM chunk_words WHERE chunk_words MATCH '\"{trigram}\"'");
            if self.links.stack.search.value(&words).as_integer() != Some(0) {
                found.push(format!("words: {trigram}"));
            }
        }
        found
    }

    /// How many vectors lead nowhere.
    fn lost_vectors(&self) -> usize {
        let ids = self
            .links
            .stack
            .search
            .sql("SELECT id FROM chunks")
            .into_iter()
            .flatten();
        let ids: BTreeSet<i64> = ids.filter_map(|id| id.as_integer()).collect();
        let mut lost = 0;
        for row in self
            .links
            .stack
            .search
            .sql("SELECT id, is_owned, numbers, vectors FROM segments")
        {
            let mut row = row.into_iter();
            let (id, is_owned) = (
                row.next().unwrap().as_integer(),
                row.next().unwrap().as_integer(),
            );
            let mut text = || row.next().unwrap().into_text().unwrap();
            let segment = Segment::read(&text(), &text()).unwrap();
            let base = (id.unwrap() >> 33 << 33) + (is_owned.unwrap() << 32);
            let numbers = segment
                .iter()
                .filter(|(n, _)| !ids.contains(&(base + i64::from(*n))));
            lost += numbers.count();
        }
        lost
    }
}

/// Those of both links that are left.
const LEFT: [&str; 4] = ["c-2", "c-2", "p-1", "p-1"];

#[test]
fn nothing_of_an_erased_customers_records_is_left_and_nothing_comes_back() {
    let this = Erasing::new();
    let found = this.links.found("Qwzqwz");
    assert!(
        ["c-1", "o-2"]
            .iter()
            .all(|key| found.contains(&(*key).to_owned()))
    );
    assert!(this.traces().len() > 8);
    let other = this.links.other();
    other.serve_json(
        "https://other.example/api",
        &json!([{ "id": "x-1", "email": "aoife@b.ie" }]),
    );
    let theirs = json!({ "page_id": "77" });
    other.add("https://other.example/api", &theirs);
    other.run();
    assert_eq!(other.found("aoife@b.ie"), ["x-1"]);
    other.call(
        "PUT",
        "crm-links/status",
        &json!({ "page_id": "77", "url": "https://other.example/api", "is_active": false }),
    );

    assert_eq!(this.erase(), "running");
    assert!(!this.is_done());
    this.links.run();
    let mine = |this: &Erasing| {
        let mut traces = this.traces();
        traces.retain(|line| {
            !line.contains("x-1")
                && !line.contains("e:aoife@b.ie")
                && !line.starts_with("words: aoi")
        });
        traces
    };
    assert_eq!(mine(&this), Vec::<String>::new());
    assert!(
        this.links
            .found("Qwzqwz")
            .iter()
            .all(|key| LEFT.contains(&key.as_str()))
    );
    assert_eq!(this.lost_vectors(), 0);
    // The other business's are all there is.
    let owners = "SELECT group_concat(DISTINCT owner) FROM chunk_owners WHERE owner NOT IN ('e:bob@b.ie', 'x:shop:c-2')";
    assert_eq!(
        this.links.stack.search.value(owners).into_text(),
        Some("e:aoife@b.ie".into())
    );
    assert!(!this.is_done(), "whoever asked has not looked yet");
    this.to_the_end();
    assert!(this.is_done());

    // The source still has them, and pushes them once more.
    this.links.later();
    this.push();
    this.links.run();
    assert_eq!(mine(&this), Vec::<String>::new());
    let mut documents = this.documents();
    documents.retain(|key| key != "x-1");
    assert_eq!(documents, LEFT);
    let left_out = this.links.link(&this.pushed)["last_fetch"]["error"].clone();
    assert!(
        left_out
            .as_str()
            .unwrap()
            .contains("3 records are of customers who were erased"),
        "{left_out}"
    );
    // Nor are they made again from what is kept.
    let path = format!("crm-links/{}/refresh", this.pushed);
    assert_eq!(this.links.call("POST", &path, &json!({})).status, 202);
    this.links.run();
    assert_eq!(mine(&this), Vec::<String>::new());
}

#[test]
fn who_is_a_customer_again_has_records_again() {
    let this = Erasing::new();
    this.erase();
    this.to_the_end();
    this.links.later();
    assert_eq!(this.documents(), LEFT);
    seed(&this.links.stack, &this.links.tenant, aoife());
    this.links.later();
    this.push();
    this.links.run();
    let rows = this.links.stack.search.sql("SELECT record_key FROM chunks");
    assert_eq!(rows.len(), 10);
}

#[test]
fn a_source_that_says_that_nothing_changed_is_read_once_somebody_is_a_customer_again() {
    let links = Links::new();
    seed(&links.stack, &links.tenant, aoife());
    let list = records().to_string();
    links.serve_text(
        URL,
        200,
        &[("content-type", "application/json"), ("etag", "\"1\"")],
        &list,
    );
    links.add(URL, &json!({}));
    links.run();
    let validators = || {
        links
            .stack
            .db
            .value("SELECT validators FROM knowledge_links")
    };
    assert_ne!(validators(), Column::Null);
    let id = links
        .stack
        .db
        .value("SELECT id FROM customers")
        .into_text()
        .unwrap();
    assert_eq!(
        erase(&links.stack, &links.tenant, &format!("?id={id}")).status,
        200
    );
    links.run();
    assert_eq!(validators(), Column::Null);
    links.later();
    assert_eq!(
        validators(),
        Column::Null,
        "what is left out may be taken another time"
    );
}

#[test]
fn an_erasure_is_not_done_while_the_second_database_is_away() {
    let this = Erasing::new();
    this.erase();
    for calls in 0..4 {
        let outage = DbError::Outage("D1 is down".into());
        let failure = match calls % 2 {
            0 => Failure::Before(outage),
            _ => Failure::After(outage),
        };
        this.links.stack.search.fail_after(calls, failure);
        let logs = this.links.run();
        assert!(
            logs.iter().any(|log| log["code"] == "unavailable"),
            "{calls}: {logs:?}"
        );
        this.minute();
        assert!(!this.is_done(), "{calls}");
        this.links.stack.advance(2 * MINUTE);
        this.links
            .stack
            .job("", refresh_crm_links::handler::each_minute);
    }
    this.links.run();
    assert_eq!(this.traces(), Vec::<String>::new());
    assert_eq!(this.lost_vectors(), 0);
    this.minute();
    assert!(this.is_done());
}

#[test]
fn a_push_that_waits_is_put_in_without_them_before_the_erasure_is_done() {
    let this = Erasing::new();
    this.links.stack.advance(MINUTE);
    this.push();
    // Whoever puts it in was not woken.
    this.links
        .stack
        .ports
        .take_wakes(common::ports::Queue::Links);
    this.erase();
    let erasure = this
        .links
        .stack
        .ports
        .take_wakes(common::ports::Queue::Links);
    let (message, _) = erasure.into_iter().next().unwrap();
    this.links
        .stack
        .job(&message, refresh_crm_links::handler::refresh);
    this.minute();
    assert!(!this.is_done());
    this.to_the_end();
    assert!(this.is_done());
    assert!(!this.links.stored().to_lowercase().contains("aoife"));
    assert_eq!(this.documents(), LEFT);
}

#[test]
fn what_another_customer_is_known_by_now_stays_theirs() {
    let this = Erasing::new();
    this.erase();
    // Before anything of it was done, somebody has the address.
    seed(
        &this.links.stack,
        &this.links.tenant,
        json!([{ "name": "Cleo", "email": "aoife@b.ie" }]),
    );
    this.to_the_end();
    let rows = this
        .links
        .stack
        .search
        .sql("SELECT DISTINCT record_key FROM chunks ORDER BY 1");
    let keys: Vec<String> = rows
        .into_iter()
        .flatten()
        .filter_map(Column::into_text)
        .collect();
    assert_eq!(keys, ["c-1", "c-2", "p-1"]);
}

#[test]
fn what_is_kept_and_counted_of_others_stays() {
    let this = Erasing::new();
    // Somebody else's erasure, which is another's to do.
    let theirs = "INSERT INTO knowledge_erasures (business_id, customer_id, asked_at, due_at, progress)
                  SELECT business_id, id, 1, 9000000000000000, 'theirs' FROM customers WHERE name = 'Bob'";
    this.links.stack.db.sql(theirs);
    this.erase();
    this.to_the_end();
    assert!(this.is_done());
    let of = |sql: &str| this.links.stack.db.value(sql).into_text();
    let kept = "SELECT group_concat(record_key) FROM (
                  SELECT record_key FROM knowledge_records WHERE body <> '' ORDER BY record_key)";
    assert_eq!(of(kept).as_deref(), Some("c-2,p-1"));
    let owners = "SELECT group_concat(DISTINCT record_key) FROM knowledge_record_owners";
    assert_eq!(of(owners).as_deref(), Some("c-2"));
    let running =
        "SELECT group_concat(progress) FROM knowledge_erasures WHERE due_at = 9000000000000000";
    assert_eq!(of(running).as_deref(), Some("theirs"));
    let counts = "SELECT l.chunks, l.records,
                    (SELECT count(*) FROM chunks c WHERE c.link_id = l.link_id),
                    (SELECT count(DISTINCT c.record_key) FROM chunks c WHERE c.link_id = l.link_id)
                  FROM indexed_links l";
    for row in this.links.stack.search.sql(counts) {
        assert_eq!((&row[0], &row[1]), (&row[2], &row[3]), "{row:?}");
    }
}

#[test]
fn no_name_of_an_erased_customer_is_kept_but_a_digest() {
    let this = Erasing::new();
    this.erase();
    this.to_the_end();
    let names = this.links.stack.db.sql("SELECT name FROM erased_owners");
    assert_eq!(names.len(), 3);
    for name in names.into_iter().flatten().filter_map(Column::into_text) {
        assert!(
            name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
        let plain = ["e:aoife@b.ie", "p:+353871111111", "x:shop:CRM-1"];
        let guessed = plain
            .iter()
            .any(|owner| common::signatures::sha256_hex(owner.as_bytes()).starts_with(&name));
        assert!(!guessed, "without the key nobody can tell");
    }
}

#[test]
fn vectors_of_another_model_and_the_backlog_are_erased_with_the_chunk() {
    let this = Erasing::new();
    let search = &this.links.stack.search;
    // As while a business changes its embedder, with segments of both models under the same ids.
    search.sql(
        "INSERT INTO segments (business_id, model, id, is_owned, numbers, vectors)
         SELECT business_id, '128 other https://llm.example/v1', id, is_owned, numbers, vectors FROM segments",
    );
    search.sql("UPDATE spaces SET next_model = '128 other https://llm.example/v1'");
    search.sql(
        "INSERT INTO embedding_backlog (business_id, model, chunk_id)
         SELECT c.business_id, m.value, c.id FROM chunks c, json_each(json_array(
           'static128', '128 other https://llm.example/v1')) m",
    );
    let of_models = "SELECT count(DISTINCT model) FROM segments";
    assert_eq!(search.value(of_models).as_integer(), Some(2));
    this.erase();
    this.links.run();
    assert_eq!(this.lost_vectors(), 0);
    assert_eq!(search.value(of_models).as_integer(), Some(2));
    let lost =
        "SELECT count(*) FROM embedding_backlog WHERE chunk_id NOT IN (SELECT id FROM chunks)";
    assert_eq!(search.value(lost).as_integer(), Some(0));
    let left = "SELECT count(*) > 0 FROM embedding_backlog";
    assert_eq!(search.value(left).as_integer(), Some(1));
}
