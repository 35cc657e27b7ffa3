//! Databases that hang, break, lie or are none.

use super::{answered, failed};
use serde_json::json;
use testkit::{Postgres, Stack, wire_message};

#[test]
fn nobody_there_is_said_so() {
    let answer = answered(&Stack::new(), &json!({}));
    assert_eq!(answer["failed"]["reason"], "not_connected");
}

#[test]
fn a_database_that_falls_silent_is_given_up_in_time() {
    for (at, reason, most) in [
        (b'S', "no_answer", 10),
        (b'p', "no_answer", 10),
        (b'Q', "too_slow", 25),
        (b'P', "too_slow", 25),
        (b'E', "too_slow", 25),
    ] {
        let server = Postgres {
            silent_at: Some(at),
            ..Postgres::default()
        };
        let (why, seconds) = failed(&server);
        assert_eq!(why, reason, "{}", char::from(at));
        assert!(seconds <= most, "{} took {seconds}", char::from(at));
    }
    let silent = Postgres {
        tls: b"",
        ..Postgres::default()
    };
    assert_eq!(failed(&silent), ("no_answer".into(), 10));
}

#[test]
fn what_is_no_answer_of_postgres_is_not_read_on() {
    let endless = wire_message(b'N', &[b'x'; 60_000]).repeat(200);
    let garbage: [(u8, Vec<u8>); 9] = [
        (b'S', b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        (b'S', b"R\xff\xff\xff\xff".to_vec()),
        (b'S', b"R\0\0\0\x03".to_vec()),
        (b'S', wire_message(b'R', b"")),
        (b'p', wire_message(b'R', &[0, 0, 0, 11, b'r', b'='])),
        (b'E', wire_message(b'D', &[0, 2, 0, 0, 0, 9])),
        (b'E', wire_message(b'D', &[0, 1, 0, 0, 0, 0])),
        (
            b'E',
            wire_message(b'D', b"\0\x02\0\0\0\x01a\0\0\0\x01{").repeat(2_001),
        ),
        (b'Q', endless),
    ];
    for (at, instead) in garbage {
        let what = instead.get(..8).unwrap_or(&instead).to_vec();
        let server = Postgres {
            instead: Some((at, instead)),
            ..Postgres::default()
        };
        let (why, _) = failed(&server);
        assert_eq!(why, "not_postgres", "{} {what:?}", char::from(at));
    }
}

#[test]
fn a_statement_is_not_run_unless_the_database_is_within_a_transaction_that_reads() {
    for state in [b'I', b'E'] {
        let server = Postgres {
            state,
            ..Postgres::default()
        };
        assert_eq!(failed(&server).0, "not_postgres");
        assert!(server.heard(b'P').is_empty());
    }
}
