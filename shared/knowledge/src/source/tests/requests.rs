use super::*;

fn headers(list: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    list.iter()
        .map(|(n, v)| ((*n).into(), (*v).into()))
        .collect()
}

fn request_of(link: &Link) -> OutboundRequest {
    link.will(ok(&json!([]))).page();
    link.request()
}

#[test]
fn a_page_is_asked_for_with_the_key_as_bearer() {
    let link = Link::new();
    let request = request_of(&link);
    assert_eq!((request.method, request.url.as_str()), ("GET", URL));
    assert_eq!(
        header(&request, "authorization"),
        Some("Bearer key-1234567890")
    );
    assert_eq!(request.body, None);
    assert_eq!(
        (request.timeout_ms, request.max_bytes),
        (20_000, 16 * 1024 * 1024)
    );
    assert_eq!(header(&request, "if-none-match"), None);
}

#[test]
fn each_way_to_prove_who_asks_is_the_one_that_is_set() {
    let by = |auth: Auth| request_of(&Link::new().with(|settings| settings.auth = auth));
    let basic = by(Auth::Basic {
        username: "ann".into(),
    });
    // ann:key-1234567890
    assert_eq!(
        header(&basic, "authorization"),
        Some("Basic YW5uOmtleS0xMjM0NTY3ODkw")
    );
    let named = by(Auth::Header {
        name: "X-Api-Key".into(),
    });
    assert_eq!(header(&named, "x-api-key"), Some(KEY));
    assert_eq!(header(&named, "authorization"), None);
    let query = by(Auth::Query {
        name: "api_key".into(),
    });
    assert_eq!(query.url, format!("{URL}?api_key={KEY}"));
    assert_eq!(header(&query, "authorization"), None);
    let mut link = Link::new();
    link.secrets.api_key = None;
    assert_eq!(header(&request_of(&link), "authorization"), None);
}

#[test]
fn the_key_in_a_query_is_in_no_page_and_in_no_cursor() {
    let link = Link::to("https://api.crm.example/people?x=1").with(|settings| {
        settings.auth = Auth::Query {
            name: "token".into(),
        };
    });
    let next = format!("/people?x=1&token={KEY}&page=2&again={KEY}");
    let page = link.will(ok(&json!({ "next": next }))).page();
    assert_eq!(page.url, "https://api.crm.example/people?x=1");
    let cursor = super::super::next(&link.place(), None, &page, 1)
        .unwrap()
        .unwrap();
    let kept = serde_json::to_string(&cursor).unwrap();
    assert!(!kept.contains(KEY), "{kept}");
    link.requests();
    link.will(ok(&json!([]))).page_at(Some(&cursor));
    let expected = format!("https://api.crm.example/people?x=1&page=2&token={KEY}");
    assert_eq!(link.request().url, expected);
}

#[test]
fn headers_that_are_set_are_sent_and_replace_ours() {
    let mut link = Link::new().with(|settings| {
        let plain = [("accept", "text/csv"), ("x-client-id", "facebook-bot")];
        settings.headers = plain
            .iter()
            .map(|(n, v)| ((*n).to_owned(), Some((*v).to_owned())))
            .chain([("x-api-key".to_owned(), None)])
            .collect();
    });
    link.secrets.headers = headers(&[("X-Api-Key", "internal-key-123")]);
    let request = request_of(&link);
    assert_eq!(header(&request, "x-api-key"), Some("internal-key-123"));
    assert_eq!(header(&request, "x-client-id"), Some("facebook-bot"));
    assert_eq!(header(&request, "accept"), Some("text/csv"));
    assert!(request.headers.iter().all(|(name, _)| *name != "accept"));
    assert_eq!(
        header(&request, "authorization"),
        Some("Bearer key-1234567890")
    );
    link.secrets.headers = headers(&[("authorization", "Token abc")]);
    let request = request_of(&link);
    assert_eq!(header(&request, "authorization"), Some("Token abc"));
}

#[test]
fn headers_of_the_connection_and_broken_ones_are_left_out() {
    let mut link = Link::new();
    link.secrets.headers = headers(&[
        ("Host", "other.example"),
        ("content-length", "5"),
        ("transfer-encoding", "chunked"),
        ("x bad", "1"),
        ("", "1"),
        ("x-split", "a\r\nx-more: b"),
        ("x-umlaut", "ä"),
        ("x-good", " yes "),
    ]);
    let request = request_of(&link);
    let names: Vec<_> = request
        .custom_headers
        .iter()
        .map(|(n, _)| n.as_str())
        .collect();
    assert_eq!(names, ["x-good", "authorization"]);
    assert_eq!(header(&request, "x-good"), Some("yes"));
}

#[test]
fn a_body_is_posted_as_it_is_set() {
    let link = Link::new().with(|settings| settings.body = Some(json!({ "limit": 100 })));
    let request = request_of(&link);
    assert_eq!(request.method, "POST");
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(sent(&request), json!({ "limit": 100 }));
    let link = Link::new().with(|settings| settings.body = Some(json!([1])));
    assert_eq!(
        link.fetch_at(None, None).unwrap_err().class,
        Class::Settings
    );
    assert!(link.requests().is_empty());
}

#[test]
fn a_file_is_fetched_whole_and_has_no_further_page() {
    let mut link = Link::to("https://files.example/people.csv")
        .with(|settings| settings.body = Some(json!({ "a": 1 })));
    link.kind = LinkType::File;
    let answer = raw(200, "text/csv", b"id,name\n1,Ann\n");
    let answer = with_headers(answer, &[("link", "</people.csv?page=2>; rel=next")]);
    let page = link.will(answer).page();
    assert_eq!(link.request().method, "GET");
    assert_eq!(page.content_type.as_deref(), Some("text/csv"));
    assert_eq!(next(&link.place(), None, &page, 1), Ok(None));
}

#[test]
fn other_types_of_links_are_not_fetched() {
    for kind in [LinkType::Webhook, LinkType::Database] {
        let mut link = Link::new();
        link.kind = kind;
        assert_eq!(
            link.fetch_at(None, None).unwrap_err().class,
            Class::Settings
        );
        assert!(link.requests().is_empty());
    }
}

#[test]
fn a_url_that_is_not_public_is_never_asked() {
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "http://api.crm.example/people",
        "https://localhost/people",
        "https://10.0.0.1/",
        "ftp://api.crm.example/",
        "nonsense",
    ] {
        let link = Link::to(url);
        let trouble = link.fetch_at(None, None).unwrap_err();
        assert_eq!(trouble.class, Class::Settings, "{url}");
        assert!(link.requests().is_empty(), "{url}");
    }
}

#[test]
fn what_has_not_changed_is_asked_for_once_and_told_apart() {
    let link = Link::new();
    let answer = with_headers(
        ok(&json!([])),
        &[
            ("etag", "W/\"a-1\""),
            ("last-modified", "Wed, 21 Oct 2025 07:28:00 GMT"),
        ],
    );
    let known = link.will(answer).page().validators.unwrap();
    assert_eq!(known.etag.as_deref(), Some("W/\"a-1\""));
    let kept = serde_json::to_string(&known).unwrap();
    let known: Validators = serde_json::from_str(&kept).unwrap();
    link.requests();
    link.will(raw(304, "", b""));
    assert_eq!(link.fetch_at(None, Some(&known)), Ok(Fetched::NotModified));
    let request = link.request();
    assert_eq!(header(&request, "if-none-match"), Some("W/\"a-1\""));
    assert_eq!(
        header(&request, "if-modified-since"),
        Some("Wed, 21 Oct 2025 07:28:00 GMT")
    );
    // Behind the first page the validators of another page say nothing.
    let page = link.will(ok(&json!({ "next": "?page=2" }))).page();
    let cursor = next(&link.place(), None, &page, 1).unwrap().unwrap();
    link.requests();
    link.will(ok(&json!([])));
    link.fetch_at(Some(&cursor), Some(&known)).unwrap();
    assert_eq!(header(&link.request(), "if-none-match"), None);
    // Nobody asked whether it had changed.
    assert_eq!(link.trouble(raw(304, "", b"")).class, Class::Retry);
}
