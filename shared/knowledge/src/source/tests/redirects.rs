use super::*;

fn to(status: u16, location: &str) -> Answer {
    with_headers(raw(status, "", b""), &[("location", location)])
}

#[test]
fn redirects_within_the_origin_are_followed_up_to_three() {
    let link = Link::new();
    link.will(to(301, "/v2/people"));
    link.will(to(302, "https://API.crm.example:443/v2/people/"));
    link.will(to(308, "list"));
    let page = link.will(ok(&json!([]))).page();
    assert_eq!(page.url, "https://API.crm.example:443/v2/people/list");
    let requests = link.requests();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        assert_eq!(
            header(request, "authorization"),
            Some("Bearer key-1234567890")
        );
    }
    for _ in 0..3 {
        link.will(to(302, "/again"));
    }
    let trouble = link.trouble(to(302, "/again"));
    assert_eq!(trouble.class, Class::Settings);
    assert_eq!(link.requests().len(), 4);
}

#[test]
fn a_redirect_that_leaves_the_origin_is_never_followed() {
    for location in [
        "https://evil.example/people",
        "//evil.example/people",
        "http://api.crm.example/v1/people",
        "https://api.crm.example:8443/v1/people",
        "https://api.crm.example.evil.example/",
        "https://sub.api.crm.example/",
        "https://169.254.169.254/latest/meta-data/iam",
        "http://169.254.169.254/latest/meta-data/iam",
        "https://[::1]/",
        "https://user@api.crm.example/",
        "https://api.crm.example@evil.example/",
        "https:\\\\evil.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
    ] {
        let link = Link::new();
        let trouble = link.trouble(to(302, location));
        assert_eq!(trouble.class, Class::Settings, "{location}");
        assert_eq!(link.requests().len(), 1, "{location}");
    }
    let trouble = Link::new().trouble(to(302, "https://evil.example/people?k=1"));
    assert!(
        trouble.message.contains("https://evil.example"),
        "{}",
        trouble.message
    );
    assert!(!trouble.message.contains("k=1"), "{}", trouble.message);
    let trouble = Link::new().trouble(to(302, "http://169.254.169.254/latest"));
    assert_eq!(trouble.status, Some(302));
    assert!(
        trouble
            .message
            .contains("redirects to http://169.254.169.254,")
    );
    assert_eq!(
        Link::new().trouble(raw(302, "", b"")).class,
        Class::Settings
    );
}

#[test]
fn the_key_in_a_query_goes_along_within_the_origin() {
    let link = Link::new().with(|settings| {
        settings.auth = Auth::Query { name: "key".into() };
    });
    link.will(to(302, "/v2/people?a=1"));
    let page = link.will(ok(&json!([]))).page();
    assert_eq!(page.url, "https://api.crm.example/v2/people?a=1");
    let last = link.requests().pop().unwrap();
    assert_eq!(
        last.url,
        format!("https://api.crm.example/v2/people?a=1&key={KEY}")
    );
}

#[test]
fn a_post_is_redirected_as_a_post_or_not_at_all() {
    let link = Link::new().with(|settings| settings.body = Some(json!({ "a": 1 })));
    link.will(to(307, "/v2/people"));
    link.will(ok(&json!([]))).page();
    let requests = link.requests();
    assert_eq!(
        (requests[1].method, sent(&requests[1])),
        ("POST", json!({ "a": 1 }))
    );
    assert_eq!(link.trouble(to(302, "/v2/people")).class, Class::Settings);
    assert_eq!(link.requests().len(), 1);
}
