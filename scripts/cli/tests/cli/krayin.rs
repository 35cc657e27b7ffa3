//! `tieline krayin`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Folder, Outcome, run, run_with};

const DASHBOARD: &str = "/functions/v1/api/dashboard/";
/// Seen nowhere but in a request's body.
const TOKEN: &str = "3|krayin-do-not-print";

/// What a dashboard knows of Krayin; a call that is not described here is refused.
#[derive(Clone)]
struct Dashboard {
    stored: Value,
    tested: Value,
    webhook: Value,
    enable_status: u16,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self {
            stored: json!({"api_url": null, "lead_pipeline_id": null, "lead_pipeline_stage_id": null,
                "lead_source_id": null, "lead_type_id": null, "credentials": {"api_token": {"set": false}}}),
            tested: works(),
            webhook: json!({"created": true, "url": "https://t.example/api/webhooks/krayin/o/secret"}),
            enable_status: 200,
        }
    }
}

impl Dashboard {
    fn start(self) -> Server {
        Server::start(move |_, request| self.answer(request))
    }

    fn answer(&self, request: &Request) -> Reply {
        let path = request.path.strip_prefix(DASHBOARD).unwrap();
        match (request.method.as_str(), path) {
            ("POST", "sessions") => {
                let ends = "2026-11-23T11:00:00Z";
                Reply::json(201, &json!({"token": "session-1", "expires_at": ends}))
            }
            ("GET" | "PUT", "integrations/krayin") => {
                Reply::json(200, &json!({"integration": self.stored}))
            }
            ("POST", "integrations/krayin/test") => Reply::json(200, &self.tested),
            ("POST", "integrations/krayin/enable") if self.enable_status == 200 => {
                let (test, webhook) = (&self.tested, &self.webhook);
                let body = json!({"integration": {}, "test": test, "webhook": webhook});
                Reply::json(200, &body)
            }
            ("POST", "integrations/krayin/enable") => Reply::status(self.enable_status),
            ("GET", "integrations/krayin/status") => Reply::json(
                200,
                &json!({"status": "degraded", "reasons": [], "budget": {"per_minute": 51, "per_day": 73440,
                    "used_today": 12, "blocked_until": null}, "queue": {"waiting": 0, "oldest_at": null,
                    "failed": 0}, "last_success_at": "2026-11-23T10:00:00Z", "last_error": null,
                    "broken_until": null, "webhook": "unknown", "reconciled_to": null, "backfill": null}),
            ),
            ("POST", "integrations/krayin/backfill") => Reply::json(
                200,
                &json!({"backfill": {"since": null, "cursor": null, "scheduled": 3, "done": 3, "failed": 0,
                    "waiting": 0, "total": 3, "finished": true}}),
            ),
            _ => Reply::status(404),
        }
    }
}

/// A test of a Krayin in which all holds that must.
fn works() -> Value {
    json!({"success": true, "base_url": "https://crm.example/api/v1", "user": {"id": "1", "name": "Example Admin"},
        "checks": [
            {"name": "token", "ok": true, "required": true, "message": "The token is of Example Admin."},
            {"name": "attributes", "ok": false, "required": false, "code": "required_attribute",
                "message": "Krayin requires lead.region: map a field to each, or make them optional."}],
        "choices": {
            "pipelines": [
                {"id": "1", "name": "Default Pipeline", "stages": [{"id": "1", "name": "New"}, {"id": "5", "name": "Won"}]},
                {"id": "2", "name": "Support", "stages": [{"id": "7", "name": "New"}, {"id": "8", "name": "Won"}]}],
            "sources": [{"id": "1", "name": "Email"}, {"id": "2", "name": "Web"}],
            "types": [{"id": "1", "name": "New Business"}],
            "users": [{"id": "1", "name": "Example Admin"}]}})
}

/// A test of a Krayin that refuses the token.
fn fails() -> Value {
    json!({"success": false, "base_url": "https://crm.example/api/v1", "checks": [
        {"name": "token", "ok": false, "required": true, "code": "bad_key", "message": "Krayin refuses\u{1b} the token."}]})
}

fn krayin(server: &Server, command: &[&str], input: &str) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    run_with(&[&["krayin"], command, &server].concat(), input)
}

/// A setup with a token on standard input.
fn setup(server: &Server, more: &[&str]) -> Outcome {
    let given = ["setup", "--url", "https://crm.example", "--token-file", "-"];
    let outcome = krayin(server, &[&given, more].concat(), &format!("{TOKEN}\n"));
    let printed = [outcome.out.as_str(), &outcome.err].concat();
    assert!(!printed.contains("do-not-print"), "{outcome:?}");
    outcome
}

/// Methods, paths and bodies of the calls behind the session.
fn sent(server: &Server) -> Vec<(String, Value)> {
    let told = |request: &Request| {
        let path = request.path.strip_prefix(DASHBOARD)?;
        let path = path.strip_prefix("integrations/krayin")?;
        let body = serde_json::from_str(&request.body).unwrap_or_default();
        Some((format!("{} {path}", request.method), body))
    };
    server.requests().iter().filter_map(told).collect()
}

fn calls(server: &Server) -> Vec<String> {
    sent(server).into_iter().map(|(call, _)| call).collect()
}

#[test]
fn a_setup_tests_stores_and_switches_on() {
    let server = Dashboard::default().start();
    let outcome = setup(
        &server,
        &[
            "--time-zone",
            "Europe/Berlin",
            "--pipeline",
            "support",
            "--stage",
            "New",
            "--source",
            "2",
            "--set",
            "sync_messages=true",
            "--set",
            "stage_progression.on_first_response=8",
            "--set",
            "stage_progression.enabled=true",
            "--set",
            "invented_email.domain=no.example",
        ],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let connection = json!({"api_url": "https://crm.example", "time_zone": "Europe/Berlin",
        "credentials": {"api_token": TOKEN}});
    let mut stored = connection.clone();
    let more = json!({"lead_pipeline_id": 2, "lead_pipeline_stage_id": 7, "lead_source_id": 2, "sync_messages": true,
        "stage_progression": {"on_first_response": 8, "enabled": true}, "invented_email": {"domain": "no.example"}});
    let fields = stored.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    assert_eq!(
        sent(&server),
        [
            ("GET ".to_owned(), Value::Null),
            ("POST /test".to_owned(), connection),
            ("PUT ".to_owned(), stored),
            ("POST /enable".to_owned(), Value::Null),
        ]
    );
    for part in [
        "The settings are stored.",
        "It works.",
        "https://crm.example/api/v1, as Example Admin (1)",
        "  ok     token: The token is of Example Admin.",
        "  note   attributes: Krayin requires lead.region: map a field to each, or make them optional. [required_attribute]",
        "The connection is switched on.",
        "Krayin calls us about changes.",
        "Leads have no type of their own. --type chooses one of:\n  New Business (1)",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    for part in ["--pipeline", "--source", "secret"] {
        assert!(!outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    assert!(
        outcome
            .err
            .starts_with("Asking Krayin …\nNothing was sent through: --test-customer")
    );
}

#[test]
fn what_was_never_chosen_is_listed_and_left_to_the_server() {
    let server = Dashboard::default().start();
    let outcome = setup(&server, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let (_, stored) = &sent(&server)[2];
    let expected = json!({"api_url": "https://crm.example", "credentials": {"api_token": TOKEN}});
    assert_eq!(*stored, expected);
    for part in [
        "  pipeline Default Pipeline (1): New (1), Won (5)",
        "  pipeline Support (2): New (7), Won (8)",
        "  Email (1), Web (2)",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

#[test]
fn what_is_stored_need_not_be_given_again() {
    let known = Dashboard {
        stored: json!({"api_url": "https://crm.example/api/v1", "lead_pipeline_id": 1, "lead_source_id": 1,
            "lead_type_id": 1, "credentials": {"api_token": {"set": true, "last_chars": "…rint"}}}),
        ..Dashboard::default()
    };
    let server = known.start();
    let outcome = krayin(&server, &["setup", "--set", "debug=true"], "");
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let sent = sent(&server);
    let [_, (_, tested), (_, stored), _] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((tested, stored), (&json!({}), &json!({"debug": true})));
    assert!(!outcome.out.contains("chooses"), "{}", outcome.out);
}

#[test]
fn a_krayin_that_does_not_answer_well_stores_nothing() {
    let refused = Dashboard {
        tested: fails(),
        ..Dashboard::default()
    };
    let server = refused.start();
    let outcome = setup(&server, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    let line = "It does not work.\n  FAILS  token: Krayin refuses  the token. [bad_key]\n";
    assert_eq!(outcome.out, line);
    assert!(
        outcome.err.contains("Nothing was stored."),
        "{}",
        outcome.err
    );
    assert_eq!(calls(&server), ["GET ", "POST /test"]);
}

#[test]
fn a_name_that_krayin_does_not_have_once_stores_nothing() {
    for (option, given, sentence) in [
        (
            "--source",
            "Fax",
            "no source Fax: it has Email (1), Web (2)",
        ),
        (
            "--stage",
            "Won",
            "several stages Won: give one by its id, 5, 8",
        ),
        (
            "--pipeline",
            "9",
            "no pipeline 9: it has Default Pipeline (1), Support (2)",
        ),
    ] {
        let server = Dashboard::default().start();
        let outcome = setup(&server, &[option, given]);
        assert_eq!(outcome.exit, 2, "{outcome:?}");
        assert!(outcome.err.contains(sentence), "{}", outcome.err);
        assert_eq!(calls(&server), ["GET ", "POST /test"]);
    }
}

#[test]
fn a_connection_that_is_refused_says_what_was_done() {
    let refusing = Dashboard {
        enable_status: 409,
        ..Dashboard::default()
    };
    let outcome = setup(&refusing.start(), &[]);
    assert_eq!(outcome.exit, 1);
    for part in [
        "Scripted 409",
        "The settings are stored",
        "`tieline krayin test`",
    ] {
        assert!(outcome.err.contains(part), "{part}: {}", outcome.err);
    }
}

#[test]
fn webhooks_that_have_to_be_made_by_hand_are_told_with_their_url() {
    let by_hand = Dashboard {
        webhook: json!({"created": false, "reason": "by_hand", "message": "Make a webhook in Settings.",
            "url": "https://t.example/api/webhooks/krayin/o/secret"}),
        ..Dashboard::default()
    };
    let outcome = setup(&by_hand.start(), &[]);
    assert_eq!(outcome.exit, 0);
    let lines = "Make a webhook in Settings.\n  https://t.example/api/webhooks/krayin/o/secret\n";
    assert!(outcome.out.ends_with(lines), "{}", outcome.out);
}

#[test]
fn a_setup_can_leave_the_connection_off() {
    let server = Dashboard::default().start();
    let outcome = setup(&server, &["--no-enable"]);
    assert_eq!(outcome.exit, 0);
    assert_eq!(calls(&server), ["GET ", "POST /test", "PUT ", "POST /test"]);
    assert!(outcome.out.contains("left as it is"), "{}", outcome.out);
}

#[test]
fn a_token_comes_from_a_file_and_never_from_the_command_line() {
    let folder = Folder::with("token.txt", format!("  {TOKEN}\r\n"));
    folder.write("empty.txt", "\n");
    folder.write("two.txt", "one two");
    folder.write("long.txt", "x".repeat(5000));
    let server = Dashboard::default().start();
    let given = |file: &str| {
        let file = folder.text(file);
        let command = [
            "setup",
            "--url",
            "https://crm.example",
            "--token-file",
            &file,
        ];
        krayin(&server, &command, "")
    };
    assert_eq!(given("token.txt").exit, 0);
    let (_, tested) = &sent(&server)[1];
    assert_eq!(tested["credentials"]["api_token"], TOKEN);
    for (file, sentence) in [
        ("empty.txt", "holds no token"),
        ("two.txt", "holds no token"),
        ("long.txt", "holds no token"),
        ("missing.txt", "cannot read"),
    ] {
        let outcome = given(file);
        assert_eq!(outcome.exit, 2, "{outcome:?}");
        assert!(outcome.err.contains(sentence), "{}", outcome.err);
        assert!(!outcome.err.contains("one two"));
    }
    let refused = krayin(&server, &["setup", "--set", "credentials.api_token=x"], "");
    assert_eq!(refused.exit, 2);
    assert!(refused.err.contains("use --token-file"), "{}", refused.err);
}

#[test]
fn what_is_missing_is_asked_for() {
    let server = Dashboard::default().start();
    for (command, sentence) in [
        (&["setup"][..], "--url, or KRAYIN_API_URL"),
        (&["setup"][..], "--token-file, or KRAYIN_API_TOKEN"),
        (&["setup", "--set", "debug"], "write SETTING=VALUE"),
        (
            &["setup", "--set", "a..b=1"],
            "the setting before the = is missing",
        ),
    ] {
        let outcome = krayin(&server, command, "");
        assert_eq!(outcome.exit, 2, "{outcome:?}");
        assert!(
            outcome.err.contains(sentence),
            "{sentence}: {}",
            outcome.err
        );
    }
}

#[test]
fn status_test_and_backfill_are_those_of_krayin() {
    let server = Dashboard::default().start();
    let status = krayin(&server, &["status"], "");
    assert_eq!(status.exit, 0, "{status:?}");
    assert!(status.out.contains("Krayin is degraded."), "{}", status.out);
    let test = krayin(&server, &["test"], "");
    assert_eq!(test.exit, 0, "{test:?}");
    for part in [
        "It works.",
        "pipeline Support (2): New (7), Won (8)",
        "source Web (2)",
        "type New Business (1)",
    ] {
        assert!(test.out.contains(part), "{part}: {}", test.out);
    }
    let json = krayin(&server, &["test", "--json"], "");
    assert_eq!(serde_json::from_str::<Value>(&json.out).unwrap(), works());
    let backfill = krayin(&server, &["backfill"], "");
    assert_eq!(backfill.exit, 0, "{backfill:?}");
    assert!(
        backfill.err.contains("`tieline krayin backfill` goes on"),
        "{}",
        backfill.err
    );
    assert_eq!(
        calls(&server),
        ["GET /status", "POST /test", "POST /test", "POST /backfill"]
    );
}

#[test]
fn help_on_krayin_names_its_own_commands() {
    let help = run(&["krayin", "--help"]);
    assert_eq!(help.exit, 0);
    for part in ["setup", "test", "status", "backfill"] {
        assert!(help.out.contains(part), "{part}: {}", help.out);
    }
    let setup = run(&["krayin", "setup", "--help"]);
    for part in [
        "--token-file <FILE>",
        "--set <SETTING=VALUE>",
        "--time-zone <ZONE>",
        "standard input",
    ] {
        assert!(setup.out.contains(part), "{part}: {}", setup.out);
    }
    let backfill = run(&["krayin", "backfill", "--help"]);
    assert!(
        backfill.out.contains("`tieline krayin backfill` goes on"),
        "{}",
        backfill.out
    );
    assert!(!backfill.out.contains("Kustomer"), "{}", backfill.out);
}
