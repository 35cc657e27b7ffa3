use crate::{Answer, Stack, Tenant};
use common::Context;
use common::db::Row;
use common::http::{Request, Response};
use common::ports::{OutboundRequest, OutboundResponse, Queue};
use dashboard::handler::session_create;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The page whose links a test has.
pub const LINKED_PAGE: &str = "123456789";

/// CRM links of a business with an open session, and the servers that they lead to.
#[derive(Clone)]
pub struct Links {
    /// The deployment.
    pub stack: Stack,
    /// The business.
    pub tenant: Tenant,
    /// The session's token.
    pub token: String,
    servers: Rc<Servers>,
}

/// What happens once, while a server is asked.
type Happening = Box<dyn FnOnce()>;

/// What other servers answer by URL, and what happens while one is asked.
#[derive(Default)]
struct Servers {
    answers: RefCell<BTreeMap<String, OutboundResponse>>,
    meanwhile: RefCell<Vec<(String, Happening)>>,
}

impl Servers {
    fn answer(&self, url: &str) -> Option<OutboundResponse> {
        let mut waiting = self.meanwhile.borrow_mut();
        let happens = waiting.iter().position(|(at, _)| at == url);
        let happens = happens.map(|at| waiting.remove(at));
        drop(waiting);
        if let Some((_, happen)) = happens {
            happen();
        }
        self.answers.borrow().get(url).cloned()
    }
}

impl Default for Links {
    fn default() -> Self {
        Self::new()
    }
}

impl Links {
    /// A business without links.
    #[must_use]
    pub fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let servers: Rc<Servers> = Rc::default();
        let known = servers.clone();
        stack
            .ports
            .respond(move |request: &OutboundRequest| known.answer(&request.url).map(Ok));
        Self::of(stack, tenant, servers)
    }

    fn of(stack: Stack, tenant: Tenant, servers: Rc<Servers>) -> Self {
        let opened = stack
            .call("dashboard", "POST", "/api/dashboard/sessions")
            .key(&tenant.admin_key)
            .json(&json!({}))
            .send(async |cx: &Context<'_>, _: Request| {
                Ok(Response::json(201, &session_create(cx).await?))
            });
        let token = opened.json["token"].as_str().expect("a session opens");
        Self {
            token: token.to_owned(),
            stack,
            tenant,
            servers,
        }
    }

    /// The same deployment, as another business has it open.
    #[must_use]
    pub fn other(&self) -> Self {
        let tenant = self.stack.tenant("Other");
        Self::of(self.stack.clone(), tenant, self.servers.clone())
    }

    /// Has a URL answer so from now on.
    pub fn serve(&self, url: &str, response: OutboundResponse) {
        self.servers
            .answers
            .borrow_mut()
            .insert(url.to_owned(), response);
    }

    /// Has a URL answer with a status, headers and a text from now on.
    pub fn serve_text(&self, url: &str, status: u16, headers: &[(&str, &str)], body: &str) {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.serve(
            url,
            OutboundResponse {
                status,
                headers: headers.iter().map(header).collect(),
                body: body.into(),
                is_cut: false,
            },
        );
    }

    /// Has something happen once, while a URL is asked.
    pub fn meanwhile(&self, url: &str, happen: impl FnOnce() + 'static) {
        let waiting = (url.to_owned(), Box::new(happen) as Happening);
        self.servers.meanwhile.borrow_mut().push(waiting);
    }

    /// Has a URL answer with JSON from now on.
    pub fn serve_json(&self, url: &str, body: &Value) {
        self.serve(
            url,
            OutboundResponse {
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                body: body.to_string().into_bytes(),
                is_cut: false,
            },
        );
    }

    /// Calls the settings, below `/api/dashboard/`.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let whole = format!("/api/dashboard/{path}");
        let call = self.stack.call("crm-links", method, &whole);
        call.bearer(&self.token)
            .json_unless_null(body)
            .send(crm_links::handler::handle)
    }

    /// Uploads the file of a link; of a media type, unless it is empty.
    pub fn upload(&self, id: &str, query: &str, media_type: &str, bytes: &[u8]) -> Answer {
        let path = format!("/api/dashboard/crm-links/{id}/file{query}");
        let call = self.stack.call("crm-links", "PUT", &path);
        let call = call.bearer(&self.token).chunks(vec![Ok(bytes.to_vec())]);
        let call = match media_type {
            "" => call,
            media_type => call.header("content-type", media_type),
        };
        call.send(crm_links::handler::handle)
    }

    /// Adds a link for Messenger that is on, with these further settings, and gives its id.
    pub fn add(&self, url: &str, settings: &Value) -> String {
        let mut link = json!({
            "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Customers", "url": url,
            "is_active": true,
        });
        if let (Some(link), Some(settings)) = (link.as_object_mut(), settings.as_object()) {
            link.extend(settings.clone());
        }
        let added = self.call("POST", "crm-links", &link);
        assert_eq!(added.status, 201, "{}", added.text());
        added.json["crm_link"]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Has everything done that links were woken for, until nothing is left. Gives the log lines.
    pub fn run(&self) -> Vec<Value> {
        let mut logs = Vec::new();
        loop {
            let wakes = self.stack.ports.take_wakes(Queue::Links);
            if wakes.is_empty() {
                return logs;
            }
            for (message, _) in wakes {
                logs.push(
                    self.stack
                        .job(&message, refresh_crm_links::handler::refresh),
                );
            }
            assert!(logs.len() < 200, "it never ends");
        }
    }

    /// Lets the cron wake what is due, and has it done.
    pub fn tick(&self) -> Vec<Value> {
        self.stack.job("", refresh_crm_links::handler::each_minute);
        self.run()
    }

    /// A link, as the settings show it.
    pub fn link(&self, id: &str) -> Value {
        let shown = self.call("GET", &format!("crm-links/{id}"), &Value::Null);
        assert_eq!(shown.status, 200, "{}", shown.text());
        shown.json["crm_link"].clone()
    }

    /// What a search of all finds, as the keys of records, the best first.
    pub fn found(&self, query: &str) -> Vec<String> {
        let found = self.call("POST", "rag/search", &json!({ "query": query }));
        assert_eq!(found.status, 200, "{}", found.text());
        let hits = found.json["results"].as_array().expect("hits").iter();
        hits.filter_map(|hit| hit["record_key"].as_str().map(str::to_owned))
            .collect()
    }

    /// Lets time pass until the next fetch of any link that is on the usual schedule, and has it done.
    pub fn later(&self) -> Vec<Value> {
        self.stack.advance(31 * 60 * 1_000_000);
        self.tick()
    }

    /// The events of links so far, oldest first, with what they tell.
    #[must_use]
    pub fn events(&self) -> Vec<(String, Value)> {
        let sql = format!(
            "SELECT event, detail FROM outbox WHERE business_id = '{}' AND event LIKE 'crm_link.%' ORDER BY sequence",
            self.tenant.business_id
        );
        let rows = self.stack.db.sql(&sql).into_iter();
        let event = |row: Row| {
            let mut texts = row.into_iter().filter_map(common::db::Value::into_text);
            let (event, detail) = (texts.next()?, texts.next()?);
            Some((event, serde_json::from_str(&detail).ok()?))
        };
        rows.filter_map(event).collect()
    }

    /// All that both databases have, but for the words of the index, as one text.
    #[must_use]
    pub fn stored(&self) -> String {
        let mut stored = String::new();
        for db in [&self.stack.db, &self.stack.search] {
            let tables = db.sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'chunk_words%'
                   AND name NOT LIKE 'sqlite_%'",
            );
            for table in tables
                .into_iter()
                .flatten()
                .filter_map(common::db::Value::into_text)
            {
                for row in db.sql(&format!("SELECT * FROM \"{table}\"")) {
                    stored.push_str(&format!("{table} {row:?}\n"));
                }
            }
        }
        stored
    }
}
