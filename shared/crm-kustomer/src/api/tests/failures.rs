use super::{answered, not_sent, now, unsure, with_headers};
use crate::api::{failure, limits};
use common::http::Error;
use common::time::SECOND;
use crm::Failure;
use crm::Reported;

fn of(status: u16, body: &str) -> Failure {
    failure(&answered(status, body), now())
}

#[test]
fn a_status_says_what_to_do_next() {
    for (status, code) in [
        (301, "http_301"),
        (400, "http_400"),
        (401, "bad_key"),
        (403, "missing_role"),
        (404, "not_found"),
        (408, "unclear"),
        (409, "conflict"),
        (413, "too_large"),
        (422, "http_422"),
        (429, "throttled"),
        (500, "unclear"),
        (501, "unclear"),
        (502, "unclear"),
        (503, "unclear"),
        (599, "unclear"),
    ] {
        for body in [
            "",
            "<html>Bad gateway</html>",
            "{}",
            "null",
            r#"{"errors":[]}"#,
            r#"{"errors":7}"#,
        ] {
            let failure = of(status, body);
            assert_eq!(failure.code(), code, "{status} {body}");
            assert!(!failure.message().is_empty());
            assert_eq!(matches!(failure, Failure::Auth { .. }), status == 401);
        }
    }
    assert_eq!(failure(&not_sent(), now()).code(), "unreached");
    assert_eq!(failure(&unsure(), now()).code(), "unclear");
}

#[test]
fn each_shape_of_an_error_is_read() {
    for (body, code, message) in [
        (
            r#"{"errors":[{"code":"bad_request","message":"No name"}]}"#,
            "bad_request",
            "No name",
        ),
        (
            r#"{"errors":[{"status":400,"code":"bad_request","title":"Bad","detail":"is required",
                "source":{"pointer":"/channel"}}]}"#,
            "bad_request",
            "/channel: Bad: is required",
        ),
        (
            r#"{"errors":[{"status":"400","title":"Bad","source":{"parameter":"page"}}]}"#,
            "http_400",
            "page: Bad",
        ),
        (r#"{"error":{"code":7},"message":"Older"}"#, "7", "Older"),
        (r#"{"error":"Oldest"}"#, "http_400", "Oldest"),
        (
            r#"{"errors":[{"source":{"pointer":"/x"}}]}"#,
            "http_400",
            "The CRM refuses /x.",
        ),
    ] {
        let failure = of(400, body);
        assert_eq!(
            (failure.code(), failure.message()),
            (code, message),
            "{body}"
        );
    }
}

#[test]
fn a_wrong_region_is_told_from_a_bad_key() {
    let text = "The token is associated with pod prod2, and was handled by prod1.";
    for status in [400, 401, 403, 404, 421] {
        let failure = of(status, &format!(r#"{{"errors":[{{"title":"{text}"}}]}}"#));
        assert_eq!(failure.code(), "wrong_region", "{status}");
        assert!(matches!(failure, Failure::Auth { .. }));
    }
    // What a customer wrote, given back with its place, switches nothing off.
    let echo = format!(r#"{{"errors":[{{"title":"{text}","source":{{"pointer":"/preview"}}}}]}}"#);
    assert!(!matches!(of(400, &echo), Failure::Auth { .. }));
    let echo = format!(r#"{{"errors":[{{"title":"{text}"}}]}}"#);
    assert!(!matches!(of(422, &echo), Failure::Auth { .. }));
}

#[test]
fn a_missing_role_is_one_features_loss_whatever_the_status() {
    let body = r#"{"errors":[{"title":"Requires org.permission.note.create"}]}"#;
    for status in [401, 403] {
        let failure = of(status, body);
        assert_eq!(
            (failure.code(), matches!(failure, Failure::Auth { .. })),
            ("missing_role", false)
        );
        assert!(failure.message().contains("note.create"));
    }
}

#[test]
fn a_duplicate_is_a_conflict_whatever_the_status() {
    for status in [400, 409, 422] {
        let body = r#"{"errors":[{"code":"bad_request","detail":"Duplicate detected"}]}"#;
        assert_eq!(of(status, body).code(), "conflict", "{status}");
    }
}

#[test]
fn no_message_has_the_key_in_it_or_is_long() {
    let key = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl";
    for text in [
        format!("Bearer {key} is unknown"),
        format!("Authorization: Bearer '{key}'"),
        format!("token={key}"),
        "Bearer   short is unknown".to_owned(),
    ] {
        let failure = of(401, &format!(r#"{{"errors":[{{"title":"{text}"}}]}}"#));
        let message = failure.message();
        assert!(
            !message.contains("eyJ") && !message.contains("short"),
            "{message}"
        );
        assert!(message.contains("***"), "{message}");
    }
    let long = format!(r#"{{"errors":[{{"title":"{}"}}]}}"#, "é wörd ".repeat(200));
    assert_eq!(of(400, &long).message().chars().count(), 300);
}

#[test]
fn a_throttled_request_says_when_to_ask_again() {
    let now = now().micros();
    let seconds = (now / SECOND + 30).to_string();
    let until =
        |headers: &[(&str, &str)]| match failure(&with_headers(429, "", headers), super::now()) {
            Failure::Throttled { until, .. } => until.map(|until| (until - now) / SECOND),
            other => panic!("{other:?}"),
        };
    assert_eq!(until(&[]), None);
    assert_eq!(until(&[("retry-after", "7")]), Some(7));
    assert_eq!(until(&[("x-ratelimit-reset", &seconds)]), Some(30));
    let both = [("retry-after", "40"), ("x-ratelimit-reset", &*seconds)];
    assert_eq!(until(&both), Some(40));
    assert_eq!(until(&[("retry-after", "soon")]), None);
    assert_eq!(until(&[("retry-after", "99999999")]), Some(3600));
}

#[test]
fn limits_are_read_in_each_unit_and_bounded() {
    let now = now().micros();
    let read = |limit: &str, remaining: &str, reset: &str| {
        let headers = [
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", reset),
        ];
        limits(&with_headers(200, "", &headers), super::now())
    };
    let seconds = now / SECOND + 20;
    for reset in [
        seconds.to_string(),
        (seconds * 1000).to_string(),
        "20".into(),
        "20.5".into(),
        format!(" {seconds}.0 "),
    ] {
        let expected = Reported {
            limit: Some(1000),
            remaining: Some(12),
            reset: Some(now + 20 * SECOND),
        };
        assert_eq!(read("1000", "12.0", &reset), expected, "{reset}");
    }
    let past = read("0", "-3", "1700000000");
    assert_eq!(
        past,
        Reported {
            limit: None,
            remaining: Some(0),
            reset: Some(now)
        }
    );
    let huge = read(
        "99999999999999999999",
        "9223372036854775807",
        "9223372036854775807",
    );
    assert_eq!(huge.limit, None);
    assert_eq!(huge.remaining, Some(1_000_000));
    assert_eq!(huge.reset, Some(now + 3600 * SECOND));
    assert_eq!(read("x", "", "null"), Reported::default());
    assert_eq!(limits(&unsure(), super::now()), Reported::default());
}

#[test]
fn our_own_failures_have_codes_too() {
    let waiting = Failure::Waiting { until: 1 };
    assert_eq!(
        (waiting.code(), matches!(waiting, Failure::Auth { .. })),
        ("waiting", false)
    );
    let away = Failure::from(Error::unavailable("D1"));
    assert_eq!(away.code(), "unavailable");
    assert!(!away.message().contains("D1"));
}
