use super::*;

const BASE: &str = "https://api.crm.example";

fn url_behind(body: &Value) -> Option<String> {
    Link::new().next_url(ok(body))
}

/// The URL behind a page with this body, without the host.
fn path_behind(body: &Value) -> String {
    let url = url_behind(body).unwrap_or_else(|| panic!("{body} is the last page"));
    url.strip_prefix(BASE).unwrap().to_owned()
}

fn is_last(link: &Link, body: &Value, records: usize) -> bool {
    link.walk(vec![(ok(body), records)]).unwrap().is_none()
}

#[test]
fn a_list_goes_on_at_the_link_of_its_header() {
    let link = "<https://api.crm.example/v1/people?page_info=abc>; rel=\"next\"";
    let answer = || with_headers(ok(&json!({ "next": "/other" })), &[("link", link)]);
    let expected = Some("https://api.crm.example/v1/people?page_info=abc".to_owned());
    assert_eq!(Link::new().next_url(answer()), expected);
    assert_eq!(
        Link::new().paged("link_header").next_url(answer()),
        expected
    );
    // Where that is set, the body says nothing.
    let body = json!({ "next": "/other" });
    assert!(is_last(&Link::new().paged("link_header"), &body, 1));
    assert!(is_last(&Link::new().paged("none"), &body, 1));
}

#[test]
fn a_list_goes_on_at_the_url_of_its_body() {
    for body in [
        json!({ "next": "https://api.crm.example/n" }),
        json!({ "next_page": "/n" }),
        json!({ "links": { "next": "/n" } }),
        json!({ "links": { "next": { "href": "/n" } } }),
        json!({ "links": [{ "rel": "self", "href": "/s" }, { "rel": "next", "href": "/n" }] }),
        json!({ "_links": { "next": { "href": "/n" } } }),
        json!({ "paging": { "next": { "after": "5", "link": "/n" } } }),
        json!({ "paging": { "cursors": { "after": "x" }, "next": "/n" } }),
        json!({ "done": false, "nextRecordsUrl": "/n" }),
        json!({ "@odata.nextLink": "https://api.crm.example/n" }),
        json!({ "meta": { "has_more": true }, "links": { "next": "/n" } }),
        json!({ "meta": { "next": "/n" } }),
        json!({ "next_page_url": "/n", "current_page": 1, "last_page": 1 }),
    ] {
        assert_eq!(path_behind(&body), "/n", "{body}");
    }
    assert_eq!(
        path_behind(&json!({ "next": "?page=2" })),
        "/v1/people?page=2"
    );
}

#[test]
fn a_list_goes_on_with_the_cursor_of_its_body() {
    for (body, expected) in [
        (
            json!({ "paging": { "next": { "after": "a=" } } }),
            "after=a%3D",
        ),
        (
            json!({ "additional_data": { "pagination": {
                "more_items_in_collection": true, "next_start": 100 } } }),
            "start=100",
        ),
        (
            json!({ "additional_data": { "next_cursor": "x" } }),
            "cursor=x",
        ),
        (json!({ "next_cursor": "x" }), "cursor=x"),
        (
            json!({ "meta": { "has_more": true, "after_cursor": "x" } }),
            "page%5Bafter%5D=x",
        ),
        (
            json!({ "response_metadata": { "next_cursor": "x" } }),
            "cursor=x",
        ),
        (
            json!({ "pages": { "next": { "page": 2, "starting_after": "x" } } }),
            "starting_after=x",
        ),
        (json!({ "nextPageToken": "x" }), "pageToken=x"),
        (
            json!({ "records": [], "offset": "itr/rec" }),
            "offset=itr%2Frec",
        ),
        (
            json!({ "has_more": true, "data": [{ "id": "a" }, { "id": "b" }] }),
            "starting_after=b",
        ),
    ] {
        assert_eq!(
            path_behind(&body),
            format!("/v1/people?{expected}"),
            "{body}"
        );
    }
}

#[test]
fn a_list_goes_on_with_the_next_number() {
    for (body, expected) in [
        (json!({ "next_page": 2 }), "page=2"),
        (json!({ "meta": { "next_page": 3 } }), "page=3"),
        (json!({ "current_page": 1, "last_page": 2 }), "page=2"),
        (
            json!({ "meta": { "current_page": 1, "total_pages": 2 } }),
            "page=2",
        ),
        (json!({ "pagination": { "page": 1, "pages": 2 } }), "page=2"),
        (
            json!({ "content": [], "number": 0, "totalPages": 2, "last": false }),
            "page=1",
        ),
        (
            json!({ "offset": 0, "limit": 50, "total": 51 }),
            "offset=50",
        ),
    ] {
        assert_eq!(
            path_behind(&body),
            format!("/v1/people?{expected}"),
            "{body}"
        );
    }
    let header = with_headers(ok(&json!([{ "id": 1 }])), &[("x-wp-totalpages", "2")]);
    let expected = format!("{URL}?page=2");
    assert_eq!(Link::new().next_url(header), Some(expected));
}

#[test]
fn a_page_that_says_so_or_says_nothing_is_the_last() {
    for body in [
        json!([{ "id": 1 }]),
        json!({ "customers": [{ "id": 1, "next": "/n" }] }),
        json!({ "next": null }),
        json!({ "next": "" }),
        json!({ "next": false }),
        json!({ "meta": { "has_more": false }, "links": { "next": "/n" } }),
        json!({ "has_more": false, "data": [{ "id": "a" }] }),
        json!({ "done": true, "nextRecordsUrl": "/n" }),
        json!({ "paging": { "cursors": { "before": "a", "after": "b" } } }),
        json!({ "additional_data": { "pagination": { "more_items_in_collection": false } } }),
        json!({ "additional_data": { "next_cursor": null } }),
        json!({ "current_page": 2, "last_page": 2 }),
        json!({ "number": 1, "totalPages": 2 }),
        json!({ "offset": 50, "limit": 50, "total": 100 }),
        json!({ "total": 3, "page": 1 }),
        json!("text"),
    ] {
        assert!(is_last(&Link::new(), &body, 1), "{body}");
    }
    let csv = raw(200, "text/csv", b"{a,b\n1,2\n");
    assert_eq!(Link::new().walk(vec![(csv, 1)]), Ok(None));
}

#[test]
fn a_list_that_says_there_is_more_and_not_where_is_never_cut_silently() {
    for body in [
        json!({ "has_more": true, "people": [{ "id": 1 }] }),
        json!({ "has_more": true, "data": [] }),
    ] {
        let trouble = Link::new().walk(vec![(ok(&body), 1)]).unwrap_err();
        assert_eq!(trouble.class, Class::Settings);
        assert!(trouble.message.contains("`next`"), "{}", trouble.message);
    }
}

#[test]
fn a_set_path_leads_on_by_a_url_or_by_a_parameter() {
    for (path, body, expected) in [
        (
            "cursor:meta.next",
            json!({ "meta": { "next": "/n" } }),
            "/n",
        ),
        (
            "cursor:next_cursor",
            json!({ "next_cursor": "x y" }),
            "/v1/people?cursor=x%20y",
        ),
        (
            "cursor:paging.next.after",
            json!({ "paging": { "next": { "after": 5 } } }),
            "/v1/people?after=5",
        ),
        (
            "cursor:nextPageToken",
            json!({ "nextPageToken": "x" }),
            "/v1/people?pageToken=x",
        ),
        (
            "cursor:$.pages[0].since",
            json!({ "pages": [{ "since": "x" }] }),
            "/v1/people?since=x",
        ),
        ("cursor:a.b", json!({ "a.b": "x" }), "/v1/people?b=x"),
    ] {
        let url = Link::new().paged(path).next_url(ok(&body)).unwrap();
        assert_eq!(url.strip_prefix(BASE), Some(expected), "{path}");
    }
    let named = Link::to("https://api.crm.example/p?next_cursor=&a=1").paged("cursor:next_cursor");
    let url = named.next_url(ok(&json!({ "next_cursor": "x" }))).unwrap();
    assert_eq!(url, "https://api.crm.example/p?a=1&next_cursor=x");
    let link = Link::new().paged("cursor:next_cursor");
    for body in [
        json!({}),
        json!({ "next_cursor": null }),
        json!({ "next_cursor": "" }),
        json!({ "next_cursor": {} }),
        json!({ "next_cursor": "x", "has_more": false }),
        json!([]),
    ] {
        assert!(is_last(&link, &body, 1), "{body}");
    }
}

#[test]
fn a_posted_list_goes_on_in_its_body() {
    let link = Link::new()
        .paged("cursor:paging.next.after")
        .with(|settings| settings.body = Some(json!({ "limit": 2, "filterGroups": [] })));
    let at = link.walk(vec![(
        ok(&json!({ "paging": { "next": { "after": "2" } } })),
        2,
    )]);
    link.requests();
    link.will(ok(&json!([]))).page_at(at.unwrap().as_ref());
    let request = link.request();
    assert_eq!((request.method, request.url.as_str()), ("POST", URL));
    assert_eq!(
        sent(&request),
        json!({ "limit": 2, "filterGroups": [], "after": "2" })
    );
    // Also where the way on is found.
    let found = Link::new().with(|settings| settings.body = Some(json!({})));
    let at = found.walk(vec![(ok(&json!({ "next_cursor": 7 })), 1)]);
    found.requests();
    found.will(ok(&json!([]))).page_at(at.unwrap().as_ref());
    assert_eq!(sent(&found.request()), json!({ "cursor": 7 }));
    // And where pages are counted.
    let counted = Link::new()
        .paged("page")
        .with(|settings| settings.body = Some(json!({})));
    let at = counted.walk(vec![(ok(&json!([1])), 1), (ok(&json!([2])), 1)]);
    counted.requests();
    counted.will(ok(&json!([]))).page_at(at.unwrap().as_ref());
    assert_eq!(sent(&counted.request()), json!({ "page": 3 }));
}

#[test]
fn pages_are_counted_until_one_has_no_records() {
    let link = Link::to("https://api.crm.example/p?size=2").paged("page");
    let answers = || vec![(ok(&json!([1, 2])), 2), (ok(&json!([3])), 1)];
    let at = link.walk(answers()).unwrap().unwrap();
    assert_eq!(at.pages(), 2);
    link.requests();
    let page = link.will(ok(&json!([]))).page_at(Some(&at));
    assert_eq!(
        link.request().url,
        "https://api.crm.example/p?size=2&page=3"
    );
    assert_eq!(next(&link.place(), Some(&at), &page, 0), Ok(None));
    // From the number that the URL has, zero as well.
    let zero = Link::to("https://api.crm.example/p?page=0").paged("page");
    let url = zero.next_url(ok(&json!([1])));
    assert_eq!(url.as_deref(), Some("https://api.crm.example/p?page=1"));
    let offset = Link::to("https://api.crm.example/p?offset=0&limit=2").paged("page");
    let url = offset.next_url(ok(&json!([1])));
    assert_eq!(
        url.as_deref(),
        Some("https://api.crm.example/p?limit=2&offset=1")
    );
}

#[test]
fn counting_ends_where_a_page_says_that_it_is_the_last() {
    let link = Link::new().paged("page");
    assert!(is_last(
        &link,
        &json!({ "page": 1, "pages": 1, "items": [1] }),
        1
    ));
    assert!(is_last(
        &link,
        &json!({ "has_more": false, "items": [1] }),
        1
    ));
    let header = with_headers(ok(&json!([1])), &[("x-wp-totalpages", "1")]);
    assert_eq!(link.walk(vec![(header, 1)]), Ok(None));
}

#[test]
fn a_next_page_elsewhere_is_refused_and_gets_no_key() {
    for target in [
        "https://evil.example/v1/people?page=2",
        "//evil.example/x",
        "http://api.crm.example/v1/people?page=2",
        "https://api.crm.example:444/v1/people",
        "https://169.254.169.254/latest",
        "https://api.crm.example@evil.example/",
        "https://key-1234567890.evil.example/",
    ] {
        let by_body = ok(&json!({ "next": target }));
        let by_link = with_headers(
            ok(&json!([])),
            &[("link", &format!("<{target}>; rel=next"))],
        );
        for answer in [by_body, by_link] {
            let link = Link::new();
            let trouble = link.walk(vec![(answer, 1)]);
            if target.starts_with("//") || target.contains("://") {
                let trouble = trouble.unwrap_err();
                assert_eq!(trouble.class, Class::Settings, "{target}");
                assert!(!trouble.message.contains(KEY), "{}", trouble.message);
            }
            assert_eq!(link.requests().len(), 1, "{target}");
        }
    }
    // A cursor that was kept before the URL of the link was changed leads nowhere.
    let mut link = Link::new();
    let at = link.walk(vec![(ok(&json!({ "next": "/n" })), 1)]).unwrap();
    link.url = "https://other.example/".into();
    link.requests();
    let trouble = link.fetch_at(at.as_ref(), None).unwrap_err();
    assert_eq!((trouble.class, link.requests().len()), (Class::Settings, 0));
}
