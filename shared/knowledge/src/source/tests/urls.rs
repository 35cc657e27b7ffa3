use crate::source::url::{host, next_link, origin, parameter, path, resolved, with_parameter};

#[test]
fn an_origin_is_scheme_host_and_port() {
    for (url, expected) in [
        ("https://A.example/x?y#z", Some("https://a.example")),
        ("HTTPS://a.example:443", Some("https://a.example")),
        ("https://a.example:8443/", Some("https://a.example:8443")),
        ("http://127.0.0.1:8787/x", Some("http://127.0.0.1:8787")),
        ("https://[::1]:1/x", Some("https://[::1]:1")),
        ("https://a.example?x=//b", Some("https://a.example")),
        ("https://u@a.example/", None),
        ("ftp://a.example/", None),
        ("https:///x", None),
        ("a.example/x", None),
    ] {
        assert_eq!(origin(url).as_deref(), expected, "{url}");
    }
    assert_eq!(host("https://A.example:8443/x"), "a.example");
    assert_eq!(host("https://[::1]:1/x"), "[::1]");
    assert_eq!(path("https://a.example/x/y?z=/w"), "/x/y");
    assert_eq!(path("https://a.example?x=1"), "/");
}

#[test]
fn a_target_is_resolved_from_the_page_that_names_it() {
    let base = "https://a.example/api/people?page=1#top";
    for (target, expected) in [
        ("https://b.example/x", Some("https://b.example/x")),
        ("//b.example/x", Some("https://b.example/x")),
        ("/x?y=1", Some("https://a.example/x?y=1")),
        ("?page=2", Some("https://a.example/api/people?page=2")),
        ("more?page=2#z", Some("https://a.example/api/more?page=2")),
        ("?at=12:30", Some("https://a.example/api/people?at=12:30")),
        ("/a b", Some("https://a.example/a%20b")),
        ("mailto:a@b", None),
        ("data:text/plain,x", None),
        ("", None),
        ("#top", None),
    ] {
        assert_eq!(resolved(base, target).as_deref(), expected, "{target}");
    }
    let bare = resolved("https://a.example", "x").unwrap();
    assert_eq!(bare, "https://a.example/x");
}

#[test]
fn a_parameter_is_set_without_touching_the_others() {
    let url = "https://a.example/x?q=a%20b&page%5Bsize%5D=5&page=1&page=9#top";
    assert_eq!(parameter(url, "page[size]").as_deref(), Some("5"));
    assert_eq!(parameter(url, "size"), None);
    assert_eq!(
        with_parameter(url, "page", Some("a&b")),
        "https://a.example/x?q=a%20b&page%5Bsize%5D=5&page=a%26b"
    );
    assert_eq!(
        with_parameter("https://a.example/x", "page[size]", Some("1")),
        "https://a.example/x?page%5Bsize%5D=1"
    );
    assert_eq!(
        with_parameter("https://a.example/?k=1", "k", None),
        "https://a.example/"
    );
}

#[test]
fn the_next_link_of_a_header_is_found_among_others() {
    for (header, expected) in [
        (
            "<https://a/x?page=2>; rel=\"next\"",
            Some("https://a/x?page=2"),
        ),
        ("</a>; rel=prev, </b>; rel=next", Some("/b")),
        (
            "</a,b>; title=\"x, <y>; rel=next\"; rel=\"last\", </c>; REL=\"last Next\"",
            Some("/c"),
        ),
        ("</a>; rel=\"prev\"; title=next", None),
        ("</a>; rel=nextish", None),
        ("</a", None),
        ("", None),
    ] {
        assert_eq!(next_link(header).as_deref(), expected, "{header}");
    }
}
