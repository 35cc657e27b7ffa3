//! A business whose CRM links a server embeds.

use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use embed_text::handler::{each_minute, handle};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{Answer, LINKED_PAGE, Links, Stack, model_server};
pub(super) use testkit::{MODEL_KEY as API_KEY, MODEL_SERVER as SERVER};

pub(super) const PATH: &str = "/api/dashboard/crm-links/embedder";
pub(super) const SHOP: &str = "https://shop.example/faq.json";

pub(super) type Outcome = Result<OutboundResponse, FetchError>;
/// Spoils an answer, or gives another: the request's texts, and the answer.
type Spoil = Box<dyn FnMut(&[String], Value) -> Outcome>;

/// Answers requests that are for it.
type Rule = Box<dyn Fn(&OutboundRequest) -> Option<Outcome>>;

/// Other servers: a shop, all that embed, and what a test has beside them.
#[derive(Default)]
struct Servers {
    other: RefCell<Option<Rule>>,
    shop: RefCell<Value>,
    spoil: RefCell<Option<Spoil>>,
    embedded: RefCell<Vec<String>>,
    bodies: RefCell<Vec<Value>>,
}

pub(super) struct Desk {
    pub(super) links: Links,
    servers: Rc<Servers>,
}

/// A vector by the words of a text, in which `money` is alike to `refund`.
fn vector_of(text: &str, dimension: usize) -> Vec<f32> {
    let mut vector = vec![0.0; dimension];
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let word = if word == "money" { "refund" } else { word };
        let hash = word
            .bytes()
            .fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte));
        vector[hash as usize % dimension] += 1.0;
    }
    vector
}

pub(super) fn answered(status: u16, body: &Value) -> Outcome {
    testkit::answer(status, body)
}

impl Servers {
    fn answer(&self, request: &OutboundRequest) -> Option<Outcome> {
        if let Some(other) = self.other.borrow().as_ref()
            && let Some(outcome) = other(request)
        {
            return Some(outcome);
        }
        if request.url == SHOP {
            return Some(answered(200, &self.shop.borrow()));
        }
        if !request.url.ends_with("/embeddings") {
            return None;
        }
        let body: Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
        let texts: Vec<String> = serde_json::from_value(body["input"].clone()).ok()?;
        let dimension = body["dimensions"].as_u64().unwrap_or(64);
        let data: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let vector = vector_of(text, usize::try_from(dimension).unwrap_or_default());
                json!({ "object": "embedding", "index": index, "embedding": vector })
            })
            .collect();
        let answer = json!({ "object": "list", "data": data, "model": body["model"] });
        self.bodies.borrow_mut().push(body);
        let outcome = match self.spoil.borrow_mut().as_mut() {
            Some(spoil) => spoil(&texts, answer),
            None => answered(200, &answer),
        };
        if outcome.as_ref().is_ok_and(|one| one.status == 200) {
            self.embedded.borrow_mut().extend(texts);
        }
        Some(outcome)
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        let links = Links::new();
        let servers = Rc::new(Servers::default());
        let known = servers.clone();
        let rule = move |request: &OutboundRequest| known.answer(request);
        links.stack.ports.respond(rule);
        Self { links, servers }
    }

    /// As [`Desk::new`], with a link to these records, fetched.
    pub(super) fn with(records: Value) -> Self {
        let desk = Self::new();
        desk.sells(records);
        let link = json!({
            "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "FAQ", "url": SHOP,
            "is_active": true,
        });
        let added = desk.links.call("POST", "crm-links", &link);
        assert_eq!(added.status, 201, "{}", added.text());
        desk.links.run();
        desk
    }

    /// Has the shop answer with these records from now on.
    pub(super) fn sells(&self, records: Value) {
        *self.servers.shop.borrow_mut() = records;
    }

    /// Has the server that embeds answer otherwise from now on.
    pub(super) fn spoil(&self, spoil: impl FnMut(&[String], Value) -> Outcome + 'static) {
        *self.servers.spoil.borrow_mut() = Some(Box::new(spoil));
    }

    /// Has another server, too.
    pub(super) fn has(&self, rule: impl Fn(&OutboundRequest) -> Option<Outcome> + 'static) {
        *self.servers.other.borrow_mut() = Some(Box::new(rule));
    }

    pub(super) fn mend(&self) {
        *self.servers.spoil.borrow_mut() = None;
    }

    /// The texts that were embedded since this was asked last.
    pub(super) fn embedded(&self) -> Vec<String> {
        std::mem::take(&mut self.servers.embedded.borrow_mut())
    }

    /// The bodies that the server was sent since this was asked last.
    pub(super) fn bodies(&self) -> Vec<Value> {
        std::mem::take(&mut self.servers.bodies.borrow_mut())
    }

    pub(super) fn stack(&self) -> &Stack {
        &self.links.stack
    }

    pub(super) fn call(&self, method: &str, body: &Value) -> Answer {
        let call = self.stack().call("embed-text", method, PATH);
        call.bearer(&self.links.token)
            .json_unless_null(body)
            .send(handle)
    }

    /// Sets the server with these changes.
    pub(super) fn put(&self, changes: &Value) -> Answer {
        self.call("PUT", &model_server(changes))
    }

    /// As [`Desk::put`], which is taken; what the trial embeds is not told.
    pub(super) fn set(&self, changes: &Value) -> Value {
        let set = self.put(changes);
        assert_eq!(set.status, 200, "{}", set.text());
        let _tried = (self.embedded(), self.bodies());
        set.json
    }

    /// Lets a minute pass, and the cron work.
    pub(super) fn minute(&self) -> Value {
        self.stack().advance(60 * 1_000_000);
        self.stack().job("", each_minute)
    }

    /// The same until nothing is due, at most an hour.
    pub(super) fn minutes(&self) {
        for _ in 0..60 {
            self.minute();
            let due = "SELECT count(*) FROM embeddings WHERE due_at IS NOT NULL";
            if self.stack().db.value(due) == common::db::Value::from(0) {
                return;
            }
        }
    }

    /// So many minutes.
    pub(super) fn minutes_of(&self, count: u32) {
        for _ in 0..count {
            self.minute();
        }
    }

    pub(super) fn state(&self) -> Value {
        let shown = self.call("GET", &Value::Null);
        assert_eq!(shown.status, 200, "{}", shown.text());
        shown.json
    }

    /// What a search answers.
    pub(super) fn search(&self, query: &str) -> Value {
        let found = self
            .links
            .call("POST", "rag/search", &json!({ "query": query }));
        assert_eq!(found.status, 200, "{}", found.text());
        found.json
    }

    /// Models and how many of their vectors there are.
    pub(super) fn vectors(&self) -> Vec<(String, i64)> {
        let sql = "SELECT model, sum(length(numbers) * 3 / 16) FROM segments GROUP BY model ORDER BY model";
        let rows = self.stack().search.sql(sql).into_iter();
        let read = |row: common::db::Row| {
            let mut columns = common::db::Columns::of(&row);
            (
                columns.text("model").unwrap(),
                columns.integer("n").unwrap(),
            )
        };
        rows.map(read).collect()
    }
}

/// So many answers to frequent questions.
pub(super) fn faq(count: usize) -> Value {
    let subjects = ["refund", "delivery", "invoice", "warranty", "opening"];
    let record = |n: usize| {
        let subject = subjects[n % subjects.len()];
        json!({ "id": format!("q{n}"), "topic": subject, "answer": format!("Our {subject} desk in hall {n} helps.") })
    };
    (0..count).map(record).collect()
}
