//! Moves between the databases of a deployment.

mod moving;
mod routing;
mod trouble;

use move_business::handler::{each_minute, handle};
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Several, Stack, Tenant};

const SECOND: i64 = 1_000_000;

/// A deployment with two databases, of which the business is in the second.
fn two() -> (Stack, Several, Tenant) {
    let stack = Stack::with_databases(2);
    let several = stack.several.clone().unwrap();
    let tenant = stack.tenant("Test business");
    (stack, several, tenant)
}

fn ask(stack: &Stack, tenant: &Tenant, body: &Value) -> Answer {
    let target = format!("/api/operator/businesses/{}/move", tenant.business_id);
    let call = stack.call("move-business", "POST", &target);
    call.bearer(PLATFORM_TOKEN).json(body).send(handle)
}

/// Moves a business, as `tieline business move` does it. Gives the last answer.
fn moved(stack: &Stack, tenant: &Tenant, to: usize) -> Value {
    for _ in 0..200 {
        let answer = ask(stack, tenant, &json!({ "to": to }));
        assert_eq!(answer.status, 200, "{} {}", answer.text(), answer.log);
        let under_way = &answer.json["move"];
        if under_way.is_null() {
            return answer.json;
        }
        let wait = under_way["wait_seconds"].as_i64().unwrap();
        stack.advance(wait * SECOND);
    }
    panic!("the move does not end");
}

fn status(stack: &Stack, tenant: &Tenant) -> Value {
    let target = format!("/api/operator/businesses/{}/move", tenant.business_id);
    let call = stack.call("move-business", "GET", &target);
    let answer = call.bearer(PLATFORM_TOKEN).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

/// Every row of a business in a database, each with its table.
fn rows(several: &Several, number: usize, tenant: &Tenant) -> Vec<String> {
    let business = &tenant.business_id;
    let of_table = |table: &tables::MovedTable| {
        let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let (name, key) = (table.name, columns[0]);
        let line = format!(
            "SELECT json_array({}) FROM {name} WHERE {key} = '{business}'",
            columns.join(", ")
        );
        let rows = several.all[number].sql(&line);
        let mut lines: Vec<String> = rows
            .iter()
            .map(|row| format!("{name} {}", row[0].as_text().unwrap()))
            .collect();
        lines.sort();
        lines
    };
    tables::all_tables().iter().flat_map(of_table).collect()
}

fn cron(stack: &Stack) -> Value {
    stack.job("", each_minute)
}

const ACCOUNT: &str = "106540352242922";

/// A business with something of most.
fn with_something() -> (Stack, Several, Tenant) {
    with_account(ACCOUNT)
}

/// Its WhatsApp account has this number: an isolate remembers whose that is.
fn with_account(number: &str) -> (Stack, Several, Tenant) {
    let (stack, several, tenant) = two();
    stack.fill(&tenant, number, "kustomer");
    (stack, several, tenant)
}

/// Asks until rows are about to be copied: the time of draining is over.
fn drained(stack: &Stack, tenant: &Tenant, to: usize) {
    let begun = ask(stack, tenant, &json!({ "to": to }));
    assert_eq!(begun.json["move"]["state"], "draining", "{}", begun.text());
    let wait = begun.json["move"]["wait_seconds"].as_i64().unwrap();
    stack.advance(wait * SECOND);
}
