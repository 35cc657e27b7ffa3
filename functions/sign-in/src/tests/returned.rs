use super::{CLIENT_SECRET, House, IdentityProvider, me};
use common::db::DbError;
use common::form;
use common::signatures::sha256;
use dashboard_members::handler::handle as members;
use serde_json::json;
use std::collections::BTreeMap;
use testkit::Failure;

#[test]
fn sign_in_return_answers_with_a_session_and_makes_a_member_of_an_allowed_domain() {
    let house = House::new();
    let visit = house.visit_of(&json!({}));
    let back = house.back(&visit);
    assert_eq!(back.status, 303, "{}", back.text());
    assert_eq!(back.header("location"), Some("/dashboard"));
    assert_eq!(back.header("referrer-policy"), Some("no-referrer"));
    let me = me(&house.stack, &back);
    assert_eq!(me["member"]["email"], "joe@acme.example");
    assert_eq!(me["member"]["name"], "Joe Bloggs");
    assert_eq!(me["role"], "agent");
    assert!(me["member"]["signed_in_at"].is_string());

    let requests = house.stack.ports.take_requests();
    let asked = requests.iter().find(|one| one.url.ends_with("/token"));
    let asked = asked.unwrap();
    let body = String::from_utf8(asked.body.clone().unwrap()).unwrap();
    let body: BTreeMap<_, _> = form::pairs(&body).into_iter().collect();
    assert_eq!(body["redirect_uri"], visit.sent["redirect_uri"]);
    let challenge = {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(sha256(body["code_verifier"].as_bytes()))
    };
    assert_eq!(challenge, visit.sent["code_challenge"], "RFC 7636 §4.6");
    let basic = asked
        .headers
        .iter()
        .find(|(name, _)| *name == "authorization");
    assert!(basic.is_some_and(|(_, value)| value.starts_with("Basic ")));
    assert!(
        !format!("{requests:?}").contains(CLIENT_SECRET),
        "it is encoded"
    );

    let audited = house.stack.db.sql(
        "SELECT operation, target, member_id, fields, address, key_id FROM audit_log
         WHERE operation = 'sign_in_return'",
    );
    let id = me["member"]["id"].as_str().unwrap();
    let row: Vec<_> = audited[0]
        .iter()
        .map(|cell| cell.as_text().unwrap())
        .collect();
    let fields = r#"["email","name","role"]"#;
    assert_eq!(row, ["sign_in_return", id, id, fields, "203.0.113.7", ""]);
}

#[test]
fn who_is_a_member_signs_in_as_who_they_are() {
    let house = House::new();
    let first = me(&house.stack, &house.back(&house.visit_of(&json!({}))));
    house
        .stack
        .db
        .sql("UPDATE members SET role = 'admin', name = 'Joseph' WHERE email = 'joe@acme.example'");
    let again = house.visit_of(&json!({ "name": "Somebody else" }));
    let again = me(&house.stack, &house.back(&again));
    assert_eq!(again["member"]["id"], first["member"]["id"]);
    assert_eq!(
        (&again["role"], &again["member"]["name"]),
        (&json!("admin"), &json!("Joseph"))
    );
    let fields = house
        .stack
        .db
        .sql("SELECT fields FROM audit_log WHERE operation = 'sign_in_return' ORDER BY id");
    assert_eq!(fields[1][0].as_text(), Some("[]"));
    // One who was invited needs no domain.
    house.set(&json!({ "allowed_domains": [] }));
    let owner = house
        .stack
        .db
        .value("SELECT email FROM members WHERE role = 'owner'");
    let visit = house.visit_of(&json!({ "email": owner.into_text().unwrap() }));
    assert_eq!(me(&house.stack, &house.back(&visit))["role"], "owner");
}

#[test]
fn sign_in_return_refuses_callers_that_were_not_sent_by_us() {
    let house = House::new();
    let other = house.visit("");
    let visit = house.visit_of(&json!({}));
    let state = visit.sent["state"].as_str();
    let of = |value: &str| format!("__Host-tieline-visit={value}");
    for (cookie, pairs) in [
        // Another browser, to which somebody was sent with a state of theirs.
        (None, vec![]),
        (Some(other.cookie.clone()), vec![]),
        (Some(of("")), vec![]),
        (Some(visit.cookie.replace("-visit", "")), vec![]),
        // A state that was not given, or to another browser.
        (Some(visit.cookie.clone()), vec![("state", "")]),
        (
            Some(visit.cookie.clone()),
            vec![("state", "a-state-of-somebody-else")],
        ),
        (
            Some(visit.cookie.clone()),
            vec![("state", &*other.sent["state"])],
        ),
    ] {
        let page = house.come(&visit, cookie.as_deref(), &pairs);
        house.stays_out(&page, "was not begun in this browser");
    }
    assert!(
        house.stack.ports.take_requests().is_empty(),
        "no code is redeemed"
    );
    // None of it has used up what is good, which then is good once.
    assert_eq!(house.back(&visit).status, 303);
    let again = house.come(&visit, Some(&visit.cookie), &[("state", state)]);
    assert_eq!(again.status, 400);
    assert!(again.text().contains("was used already"));
}

#[test]
fn sign_in_return_refuses_invalid_input() {
    let house = House::new();
    for (pairs, says) in [
        (
            vec![
                ("error", "access_denied"),
                ("error_description", "<b>denied there</b>"),
            ],
            "was denied there",
        ),
        (vec![("error", "server_error")], "did not let you in"),
        (vec![("code", "")], "did not let you in"),
        (vec![("iss", "https://evil.example")], "Another provider"),
        (vec![("iss", "")], "Another provider"),
        (
            vec![("iss", "https://login.acme.example/")],
            "Another provider",
        ),
    ] {
        let visit = house.visit_of(&json!({}));
        let page = house.come(&visit, Some(&visit.cookie), &pairs);
        house.stays_out(&page, says);
        assert!(!page.text().contains("denied there</b>"));
        let again = house.back(&visit);
        house.stays_out(&again, "was used already");
    }
    assert!(house.stack.ports.take_requests().is_empty());
}

#[test]
fn a_visit_lasts_ten_minutes() {
    let house = House::new();
    let visit = house.visit_of(&json!({}));
    house.stack.advance(600_000_000);
    house.stays_out(&house.back(&visit), "longer than ten minutes");
}

#[test]
fn a_visit_ends_with_the_settings_that_it_was_begun_with() {
    let house = House::new();
    let visit = house.visit_of(&json!({}));
    // A name, and domains, are none of what it was begun with.
    house.set(&json!({ "name": "Renamed" }));
    assert_eq!(house.back(&visit).status, 303);
    house.stack.db.sql(
        "DELETE FROM sessions WHERE member_id <> (SELECT id FROM members WHERE role = 'owner')",
    );
    let visit = house.visit_of(&json!({}));
    house.set(&json!({ "client_id": "another", "client_secret": null }));
    house.stays_out(&house.back(&visit), "were changed meanwhile");
    let visit = house.visit_of(&json!({}));
    let path = "/api/dashboard/sign-in-provider";
    let call = house.stack.call("dashboard-members", "DELETE", path);
    assert_eq!(call.bearer(&house.owner.token).send(members).status, 204);
    house.stays_out(&house.back(&visit), "were changed meanwhile");
    assert!(
        house
            .stack
            .ports
            .take_requests()
            .iter()
            .all(|one| !one.url.ends_with("/token"))
    );
}

#[test]
fn who_is_no_member_is_made_one_by_an_allowed_domain_alone() {
    let house = House::new();
    for email in [
        "joe@sub.acme.example",
        "joe@acme.example.evil.example",
        "joe@other.example",
    ] {
        let page = house.back(&house.visit_of(&json!({ "email": email })));
        house.stays_out(&page, "no member of this business");
        assert_eq!(page.log["note"], "no_member");
    }
    assert_eq!(house.count("members"), 1);
}

#[test]
fn a_member_who_was_removed_comes_back_by_an_invitation_alone() {
    let house = House::new();
    let joined = me(&house.stack, &house.back(&house.visit_of(&json!({}))));
    let path = format!(
        "/api/dashboard/members/{}",
        joined["member"]["id"].as_str().unwrap()
    );
    let call = house.stack.call("dashboard-members", "DELETE", &path);
    assert_eq!(call.bearer(&house.owner.token).send(members).status, 204);
    let page = house.back(&house.visit_of(&json!({ "email": "JOE@acme.example" })));
    house.stays_out(&page, "no member of this business");
    let body = json!({ "email": "joe@acme.example", "name": "Joe", "role": "viewer" });
    let call = house
        .stack
        .call("dashboard-members", "POST", "/api/dashboard/members");
    assert_eq!(
        call.bearer(&house.owner.token)
            .json(&body)
            .send(members)
            .status,
        201
    );
    let back = me(&house.stack, &house.back(&house.visit_of(&json!({}))));
    assert_eq!(back["role"], "viewer");
}

#[test]
fn a_business_gets_a_thousand_members_at_most_by_its_domains() {
    let house = House::new();
    house.stack.db.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO members (business_id, id, email, name, role, created_at)
         SELECT '{}', 'm' || i, i || '@acme.example', 'M', 'viewer', 0 FROM n",
        house.tenant.business_id
    ));
    house.stays_out(
        &house.back(&house.visit_of(&json!({}))),
        "no member of this business",
    );
}

#[test]
fn a_new_member_has_a_name_whatever_the_provider_says() {
    for (said, name) in [
        (json!(null), "joe"),
        (json!(" \u{7} "), "joe"),
        (json!("Joe\nBloggs "), "JoeBloggs"),
        (json!(7), "joe"),
    ] {
        let house = House::new();
        let back = house.back(&house.visit_of(&json!({ "name": said })));
        assert_eq!(me(&house.stack, &back)["member"]["name"], name);
    }
    let house = House::new();
    let back = house.back(&house.visit_of(&json!({ "name": "é".repeat(300) })));
    let name = me(&house.stack, &back)["member"]["name"]
        .as_str()
        .unwrap()
        .chars()
        .count();
    assert_eq!(name, 200);
}

#[test]
fn a_public_client_proves_itself_by_the_code_alone() {
    let house = House::new();
    house.set(&json!({ "client_secret": null }));
    assert_eq!(house.back(&house.visit_of(&json!({}))).status, 303);
    let requests = house.stack.ports.take_requests();
    let asked = requests
        .iter()
        .find(|one| one.url.ends_with("/token"))
        .unwrap();
    let body = String::from_utf8(asked.body.clone().unwrap()).unwrap();
    assert!(body.contains("client_id=the+client") && !body.contains("client_secret"));
    assert!(
        asked
            .headers
            .iter()
            .all(|(name, _)| *name != "authorization")
    );
}

#[test]
fn a_database_that_is_away_uses_up_nothing() {
    let house = House::new();
    let visit = house.visit_of(&json!({}));
    house
        .stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    assert_eq!(house.back(&visit).refusal(), (503, "unavailable"));
    assert_eq!(house.back(&visit).status, 303);
}

#[test]
fn what_a_token_leaves_out_is_asked_for() {
    let house = House::new();
    let visit = house.visit_of(&json!({ "email": null, "email_verified": null, "name": null }));
    let said = json!({ "sub": "u1", "email": "joe@acme.example", "email_verified": "true", "name": "Joe" });
    *house.idp.userinfo.borrow_mut() = Some((200, said));
    let back = house.back(&visit);
    assert_eq!(me(&house.stack, &back)["member"]["name"], "Joe");
    let requests = house.stack.ports.take_requests();
    let asked = requests
        .iter()
        .find(|one| one.url.ends_with("/userinfo"))
        .unwrap();
    assert!(
        asked
            .headers
            .contains(&("authorization", "Bearer opaque-access".to_owned()))
    );
}

#[test]
fn of_google_an_account_of_the_domain_alone_becomes_a_member() {
    let house = House::new();
    // The provider of the tests is no Google: only the rule is held against it.
    let provider = |issuer: &str, hosted: Option<&str>| {
        house
            .stack
            .db
            .sql(&format!("UPDATE sign_in_providers SET issuer = '{issuer}'"));
        let mut admits = None;
        let business = house.tenant.business_id.clone();
        house
            .stack
            .job("", async |cx: &common::Context<'_>, _: &str| {
                let cx = &cx.of_business(&business);
                let provider = oidc::Provider::get(cx).await?.unwrap();
                let issuer = oidc::Issuer::parse(cx, &provider.issuer).unwrap();
                admits = Some(provider.admits(&issuer, "joe@acme.example", hosted));
                Ok(())
            });
        admits.unwrap()
    };
    let google = "https://accounts.google.com";
    assert!(provider(google, Some("acme.example")));
    assert!(!provider(google, None), "an account of anybody's");
    assert!(!provider(google, Some("other.example")));
    assert!(provider(IdentityProvider::ISSUER, None));
}
