//! `tieline kustomer setup`, and what is the same of all setups: questions, variables, a test that goes through.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Answers, Folder, Outcome, run, run_in};

const API: &str = "/functions/v1/";
const KUSTOMER: &str = "api/dashboard/integrations/kustomer";
/// Seen nowhere but in a request's body.
const KEY: &str = "kustomer-do-not-print";

/// A dashboard that keeps what is stored, and a Kustomer that makes one webhook.
#[derive(Default)]
struct Dashboard {
    stored: Value,
    /// Roles that the key lacks, as a test tells them.
    missing: Vec<Value>,
    /// Keys that Kustomer refuses.
    refused: Option<&'static str>,
    hooks: usize,
    /// Looks at the jobs since something was sent, and where the job ends.
    looks: Option<usize>,
    job_ends: &'static str,
}

impl Dashboard {
    fn new() -> Self {
        Self {
            stored: json!({"subdomain": null, "organization_id": null, "default_team_id": null,
                "features": {"auto_assignment": false, "conversation_sync": true},
                "credentials": {"api_key": {"set": false}}}),
            job_ends: "done",
            ..Self::default()
        }
    }

    fn start(self) -> (Server, Arc<Mutex<Self>>) {
        let held = Arc::new(Mutex::new(self));
        let answering = Arc::clone(&held);
        let server = Server::start(move |_, request| answering.lock().unwrap().answer(request));
        (server, held)
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path.strip_prefix(API).unwrap();
        let below = path.strip_prefix(KUSTOMER).unwrap_or(path);
        match (request.method.as_str(), below) {
            ("POST", "api/dashboard/sessions") => Reply::json(
                201,
                &json!({"token": "session-1", "expires_at": "2026-11-23T11:00:00Z"}),
            ),
            ("GET", "") => Reply::json(200, &json!({"integration": self.stored})),
            ("PUT", "") => self.put(&request.json()),
            ("POST", "/test") => Reply::json(200, &self.tested(&request.json())),
            ("POST", "/enable") => {
                self.hooks += 1;
                let webhook = match self.hooks {
                    1 => json!({"created": true, "url": "https://t.example/api/webhooks/kustomer"}),
                    _ => {
                        json!({"created": false, "reason": "exists", "url": "https://t.example/api/webhooks/kustomer"})
                    }
                };
                Reply::json(
                    200,
                    &json!({"integration": {}, "test": {}, "webhook": webhook}),
                )
            }
            ("GET", "/jobs?limit=50") => Reply::json(200, &json!({"jobs": self.jobs()})),
            ("GET", path) if path.starts_with("api-conversations-by-customer?") => {
                self.conversations(path)
            }
            ("POST", "api-escalate") => {
                self.looks = Some(0);
                Reply::json(200, &json!({"success": true}))
            }
            _ => Reply::status(404),
        }
    }

    fn put(&mut self, change: &Value) -> Reply {
        for (name, value) in change.as_object().unwrap() {
            match (name.as_str(), value) {
                ("credentials", _) => {
                    self.stored["credentials"] = json!({"api_key": {"set": true}})
                }
                (name, Value::Object(inner)) => {
                    for (field, value) in inner {
                        self.stored[name][field] = value.clone();
                    }
                }
                (name, value) => self.stored[name] = value.clone(),
            }
        }
        Reply::json(200, &json!({"integration": self.stored}))
    }

    fn tested(&self, body: &Value) -> Value {
        if self.refused.is_some() && body["credentials"]["api_key"].as_str() == self.refused {
            return json!({"success": false, "error": {"code": "bad_key", "message": "Kustomer does not know this API key."}});
        }
        json!({"success": true,
            "connection": {"organization_id": "o1", "user": {"id": "u1", "name": "Tieline"}, "base_url": "https://x"},
            "roles": {"present": ["customers:read", "teams:read"], "missing": self.missing, "excess": ["org.admin"]},
            "teams": [{"id": "t1", "name": "Support"}, {"id": "t2", "name": "Escalations"}]})
    }

    fn jobs(&mut self) -> Vec<Value> {
        let job = |id: &str, state: &str| json!({"id": id, "kind": "escalation", "subject": "c", "state": state, "error": null});
        let old = job("old", "failed");
        let Some(looks) = &mut self.looks else {
            return vec![old];
        };
        *looks += 1;
        match *looks {
            1 => vec![old],
            2 => vec![job("new", "waiting"), old],
            _ => vec![job("new", self.job_ends), old],
        }
    }

    fn conversations(&self, path: &str) -> Reply {
        if path.contains("stranger") {
            return Reply::status(404);
        }
        let ids = self.looks.map(|_| "kustomer:customer:c9|krayin:person:1");
        let customer = json!({"id": "cus-1", "email": "me@example.com", "crm_ids": ids});
        Reply::json(
            200,
            &json!({"customer": customer, "conversations": [{"id": "conv-1"}]}),
        )
    }
}

fn missing(permission: &str, role: &str) -> Value {
    json!({"needed_for": permission, "role": role, "turns_off": "Notes are not written."})
}

/// A setup with these options and variables; nothing that is printed has the key.
fn setup(
    server: &Server,
    more: &[&str],
    variables: &[(&str, &str)],
    answers: Option<&mut Answers>,
) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    let command = [&["kustomer", "setup"], more, &server].concat();
    let outcome = run_in(&command, "", variables, answers);
    let printed = [outcome.out.as_str(), &outcome.err].concat();
    assert!(!printed.contains("do-not-print"), "{outcome:?}");
    outcome
}

const GIVEN: [(&str, &str); 2] = [
    ("KUSTOMER_API_KEY", KEY),
    ("VITE_KUSTOMER_SUBDOMAIN", "acme"),
];

fn assert_prints(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

/// Bodies that were put or posted to a path.
fn bodies(server: &Server, method: &str, path: &str) -> Vec<Value> {
    let requests = server.requests().into_iter();
    let fits = |request: &Request| {
        request.method == method && request.path.strip_prefix(API) == Some(path)
    };
    requests
        .filter(fits)
        .map(|request| request.json())
        .collect()
}

#[test]
fn variables_alone_connect_it_and_what_goes_through_is_shown_arriving() {
    let (server, _) = Dashboard::new().start();
    let more = ["--team", "support", "--test-customer", "me@example.com"];
    let variables = [
        &GIVEN[..],
        &[
            ("KUSTOMER_ENABLE_SYNC", "false"),
            ("VITE_KUSTOMER_DEFAULT_PRIORITY", "high"),
        ],
    ]
    .concat();
    let outcome = setup(&server, &more, &variables, None);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let stored = json!({"subdomain": "acme", "organization_id": "o1", "credentials": {"api_key": KEY}, "default_team_id": "t1",
        "features": {"auto_assignment": true, "conversation_sync": false}, "default_priority": "high"});
    assert_eq!(bodies(&server, "PUT", KUSTOMER), [stored]);
    assert_prints(
        &outcome,
        &[
            "organisation o1, as Tieline (u1)",
            "  ok       customers:read",
            "  surplus  org.admin",
            "the webhook Tieline was made there",
            "  escalation  waiting\n  escalation  done\nIt arrived in Kustomer.\n  kustomer:customer:c9\n",
        ],
    );
    assert!(!outcome.out.contains("krayin:person"), "{}", outcome.out);
    let escalated = bodies(&server, "POST", "api-escalate");
    assert_eq!(
        (&escalated[0]["conversation_id"], &escalated[0]["notify"]),
        (&json!("conv-1"), &json!(false))
    );
}

#[test]
fn a_second_run_stores_nothing_anew_and_makes_no_second_webhook() {
    let (server, _) = Dashboard::new().start();
    let first = setup(&server, &["--no-test"], &GIVEN, None);
    assert_eq!(first.exit, 0, "{first:?}");
    let again = setup(&server, &["--no-test", "--subdomain", "acme"], &[], None);
    assert_eq!(again.exit, 0, "{again:?}");
    assert_prints(
        &again,
        &[
            "nothing is stored anew",
            "its webhook is the one made before",
        ],
    );
    assert_eq!(bodies(&server, "PUT", KUSTOMER).len(), 1);
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let (server, _) = Dashboard::new().start();
    let outcome = setup(&server, &[], &[], None);
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    for part in [
        "--subdomain, or KUSTOMER_SUBDOMAIN",
        "--key-file, or KUSTOMER_API_KEY",
        "Nothing was stored.",
    ] {
        assert!(outcome.err.contains(part), "{part}: {}", outcome.err);
    }
    let without = run_in(
        &["kustomer", "setup", "--base-url", &server.url],
        "",
        &[],
        None,
    );
    assert_eq!(without.exit, 2, "{without:?}");
    for part in [
        "--admin-key, or TIELINE_ADMIN_KEY",
        "--subdomain, or",
        "--key-file, or",
    ] {
        assert!(without.err.contains(part), "{part}: {}", without.err);
    }
    let blank = setup(
        &server,
        &[],
        &[("KUSTOMER_API_KEY", "two words do-not-print")],
        None,
    );
    assert_eq!(blank.exit, 2);
    assert!(
        blank.err.contains("KUSTOMER_API_KEY has spaces"),
        "{}",
        blank.err
    );
}

#[test]
fn a_permission_that_is_needed_and_missing_is_named_with_what_to_do_and_stops_it() {
    let lacking = || Dashboard {
        missing: vec![
            missing("notes:write", "org.permission.note.create"),
            missing("notes:write", "org.permission.note.update"),
            missing("bulk:read", "org.permission.bulk.read"),
        ],
        ..Dashboard::new()
    };
    let (server, _) = lacking().start();
    let outcome = setup(&server, &["--no-test"], &GIVEN, None);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_prints(
        &outcome,
        &[
            "  MISSING  notes:write: add org.permission.note.create, org.permission.note.update\n",
            "  without  bulk:read: add org.permission.bulk.read\n",
            "Settings › Security › API Keys › Add API Key",
        ],
    );
    assert!(
        outcome.err.contains("lacks notes:write: make another"),
        "{}",
        outcome.err
    );
    assert_eq!(bodies(&server, "PUT", KUSTOMER), [] as [Value; 0]);
    assert_eq!(
        setup(&server, &["--no-test", "--allow-missing"], &GIVEN, None).exit,
        0
    );
    // What is not needed stops nothing.
    let optional = Dashboard {
        missing: vec![missing("bulk:read", "org.permission.bulk.read")],
        ..Dashboard::new()
    };
    let (server, _) = optional.start();
    assert_eq!(setup(&server, &["--no-test"], &GIVEN, None).exit, 0);
}

#[test]
fn somebody_at_a_terminal_is_asked_and_may_correct_what_kustomer_refuses() {
    let refusing = Dashboard {
        refused: Some("wrong-do-not-print"),
        missing: vec![missing("notes:write", "org.permission.note.create")],
        ..Dashboard::new()
    };
    let (server, _) = refusing.start();
    let mut answers = Answers::new(&[
        "acme",
        "wrong-do-not-print", // refused
        "",
        "",
        KEY, // corrected
        "Escalations",
        "y", // team; go on without notes:write
        "n", // nobody writes
    ]);
    let outcome = setup(&server, &[], &[], Some(&mut answers));
    assert_eq!(outcome.exit, 0, "{outcome:?} {:?}", answers.questions);
    let asked = answers.questions.join("\n");
    for part in [
        "the subdomain, which stands before .kustomerapp.com in Kustomer's pages:",
        "API Keys: (hidden)",
        "in Kustomer's pages [acme]:",
        "API Keys [the stored one]: (hidden)",
        "by name or id [none]:",
        "The key lacks notes:write. Go on all the same? [y/N]",
        "Wait for it? [Y/n]",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    let stored = &bodies(&server, "PUT", KUSTOMER)[0];
    assert_eq!(
        (
            &stored["credentials"]["api_key"],
            &stored["default_team_id"]
        ),
        (&json!(KEY), &json!("t2"))
    );
    // Who leaves leaves nothing behind.
    let (server, _) = Dashboard::new().start();
    let gone = setup(&server, &[], &[], Some(&mut Answers::new(&["acme"])));
    assert_eq!(gone.exit, 2, "{gone:?}");
    assert_eq!(bodies(&server, "PUT", KUSTOMER), [] as [Value; 0]);
}

#[test]
fn what_does_not_arrive_is_told_by_the_exit_code() {
    let failing = Dashboard {
        job_ends: "failed",
        ..Dashboard::new()
    };
    let (server, _) = failing.start();
    let more = ["--test-customer", "+353871234567"];
    let outcome = setup(&server, &more, &GIVEN, None);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_prints(
        &outcome,
        &["It did not arrive: `tieline jobs list kustomer`"],
    );
    let never = Dashboard {
        job_ends: "waiting",
        ..Dashboard::new()
    };
    let (server, _) = never.start();
    let outcome = setup(
        &server,
        &[&more[..], &["--wait", "10"]].concat(),
        &GIVEN,
        None,
    );
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_prints(&outcome, &["Nothing arrived within 10 s"]);
    assert_eq!(outcome.waits.len(), 6);
    let (server, _) = Dashboard::new().start();
    let stranger = setup(
        &server,
        &["--test-customer", "stranger@example.com"],
        &GIVEN,
        None,
    );
    assert_eq!(stranger.exit, 1);
    assert!(
        stranger.err.contains("--test-customer is not found."),
        "{}",
        stranger.err
    );
}

#[test]
fn a_team_that_kustomer_does_not_have_stores_nothing() {
    let (server, _) = Dashboard::new().start();
    let outcome = setup(&server, &["--team", "Sales"], &GIVEN, None);
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    let sentence = "no team Sales: it has Support (t1), Escalations (t2)";
    assert!(outcome.err.contains(sentence), "{}", outcome.err);
    assert_eq!(bodies(&server, "PUT", KUSTOMER), [] as [Value; 0]);
}

#[test]
fn a_key_comes_from_a_file_and_never_from_the_command_line() {
    let folder = Folder::with("key.txt", format!("{KEY}\n"));
    let (server, _) = Dashboard::new().start();
    let given = [
        "--subdomain",
        "acme",
        "--key-file",
        &folder.text("key.txt"),
        "--no-test",
        "--no-enable",
    ];
    let outcome = setup(&server, &given, &[], None);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        bodies(&server, "PUT", KUSTOMER)[0]["credentials"],
        json!({"api_key": KEY})
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.path.ends_with("/enable"))
    );
    let refused = setup(&server, &["--set", "credentials.api_key=do-not"], &[], None);
    assert_eq!(refused.exit, 2);
    let help = run(&["kustomer", "setup", "--help"]);
    assert_prints(&help, &["KUSTOMER_API_KEY", "--test-customer", "VITE_"]);
}
