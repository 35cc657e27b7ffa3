use common::http::Role;
use common::time::SECOND;
use embed_inbox::files::FILES;
use embed_inbox::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, CUSTOMER_ID, Stack, Tenant};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/embed-inbox");
const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/pages/assets");

fn get(stack: &Stack, path: &str) -> Answer {
    stack.call("embed-inbox", "GET", path).send(handle)
}

fn page(stack: &Stack, token: &str) -> Answer {
    get(stack, &format!("/embed/inbox?token={token}"))
}

fn token(stack: &Stack, tenant: &Tenant) -> String {
    stack.inbox_token(tenant, None, Some(("7", "Ann"))).token
}

fn allow(stack: &Stack, origins: &str) {
    stack.db.sql(&format!(
        "UPDATE businesses SET embed_origins = '{origins}'"
    ));
}

/// What stands in the page for its script.
fn bootstrap(answer: &Answer) -> (String, Value) {
    let html = answer.text();
    let start = "<script type=\"application/json\" id=\"bootstrap\">";
    let (_, rest) = html.split_once(start).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    (json.to_owned(), serde_json::from_str(json).unwrap())
}

fn ancestors(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy").unwrap();
    let (_, ancestors) = policy.split_once("frame-ancestors ").unwrap();
    ancestors.to_owned()
}

#[test]
fn inbox_page_answers_the_page_with_what_it_is_to_know() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "Hello");
    let answer = page(&stack, &token(&stack, &tenant));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (_, boot) = bootstrap(&answer);
    assert_eq!(
        boot["business"],
        json!({"id": tenant.business_id, "name": "Test business"})
    );
    assert_eq!(boot["agent"], json!({"id": "7", "name": "Ann"}));
    assert_eq!(boot["agents"], json!([{"id": "7", "name": "Ann"}]));
    assert_eq!(boot["scope"], json!({"customer_id": null}));
    assert_eq!(boot["expires_at"], "2026-01-02T04:04:05.000000Z");
    assert_eq!(boot["channels"]["whatsapp"]["text_limit"], 4096);
    assert_eq!(boot["channels"]["instagram"]["text_limit_unit"], "bytes");
    assert_eq!(boot["channels"]["telegram"]["name"], "Telegram");
    assert_eq!(boot["sources"]["chatwoot"]["text_limit"], 150_000);
    let row = &boot["conversations"]["conversations"][0];
    assert_eq!(row["last_message"]["content"], "Hello");
    assert_eq!(boot.get("token"), None);
}

#[test]
fn a_members_page_knows_whom_to_assign_to_and_who_may() {
    let (stack, tenant) = Stack::with_tenant();
    let [viewer, agent] = [Role::Viewer, Role::Agent].map(|role| stack.member(&tenant, role));
    let _foreign = stack.member(&stack.tenant("Other"), Role::Agent);
    let boot = |token: &str| bootstrap(&page(&stack, token)).1;
    for (member, answers) in [(&viewer, false), (&agent, true)] {
        let boot = boot(&stack.member_inbox(member));
        assert_eq!(boot["member"], json!({"answers": answers}));
        assert_eq!(boot["agent"]["id"], member.member_id);
        let assignees = boot["assignees"].as_array().unwrap();
        assert_eq!(assignees.len(), 1);
        assert_eq!(assignees[0]["id"], agent.member_id);
    }
    let of_a_crm = boot(&token(&stack, &tenant));
    assert_eq!(of_a_crm["member"], Value::Null);
    assert_eq!(of_a_crm["assignees"], json!([]));
}

#[test]
fn drafts_are_offered_where_somebody_writes_them() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let token = token(&stack, &tenant);
    let suggests = || bootstrap(&page(&stack, &token)).1["suggests"].clone();
    let set = |business: &str| {
        stack.db.sql(&format!(
            "INSERT INTO reply_settings (business_id, id, settings, credentials, created_at, updated_at)
             VALUES ('{business}', 'r', '{{}}', '', 0, 0)"
        ));
    };
    set(&other.business_id);
    assert_eq!(suggests(), false);
    set(&tenant.business_id);
    assert_eq!(suggests(), true);
}

#[test]
fn a_page_for_one_customer_is_bound_to_them() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let made = stack.inbox_token(&tenant, Some(CUSTOMER_ID), None);
    let (_, boot) = bootstrap(&page(&stack, &made.token));
    assert_eq!(boot["scope"], json!({"customer_id": CUSTOMER_ID}));
    assert_eq!(
        (&boot["agent"], &boot["conversations"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn names_and_messages_end_nothing_in_the_page() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    let evil = "</script><script>alert(1)</script><!-- & \u{2028}\u{2029} {{title}}";
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", evil);
    let hostile = evil.replace('\'', "''");
    stack
        .db
        .sql(&format!("UPDATE customers SET name = '{hostile}'"));
    stack
        .db
        .sql(&format!("UPDATE businesses SET name = '{hostile}'"));
    let made = stack.inbox_token(&tenant, None, Some(("\"><b>", evil)));
    let answer = page(&stack, &made.token);
    let (text, boot) = bootstrap(&answer);
    for mark in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
        assert!(!text.contains(mark), "{text}");
    }
    assert_eq!(boot["business"]["name"], evil);
    assert_eq!(boot["agent"]["name"], evil);
    let row = &boot["conversations"]["conversations"][0];
    assert_eq!(row["last_message"]["content"], evil);
    assert_eq!(row["customer"]["name"], evil);
    assert_eq!(boot["agents"][0], json!({"id": "\"><b>", "name": evil}));
    assert!(!answer.text().contains("alert(1)</script>"));
}

#[test]
fn the_page_may_load_its_own_files_and_nothing_inline() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = page(&stack, &token(&stack, &tenant));
    assert_eq!(
        answer.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
             media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        )
    );
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let html = answer.text();
    assert!(!html.contains(" style=") && !html.contains(" onclick=") && !html.contains("{{"));
    let scripts = html.matches("<script").count();
    assert_eq!(scripts, 2, "the module and the data");
}

#[test]
fn the_businesss_own_origins_may_frame_it() {
    let (stack, tenant) = Stack::with_tenant();
    allow(
        &stack,
        r#"["https://crm.example","https://b.example:8443"]"#,
    );
    let answer = page(&stack, &token(&stack, &tenant));
    assert_eq!(
        ancestors(&answer),
        "'self' https://crm.example https://b.example:8443"
    );
}

fn is_over(answer: &Answer, title: &str) {
    assert_eq!(answer.status, 401);
    let html = answer.text();
    assert!(html.contains(&format!("<h1>{title}</h1>")), "{html}");
    assert!(
        !html.contains("{{") && !html.contains("bootstrap"),
        "{html}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn a_token_that_is_over_gets_a_page_that_says_so_and_the_crm_may_show_it() {
    let (stack, tenant) = Stack::with_tenant();
    allow(&stack, r#"["https://crm.example"]"#);
    let old = token(&stack, &tenant);
    assert_eq!(page(&stack, &old).status, 200);
    stack.advance(3600 * SECOND);
    let answer = page(&stack, &old);
    is_over(&answer, "The session is over");
    assert_eq!(ancestors(&answer), "'self' https://crm.example");
    let revoked = stack.inbox_token(&tenant, None, None);
    stack.db.sql(&format!(
        "INSERT INTO sso_revocations (business_id, kind, subject_id, up_to, expires_at)
         VALUES ('{}', 'token', '{}', '', 9000000000000000)",
        tenant.business_id, revoked.token_id
    ));
    stack.advance(60 * SECOND);
    let answer = page(&stack, &revoked.token);
    is_over(&answer, "The session is over");
    assert_eq!(ancestors(&answer), "'self' https://crm.example");
}

#[test]
fn a_token_that_is_none_of_ours_gets_a_page_that_says_so_in_any_frame() {
    let (stack, tenant) = Stack::with_tenant();
    allow(&stack, r#"["https://crm.example"]"#);
    let good = token(&stack, &tenant);
    let session = stack.session(&tenant);
    let altered = format!("{good}A");
    let long = "x".repeat(9000);
    for none in [
        "",
        "a.b.c",
        &session,
        &altered,
        &long,
        "<script>alert(1)</script>",
    ] {
        let answer = page(&stack, none);
        is_over(&answer, "This inbox cannot be opened");
        assert_eq!(ancestors(&answer), "*");
        assert!(!answer.text().contains("alert(1)"));
    }
}

/// The page as it is opened with the token of the fragment.
fn opened(stack: &Stack, token: &str) -> Answer {
    let body = format!("token={token}");
    let call = stack.call("embed-inbox", "POST", "/embed/inbox");
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.body(body.as_bytes()).send(handle)
}

#[test]
fn an_address_with_the_token_in_its_fragment_gets_a_page_that_has_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    allow(&stack, r#"["https://crm.example"]"#);
    let made = stack.inbox_token(&tenant, None, None);
    let (address, _) = made.embed_url.split_once('#').unwrap();
    let path = address.strip_prefix("https://tieline.example").unwrap();
    let before = stack.db.calls();
    for path in [path, "/embed/inbox"] {
        let answer = get(&stack, path);
        assert_eq!((answer.status, ancestors(&answer).as_str()), (200, "*"));
        let html = answer.text();
        assert!(html.contains("/enter.js") && !html.contains("bootstrap") && !html.contains("{{"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("form-action 'self'"), "{policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(!answer.log.to_string().contains(&made.token));
    }
    assert_eq!(stack.db.calls(), before);
}

#[test]
fn inbox_open_answers_the_same_page_as_the_token_in_the_query() {
    let (stack, tenant) = Stack::with_tenant();
    allow(&stack, r#"["https://crm.example"]"#);
    let good = token(&stack, &tenant);
    let (posted, queried) = (opened(&stack, &good), page(&stack, &good));
    assert_eq!((posted.status, posted.text()), (200, queried.text()));
    assert_eq!(ancestors(&posted), "'self' https://crm.example");
    assert!(!posted.log.to_string().contains(&good) && !posted.text().contains(&good));
}

#[test]
fn inbox_open_refuses_invalid_input() {
    let stack = Stack::new();
    for none in ["", "a.b.c", "%00", &"x".repeat(9000)] {
        is_over(&opened(&stack, none), "This inbox cannot be opened");
    }
    assert_eq!(opened(&stack, &"x".repeat(20_000)).status, 413);
}

#[test]
fn inbox_page_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let good = token(&stack, &tenant);
    let path = format!("/embed/inbox?token={good}&colour=red");
    assert_eq!(get(&stack, &path).refusal(), (422, "invalid_request"));
}

#[test]
fn the_token_is_in_no_log_line_and_in_no_page() {
    let (stack, tenant) = Stack::with_tenant();
    let good = token(&stack, &tenant);
    let answer = page(&stack, &good);
    assert!(!answer.log.to_string().contains(&good));
    assert!(!answer.text().contains(&good));
    let logs = stack.ports.call_logs.borrow();
    assert!(!logs.iter().any(|log| log.to_string().contains(&good)));
}

#[test]
fn the_page_names_files_that_there_are_under_their_version() {
    let (stack, tenant) = Stack::with_tenant();
    let html = page(&stack, &token(&stack, &tenant)).text();
    let folder = format!("\"{}/", FILES.address());
    let named: Vec<_> = html.split(&folder).skip(1).collect();
    assert!(named.len() > 10 && !html.contains("\"/embed/inbox"));
    for part in named {
        let name = part.split('"').next().unwrap();
        assert!(FILES.names.contains(&name), "{name}");
    }
}

#[test]
fn the_page_and_its_files_are_small_enough_for_a_slow_line() {
    let size = |path: String| std::fs::metadata(path).unwrap().len();
    let shells = std::fs::read_dir(format!("{FOLDER}/src/page")).unwrap();
    let shells = shells.map(|entry| entry.unwrap().metadata().unwrap().len());
    let files = FILES
        .names
        .iter()
        .map(|name| size(format!("{ASSETS}/{name}")));
    let bytes: u64 = shells.chain(files).sum();
    // Uncompressed; a third of it goes over the wire, of 100 KB that it may be.
    assert!(bytes < 220_000, "{bytes}");
}

fn file(path: &str) -> Answer {
    get(&Stack::new(), &format!("/embed/assets/{path}"))
}

#[test]
fn inbox_asset_answers_every_file_and_every_file_that_a_module_names() {
    for name in FILES.names {
        let answer = file(&format!("{:016x}/{name}", FILES.version));
        assert_eq!(answer.status, 200, "{name}");
        let text = std::fs::read_to_string(format!("{ASSETS}/{name}")).unwrap();
        assert_eq!(answer.text(), text);
        let kind = if name.ends_with(".css") {
            "css"
        } else {
            "javascript"
        };
        let expected = format!("text/{kind}; charset=utf-8");
        assert_eq!(answer.header("content-type"), Some(expected.as_str()));
        let kept = Some("public, max-age=31536000, immutable");
        assert_eq!(answer.header("cache-control"), kept);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin")
        );
        assert_eq!(answer.header("access-control-allow-origin"), None);
        for import in text.split(" from \"").skip(1) {
            let path = import.split('"').next().unwrap();
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let named = match path.strip_prefix("../") {
                Some(shared) => shared.to_owned(),
                None => format!("{folder}/{}", path.trim_start_matches("./")),
            };
            let named = named.trim_start_matches('/');
            assert!(FILES.names.contains(&named), "{name} imports {path}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_served() {
    let entries = std::fs::read_dir(format!("{ASSETS}/inbox")).unwrap();
    let mut there: Vec<_> = entries
        .map(|entry| format!("inbox/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    there.sort();
    let names = FILES.names.iter().copied();
    let own: Vec<_> = names.filter(|name| name.contains('/')).collect();
    assert_eq!(there, own);
}

#[test]
fn a_file_of_another_page_is_given_and_not_kept() {
    let answer = file("0000/inbox/inbox.js");
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
}

#[test]
fn inbox_asset_refuses_invalid_input() {
    for path in [
        "x",
        "x/y.js",
        "inbox.js",
        "x/inbox.js",
        "x/../inbox/inbox.js",
        "x/inbox/inbox.html",
        "x/inbox/inbox.js/y",
    ] {
        assert_eq!(file(path).refusal(), (404, "not_found"), "{path}");
    }
    assert_eq!(
        file("x/inbox/inbox.js?v=1").refusal(),
        (422, "invalid_request")
    );
}

/// The page of the CRM card as it is opened with the token of the fragment.
fn card(stack: &Stack, token: &str) -> Answer {
    let body = format!("token={token}");
    let call = stack.call("embed-inbox", "POST", "/embed/crm-card");
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.body(body.as_bytes()).send(handle)
}

#[test]
fn crm_card_page_answers_a_page_that_has_nothing() {
    let stack = Stack::new();
    let answer = get(&stack, "/embed/crm-card?account=x");
    assert_eq!((answer.status, ancestors(&answer).as_str()), (200, "*"));
    let html = answer.text();
    assert!(html.contains("action=\"/embed/crm-card\"") && html.contains("/enter.js"));
    assert!(!html.contains("{{"), "{html}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn crm_card_page_refuses_invalid_input() {
    let answer = get(&Stack::new(), "/embed/crm-card?contact_id=46");
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn crm_card_open_answers_a_page_that_only_the_accounts_server_may_frame() {
    let (stack, tenant) = Stack::with_tenant();
    // Origins of the inbox are not those of the card.
    allow(&stack, r#"["https://crm.example"]"#);
    let (_, token) = stack.card(&tenant);
    let answer = card(&stack, &token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(ancestors(&answer), "https://chat.example.com");
    let html = answer.text();
    assert!(
        html.contains("data-origin=\"https://chat.example.com\"") && html.contains("/crm-card.js")
    );
    assert!(!html.contains("{{") && !html.contains(&token) && html.matches("<script").count() == 1);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'none'"), "{policy}");
    assert!(!answer.log.to_string().contains(&token));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn crm_card_open_refuses_invalid_input_and_tokens_of_others() {
    let (stack, tenant) = Stack::with_tenant();
    let (_, good) = stack.card(&tenant);
    let inbox = token(&stack, &tenant);
    for none in ["", "a.b.c", &inbox, &format!("{good}A")] {
        let answer = card(&stack, none);
        is_over(&answer, "This card cannot be opened");
        assert!(!answer.text().contains("chat.example.com"));
    }
    // Nor does the card's token open the inbox.
    is_over(&opened(&stack, &good), "This inbox cannot be opened");
    is_over(&page(&stack, &good), "This inbox cannot be opened");
    stack.db.sql("UPDATE channels SET deleted_at = 1");
    is_over(&card(&stack, &good), "This card cannot be opened");
    assert_eq!(card(&stack, &"x".repeat(20_000)).status, 413);
}
