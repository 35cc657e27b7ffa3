//! `tieline chatwoot`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Answers, Folder, Outcome, run, run_in, run_with};

const DASHBOARD: &str = "/functions/v1/api/dashboard/";
/// Seen nowhere but in a request's body.
const TOKEN: &str = "chatwoot-do-not-print";
const URL: &str = "https://t.example/api/webhooks/chatwoot/ch-1/long-token";

/// What a dashboard knows of Chatwoot; a call that is not described here is refused.
#[derive(Clone)]
struct Dashboard {
    /// The accounts of Chatwoot, beside one of another kind.
    accounts: Vec<Value>,
    tested: Value,
    webhook: Value,
    failed: Vec<Value>,
    create_status: u16,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            tested: json!({"ok": true, "detail": {"account": "Shop", "user": "ann@shop.example",
                "role": "administrator", "inboxes": "7 Site (web)", "webhook": "created"}}),
            webhook: json!({"created": true}),
            failed: Vec::new(),
            create_status: 201,
        }
    }
}

fn account(id: &str, number: &str) -> Value {
    json!({"id": id, "kind": "chatwoot", "name": "Chat", "base_url": "https://chat.example/help", "account_id": number,
        "status": "active", "status_reason": null, "verification": "verified", "webhook_id": "1",
        "webhook_url": "https://t.example/api/webhooks/chatwoot/ch-1"})
}

impl Dashboard {
    fn start(self) -> Server {
        let mut looks = 0;
        Server::start(move |_, request| {
            let jobs = "integrations/chatwoot/jobs?limit=50";
            if request.path.strip_prefix(DASHBOARD) != Some(jobs) {
                return self.answer(request);
            }
            // The first look is before somebody writes.
            looks += 1;
            let job = json!({"id": "j1", "kind": "conversation_in", "subject": "ch-1/46", "state": "done"});
            let jobs = if looks > 1 { vec![job] } else { vec![] };
            Reply::json(200, &json!({"jobs": jobs}))
        })
    }

    fn with(accounts: &[Value]) -> Self {
        Self {
            accounts: accounts.to_vec(),
            ..Self::default()
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        let path = request.path.strip_prefix(DASHBOARD).unwrap();
        match (request.method.as_str(), path) {
            ("POST", "sessions") => {
                let ends = "2026-11-23T11:00:00Z";
                Reply::json(201, &json!({"token": "session-1", "expires_at": ends}))
            }
            ("GET", "channels") => {
                let other = json!({"id": "ch-0", "kind": "email", "name": "Mail", "status": "active",
                    "status_reason": null, "webhook_url": ""});
                let all = [&[other][..], &self.accounts].concat();
                Reply::json(200, &json!({"channels": all}))
            }
            ("POST", "channels") if self.create_status == 201 => {
                let made = json!({"channel": account("ch-1", "3"), "webhook": self.webhook});
                Reply::json(201, &made)
            }
            ("POST", "channels") => Reply::status(self.create_status),
            ("PATCH", path) if path.starts_with("channels/ch-") => {
                let first = self.accounts.first().cloned();
                let first = first.unwrap_or_else(|| account("ch-1", "3"));
                Reply::json(200, &json!({"channel": first}))
            }
            ("POST", path) if path.ends_with("/test") => Reply::json(200, &self.tested),
            ("GET", "integrations/chatwoot/status") => Reply::json(
                200,
                &json!({"status": "degraded", "reasons": [{"code": "failed_jobs", "message": "1 jobs failed."}],
                    "budget": {"per_minute": 600, "per_day": 864_000, "used_today": 12, "blocked_until": null},
                    "queue": {"waiting": 3, "oldest_at": null, "failed": self.failed.len()},
                    "last_success_at": "2026-11-23T10:00:00Z", "last_error": null, "broken_until": null,
                    "webhook": "unknown", "reconciled_to": null, "backfill": null}),
            ),
            ("GET", "integrations/chatwoot/jobs?state=failed") => {
                Reply::json(200, &json!({"jobs": self.failed, "has_more": false}))
            }
            ("POST", "integrations/chatwoot/backfill") => Reply::json(
                200,
                &json!({"backfill": {"since": null, "cursor": null, "scheduled": 3, "done": 2, "failed": 1,
                    "waiting": 0, "total": 3, "finished": true}}),
            ),
            _ => Reply::status(404),
        }
    }
}

fn chatwoot(server: &Server, command: &[&str], input: &str) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    let outcome = run_with(&[&["chatwoot"], command, &server].concat(), input);
    let printed = [outcome.out.as_str(), &outcome.err].concat();
    assert!(!printed.contains("do-not-print"), "{outcome:?}");
    outcome
}

/// A setup of a new account, with the token on standard input.
fn setup(server: &Server, more: &[&str]) -> Outcome {
    let given = ["setup", "--url", "https://chat.example/help"];
    let given = [&given[..], &["--account", "3", "--token-file", "-"], more].concat();
    chatwoot(server, &given, &format!("{TOKEN}\n"))
}

/// Methods, paths and bodies of the calls behind the session.
fn sent(server: &Server) -> Vec<(String, Value)> {
    let told = |request: &Request| {
        let path = request.path.strip_prefix(DASHBOARD)?;
        let body = serde_json::from_str(&request.body).unwrap_or_default();
        (path != "sessions").then(|| (format!("{} {path}", request.method), body))
    };
    server.requests().iter().filter_map(told).collect()
}

fn calls(server: &Server) -> Vec<String> {
    sent(server).into_iter().map(|(call, _)| call).collect()
}

fn assert_prints(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

#[test]
fn a_setup_connects_an_account_and_tells_of_its_webhook() {
    let server = Dashboard::default().start();
    let more = [
        "--set",
        "inboxes_left_out=[3,7]",
        "--set",
        r#"inbox_channels={"12": "whatsapp"}"#,
    ];
    let outcome = setup(&server, &more);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let body = json!({"kind": "chatwoot", "name": "Chatwoot", "base_url": "https://chat.example/help", "account_id": 3,
        "credentials": {"access_token": TOKEN}, "inboxes_left_out": [3, 7], "inbox_channels": {"12": "whatsapp"}});
    assert_eq!(
        sent(&server),
        [
            ("GET channels".to_owned(), Value::Null),
            ("POST channels".to_owned(), body),
            ("POST channels/ch-1/test".to_owned(), Value::Null),
        ]
    );
    assert_eq!(
        outcome.out,
        "The account is connected.\n\
         Chat, https://chat.example/help, account 3: It works.\n  \
         account  Shop\n  inboxes  7 Site (web)\n  role     administrator\n  user     ann@shop.example\n  \
         webhook  created\n"
    );
    assert_eq!(outcome.err.trim(), "Asking Chatwoot …");
}

#[test]
fn somebody_at_a_terminal_is_asked_for_the_account_and_shown_what_comes_from_it() {
    let server = Dashboard {
        tested: json!({"ok": true, "detail": {"role": "agent"}}),
        ..Dashboard::default()
    };
    let server = server.start();
    let mut answers = Answers::new(&["https://chat.example", "3", TOKEN, "y"]);
    let command = ["chatwoot", "setup", "--base-url", &server.url];
    let variables = [("TIELINE_UNUSED", "")];
    let command = [&command[..], &["--admin-key", "tl_admin_1"]].concat();
    let outcome = run_in(&command, "", &variables, Some(&mut answers));
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("do-not-print"));
    let made = &sent(&server)[1];
    assert_eq!(made.0, "POST channels");
    assert_eq!(made.1["credentials"]["access_token"], TOKEN);
    let sentence = "no administrator, so that webhook and custom attributes are not made";
    assert_prints(
        &outcome,
        &[
            sentence,
            "conversation_in  done\nIt came through from Chatwoot.",
        ],
    );
    // With variables, nobody has to be there.
    let server = Dashboard::default().start();
    let variables = [
        ("CHATWOOT_URL", "https://chat.example"),
        ("CHATWOOT_ACCOUNT_ID", "3"),
        ("CHATWOOT_ACCESS_TOKEN", TOKEN),
    ];
    let command = [
        "chatwoot",
        "setup",
        "--base-url",
        &server.url,
        "--admin-key",
        "tl_admin_1",
    ];
    assert_eq!(run_in(&command, "", &variables, None).exit, 0);
    assert_eq!(sent(&server)[1].1["account_id"], 3);
}

#[test]
fn a_test_contact_writes_in_an_inbox_of_the_api_and_is_made_once() {
    let mut contacts = Vec::new();
    let there = Server::start(move |_, request| {
        assert_eq!(request.header("api-access-token"), Some(TOKEN));
        let path = request
            .path
            .strip_prefix("/functions/v1/api/v1/accounts/3/")
            .unwrap();
        match (request.method.as_str(), path) {
            ("GET", "contacts/search?q=tieline-setup-test") => {
                Reply::json(200, &json!({"payload": contacts}))
            }
            ("POST", "contacts") => {
                let contact = json!({"id": 5, "identifier": request.json()["identifier"]});
                contacts.push(contact.clone());
                Reply::json(200, &json!({"payload": {"contact": contact}}))
            }
            ("POST", "conversations")
                if request.json() == json!({"inbox_id": 2, "contact_id": 5}) =>
            {
                Reply::json(200, &json!({"id": 46}))
            }
            ("POST", "conversations/46/messages") => Reply::json(200, &json!({"id": 1})),
            _ => Reply::status(422),
        }
    });
    let mut known = account("ch-1", "3");
    known["base_url"] = json!(there.url);
    let more = ["setup", "--token-file", "-", "--test-inbox", "2"];
    for _ in 0..2 {
        let server = Dashboard::with(std::slice::from_ref(&known)).start();
        let outcome = chatwoot(&server, &more, TOKEN);
        assert_eq!(outcome.exit, 0, "{outcome:?}");
        assert_prints(&outcome, &["It came through from Chatwoot."]);
    }
    let made = there.requests();
    let made = made
        .iter()
        .filter(|request| request.path.ends_with("/contacts"));
    assert_eq!(made.count(), 1);
    let server = Dashboard::with(&[known]).start();
    let wrong = chatwoot(
        &server,
        &["setup", "--token-file", "-", "--test-inbox", "9"],
        TOKEN,
    );
    assert_eq!(wrong.exit, 1, "{wrong:?}");
    assert!(wrong.err.contains("an inbox of kind API?"), "{}", wrong.err);
    let without = chatwoot(&server, &["setup", "--test-inbox", "2"], "");
    assert!(
        without.exit == 2 && without.err.contains("needs the access token"),
        "{without:?}"
    );
}

#[test]
fn a_webhook_that_has_to_be_made_by_hand_is_told_with_its_url_and_events() {
    let by_hand = Dashboard {
        webhook: json!({"created": false, "error": "Only an administrator's token may do that.", "url": URL,
            "events": ["contact_created", "message_created"]}),
        tested: json!({"ok": true, "detail": {"webhook": "Only an administrator's token may do that."}}),
        ..Dashboard::default()
    };
    let outcome = setup(&by_hand.start(), &["--name", "Support"]);
    assert_eq!(outcome.exit, 0);
    let line = "  webhook  Only an administrator's token may do that.";
    let events = "events: contact_created, message_created";
    assert_prints(&outcome, &[line, &format!("  {URL}\n"), events]);
}

#[test]
fn the_account_that_is_connected_is_changed_and_not_connected_again() {
    let known = Dashboard::with(&[account("ch-1", "3"), account("ch-2", "4")]);
    let server = known.clone().start();
    // However the URL is written.
    let given = [
        "--url",
        "Chat.example/help/app/accounts/3/dashboard",
        "--name",
        "Shop",
    ];
    let outcome = setup(&server, &given[2..]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let changed = json!({"name": "Shop", "credentials": {"access_token": TOKEN}});
    let patch = ("PATCH channels/ch-1".to_owned(), changed);
    assert_eq!(sent(&server)[1], patch);
    let server = known.clone().start();
    let command = [&["setup", "--account", "4"], &given[..]].concat();
    assert_eq!(chatwoot(&server, &command, "").exit, 0);
    let patch = ("PATCH channels/ch-2".to_owned(), json!({"name": "Shop"}));
    assert_eq!(sent(&server)[1], patch);
    // Which of two is meant has to be said.
    let server = known.start();
    let outcome = chatwoot(&server, &["setup", "--name", "Shop"], "");
    assert_eq!(outcome.exit, 2);
    let sentence = "several accounts are connected: choose one with --url and --account";
    assert!(outcome.err.contains(sentence), "{}", outcome.err);
    assert_eq!(calls(&server), ["GET channels"]);
    // Nothing to change: it is asked all the same.
    let server = Dashboard::with(&[account("ch-1", "3")]).start();
    assert_eq!(chatwoot(&server, &["setup"], "").exit, 0);
    assert_eq!(calls(&server), ["GET channels", "POST channels/ch-1/test"]);
}

#[test]
fn what_is_missing_is_asked_for() {
    let server = Dashboard::default().start();
    for (command, sentence) in [
        (&["setup"][..], "--url, or CHATWOOT_URL"),
        (&["setup"][..], "--account, or CHATWOOT_ACCOUNT_ID"),
        (
            &["setup", "--url", "https://chat.example", "--account", "3"],
            "--token-file, or CHATWOOT_ACCESS_TOKEN",
        ),
        (&["setup", "--account", "shop"], "invalid value"),
        (
            &["setup", "--set", "credentials.access_token=x"],
            "use --token-file",
        ),
    ] {
        let outcome = chatwoot(&server, command, "");
        assert_eq!(outcome.exit, 2, "{outcome:?}");
        assert!(outcome.err.contains(sentence), "{}", outcome.err);
    }
    for command in ["test", "status"] {
        let outcome = chatwoot(&server, &[command], "");
        assert_eq!(outcome.exit, 1, "{outcome:?}");
        let sentence = "`tieline chatwoot setup` connects one";
        assert!(outcome.err.contains(sentence), "{}", outcome.err);
    }
}

#[test]
fn a_chatwoot_that_refuses_stores_nothing() {
    let refusing = Dashboard {
        create_status: 422,
        ..Dashboard::default()
    };
    let server = refusing.start();
    let outcome = setup(&server, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    for part in ["Scripted 422", "Nothing was stored."] {
        assert!(outcome.err.contains(part), "{}", outcome.err);
    }
    assert_eq!(calls(&server), ["GET channels", "POST channels"]);
}

#[test]
fn secrets_come_from_files() {
    let folder = Folder::with("token.txt", format!("{TOKEN}\n"));
    folder.write("secret.txt", "webhook-do-not-print");
    let server = Dashboard::with(&[account("ch-1", "3")]).start();
    let (token, secret) = (folder.text("token.txt"), folder.text("secret.txt"));
    let given = ["--token-file", &token, "--webhook-secret-file", &secret];
    let outcome = chatwoot(&server, &[&["setup"], &given[..]].concat(), "");
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let credentials = json!({"access_token": TOKEN, "webhook_secret": "webhook-do-not-print"});
    assert_eq!(sent(&server)[1].1, json!({"credentials": credentials}));
}

#[test]
fn a_test_asks_about_each_account_and_fails_with_one() {
    let works = Dashboard::with(&[account("ch-1", "3"), account("ch-2", "4")]);
    let server = works.clone().start();
    let outcome = chatwoot(&server, &["test"], "");
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let line = "Chat, https://chat.example/help, account 4: It works.";
    assert_prints(&outcome, &[line, "  user     ann@shop.example"]);
    assert_eq!(
        calls(&server)[1..],
        ["POST channels/ch-1/test", "POST channels/ch-2/test"]
    );
    let refused =
        json!({"ok": false, "detail": {}, "error": "Chatwoot refuses\u{1b} the access token."});
    let fails = Dashboard {
        tested: refused.clone(),
        accounts: vec![account("ch-1", "3")],
        ..works
    };
    let server = fails.start();
    let outcome = chatwoot(&server, &["test"], "");
    assert_eq!(outcome.exit, 1);
    assert_eq!(
        outcome.out,
        "Chat, https://chat.example/help, account 3: It does not work.\n  \
         Chatwoot refuses  the access token.\n"
    );
    let json = chatwoot(&server, &["test", "--json"], "");
    let printed: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.exit, printed), (1, refused));
}

#[test]
fn a_status_has_the_accounts_the_backlog_and_what_failed() {
    let mut silent = account("ch-2", "4");
    silent["webhook_id"] = Value::Null;
    silent["status_reason"] = json!("Chatwoot refuses the token.");
    let failed = json!({"id": "j", "kind": "conversation_in", "subject": "ch-2/46",
        "error": {"code": "forbidden", "message": "It is not allowed."}});
    let dashboard = Dashboard {
        failed: vec![failed],
        ..Dashboard::with(&[account("ch-1", "3"), silent])
    };
    let server = dashboard.start();
    let outcome = chatwoot(&server, &["status"], "");
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out,
        "Chat, https://chat.example/help, account 3: active\n  \
         Chatwoot calls us; its webhook was made for the account.\n\
         Chat, https://chat.example/help, account 4: active\n  \
         No webhook was made: `tieline chatwoot test` makes it, or says why not.\n  \
         Chatwoot refuses the token.\n\
         Chatwoot is degraded.\n  \
         1 jobs failed. [failed_jobs]\n  \
         waiting       3\n  failed        1\n  requests      12 of 864,000 today, 600 a minute\n  \
         last success  2026-11-23T10:00:00Z\n  \
         failed: conversation_in ch-2/46: It is not allowed. [forbidden]\n"
    );
    let json = chatwoot(&server, &["status", "--json"], "");
    let lines: Vec<Value> = json
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["channels"].as_array().unwrap().len(), 3);
    assert_eq!(lines[1]["status"], "degraded");
}

#[test]
fn a_backfill_is_that_of_chatwoot() {
    let server = Dashboard::default().start();
    let outcome = chatwoot(&server, &["backfill", "--since", "2026-01-01"], "");
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_prints(
        &outcome,
        &["2 of 3 conversations done, 1 failed, 0 waiting"],
    );
    for part in [
        "`tieline chatwoot backfill` goes on",
        "1 conversation failed",
    ] {
        assert!(outcome.err.contains(part), "{}", outcome.err);
    }
    let since = json!({"since": "2026-01-01T00:00:00Z"});
    let call = "POST integrations/chatwoot/backfill".to_owned();
    assert_eq!(sent(&server), [(call, since)]);
}

#[test]
fn help_on_chatwoot_names_its_own_commands() {
    let help = run(&["chatwoot", "--help"]);
    assert_eq!(help.exit, 0);
    assert_prints(&help, &["setup", "test", "status", "backfill"]);
    let setup = run(&["chatwoot", "setup", "--help"]);
    assert_prints(
        &setup,
        &[
            "--account <NUMBER>",
            "--token-file <FILE>",
            "its URL is printed",
        ],
    );
    let backfill = run(&["chatwoot", "backfill", "--help"]);
    assert_prints(
        &backfill,
        &["read from Chatwoot", "`tieline chatwoot backfill` goes on"],
    );
}
