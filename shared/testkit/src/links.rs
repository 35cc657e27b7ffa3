use crate::{Answer, Stack, Tenant};
use common::Context;
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
    served: Rc<RefCell<BTreeMap<String, OutboundResponse>>>,
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
        let served: Rc<RefCell<BTreeMap<String, OutboundResponse>>> = Rc::default();
        let known = served.clone();
        stack
            .ports
            .respond(move |request: &OutboundRequest| known.borrow().get(&request.url).cloned().map(Ok));
        Self::of(stack, tenant, served)
    }

    fn of(
        stack: Stack,
        tenant: Tenant,
        served: Rc<RefCell<BTreeMap<String, OutboundResponse>>>,
    ) -> Self {
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
            served,
        }
    }

    /// The same deployment, as another business has it open.
    #[must_use]
    pub fn other(&self) -> Self {
        let tenant = self.stack.tenant("Other");
        Self::of(self.stack.clone(), tenant, self.served.clone())
    }

    /// Has a URL answer so from now on.
    pub fn serve(&self, url: &str, response: OutboundResponse) {
        self.served.borrow_mut().insert(url.to_owned(), response);
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
        if path == "crm-links/preview" {
            let call = self.stack.call("refresh-crm-links", method, &whole);
            return call.bearer(&self.token).json(body).send(refresh_crm_links::handler::handle);
        }
        let call = self.stack.call("crm-links", method, &whole);
        call.bearer(&self.token).json_unless_null(body).send(crm_links::handler::handle)
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
        added.json["crm_link"]["id"].as_str().expect("an id").to_owned()
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
                logs.push(self.stack.job(&message, refresh_crm_links::handler::refresh));
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
        hits.filter_map(|hit| hit["record_key"].as_str().map(str::to_owned)).collect()
    }
}
