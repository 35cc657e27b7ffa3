//! Until the database lets us in.

use super::{failed, read};
use serde_json::{Value, json};
use testkit::{DATABASE_PASSWORD, Postgres, wire_message};

#[test]
fn nothing_is_told_before_tls_and_no_password_at_all() {
    let server = Postgres::default();
    let (answer, _) = read(&server, &json!({}));
    assert_eq!(answer["rows"], json!([]), "{answer}");
    let begin = server.heard(b'S').remove(0);
    for told in [
        "user\0reader\0",
        "database\0crm\0",
        "client_encoding\0UTF8\0",
    ] {
        assert!(begin.contains(told), "{begin:?}");
    }
    let heard = format!("{:?}", server.heard.borrow());
    assert!(!heard.contains(DATABASE_PASSWORD));
    assert_eq!(server.heard(b'X').len(), 1, "it hangs up");
}

#[test]
fn a_password_may_be_told_behind_tls() {
    let server = Postgres {
        login: 3,
        ..Postgres::default()
    };
    assert_eq!(read(&server, &json!({})).0["rows"], json!([]));
}

#[test]
fn a_database_without_tls_or_with_another_hosts_certificate_is_told_nothing() {
    for (tls, fault, reason) in [
        (&b"N"[..], None, "no_tls"),
        (b"E", None, "not_postgres"),
        // Sent along with the answer, before it was encrypted.
        (b"SR\0\0\0\x08\0\0\0\0", None, "not_postgres"),
        (b"S", Some("invalid peer certificate"), "tls_failed"),
    ] {
        let server = Postgres {
            tls,
            tls_fault: fault,
            ..Postgres::default()
        };
        assert_eq!(failed(&server).0, reason);
        assert!(server.heard.borrow().is_empty());
    }
}

#[test]
fn a_wrong_password_is_told_in_the_databases_words() {
    for login in [3, 10] {
        let server = Postgres {
            login,
            ..Postgres::default()
        };
        let (answer, _) = read(&server, &json!({ "password": "guess-guess" }));
        let failed = &answer["failed"];
        assert_eq!(
            (&failed["reason"], &failed["code"]),
            (&json!("refused"), &json!("28P01"))
        );
        let said = failed["said"].as_str().unwrap();
        assert!(said.contains("password authentication failed"), "{said}");
        assert!(said.contains("ask your administrator"), "{said}");
        assert_eq!(answer["rows"], Value::Null);
    }
}

#[test]
fn other_ways_to_log_in_are_refused() {
    for login in [2, 5, 7, 9] {
        let server = Postgres {
            login,
            ..Postgres::default()
        };
        assert_eq!(failed(&server).0, "login_unsupported", "{login}");
        assert!(server.heard(b'p').is_empty());
    }
}

#[test]
fn a_database_that_knows_other_mechanisms_alone_is_given_no_proof() {
    for mechanisms in ["SCRAM-SHA-256-PLUS\0\0", "OAUTHBEARER\0\0", "\0"] {
        let asks = [&[0, 0, 0, 10], mechanisms.as_bytes()].concat();
        let server = Postgres {
            instead: Some((b'S', wire_message(b'R', &asks))),
            ..Postgres::default()
        };
        assert_eq!(failed(&server).0, "login_unsupported", "{mechanisms}");
        assert!(server.heard(b'p').is_empty());
    }
}

#[test]
fn who_does_not_know_the_password_either_is_asked_nothing() {
    let server = Postgres {
        is_genuine: false,
        ..Postgres::default()
    };
    assert_eq!(failed(&server).0, "impostor");
    assert!(server.heard(b'Q').is_empty());
}

#[test]
fn on_this_machine_there_may_be_no_tls_and_then_no_password_is_told() {
    let url = "postgres://reader@127.0.0.1:6000/crm?sslmode=disable";
    for (login, reason) in [(10, Value::Null), (3, json!("login_unsupported"))] {
        let stack = testkit::Stack::new();
        stack.ports.set("ALLOW_INSECURE_URLS", "1");
        let server = Postgres {
            login,
            ..Postgres::default()
        };
        server.at(&stack, "127.0.0.1:6000");
        let answer = super::answered(&stack, &json!({ "url": url }));
        assert_eq!(answer["failed"]["reason"], reason);
        assert_eq!(server.heard(b'p').is_empty(), login == 3);
    }
}
