use super::{House, IdentityProvider, NOBODY, handle};
use common::signatures::sha256_hex;
use serde_json::json;
use testkit::{refused, timed_out};

#[test]
fn sign_in_begin_answers_with_a_way_that_nobody_can_guess() {
    let house = House::new();
    let first = house.visit("&next=%2Fdashboard%2Fchannels%23a%3Db");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", IdentityProvider::CLIENT),
        (
            "redirect_uri",
            "https://tieline.example/oauth/callback/sign-in",
        ),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("tenant", "7"),
    ] {
        assert_eq!(first.sent[name], value, "{name}");
    }
    let second = house.visit("");
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(first.sent[name].len(), 43, "{name}");
        assert_ne!(first.sent[name], second.sent[name], "{name}");
    }
    assert_ne!(first.cookie, second.cookie);
    let stored = house.stack.db.sql("SELECT * FROM sign_in_visits");
    let stored = format!("{stored:?}");
    let (_, browser) = first.cookie.rsplit_once('=').unwrap();
    for secret in [&first.sent["state"], &first.sent["nonce"], browser] {
        assert!(!stored.contains(secret), "{stored}");
        assert!(secret != first.sent["state"] || stored.contains(&sha256_hex(secret.as_bytes())));
    }
}

#[test]
fn sign_in_begin_refuses_invalid_input_and_tells_nobody_which_businesses_there_are() {
    let house = House::new();
    let other = house.stack.tenant("Without a provider");
    let page = |query: &str| {
        let path = format!("/api/dashboard/sign-in/oidc{query}");
        house.stack.call("sign-in", "GET", &path).send(handle)
    };
    let mut texts = Vec::new();
    for query in [
        String::new(),
        "?business=x".into(),
        format!("?business={NOBODY}"),
        format!("?business={}", other.business_id),
        format!("?business={}%27--", house.tenant.business_id),
    ] {
        let answer = page(&query);
        assert_eq!(answer.status, 404, "{query}");
        assert_eq!(answer.header("set-cookie"), None);
        texts.push(answer.text());
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
    let unknown = page(&format!("?business={NOBODY}&email=joe@acme.example"));
    assert_eq!(unknown.refusal(), (422, "invalid_request"));
}

#[test]
fn a_site_that_sends_somebody_here_signs_nobody_in_by_itself() {
    let house = House::new();
    let path = format!(
        "/api/dashboard/sign-in/oidc?business={}&next=/dashboard/inbox",
        house.tenant.business_id
    );
    for (site, status) in [
        ("cross-site", 200),
        ("same-site", 200),
        ("same-origin", 303),
        ("none", 303),
    ] {
        let call = house.stack.call("sign-in", "GET", &path);
        let answer = call.header("sec-fetch-site", site).send(handle);
        assert_eq!(answer.status, status, "{site}");
        assert_eq!(answer.header("set-cookie").is_some(), status == 303);
        if status == 200 {
            let text = answer.text();
            assert!(text.contains(IdentityProvider::ISSUER), "{text}");
            let here = format!(
                "href=\"/api/dashboard/sign-in/oidc?business={}&amp;next=%2Fdashboard%2Finbox\"",
                house.tenant.business_id
            );
            assert!(text.contains(&here), "{text}");
        }
    }
    assert_eq!(house.count("sign_in_visits"), 2);
}

#[test]
fn who_has_signed_in_goes_to_a_page_of_the_dashboard_and_nowhere_else() {
    let house = House::new();
    for good in [
        "/dashboard",
        "/dashboard/webhooks/7#status=failed",
        "/dashboard/customers/x%20y",
    ] {
        assert_eq!(next_of(&house, good), good);
    }
    for bad in [
        "",
        "https://evil.example/dashboard",
        "//evil.example/dashboard",
        "/\\evil.example",
        "/dashboard\\..\\x",
        "/dashboard/../api/x",
        "/dashboard/./x",
        "/dashboard//evil.example",
        "/dashboard/%2e%2e/api",
        "/dashboard/%2E%2e%2Fapi",
        "/dashboard/a%5Cb",
        "/dashboardx",
        "/dashboard@evil.example",
        "/dashboard.evil.example",
        "/embed/inbox",
        "/dashboard/sign-in",
        "/dashboard/assets/x",
        "/dashboard/x?y=z",
        "/dashboard /x",
        "/dashboard\r\nlocation: x",
        "\t//evil.example",
        "javascript:alert(1)",
        "/dashboard/ünï",
        &format!("/dashboard/{}", "x".repeat(500)),
    ] {
        assert_eq!(next_of(&house, bad), "/dashboard", "{bad}");
    }
}

/// Where a visit for this page ends.
fn next_of(house: &House, next: &str) -> String {
    let query = common::form::encoded([("next", next)]);
    let visit = house.visit(&format!("&{query}"));
    house.says(&visit, &json!({}));
    let back = house.back(&visit);
    assert_eq!(back.status, 303, "{next}: {}", back.text());
    back.header("location").unwrap().to_owned()
}

#[test]
fn a_provider_that_is_away_is_said_so() {
    let house = House::new();
    for outcome in [refused(), timed_out()] {
        house.stack.ports.will(outcome);
    }
    // What it publishes is known for an hour.
    house.stack.advance(2 * 3_600_000_000);
    let page = house.begin("");
    assert_eq!(page.status, 400);
    assert!(page.text().contains("cannot be reached"), "{}", page.text());
    assert_eq!(page.log["note"], "provider_unreachable");
    let page = house.begin("");
    assert!(
        page.text().contains("did not answer in time"),
        "{}",
        page.text()
    );
    assert_eq!(house.count("sign_in_visits"), 0);
}

#[test]
fn visits_that_are_over_go_when_another_begins() {
    let house = House::new();
    let _ = house.visit("");
    house.stack.advance(600_000_000);
    let _ = house.visit("");
    assert_eq!(house.count("sign_in_visits"), 1);
}
