//! An index of Vectorize, as strict as docs/reference/vectorize.md has it: mutations are done when the test says so.

use super::super::embedders::{Desk, Outcome, answered};
use common::ports::OutboundRequest;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

const TOKEN: &str = "the token of the deployment";
const URL: &str =
    "https://api.cloudflare.com/client/v4/accounts/acc0/vectorize/v2/indexes/tieline-128";

#[derive(Clone)]
enum Mutation {
    Put(String, String, Vec<f32>),
    Remove(String),
}

pub(super) struct Index {
    /// Namespace and components by id.
    vectors: RefCell<BTreeMap<String, (String, Vec<f32>)>>,
    pending: RefCell<Vec<Mutation>>,
    /// Whether mutations are done at once.
    pub(super) is_quick: Cell<bool>,
    pub(super) config: RefCell<Value>,
    /// What it answers instead.
    pub(super) failure: RefCell<Option<Box<dyn Fn() -> Outcome>>>,
    /// Paths and namespaces that were asked for.
    asked: RefCell<Vec<String>>,
}

fn refused(status: u16, code: u32, message: &str) -> Outcome {
    let errors = json!([{ "code": code, "message": message }]);
    answered(
        status,
        &json!({ "success": false, "errors": errors, "messages": [], "result": null }),
    )
}

fn result(result: &Value) -> Outcome {
    answered(
        200,
        &json!({ "success": true, "errors": [], "messages": [], "result": result }),
    )
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

impl Index {
    /// One that the deployment of a desk has.
    pub(super) fn of(desk: &Desk) -> Rc<Self> {
        let index = Rc::new(Self {
            vectors: RefCell::default(),
            pending: RefCell::default(),
            is_quick: Cell::new(true),
            config: RefCell::new(json!({ "dimensions": 128, "metric": "cosine" })),
            failure: RefCell::default(),
            asked: RefCell::default(),
        });
        let ports = &desk.stack().ports;
        ports.set("VECTORIZE_ACCOUNT_ID", "acc0");
        ports.set("VECTORIZE_INDEX", "tieline-128");
        ports.set("VECTORIZE_TOKEN", TOKEN);
        let known = index.clone();
        desk.has(move |request| known.answer(request));
        index
    }

    /// Does what it has taken.
    pub(super) fn process(&self) {
        for mutation in self.pending.take() {
            let mut vectors = self.vectors.borrow_mut();
            match mutation {
                Mutation::Put(id, namespace, values) => vectors.insert(id, (namespace, values)),
                Mutation::Remove(id) => vectors.remove(&id),
            };
        }
    }

    /// The chunks of its vectors, and whether they are somebody's own.
    pub(super) fn chunks(&self) -> Vec<(i64, bool)> {
        let vectors = self.vectors.borrow();
        let chunk = |id: &String| id.split('.').next().unwrap().parse().unwrap();
        let mut chunks: Vec<(i64, bool)> = vectors
            .iter()
            .map(|(id, (namespace, _))| (chunk(id), namespace.ends_with(".own")))
            .collect();
        chunks.sort_unstable();
        chunks
    }

    /// What was asked since this was asked last.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.take()
    }

    fn mutate(&self, mutations: Vec<Mutation>) -> Outcome {
        self.pending.borrow_mut().extend(mutations);
        if self.is_quick.get() {
            self.process();
        }
        result(&json!({ "mutationId": "0000aaaa-11bb-22cc-33dd-444444eeeeee" }))
    }

    fn answer(&self, request: &OutboundRequest) -> Option<Outcome> {
        let path = request.url.strip_prefix(URL)?;
        let bearer = ("authorization", format!("Bearer {TOKEN}"));
        assert!(request.headers.contains(&bearer));
        self.asked.borrow_mut().push(path.to_owned());
        if let Some(failure) = self.failure.borrow().as_ref() {
            return Some(failure());
        }
        let text = String::from_utf8(request.body.clone().unwrap_or_default()).unwrap();
        let kind = request
            .headers
            .iter()
            .find(|(name, _)| *name == "content-type");
        Some(match (request.method, path) {
            ("GET", "") => {
                let config = self.config.borrow();
                result(&json!({ "name": "tieline-128", "description": null, "config": *config }))
            }
            ("POST", "/upsert") => {
                assert_eq!(kind.unwrap().1, "application/x-ndjson");
                self.upsert(&text)
            }
            ("POST", "/delete_by_ids") => match ids(&text) {
                ids if ids.len() > 100 => refused(400, 40007, "too many ids in payload"),
                ids => self.mutate(ids.into_iter().map(Mutation::Remove).collect()),
            },
            ("POST", "/get_by_ids") => match ids(&text) {
                ids if ids.len() > 20 => refused(400, 40007, "too many ids in payload"),
                ids => {
                    let vectors = self.vectors.borrow();
                    let found = ids.iter().filter_map(|id| Some((id, vectors.get(id)?)));
                    let found = found.map(|(id, (namespace, values))| {
                        json!({ "id": id, "namespace": namespace, "values": values, "metadata": null })
                    });
                    result(&found.collect())
                }
            },
            ("POST", "/query") => self.query(&serde_json::from_str(&text).unwrap()),
            _ => refused(404, 7003, "no route for that URI"),
        })
    }

    fn upsert(&self, text: &str) -> Outcome {
        let mut mutations = Vec::new();
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let id = line["id"].as_str().unwrap().to_owned();
            let namespace = line["namespace"].as_str().unwrap().to_owned();
            assert!(id.len() <= 64 && namespace.len() <= 64, "{id} {namespace}");
            assert_eq!(line.as_object().unwrap().len(), 3);
            let values: Vec<f32> = serde_json::from_value(line["values"].take()).unwrap();
            assert_eq!(values.len(), 128);
            mutations.push(Mutation::Put(id, namespace, values));
        }
        assert!((1..=5000).contains(&mutations.len()));
        self.mutate(mutations)
    }

    fn query(&self, body: &Value) -> Outcome {
        let top = usize::try_from(body["topK"].as_u64().unwrap()).unwrap();
        assert!(top <= 100 && body["returnValues"] == false && body["returnMetadata"] == "none");
        let vector: Vec<f32> = serde_json::from_value(body["vector"].clone()).unwrap();
        assert_eq!(vector.len(), 128);
        let wanted = body["namespace"].as_str().unwrap();
        self.asked.borrow_mut().push(wanted.to_owned());
        let vectors = self.vectors.borrow();
        let inside = vectors
            .iter()
            .filter(|(_, (namespace, _))| namespace == wanted);
        let mut found: Vec<(f32, &String)> = inside
            .map(|(id, (_, values))| (cosine(&vector, values), id))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(top);
        let matches = found
            .iter()
            .map(|(score, id)| json!({ "id": id, "score": score }));
        let matches: Vec<Value> = matches.collect();
        result(&json!({ "count": matches.len(), "matches": matches }))
    }
}

fn ids(text: &str) -> Vec<String> {
    let mut body: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(body["ids"].take()).unwrap()
}
