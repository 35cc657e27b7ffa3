//! Who owns an address.

mod later;
mod providers;
mod records;

use super::Desk;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{answer, refused};

type Outcome = Result<OutboundResponse, FetchError>;

fn email(provider: &str) -> Value {
    json!({
        "kind": "email", "name": "E", "provider": provider, "address": "help@acme.example",
        "credentials": { "api_key": "k", "webhook_secret": "whsec_of-24-characters-at-least" }
    })
}

fn routed() -> Value {
    json!({
        "kind": "email", "name": "E", "provider": "cloudflare", "address": "help@acme.example",
        "credentials": {}
    })
}

/// A resolver whose TXT records of a domain a test changes.
#[derive(Clone, Default)]
struct Dns(Rc<RefCell<Vec<(String, String)>>>);

impl Dns {
    fn of(desk: &Desk) -> Self {
        let dns = Self::default();
        let records = dns.clone();
        desk.stack
            .ports
            .respond(move |request| Some(records.answer(request)));
        dns
    }

    fn set(&self, records: &[(&str, &str)]) {
        let owned = records
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        *self.0.borrow_mut() = owned.collect();
    }

    fn answer(&self, request: &OutboundRequest) -> Outcome {
        let base = "https://cloudflare-dns.com/dns-query?name=";
        let Some(rest) = request.url.strip_prefix(base) else {
            return refused();
        };
        let name = rest.strip_suffix("&type=TXT").unwrap();
        let records = self.0.borrow();
        let of_name = records.iter().filter(|(known, _)| known == name);
        let answers: Vec<_> = of_name
            .map(|(name, text)| {
                let (a, b) = text.split_at(text.len() / 2);
                json!({ "name": name, "type": 16, "TTL": 300, "data": format!("\"{a}\" \"{b}\"") })
            })
            .collect();
        answer(200, &json!({ "Status": 0, "Answer": answers }))
    }
}

/// The account's id, its state, and its record.
fn shown(made: &Value) -> (String, String, String) {
    let text = |name: &str| {
        made["channel"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (
        format!("/{}", text("id")),
        text("verification"),
        text("dns_record"),
    )
}

impl Desk {
    fn state(&self, id: &str) -> Value {
        let one = self.call("GET", id, &Value::Null);
        one.json["channel"]["verification"].clone()
    }

    fn verify(&self, id: &str) -> Value {
        let tested = self.call("POST", &format!("{id}/test"), &Value::Null);
        assert_eq!(tested.status, 200, "{}", tested.text());
        self.state(id)
    }
}
