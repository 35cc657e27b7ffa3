use access::sso::{TokenState, inbox_session};
use common::Context;
use common::time::SECOND;
use serde_json::{Value, json};
use sso_token::handler::handle;
use testkit::{Answer, Stack, Tenant};

struct Desk {
    stack: Stack,
    tenant: Tenant,
    session: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let session = stack.session(&tenant);
        Self {
            stack,
            tenant,
            session,
        }
    }

    fn call(&self, method: &str, suffix: &str, body: &Value) -> Answer {
        let path = format!("/api/dashboard/sso{suffix}");
        let call = self.stack.call("sso-token", method, &path);
        call.bearer(&self.session).json(body).send(handle)
    }

    fn token(&self, agent: &str) -> (String, String) {
        self.stack.advance(1000);
        let made = self
            .stack
            .inbox_token(&self.tenant, None, Some((agent, "Ann")));
        (made.token, made.token_id)
    }

    fn state(&self, token: &str) -> TokenState {
        let mut state = None;
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            state = Some(inbox_session(cx.ports, cx.now, token).await?.state);
            Ok(())
        });
        state.unwrap()
    }

    fn minute(&self) {
        self.stack.advance(60 * SECOND);
    }
}

#[test]
fn sso_get_answers_origins_and_keys() {
    let desk = Desk::new();
    let answer = desk.call("GET", "", &json!({}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json, json!({"allowed_origins": [], "keys": []}));
    desk.token("7");
    let answer = desk.call("GET", "", &json!({}));
    assert_eq!(answer.json["keys"][0]["expires_at"], Value::Null);
}

#[test]
fn sso_put_answers_the_origins_as_browsers_print_them() {
    let desk = Desk::new();
    let given = [
        "HTTPS://CRM.example.com:443",
        "https://crm.example.com",
        "https://b.example:8443",
    ];
    let answer = desk.call("PUT", "", &json!({ "allowed_origins": given }));
    assert_eq!(answer.status, 200);
    let expected = json!(["https://crm.example.com", "https://b.example:8443"]);
    assert_eq!(answer.json["allowed_origins"], expected);
    let answer = desk.call("GET", "", &json!({}));
    assert_eq!(answer.json["allowed_origins"], expected);
    let other = desk.stack.tenant("Another business");
    let session = desk.stack.session(&other);
    let call = desk.stack.call("sso-token", "GET", "/api/dashboard/sso");
    let answer = call.bearer(&session).send(handle);
    assert_eq!(answer.json["allowed_origins"], json!([]));
}

#[test]
fn sso_put_refuses_invalid_input() {
    let desk = Desk::new();
    for (body, path) in [
        (
            json!({"allowed_origins": ["https://a.example", "https://*"]}),
            "allowed_origins[1]",
        ),
        (
            json!({"allowed_origins": ["http://localhost:3000"]}),
            "allowed_origins[0]",
        ),
        (
            json!({"allowed_origins": vec!["https://a.example"; 51]}),
            "allowed_origins",
        ),
        (
            json!({"allowed_origins": "https://a.example"}),
            "allowed_origins",
        ),
        (json!({}), "allowed_origins"),
    ] {
        let answer = desk.call("PUT", "", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
        assert_eq!(answer.detail().0, path, "{body}");
    }
    desk.stack.ports.set("ALLOW_INSECURE_URLS", "1");
    let body = json!({"allowed_origins": ["http://localhost:3000"]});
    assert_eq!(desk.call("PUT", "", &body).status, 200);
}

#[test]
fn sso_rotate_key_answers_the_new_key_and_the_old_one_goes_on_for_its_overlap() {
    let desk = Desk::new();
    let (old, _) = desk.token("7");
    let answer = desk.call("POST", "/rotate-key", &json!({"overlap_seconds": 600}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (new, _) = desk.token("7");
    let key = answer.json["key"]["id"].as_str().unwrap();
    let signed_by = |token: &str| {
        let id = desk
            .stack
            .db
            .value("SELECT id FROM sso_keys WHERE expires_at IS NULL");
        (id.as_text() == Some(key), desk.state(token))
    };
    assert_eq!(signed_by(&new), (true, TokenState::Valid));
    assert_eq!(desk.state(&old), TokenState::Valid);
    desk.stack.advance(660 * SECOND);
    assert_eq!(desk.state(&old), TokenState::Revoked);
    assert_eq!(desk.state(&new), TokenState::Valid);
}

#[test]
fn without_an_overlap_said_the_old_key_goes_on_as_long_as_a_token_lives() {
    let desk = Desk::new();
    desk.token("7");
    let call = desk
        .stack
        .call("sso-token", "POST", "/api/dashboard/sso/rotate-key");
    let answer = call.bearer(&desk.session).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["old_key_until"], "2026-01-03T03:04:05.001000Z");
    desk.stack.advance(86_400 * SECOND);
    desk.call("POST", "/rotate-key", &json!({}));
    let keys = desk.stack.db.value("SELECT count(*) FROM sso_keys");
    assert_eq!(keys.as_integer(), Some(2), "what is over is removed");
}

#[test]
fn sso_rotate_key_refuses_invalid_input() {
    let desk = Desk::new();
    for body in [
        json!({"overlap_seconds": 86_401}),
        json!({"overlap_seconds": -1}),
        json!({"overlap": 1}),
    ] {
        let answer = desk.call("POST", "/rotate-key", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
}

#[test]
fn sso_revoke_answers_and_the_token_alone_is_dead_within_a_minute() {
    let desk = Desk::new();
    let (one, id) = desk.token("7");
    let (two, _) = desk.token("7");
    assert_eq!(desk.state(&one), TokenState::Valid);
    let answer = desk.call("POST", "/revoke", &json!({ "token_id": id }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["effective_within_seconds"], 60);
    desk.minute();
    assert_eq!(desk.state(&one), TokenState::Revoked);
    assert_eq!(desk.state(&two), TokenState::Valid);
}

#[test]
fn an_agents_tokens_are_revoked_and_one_made_afterwards_is_good() {
    let desk = Desk::new();
    let (mine, _) = desk.token("7");
    let (anothers, _) = desk.token("8");
    desk.stack.advance(1000);
    desk.call("POST", "/revoke", &json!({"agent_id": "7"}));
    let (later, _) = desk.token("7");
    desk.minute();
    assert_eq!(desk.state(&mine), TokenState::Revoked);
    assert_eq!(desk.state(&anothers), TokenState::Valid);
    assert_eq!(desk.state(&later), TokenState::Valid);
}

#[test]
fn all_tokens_are_revoked_and_one_made_in_the_same_instant_is_good() {
    let desk = Desk::new();
    let (first, _) = desk.token("7");
    desk.call("POST", "/rotate-key", &json!({}));
    let (second, _) = desk.token("7");
    desk.call("POST", "/revoke", &json!({"all": true}));
    let later = desk.stack.inbox_token(&desk.tenant, None, None).token;
    let other = desk.stack.tenant("Another business");
    let anothers = desk.stack.inbox_token(&other, None, None).token;
    desk.minute();
    assert_eq!(desk.state(&first), TokenState::Revoked);
    assert_eq!(desk.state(&second), TokenState::Revoked);
    assert_eq!(desk.state(&later), TokenState::Valid);
    assert_eq!(desk.state(&anothers), TokenState::Valid);
}

#[test]
fn sso_revoke_refuses_invalid_input() {
    let desk = Desk::new();
    for body in [
        json!({}),
        json!({"all": false}),
        json!({"all": true, "agent_id": "7"}),
        json!({"token_id": "x"}),
        json!({"agent_id": " "}),
        json!({"everyone": true}),
    ] {
        let answer = desk.call("POST", "/revoke", &body);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
}

fn without_a_session(method: &str, suffix: &str) {
    let (stack, tenant) = Stack::with_tenant();
    let path = format!("/api/dashboard/sso{suffix}");
    let call = stack.call("sso-token", method, &path);
    let answer = call.json(&json!({})).send(handle);
    assert_eq!(answer.refusal(), (401, "missing_token"));
    let token = stack.inbox_token(&tenant, None, None).token;
    let call = stack.call("sso-token", method, &path);
    let answer = call.bearer(&token).json(&json!({})).send(handle);
    assert_eq!(answer.refusal(), (401, "invalid_token"));
}

#[test]
fn sso_get_refuses_callers_without_a_session() {
    without_a_session("GET", "");
}

#[test]
fn sso_put_refuses_callers_without_a_session() {
    without_a_session("PUT", "");
}

#[test]
fn sso_rotate_key_refuses_callers_without_a_session() {
    without_a_session("POST", "/rotate-key");
}

#[test]
fn sso_revoke_refuses_callers_without_a_session() {
    without_a_session("POST", "/revoke");
}

#[test]
fn sso_get_refuses_invalid_input() {
    let desk = Desk::new();
    assert_eq!(desk.call("GET", "?page=2", &json!({})).status, 422);
}
