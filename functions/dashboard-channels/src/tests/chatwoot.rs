//! Accounts of Chatwoot: what is asked before one is connected, and the webhook that is made for it.

use super::Desk;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{Answer, answer, refused, timed_out};

const API: &str = "https://chat.example.com/help/api/v1";
const TOKEN: &str = "agents-token";

/// A server with the accounts 3 and 4.
#[derive(Default)]
pub(super) struct Server {
    is_agent: bool,
    /// Whether it is from before there were signatures, and names of webhooks.
    is_old: bool,
    has_new_token: bool,
    webhooks: Vec<Value>,
    made: u32,
    /// Whether it has no dashboard apps, as the oldest do not.
    pub(super) is_without_apps: bool,
    pub(super) apps: Vec<Value>,
}

type Outcome = Result<OutboundResponse, FetchError>;

impl Server {
    fn answer(&mut self, request: &OutboundRequest) -> Option<Outcome> {
        let path = request.url.strip_prefix(API)?;
        let header = |name: &str| request.headers.iter().find(|(known, _)| *known == name);
        let token = &header("api-access-token").unwrap().1;
        let expected = if self.has_new_token {
            "new-token"
        } else {
            TOKEN
        };
        if token != expected {
            return Some(answer(401, &json!({ "error": "Invalid Access Token" })));
        }
        let role = if self.is_agent {
            "agent"
        } else {
            "administrator"
        };
        let of = |id: u32, name: &str| json!({ "id": id, "name": name, "role": role });
        if let Some((_, app)) = path.split_once("/dashboard_apps") {
            return Some(self.dashboard_app(request, app.trim_start_matches('/')));
        }
        let (_, below) = path.split_at(path.find("/webhooks").unwrap_or(path.len()));
        if !below.is_empty() && self.is_agent {
            let error = "You are not authorized to do this action";
            return Some(answer(401, &json!({ "error": error })));
        }
        Some(match (request.method, path) {
            (_, "/profile") => {
                let accounts = [of(3, "Shop"), of(4, "Other")];
                answer(200, &json!({ "email": "a@b.ie", "accounts": accounts }))
            }
            (_, path) if path.ends_with("/inboxes") => {
                let inbox =
                    json!({ "id": 7, "name": "Site", "channel_type": "Channel::WebWidget" });
                answer(200, &json!({ "payload": [inbox] }))
            }
            ("GET", _) => answer(200, &json!({ "payload": { "webhooks": self.webhooks } })),
            ("DELETE", _) => {
                let id: u32 = below.rsplit('/').next().unwrap().parse().unwrap();
                self.webhooks.retain(|one| one["id"] != id);
                answer(200, &Value::Null)
            }
            _ => self.write(request, below),
        })
    }

    fn dashboard_app(&mut self, request: &OutboundRequest, id: &str) -> Outcome {
        let is_it = |one: &Value| one["id"].as_u64() == id.parse().ok();
        let body = request.body.as_deref().unwrap_or(b"null");
        let body: Value = serde_json::from_slice(body).unwrap();
        match request.method {
            _ if self.is_without_apps => {
                answer(404, &json!({ "error": "Resource could not be found" }))
            }
            "GET" => answer(200, &json!(self.apps)),
            "POST" => {
                let id = self.apps.iter().filter_map(|one| one["id"].as_u64()).max();
                let mut app = body;
                app["id"] = (id.unwrap_or_default() + 1).into();
                self.apps.push(app.clone());
                answer(200, &app)
            }
            "PATCH" => match self.apps.iter_mut().find(|one| is_it(one)) {
                Some(app) => {
                    app["content"] = body["content"].clone();
                    answer(200, app)
                }
                None => answer(404, &Value::Null),
            },
            _ => {
                self.apps.retain(|one| !is_it(one));
                answer(204, &Value::Null)
            }
        }
    }

    fn write(&mut self, request: &OutboundRequest, below: &str) -> Outcome {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        if self.is_old && body.get("name").is_some() {
            let error = "Unexpected key \"name\" on param \"webhook\".";
            return answer(422, &json!({ "error": error }));
        }
        assert_eq!(body["subscriptions"].as_array().unwrap().len(), 7);
        let id: u32 = below
            .rsplit('/')
            .next()
            .unwrap()
            .parse()
            .unwrap_or_default();
        let known = self.webhooks.iter().position(|one| one["id"] == id);
        let mut webhook = match known {
            Some(known) => self.webhooks.remove(known),
            None => {
                self.made += 1;
                let mut webhook = json!({ "id": self.made });
                if !self.is_old {
                    webhook["secret"] = format!("secret-{}", self.made).into();
                }
                webhook
            }
        };
        webhook["url"] = body["url"].clone();
        self.webhooks.push(webhook.clone());
        answer(200, &json!({ "payload": { "webhook": webhook } }))
    }
}

pub(super) fn account() -> Value {
    json!({
        "kind": "chatwoot", "name": "Chat", "base_url": "chat.example.com/help/app/accounts/3",
        "account_id": 3, "inboxes_left_out": [9, "7"], "inbox_channels": { "12": "whatsapp" },
        "credentials": { "access_token": TOKEN }
    })
}

impl Desk {
    pub(super) fn with_server(server: Server) -> (Self, Rc<RefCell<Server>>) {
        let (desk, server) = (Self::new(), Rc::new(RefCell::new(server)));
        let asked = server.clone();
        desk.stack
            .ports
            .respond(move |request| asked.borrow_mut().answer(request));
        (desk, server)
    }

    pub(super) fn one(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            common::db::Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }
}

pub(super) fn id_of(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.text());
    made.json["channel"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_account_of_chatwoot_is_connected_with_a_webhook_whose_secret_is_kept() {
    let (desk, server) = Desk::with_server(Server::default());
    let made = desk.create(&account());
    let id = id_of(&made);
    let channel = &made.json["channel"];
    let url = format!("https://tieline.example/api/webhooks/chatwoot/{id}");
    for (field, value) in [
        ("base_url", "https://chat.example.com/help"),
        ("account_id", "3"),
        ("inboxes_left_out", "7,9"),
        ("inbox_channels", "12=whatsapp"),
        ("external_system", "chatwoot"),
        ("verification", "verified"),
        ("webhook_url", &url),
    ] {
        assert_eq!(channel[field], value, "{field}");
    }
    assert_eq!(made.json["webhook"], json!({ "created": true }));
    let credentials = desk.credentials(&id);
    assert_eq!(credentials.webhook_secret.as_deref(), Some("secret-1"));
    assert_eq!(credentials.webhook_token.as_ref().unwrap().len(), 64);
    for secret in [TOKEN, "secret-1", &credentials.webhook_token.unwrap()] {
        assert!(!made.text().contains(secret), "{secret}");
    }
    assert_eq!(server.borrow().webhooks[0]["url"], url);
    let address = desk.one("SELECT address FROM channels");
    assert_eq!(address, "chat.example.com/help#3");
    // What was answered is what is read, and can be changed.
    let read = desk.call("GET", &format!("/{id}"), &Value::Null);
    assert_eq!(read.json["channel"]["webhook_id"], "1");
    assert_eq!(read.json["channel"]["updated_at"], channel["updated_at"]);
    assert_eq!(read.json.get("webhook"), None);
    let patch = |body: Value| desk.call("PATCH", &format!("/{id}"), &body);
    let same = json!({ "base_url": "https://chat.example.com/help/", "account_id": "3", "inbox_channels": null });
    let changed = patch(same);
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json["channel"].get("inbox_channels"), None);
    assert_eq!(changed.json["channel"]["webhook_id"], "1");
    for (field, value) in [
        ("base_url", json!("https://other.example.com")),
        ("account_id", json!(4)),
    ] {
        let refused = patch(json!({ field: value }));
        assert_eq!(refused.detail(), (field, "cannot_change"));
    }
    assert_eq!(patch(json!({ "webhook_id": "9" })).detail().1, "unknown");
}

#[test]
fn a_server_that_signs_nothing_calls_a_url_with_a_token() {
    let (desk, server) = Desk::with_server(Server {
        is_old: true,
        ..Server::default()
    });
    let made = desk.create(&account());
    let credentials = desk.credentials(&id_of(&made));
    assert_eq!(made.json["webhook"], json!({ "created": true }));
    assert_eq!(credentials.webhook_secret, None);
    let token = credentials.webhook_token.unwrap();
    let url = made.json["channel"]["webhook_url"].as_str().unwrap();
    assert_eq!(server.borrow().webhooks[0]["url"], format!("{url}/{token}"));
    assert!(!made.text().contains(&token));
}

#[test]
fn who_is_no_administrator_is_told_the_url_to_enter_and_an_administrators_token_makes_it_later() {
    let (desk, server) = Desk::with_server(Server {
        is_agent: true,
        ..Server::default()
    });
    let chosen = "a".repeat(32);
    let mut body = account();
    body["credentials"]["webhook_token"] = chosen.as_str().into();
    let made = desk.create(&body);
    let id = id_of(&made);
    let webhook = &made.json["webhook"];
    let url = format!(
        "{}/{chosen}",
        made.json["channel"]["webhook_url"].as_str().unwrap()
    );
    assert_eq!(
        (&webhook["created"], &webhook["url"]),
        (&json!(false), &json!(url))
    );
    assert_eq!(webhook["events"].as_array().unwrap().len(), 7);
    assert!(webhook["error"].as_str().unwrap().contains("administrator"));
    let test = || desk.call("POST", &format!("/{id}/test"), &Value::Null).json;
    let tested = test();
    assert_eq!(tested["ok"], true, "{tested}");
    assert_eq!(tested["detail"]["role"], "agent");
    assert_eq!(tested["detail"]["inboxes"], "7 Site (web)");
    assert!(
        tested["detail"]["webhook"]
            .as_str()
            .unwrap()
            .contains("administrator")
    );
    assert!(!tested.to_string().contains(&chosen));
    // Somebody has entered it there, and the token's user was promoted.
    server.borrow_mut().is_agent = false;
    server
        .borrow_mut()
        .webhooks
        .push(json!({ "id": 8, "url": url, "secret": "theirs" }));
    assert_eq!(test()["detail"]["webhook"], "created");
    assert_eq!(
        desk.credentials(&id).webhook_secret.as_deref(),
        Some("theirs")
    );
    let webhooks = server.borrow().webhooks.clone();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0]["url"], made.json["channel"]["webhook_url"]);
    // Their secret was reset, and is read anew.
    server.borrow_mut().webhooks[0]["secret"] = "reset".into();
    assert_eq!(test()["ok"], true);
    assert_eq!(
        desk.credentials(&id).webhook_secret.as_deref(),
        Some("reset")
    );
}

#[test]
fn an_account_that_chatwoot_does_not_know_is_not_connected() {
    let (desk, server) = Desk::with_server(Server::default());
    let with = |pointer: &str, value: Value| super::with(account(), pointer, value);
    let cases = [
        (
            with("/base_url", json!("http://chat.example.com")),
            "base_url",
            "https",
        ),
        (
            with("/base_url", json!("https://127.0.0.1")),
            "base_url",
            "public_host",
        ),
        (
            with("/base_url", json!("ftp://chat.example.com")),
            "base_url",
            "server",
        ),
        (with("/base_url", Value::Null), "base_url", "required"),
        (with("/account_id", json!("shop")), "account_id", "number"),
        (
            with("/inboxes_left_out", json!(["site"])),
            "inboxes_left_out",
            "inbox_ids",
        ),
        (
            with("/inbox_channels", json!({ "1": "fax" })),
            "inbox_channels",
            "inbox_channels",
        ),
        (
            with("/credentials", json!({})),
            "credentials.access_token",
            "required",
        ),
        (
            with("/credentials/webhook_token", json!("short")),
            "credentials.webhook_token",
            "32_to_128_letters_or_digits",
        ),
        (
            with("/account_id", json!(5)),
            "credentials.access_token",
            "accepted",
        ),
        (
            with("/credentials/access_token", json!("other")),
            "credentials.access_token",
            "accepted",
        ),
    ];
    for (body, path, rule) in cases {
        let refused = desk.create(&body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    for outcome in [
        refused(),
        timed_out(),
        answer(200, &json!("<html>")),
        answer(500, &Value::Null),
    ] {
        desk.stack.ports.will(outcome);
        assert_eq!(desk.create(&account()).detail(), ("base_url", "reachable"));
    }
    assert!(server.borrow().webhooks.is_empty());
    let counts = "SELECT (SELECT count(*) FROM channels) || (SELECT count(*) FROM integrations)";
    assert_eq!(desk.one(counts), "00");
}

#[test]
fn an_account_of_chatwoot_is_one_businesss_until_its_token_is_refused_there() {
    let (desk, server) = Desk::with_server(Server::default());
    id_of(&desk.create(&account()));
    assert_eq!(desk.create(&account()).refusal(), (409, "conflict"));
    let other = desk.other();
    assert_eq!(other.create(&account()).refusal(), (409, "conflict"));
    assert_eq!(server.borrow().webhooks.len(), 1);
    server.borrow_mut().has_new_token = true;
    let body = super::with(account(), "/credentials/access_token", json!("new-token"));
    let theirs = other.create(&body);
    assert_eq!(
        theirs.json["channel"]["verification"],
        "verified",
        "{}",
        theirs.text()
    );
    let before = format!(
        "SELECT verification FROM channels WHERE business_id = '{}'",
        desk.tenant.business_id
    );
    assert_eq!(desk.one(&before), "pending");
}

#[test]
fn each_account_has_a_system_of_its_own_and_gets_it_back() {
    let (desk, _) = Desk::with_server(Server::default());
    let system = |made: &Answer| made.json["channel"]["external_system"].clone();
    let first = desk.create(&account());
    assert_eq!(system(&first), "chatwoot");
    let second = desk.create(&super::with(account(), "/account_id", json!(4)));
    assert_eq!(system(&second), format!("chatwoot:{}", id_of(&second)));
    for made in [&first, &second] {
        let removed = desk.call("DELETE", &format!("/{}", id_of(made)), &Value::Null);
        assert_eq!(removed.status, 204);
    }
    let again = desk.create(&super::with(account(), "/account_id", json!(4)));
    assert_eq!(system(&again), system(&second));
}

#[test]
fn the_connection_is_on_while_there_is_an_account_and_its_webhook_goes_with_it() {
    let (desk, server) = Desk::with_server(Server::default());
    let (first, second) = (
        id_of(&desk.create(&account())),
        id_of(&desk.create(&super::with(account(), "/account_id", json!(4)))),
    );
    let row =
        "SELECT connector || ' ' || status || ' ' || (credentials <> '') || ' ' || default_key
        || ' ' || (reconcile_at > 0) FROM integrations";
    assert_eq!(desk.one(row), "chatwoot active 1 0 1");
    let remove = |id: &str| desk.call("DELETE", &format!("/{id}"), &Value::Null).status;
    assert_eq!(remove(&first), 204);
    assert_eq!(
        (desk.one(row).as_str(), remove(&first)),
        ("chatwoot active 1 0 1", 404)
    );
    let left: Vec<_> = server
        .borrow()
        .webhooks
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(left, [json!(2)]);
    // What cannot be taken away there keeps nobody from removing the account here.
    server.borrow_mut().has_new_token = true;
    assert_eq!(remove(&second), 204);
    assert_eq!(desk.one(row), "chatwoot disabled 1 0 1");
    server.borrow_mut().has_new_token = false;
    desk.stack.advance(1_000);
    id_of(&desk.create(&account()));
    assert_eq!(desk.one(row), "chatwoot active 1 0 1");
}
