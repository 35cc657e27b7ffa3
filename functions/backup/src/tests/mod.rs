mod files;
mod requests;
mod restore;
mod schema;
mod secrets_of;

use backup::handler::handle;
use serde_json::Value;
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

fn get(stack: &Stack, target: &str) -> Answer {
    let call = stack.call("backup", "GET", &format!("/api/operator/{target}"));
    call.bearer(PLATFORM_TOKEN).send(handle)
}

/// All pages of a business.
fn pages(stack: &Stack, business: &str) -> Vec<String> {
    pages_under(stack, business, None)
}

/// As [`pages`], with the secrets sealed under a key.
fn pages_under(stack: &Stack, business: &str, key: Option<&str>) -> Vec<String> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let target = format!("/api/operator/backup/rows?business={business}&cursor={cursor}");
        let mut call = stack.call("backup", "GET", &target).bearer(PLATFORM_TOKEN);
        if let Some(key) = key {
            call = call.header("x-backup-key", key);
        }
        let answer = call.send(handle);
        assert_eq!(answer.status, 200, "{} {}", answer.text(), answer.log);
        let page = answer.text();
        let last = page.lines().last().unwrap().to_owned();
        pages.push(page);
        let end: Value = serde_json::from_str(&last).unwrap();
        match end["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return pages,
        }
    }
}

fn restore_page(stack: &Stack, business: &str, page: &str) -> Answer {
    let target = format!("/api/operator/restore/rows?business={business}");
    let call = stack.call("backup", "POST", &target).bearer(PLATFORM_TOKEN);
    call.chunks(vec![Ok(page.into())]).send(handle)
}

/// Restores pages, the last one first; gives how many rows came, are the same, and differ.
fn restore(stack: &Stack, business: &str, pages: &[String]) -> [u64; 3] {
    let mut sums = [0; 3];
    for page in pages.iter().rev() {
        let answer = restore_page(stack, business, page);
        assert_eq!(answer.status, 200, "{} {}", answer.text(), answer.log);
        for (sum, name) in sums.iter_mut().zip(["rows", "same", "different"]) {
            *sum += answer.json[name].as_u64().unwrap();
        }
    }
    sums
}

/// The rows of pages, each with its table.
fn rows(pages: &[String]) -> Vec<String> {
    let mut table = String::new();
    let mut rows = Vec::new();
    for line in pages.iter().flat_map(|page| page.lines()) {
        if let Some(rest) = line.strip_prefix("{\"table\":\"") {
            table = rest.split('"').next().unwrap().to_owned();
        } else if line.starts_with('[') {
            rows.push(format!("{table} {line}"));
        }
    }
    rows
}

/// A deployment with a business that has something of most.
fn with_something() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    stack.fill(&tenant, "106540352242922", "kustomer");
    (stack, tenant)
}
