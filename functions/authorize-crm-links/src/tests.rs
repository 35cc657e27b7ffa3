use authorize_crm_links::handler::handle;
use common::db::DbError;
use common::form;
use common::ports::OutboundRequest;
use common::signatures::sha256;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Answer, Failure, Links, Stack};

const URL: &str = "https://crm.example/api/customers";
const TOKENS: &str = "https://login.crm.example/oauth/token";
const SECRET: &str = "secret-of-the-client-0123456789";
const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

fn settings() -> Value {
    json!({
        "api_key": SECRET,
        "auth": {
            "type": "oauth2", "grant": "authorization_code", "token_url": TOKENS, "client_id": "the client",
            "authorize_url": "https://login.crm.example/oauth/authorize?access_type=offline&state=x",
            "scope": "people.read offline",
        },
    })
}

/// A link that waits for a person.
fn waiting() -> (Links, String) {
    let links = Links::new();
    let id = links.add(URL, &settings());
    assert!(
        links.run().is_empty(),
        "nothing is fetched before somebody has consented"
    );
    assert_eq!(links.link(&id)["state"], "new");
    (links, id)
}

fn begin(links: &Links, id: &str) -> Answer {
    let path = format!("/api/dashboard/crm-links/{id}/authorize");
    let call = links.stack.call("authorize-crm-links", "POST", &path);
    call.bearer(&links.token).send(handle)
}

/// The parameters that a person is sent away with.
fn sent(links: &Links, id: &str) -> BTreeMap<String, String> {
    let begun = begin(links, id);
    assert_eq!(begun.status, 200, "{}", begun.text());
    let url = begun.json["authorize_url"].as_str().unwrap();
    let (place, query) = url.split_once('?').unwrap();
    assert_eq!(place, "https://login.crm.example/oauth/authorize");
    let pairs = form::pairs(query);
    let sent: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(
        sent.len(),
        pairs.len(),
        "no parameter is there twice: {url}"
    );
    sent
}

fn visit(links: &Links, business: &str, pairs: &[(&str, &str)]) -> Answer {
    let query = form::encoded(pairs.iter().copied());
    let path = format!("/oauth/callback/crm-links/{business}?{query}");
    let call = links.stack.call("authorize-crm-links", "GET", &path);
    call.send(handle)
}

fn back_to(links: &Links, business: &str, pairs: &[(&str, &str)]) -> Answer {
    let answer = visit(links, business, pairs);
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(answer.text().starts_with("<!doctype html>"));
    for (name, value) in pairs {
        let is_short = value.len() < 6;
        assert!(
            is_short || !answer.text().contains(value),
            "{name} is shown"
        );
        assert!(
            is_short || !answer.log.to_string().contains(value),
            "{name} is logged"
        );
    }
    answer
}

fn back(links: &Links, pairs: &[(&str, &str)]) -> Answer {
    back_to(links, &links.tenant.business_id, pairs)
}

fn tokens(n: u32) -> Value {
    json!({ "access_token": format!("access-{n}"), "refresh_token": format!("refresh-{n}"), "expires_in": "1800" })
}

fn posted(requests: &[OutboundRequest]) -> BTreeMap<String, String> {
    let asked = requests
        .iter()
        .find(|request| request.url == TOKENS)
        .unwrap();
    let body = String::from_utf8(asked.body.clone().unwrap()).unwrap();
    form::pairs(&body).into_iter().collect()
}

#[test]
fn crm_link_authorize_answers_with_a_url_that_nobody_can_guess() {
    let (links, id) = waiting();
    let first = sent(&links, &id);
    let back = format!(
        "https://tieline.example/oauth/callback/crm-links/{}",
        links.tenant.business_id
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "the client"),
        ("redirect_uri", &back),
        ("code_challenge_method", "S256"),
        ("scope", "people.read offline"),
        ("access_type", "offline"),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert_eq!(
        (first["state"].len(), first["code_challenge"].len()),
        (43, 43)
    );
    assert_eq!(links.link(&id)["redirect_uri"], back);
    let second = sent(&links, &id);
    assert_ne!(first["state"], second["state"]);
    assert_ne!(first["code_challenge"], second["code_challenge"]);
    let stored = links.stored();
    for secret in [&first["state"], &second["state"]] {
        assert!(
            !stored.contains(secret.as_str()),
            "a state is stored as its digest"
        );
    }
}

#[test]
fn crm_link_authorize_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let path = format!("/api/dashboard/crm-links/{NOBODY}/authorize");
    stack.asks_for_a_session(&tenant, ("authorize-crm-links", "POST", &path), handle);
}

#[test]
fn crm_link_authorize_refuses_invalid_input() {
    let (links, _) = waiting();
    let theirs = links.other().add(URL, &settings());
    for id in [theirs.as_str(), "nothing", NOBODY] {
        assert_eq!(begin(&links, id).refusal(), (404, "not_found"), "{id}");
    }
    let other = links.add("https://crm.example/other", &json!({ "is_active": false }));
    assert_eq!(begin(&links, &other).refusal(), (409, "conflict"));
}

#[test]
fn crm_link_authorized_answers_with_a_page_once_the_tokens_are_stored() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    links.serve_json(TOKENS, &tokens(1));
    links.serve_json(URL, &json!([{ "id": 7, "name": "A blue bicycle" }]));
    // What else the system adds is its affair.
    let page = back(
        &links,
        &[
            ("code", "code-0123456789"),
            ("state", &sent["state"]),
            ("hmac", "0123456789"),
        ],
    );
    assert_eq!(
        (page.status, page.header("referrer-policy")),
        (200, Some("no-referrer"))
    );
    assert!(page.text().contains("is connected"));

    let asked = posted(&links.stack.ports.take_requests());
    assert_eq!(asked["redirect_uri"], sent["redirect_uri"]);
    let challenge = {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(sha256(asked["code_verifier"].as_bytes()))
    };
    assert_eq!(challenge, sent["code_challenge"], "RFC 7636 §4.6");

    links.run();
    assert_eq!(links.link(&id)["state"], "fresh");
    assert_eq!(links.found("bicycle"), ["7"]);
    let fetched = links.stack.ports.take_requests();
    assert!(
        fetched[0]
            .custom_headers
            .contains(&("authorization".into(), "Bearer access-1".into()))
    );
    let stored = links.stored() + &links.link(&id).to_string();
    for secret in [
        "access-1",
        "refresh-1",
        SECRET,
        "code-0123456789",
        &asked["code_verifier"],
    ] {
        assert!(!stored.contains(secret), "{secret}");
    }
}

#[test]
fn crm_link_authorized_refuses_callers_that_were_not_sent_by_us() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    let state = sent["state"].as_str();
    let code = ("code", "code-0123456789");
    links.serve_json(TOKENS, &tokens(1));
    let other = links.other();
    for (business, pairs) in [
        (
            other.tenant.business_id.as_str(),
            vec![code, ("state", state)],
        ),
        (
            &links.tenant.business_id,
            vec![code, ("state", "a-state-of-somebody-else")],
        ),
        (&links.tenant.business_id, vec![code, ("state", "")]),
        (&links.tenant.business_id, vec![code]),
        (NOBODY, vec![code, ("state", state)]),
    ] {
        let page = back_to(&links, business, &pairs);
        assert_eq!(page.status, 400);
        assert!(
            page.text().contains("was not begun here"),
            "{}",
            page.text()
        );
    }
    assert!(
        links.stack.ports.take_requests().is_empty(),
        "no code is redeemed"
    );
    // None of it has used up what is good, which then is good once.
    assert_eq!(back(&links, &[code, ("state", state)]).status, 200);
    assert_eq!(back(&links, &[code, ("state", state)]).status, 400);
    assert_eq!(links.stack.ports.take_requests().len(), 1);
}

#[test]
fn crm_link_authorized_refuses_invalid_input() {
    let (links, id) = waiting();
    for (pairs, why) in [
        (
            vec![
                ("error", "access_denied"),
                ("error_description", "<b>denied there</b>"),
            ],
            "was denied there",
        ),
        (
            vec![("error", "invalid_scope"), ("code", "code-0123456789")],
            "did not give access",
        ),
        (vec![("code", "")], "did not give access"),
        (vec![], "did not give access"),
    ] {
        let sent = sent(&links, &id);
        let pairs: Vec<_> = pairs
            .into_iter()
            .chain([("state", sent["state"].as_str())])
            .collect();
        let page = back(&links, &pairs);
        assert_eq!(page.status, 400);
        assert!(page.text().contains(why), "{}", page.text());
        assert!(
            back(&links, &pairs).text().contains("was not begun here"),
            "it is used"
        );
    }
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_visit_lasts_ten_minutes_and_as_long_as_the_session() {
    let (links, id) = waiting();
    links.serve_json(TOKENS, &tokens(1));
    let late = sent(&links, &id);
    links.stack.advance(600 * 1_000_000);
    let code = ("code", "code-0123456789");
    assert!(
        back(&links, &[code, ("state", &late["state"])])
            .text()
            .contains("ten minutes")
    );
    let over = sent(&links, &id);
    links.stack.db.sql("DELETE FROM sessions");
    assert!(
        back(&links, &[code, ("state", &over["state"])])
            .text()
            .contains("Sign in")
    );
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_key_that_is_revoked_ends_what_its_session_began() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    links.stack.db.sql("UPDATE api_keys SET revoked_at = 1");
    let page = back(
        &links,
        &[("code", "code-0123456789"), ("state", &sent["state"])],
    );
    assert!(page.text().contains("Sign in"), "{}", page.text());
}

#[test]
fn settings_that_changed_meanwhile_are_not_authorized() {
    let (links, id) = waiting();
    let path = format!("crm-links/{id}");
    let code = ("code", "code-0123456789");
    links.serve_json(TOKENS, &tokens(1));
    // A name is none of it.
    let named = sent(&links, &id);
    assert_eq!(
        links
            .call("PATCH", &path, &json!({ "name": "Renamed" }))
            .status,
        200
    );
    assert_eq!(
        back(&links, &[code, ("state", &named["state"])]).status,
        200
    );
    links.stack.ports.take_requests();
    let changed = sent(&links, &id);
    let mut auth = settings()["auth"].clone();
    auth["token_url"] = json!("https://elsewhere.example/token");
    assert_eq!(
        links.call("PATCH", &path, &json!({ "auth": auth })).status,
        200
    );
    let page = back(&links, &[code, ("state", &changed["state"])]);
    assert!(page.text().contains("changed meanwhile"), "{}", page.text());
    assert!(links.stack.ports.take_requests().is_empty());
}

#[test]
fn a_refused_code_is_told_without_markup_and_secrets() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    let said = format!("code-0123456789 & {SECRET} are <script>alert(1)</script> \"wrong\"");
    let refusal = json!({ "error": "invalid_grant", "error_description": said });
    links.serve_text(TOKENS, 400, &[], &refusal.to_string());
    let page = back(
        &links,
        &[("code", "code-0123456789"), ("state", &sent["state"])],
    );
    assert_eq!(page.status, 400);
    let text = page.text();
    assert!(
        text.contains("*** &amp; *** are") && text.contains("&quot;wrong&quot;"),
        "{text}"
    );
    assert!(
        !text.contains("<script") && !text.contains(SECRET),
        "{text}"
    );
}

#[test]
fn a_database_that_is_away_uses_up_nothing() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    let failure = Failure::Before(DbError::Outage("away".into()));
    links.stack.db.fail(failure);
    let pairs = [
        ("code", "code-0123456789"),
        ("state", sent["state"].as_str()),
    ];
    let away = visit(&links, &links.tenant.business_id, &pairs);
    assert_eq!(away.refusal(), (503, "unavailable"));
    links.serve_json(TOKENS, &tokens(1));
    assert_eq!(back(&links, &pairs).status, 200);
}

#[test]
fn a_deleted_link_keeps_no_tokens() {
    let (links, id) = waiting();
    let sent = sent(&links, &id);
    links.serve_json(TOKENS, &tokens(1));
    assert_eq!(
        back(
            &links,
            &[("code", "code-0123456789"), ("state", &sent["state"])]
        )
        .status,
        200
    );
    let place = json!({ "page_id": testkit::LINKED_PAGE, "url": URL });
    assert_eq!(links.call("DELETE", "crm-links", &place).status, 200);
    assert_eq!(
        links.stack.db.value("SELECT count(*) FROM link_tokens"),
        0.into()
    );
}

#[test]
fn a_consent_that_is_over_makes_the_link_failing_until_a_person_connects_it_again() {
    let (links, id) = waiting();
    let connect = |n: u32| {
        let sent = sent(&links, &id);
        links.serve_json(TOKENS, &tokens(n));
        let page = back(
            &links,
            &[("code", "code-0123456789"), ("state", &sent["state"])],
        );
        assert_eq!(page.status, 200);
    };
    links.serve_json(URL, &json!([{ "id": 7, "name": "A blue bicycle" }]));
    connect(1);
    links.run();
    links.serve_text(TOKENS, 400, &[], r#"{"error":"invalid_grant"}"#);
    links.stack.ports.take_requests();
    links.later();
    assert_eq!(
        posted(&links.stack.ports.take_requests())["refresh_token"],
        "refresh-1"
    );
    let shown = links.link(&id);
    assert_eq!(shown["state"], "failing");
    let error = shown["last_fetch"]["error"].as_str().unwrap();
    assert!(
        error.contains("is over") && error.contains("/authorize"),
        "{error}"
    );
    assert_eq!(links.found("bicycle"), ["7"], "what was there is searched");
    links.later();
    assert!(
        links.stack.ports.take_requests().is_empty(),
        "nobody is asked in vain"
    );
    connect(2);
    links.run();
    assert_eq!(links.link(&id)["state"], "fresh");
}
