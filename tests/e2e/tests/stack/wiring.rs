//! Every endpoint over the real stack: that it is wired, not what its rules are.

use e2e::{Client, Stack, node, root, run};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[test]
fn the_guides_own_client_code_works_unchanged() {
    let stack = Stack::shared();
    let tenant = stack.tenant("Guide");
    let output = node()
        .arg(root().join("tests/e2e/guide/customers.mjs"))
        .env("BASE_URL", format!("{}/functions/v1", stack.origin))
        .env("API_KEY", &tenant.api_key)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_operation_of_the_description_does_what_it_is_for() {
    run("tests/e2e/guide/operations.mjs");
}

#[test]
fn each_role_may_what_the_description_says_and_nobody_may_nothing() {
    run("tests/e2e/guide/people.mjs");
}

#[test]
fn people_sign_in_with_a_real_provider_and_by_links_that_come_by_email() {
    run("tests/e2e/guide/sign-in.mjs");
}

#[test]
fn a_draft_comes_in_pieces_while_a_model_writes_it() {
    run("tests/e2e/guide/drafts.mjs");
}

#[test]
fn every_endpoint_answers_below_both_bases() {
    let crm = Stack::shared().crm("Bases");
    for base in ["", "/functions/v1"] {
        let records =
            json!({ "customers": [{ "external_id": "A", "name": "A", "email": "a@b.ie" }] });
        assert_eq!(
            crm.post(&format!("{base}/api-customers-sync"), &records)
                .status,
            200
        );
        assert_eq!(
            crm.post(&format!("{base}/api-customers-bulk-create"), &records)
                .status,
            200
        );
        let ids = json!({ "external_ids": ["A"] });
        let found = crm.post(&format!("{base}/api-customers-batch-lookup"), &ids);
        assert_eq!(found.json["customers"][0]["name"], "A");
        let one = crm.get(&format!("{base}/api-customers?external_id=A"));
        assert_eq!(one.json, found.json["customers"][0]);
        assert_eq!(one.header("content-type"), "application/json");
        assert!(one.header("x-request-id").starts_with("req_"));
    }
}

#[test]
fn health_reports_each_function_and_the_database() {
    let stack = Stack::shared();
    let client = stack.client();
    assert_eq!(client.get("/livez").json["status"], "ok");
    assert_eq!(client.get("/healthz").refusal(), (401, "missing_token"));
    let operator = client.header(
        "authorization",
        &format!("Bearer {}", stack.platform_token()),
    );
    let first = operator.get("/healthz");
    assert_eq!((first.status, &first.json["status"]), (200, &json!("ok")));
    assert_eq!(first.json["database"], "ok");
    assert_eq!(first.json["functions"]["customers-sync"], "ok");
    for part in 1..=first.json["parts"].as_u64().unwrap() {
        let answer = operator.get(&format!("/healthz?part={part}"));
        assert_eq!((answer.status, &answer.json["status"]), (200, &json!("ok")));
    }
}

#[test]
fn the_description_and_its_page_are_served() {
    let client = Stack::shared().client();
    let description = client.get("/openapi.json");
    assert_eq!(description.json["openapi"], "3.1.0");
    let docs = client.get("/docs");
    assert!(docs.header("content-type").starts_with("text/html"));
    assert!(docs.text.contains("/api-customers-sync"));
    assert!(
        docs.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    for answer in [&description, &docs] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("x-request-id").starts_with("req_"));
    }
    assert_eq!(client.get("/docs.html").refusal(), (404, "not_found"));
}

#[test]
fn the_files_of_the_inbox_are_served_and_kept_under_their_version_alone() {
    let client = Stack::shared().client();
    let page = client.get("/embed/inbox?token=none").text;
    let (_, rest) = page.split_once("/embed/assets/").unwrap();
    let (version, _) = rest.split_once('/').unwrap();
    for (version, kept) in [
        (version, "public, max-age=31536000, immutable"),
        ("0000", "no-store"),
    ] {
        for base in ["", "/functions/v1"] {
            let file = client.get(&format!("{base}/embed/assets/{version}/inbox/inbox.js"));
            assert_eq!((file.status, file.header("cache-control")), (200, kept));
            assert_eq!(
                file.header("content-type"),
                "text/javascript; charset=utf-8"
            );
            assert_eq!(file.header("cross-origin-resource-policy"), "same-origin");
            let path = root().join("shared/pages/assets/inbox/inbox.js");
            assert_eq!(file.text, std::fs::read_to_string(path).unwrap());
        }
    }
    let missing = client.get(&format!("/embed/assets/{version}/inbox/inbox.html"));
    assert_eq!(missing.refusal(), (404, "not_found"));
}

#[test]
fn a_browser_may_ask_first_and_sees_what_it_needs() {
    let stack = Stack::shared();
    let preflight = stack
        .client()
        .send("OPTIONS", "/functions/v1/api-customers", &[]);
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        "GET, DELETE"
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("x-api-key")
    );
    let refused = stack.client().get("/api-customers");
    assert_eq!(
        (
            refused.status,
            refused.header("access-control-allow-origin")
        ),
        (401, "*")
    );
}

#[test]
fn what_the_gateway_refuses_has_the_envelope_too() {
    let client = Stack::shared().client();
    let nothing = client.get("/functions/v1/api-customers/1");
    assert_eq!(nothing.refusal(), (404, "not_found"));
    assert_eq!(
        nothing.header("x-request-id"),
        nothing.json["request_id"].as_str().unwrap()
    );
    let wrong = client.send("PUT", "/api-customers-sync", b"{}");
    assert_eq!(
        (wrong.refusal(), wrong.header("allow")),
        ((405, "method_not_allowed"), "POST")
    );
}

#[test]
fn keys_are_made_used_and_revoked() {
    let stack = Stack::shared();
    let tenant = stack.tenant("Keys");
    let dashboard = stack.dashboard(&tenant);
    let body = json!({ "name": "Reader", "scopes": ["customers:read"] });
    let made = dashboard.post("/api/dashboard/api-keys", &body);
    let reader = stack
        .client()
        .header("x-api-key", made.json["api_key"].as_str().unwrap());
    assert_eq!(
        reader.post("/api-customers-sync", &json!({})).refusal(),
        (403, "insufficient_scope")
    );
    let id = made.json["key"]["id"].as_str().unwrap();
    assert_eq!(
        dashboard
            .delete(&format!("/api/dashboard/api-keys/{id}"))
            .status,
        204
    );
    let keys = dashboard.get("/functions/v1/api/dashboard/api-keys");
    let revoked = keys.json["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["id"] == id);
    assert!(revoked.unwrap()["revoked_at"].is_string());
    // `customers` has not seen the key yet, so no isolate trusts it any more.
    assert_eq!(
        reader.get("/api-customers").refusal(),
        (401, "revoked_api_key")
    );
}

#[test]
fn twenty_identical_syncs_at_once_make_each_customer_once() {
    let crm = Stack::shared().crm("Race");
    let record = |n: usize| json!({ "external_id": format!("R{n}"), "name": "R", "email": format!("r{n}@b.ie") });
    let body = json!({ "customers": (0..50).map(record).collect::<Vec<_>>() });
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| crm.clone().post("/api-customers-sync", &body)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .map(|answer| answer.json)
            .collect()
    });
    let created: u64 = answers
        .iter()
        .filter_map(|a| a["results"]["created"].as_u64())
        .sum();
    let failed: u64 = answers
        .iter()
        .filter_map(|a| a["results"]["failed"].as_u64())
        .sum();
    assert_eq!((created, failed), (50, 0), "{answers:?}");
    let ids = answers
        .iter()
        .flat_map(|a| a["results"]["details"].as_array().unwrap());
    let ids: HashSet<_> = ids
        .map(|detail| detail["customer_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 50);
    assert_eq!(
        crm.get("/api-customers").json["customers"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
}

#[test]
fn a_request_repeated_with_its_idempotency_key_is_done_once() {
    let crm = Stack::shared()
        .crm("Repeat")
        .header("idempotency-key", "import-7");
    let body = json!({ "customers": [{ "name": "A", "email": "a@b.ie" }] });
    let first = crm.post("/api-customers-sync", &body);
    let again = crm.post("/api-customers-sync", &body);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.json, again.json);
    assert_eq!(first.json["results"]["created"], 1);
}

#[test]
fn a_key_past_its_limit_is_refused_and_told_when_to_come_back() {
    let crm = Stack::shared().crm("Limit");
    // The window may roll over once on the way.
    let refused = (0..1_300)
        .map(|_| crm.get("/api-customers?limit=1"))
        .find(|a| a.status != 200);
    let refused = refused.expect("600 requests in a minute are the limit");
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    let other = Stack::shared().crm("Another");
    assert_eq!(other.get("/api-customers?limit=1").status, 200);
}

#[test]
fn an_address_without_a_valid_key_is_limited_and_a_key_in_use_behind_it_is_not() {
    let stack = Stack::shared();
    let from = |client: Client| client.at("192.0.2.77");
    let crm = from(stack.crm("Address"));
    assert_eq!(crm.get("/api-customers?limit=1").status, 200);
    let stranger = from(stack.client()).header("x-api-key", "tl_made_up");
    let refused = (0..2_600)
        .map(|_| stranger.get("/api-customers?limit=1"))
        .find(|answer| answer.status != 401);
    let refused = refused.expect("1200 requests in a minute are the limit");
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(crm.get("/api-customers?limit=1").status, 200);
}

/// Answers every POST with 200, and tells of each.
#[expect(
    clippy::unwrap_used,
    reason = "a test without its receiver should fail"
)]
fn receiver() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (posted, posts) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                let header = line.to_ascii_lowercase();
                if let Some(bytes) = header.strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() || length == 0 {
                continue;
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer);
            let _ = posted.send(());
        }
    });
    (url, posts)
}

#[test]
fn a_delivery_is_replayed() {
    let stack = Stack::shared();
    let tenant = stack.tenant("Replay");
    let dashboard = stack.dashboard(&tenant);
    // By default the next minute's sweep takes the bodies that were delivered.
    let kept = json!({ "event_bodies_days": 1 });
    let put = dashboard.send(
        "PUT",
        "/api/dashboard/retention",
        kept.to_string().as_bytes(),
    );
    assert_eq!(put.status, 200, "{}", put.text);
    let (url, posts) = receiver();
    let endpoint = json!({ "name": "Replay", "url": url, "events": ["customer.created"] });
    let made = dashboard.post("/api/dashboard/webhooks", &endpoint);
    let id = made.json["webhook"]["id"].as_str().unwrap();
    let test = dashboard.post(&format!("/api/dashboard/webhooks/{id}/test"), &json!({}));
    assert_eq!(test.status, 200, "{}", test.text);
    let patience = Duration::from_secs(90);
    posts.recv_timeout(patience).unwrap();
    let list = format!("/api/dashboard/webhooks/{id}/deliveries?status=delivered");
    let end = Instant::now() + patience;
    let delivery = loop {
        let page = dashboard.get(&list).json;
        if let Some(delivery) = page["deliveries"][0]["id"].as_str() {
            break delivery.to_owned();
        }
        assert!(Instant::now() < end, "{page}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let path = format!("/api/dashboard/deliveries/{delivery}/replay");
    let replayed = dashboard.post(&path, &json!({}));
    assert_eq!(replayed.status, 200, "{}", replayed.text);
    assert_eq!(replayed.json["delivery"]["id"], delivery.as_str());
    posts.recv_timeout(patience).unwrap();
}
