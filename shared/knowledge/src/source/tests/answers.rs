use super::*;

#[test]
fn a_refused_key_is_for_people_to_check() {
    let link = Link::new();
    let trouble = link.trouble(testkit::answer(401, &json!({ "error": "invalid token" })));
    assert_eq!(
        (trouble.class, trouble.status),
        (Class::Settings, Some(401))
    );
    assert_eq!(
        trouble.message,
        "401 Unauthorized: invalid token. Check that the API key is valid, and verify the authentication headers."
    );
    assert_eq!(link.requests().len(), 1);
}

#[test]
fn each_status_says_whether_to_wait_and_what_to_do() {
    for (status, class, words) in [
        (400, Class::Settings, "Bad Request"),
        (403, Class::Settings, "Forbidden"),
        (404, Class::Settings, "Verify the URL of the endpoint"),
        (405, Class::Settings, "POST"),
        (410, Class::Settings, "Not Found"),
        (418, Class::Settings, "curl"),
        (422, Class::Settings, "parameters"),
        (202, Class::Retry, "not ready"),
        (408, Class::Retry, "next run"),
        (429, Class::Retry, "backoff"),
        (500, Class::Retry, "stays active"),
        (503, Class::Retry, "stays active"),
    ] {
        let trouble = Link::new().trouble(raw(status, "text/plain", b""));
        assert_eq!((trouble.class, trouble.status), (class, Some(status)));
        let message = trouble.message;
        assert!(message.starts_with(&status.to_string()), "{message}");
        assert!(message.contains(words), "{status}: {message}");
    }
}

#[test]
fn the_other_sides_words_are_found_wherever_they_stand() {
    for (body, words) in [
        (json!({ "message": "No such list" }), "No such list"),
        (json!({ "error": { "message": "Bad field" } }), "Bad field"),
        (
            json!({ "error": "invalid_grant", "error_description": "Expired" }),
            "Expired",
        ),
        (
            json!({ "errors": [{ "detail": "Unknown id" }] }),
            "Unknown id",
        ),
        (json!({ "errors": "Gone away" }), "Gone away"),
        (
            json!({ "errors": { "email": ["is taken"] } }),
            "email: is taken",
        ),
        (
            json!([{ "message": "Session expired", "errorCode": "INVALID_SESSION_ID" }]),
            "Session expired",
        ),
        (json!(["plain"]), "plain"),
        (json!({ "detail": "Invalid page." }), "Invalid page."),
    ] {
        let message = Link::new().trouble(testkit::answer(404, &body)).message;
        let expected = format!("404 Not Found: {words}");
        assert!(message.starts_with(&expected), "{message}");
    }
    for said in ["Not Found", "not found.", "404 Not Found", ""] {
        let message = Link::new()
            .trouble(raw(404, "text/plain", said.as_bytes()))
            .message;
        assert!(message.starts_with("404 Not Found. Verify"), "{message}");
    }
    let told = json!({ "message": "<p>There is <b>more</b>.</p> 1 < 2, see \
        https://developers.example.com/docs/methods/authentication/oauth-overview-of-all" });
    let message = Link::new().trouble(testkit::answer(500, &told)).message;
    let expected =
        "500 Server Error: There is more . 1 < 2, see https://developers.example.com/docs/";
    assert!(message.starts_with(expected), "{message}");
    let html = b"<html><head><TITLE>Sign\n in</TITLE></head><body>x</body></html>";
    let message = Link::new().trouble(raw(403, "text/html", html)).message;
    assert!(message.starts_with("403 Forbidden: Sign in. "), "{message}");
    let message = Link::new()
        .trouble(raw(500, "text/plain", b"\x07boom\n\tagain"))
        .message;
    assert!(
        message.starts_with("500 Server Error: boom again. "),
        "{message}"
    );
}

#[test]
fn no_secret_and_no_endless_text_is_told() {
    let mut link = Link::new();
    link.secrets
        .headers
        .insert("x-auth".into(), "Token hidden-token-77".into());
    for words in [
        format!("The key {KEY} is unknown"),
        format!("Authorization: Bearer {KEY}"),
        format!("url=https://x/?k={KEY}&y=1"),
        "x-auth was hidden-token-77".to_owned(),
        "Bearer some-other-token".to_owned(),
        format!("jwt eyJhbGciOiJIUzI1NiJ9.e30.{}", "a".repeat(43)),
        format!("{}{KEY}", "x".repeat(295)),
    ] {
        let message = link
            .trouble(testkit::answer(401, &json!({ "message": words })))
            .message;
        for secret in [KEY, "key-12", "hidden-token-77", "some-other-token", "eyJ"] {
            assert!(!message.contains(secret), "{message}");
        }
        assert!(message.contains("***"), "{message}");
    }
    let long = "word ".repeat(2000);
    let message = link
        .trouble(raw(500, "text/plain", long.as_bytes()))
        .message;
    assert!(message.chars().count() < 450, "{message}");
    let basic = Link::new().with(|settings| {
        settings.auth = Auth::Basic {
            username: "ann".into(),
        };
    });
    let echo = json!({ "message": "you sent YW5uOmtleS0xMjM0NTY3ODkw" });
    let message = basic.trouble(testkit::answer(401, &echo)).message;
    assert!(!message.contains("YW5uOm"), "{message}");
}

#[test]
fn a_limit_is_waited_for_as_long_as_the_other_side_says() {
    // The stack's clock shows 2026-01-02T03:04:05Z.
    for (value, expected) in [
        ("7", Some(7)),
        ("2.5", Some(3)),
        ("2.0", Some(2)),
        (" 30 ", Some(30)),
        ("0", Some(1)),
        ("Fri, 02 Jan 2026 03:05:05 GMT", Some(60)),
        ("Fri, 02 Jan 2026 03:00:00 GMT", Some(1)),
        ("1767323105", Some(60)),
        ("1767323105000", Some(60)),
        ("99999999", Some(86_400)),
        ("999999999999999999", None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ] {
        for status in [429, 503] {
            let answer = with_headers(raw(status, "", b""), &[("retry-after", value)]);
            let trouble = Link::new().trouble(answer);
            assert_eq!(trouble.class, Class::Retry);
            assert_eq!(trouble.retry_after, expected, "{value}");
        }
    }
    assert_eq!(Link::new().trouble(raw(429, "", b"")).retry_after, None);
    let reset = with_headers(raw(429, "", b""), &[("x-ratelimit-reset", "9")]);
    assert_eq!(Link::new().trouble(reset).retry_after, Some(9));
    // A refusal that a limit explains is one.
    let spent = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1767323105"),
    ];
    let trouble = Link::new().trouble(with_headers(raw(403, "", b""), &spent));
    assert_eq!(
        (trouble.class, trouble.retry_after),
        (Class::Retry, Some(60))
    );
    // What will not pass is not waited for.
    let refused = with_headers(raw(401, "", b""), &[("retry-after", "5")]);
    assert_eq!(Link::new().trouble(refused).retry_after, None);
}

#[test]
fn no_answer_may_be_one_later() {
    let told = FetchError::NotSent(format!("refused for https://x/?key={KEY}"));
    for error in [
        told,
        FetchError::Unsure("the operation timed out".into()),
        FetchError::Unsure("Decompression failed".into()),
    ] {
        let trouble = Link::new().trouble(Err(error));
        assert_eq!((trouble.class, trouble.status), (Class::Retry, None));
        assert!(trouble.message.contains("next run"), "{}", trouble.message);
    }
}

#[test]
fn a_body_that_is_broken_empty_or_too_large_is_none() {
    let broken = |headers: &[(&str, &str)], content_type: &str, body: &[u8]| {
        Link::new().trouble(with_headers(raw(200, content_type, body), headers))
    };
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0];
    let truncated = broken(&[("content-encoding", "gzip")], "application/json", &gzip);
    assert_eq!(truncated.class, Class::Retry);
    assert_eq!(
        broken(&[], "application/gzip", &gzip).class,
        Class::Settings
    );
    assert_eq!(broken(&[], "application/json", b"").class, Class::Retry);
    assert_eq!(broken(&[], "text/csv", b" \n").class, Class::Retry);
    assert_eq!(
        broken(&[], "application/json", b"[{\"id\":1},{\"i").class,
        Class::Retry
    );
    assert_eq!(
        broken(&[], "application/JSON; charset=utf-8", b"{\"a\":").class,
        Class::Retry
    );
    let mut large = ok(&json!([])).unwrap();
    large.is_cut = true;
    let trouble = Link::new().trouble(Ok(large));
    assert_eq!(
        (trouble.class, trouble.status),
        (Class::Settings, Some(200))
    );
    assert!(trouble.message.contains("16 MiB"), "{}", trouble.message);
}

#[test]
fn what_reads_the_records_judges_bodies_of_other_types() {
    for (kind, body) in [
        ("text/html", &b"<html>sign in</html>"[..]),
        ("application/json", b"{\"a\":1}\n{\"a\":2}\n"),
        ("application/json", b"not json"),
        ("text/csv", b"a,b\n"),
    ] {
        let page = Link::new().will(raw(200, kind, body)).page();
        assert_eq!(page.body, body);
        assert_eq!(page.content_type.as_deref(), Some(kind));
    }
}

#[test]
fn no_content_is_an_empty_list() {
    let link = Link::new();
    let page = link.will(raw(204, "", b"")).page();
    assert_eq!(page.body, b"[]");
    assert_eq!(page.content_type.as_deref(), Some("application/json"));
    assert_eq!(next(&link.place(), None, &page, 0), Ok(None));
}
