use super::{House, handle, post};
use serde_json::{Value, json};
use testkit::{Stack, answer};

fn options(stack: &Stack) -> Value {
    let path = "/api/dashboard/sign-in/options";
    let answer = stack.call("sign-in", "GET", path).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json
}

#[test]
fn sign_in_options_answers_with_what_the_deployment_offers() {
    let nothing = json!({ "email": false, "single_sign_on": false, "oidc": [] });
    assert_eq!(options(&Stack::new()), nothing);
    let house = House::new();
    let id = house.tenant.business_id.clone();
    assert_eq!(
        options(&house.stack),
        json!({ "email": false, "single_sign_on": true, "oidc": [] }),
        "nobody is told of whom"
    );
    // The business that runs the deployment is no secret.
    house.stack.ports.set("OPERATOR_BUSINESS_ID", &id);
    let start = format!("/api/dashboard/sign-in/oidc?business={id}");
    let offered = json!([{ "name": "Acme's accounts", "start_url": start }]);
    assert_eq!(options(&house.stack)["oidc"], offered);
}

#[test]
fn sign_in_options_refuses_invalid_input() {
    let stack = Stack::new();
    let path = "/api/dashboard/sign-in/options?email=joe@acme.example";
    let answer = stack.call("sign-in", "GET", path).send(handle);
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

/// What an address leads to.
fn discovered(stack: &Stack, email: &str) -> Value {
    let answer = post(stack, "discover", &json!({ "email": email }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["provider"].clone()
}

/// Has the resolver say that a domain is of these businesses, and they set their provider once more.
fn proven(house: &House, records: &'static [&'static str]) {
    house.idp.serve(&house.stack, move |request| {
        let is_dns = request.url.starts_with("https://cloudflare-dns.com/");
        let answers = records.iter().map(
            |text| json!({ "name": "acme.example", "type": 16, "data": format!("\"{text}\"") }),
        );
        let answers: Vec<_> = answers.collect();
        is_dns.then(|| answer(200, &json!({ "Status": 0, "Answer": answers })))
    });
}

#[test]
fn sign_in_discover_answers_with_the_provider_of_a_proven_domain() {
    let house = House::new();
    let (id, other) = (
        house.tenant.business_id.clone(),
        house.stack.tenant("Other"),
    );
    assert_eq!(
        discovered(&house.stack, "joe@acme.example"),
        Value::Null,
        "not proven"
    );
    let record =
        |business: &str| -> &'static str { Box::leak(domains::record_of(business).into()) };
    let of_other: &'static [&'static str] = Box::leak(Box::new([record(&other.business_id)]));
    proven(&house, of_other);
    house.set(&json!({}));
    assert_eq!(
        discovered(&house.stack, "joe@acme.example"),
        Value::Null,
        "another's record"
    );
    let both: &'static [&'static str] =
        Box::leak(Box::new([record(&other.business_id), record(&id)]));
    proven(&house, both);
    house.set(&json!({ "allowed_domains": ["acme.example", "acme.test"] }));
    let start = format!("/api/dashboard/sign-in/oidc?business={id}");
    let expected = json!({ "name": "Acme's accounts", "start_url": start });
    // Whether there is such a member changes nothing.
    for email in ["joe@acme.example", " Nobody.At.All@ACME.example "] {
        assert_eq!(discovered(&house.stack, email), expected, "{email}");
    }
    for email in ["joe@sub.acme.example", "joe@other.example"] {
        assert_eq!(discovered(&house.stack, email), Value::Null, "{email}");
    }
    // Of two businesses it cannot be told which.
    house.stack.db.sql(&format!(
        "INSERT INTO sign_in_domains (business_id, domain, proven_at) VALUES ('{0}', 'acme.example', 1);",
        other.business_id
    ));
    assert_eq!(
        discovered(&house.stack, "joe@acme.example"),
        expected,
        "it has no provider"
    );
    house.stack.db.sql(&format!(
        "INSERT INTO sign_in_providers SELECT '{}', 'x', name, issuer, client_id, '', '[]', default_role, 1
         FROM sign_in_providers",
        other.business_id
    ));
    assert_eq!(discovered(&house.stack, "joe@acme.example"), Value::Null);
    house.set(&json!({ "allowed_domains": [] }));
    assert_eq!(house.count("sign_in_domains"), 1);
}

#[test]
fn sign_in_discover_refuses_invalid_input_and_other_sites() {
    let stack = Stack::new();
    for body in [
        json!({}),
        json!({ "email": "joe" }),
        json!({ "email": 1 }),
        json!({ "email": "a@b.example", "x": 1 }),
    ] {
        assert_eq!(
            post(&stack, "discover", &body).refusal(),
            (422, "invalid_request"),
            "{body}"
        );
    }
    let call = stack.call("sign-in", "POST", "/api/dashboard/sign-in/discover");
    let call = call.header("sec-fetch-site", "cross-site");
    let answer = call.json(&json!({ "email": "a@b.example" })).send(handle);
    assert_eq!(answer.refusal(), (403, "invalid_csrf_token"));
}
