mod calls;
mod log;
mod usage;

use common::http::{Error, Kind, Request, Response};
use common::time::SECOND;
use dashboard_api_log::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

const MINUTE: i64 = 60 * SECOND;

fn get(stack: &Stack, token: &str, path_and_query: &str) -> Answer {
    let target = format!("/api/dashboard/{path_and_query}");
    let call = stack.call("dashboard-api-log", "GET", &target);
    call.bearer(token).send(handle)
}

fn list(stack: &Stack, token: &str, query: &str) -> Value {
    let answer = get(stack, token, &format!("api-log?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

/// A call with a key; 500 is an error that no caller is at fault for.
fn call_with(stack: &Stack, key: &str, status: u16) -> Answer {
    let call = stack.call("customers", "GET", "/api-customers?email=ann%40b.ie");
    call.key(key)
        .send(async |_: &common::Context<'_>, _: Request| match status {
            404 => Err(Error::new(Kind::NotFound, "There is no such customer.")),
            500 => Err(Error::internal("the private cause")),
            status => Ok(Response::json(
                status,
                &json!({ "secret": "of the answer" }),
            )),
        })
}

/// A member of a business who is signed in: their id and their token.
fn member(stack: &Stack, tenant: &Tenant, role: &str) -> (String, String) {
    let token = access::SecretToken::generate(access::TokenKind::Session, testkit::entropy);
    let id = format!("01a1f84a-9b02-7d11-a2c8-{}", &token.id[..12]);
    let (business, now) = (&tenant.business_id, stack.now().micros());
    let later = now + 12 * 3600 * SECOND;
    stack.db.sql(&format!(
        "INSERT INTO members (business_id, id, email, name, role, created_at)
         VALUES ('{business}', '{id}', '{id}@b.ie', 'Mia', '{role}', {now})"
    ));
    stack.db.sql(&format!(
        "INSERT INTO sessions (business_id, id, secret_hash, key_id, expires_at, created_at, member_id, ends_at)
         VALUES ('{business}', '{}', '{}', '', {later}, {now}, '{id}', {later})",
        token.id,
        token.hash()
    ));
    (id, token.reveal())
}

fn key_id(key: &str) -> String {
    key.split('_').nth(1).unwrap().to_owned()
}

fn texts(of: &Value, field: &str) -> Vec<String> {
    let all = of["calls"].as_array().unwrap().iter();
    all.map(|one| one[field].as_str().unwrap_or_default().to_owned())
        .collect()
}
