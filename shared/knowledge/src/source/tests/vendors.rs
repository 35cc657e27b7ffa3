use super::*;

/// The URL that the first page of a link is asked for at.
fn asked(link: &Link) -> String {
    link.will(ok(&json!([]))).page();
    link.request().url
}

fn query_of(url: &str) -> String {
    let asked = asked(&Link::to(url));
    asked
        .split_once('?')
        .map_or_else(String::new, |(_, query)| query.to_owned())
}

#[test]
fn pages_are_as_large_as_a_vendor_gives_them() {
    for (url, expected) in [
        (
            "https://mystore.myshopify.com/admin/api/2024-01/customers.json",
            "limit=250",
        ),
        (
            "https://api.hubapi.com/crm/v3/objects/contacts?archived=false",
            "archived=false&limit=100",
        ),
        ("https://api.hubapi.com/crm/v3/objects/contacts/151", ""),
        (
            "https://x.my.salesforce.com/services/data/v60.0/query?q=SELECT+Id",
            "q=SELECT+Id",
        ),
        (
            "https://x.zendesk.com/api/v2/users.json",
            "page%5Bsize%5D=100",
        ),
        ("https://x.zendesk.com/api/v2/users", "page%5Bsize%5D=100"),
        ("https://x.zendesk.com/api/v2/incremental/users.json", ""),
        ("https://api.stripe.com/v1/customers", "limit=100"),
        ("https://api.stripe.com/v1/customers/cus_1", ""),
        (
            "https://shop.example/wp-json/wc/v3/customers",
            "per_page=100",
        ),
        ("https://x.pipedrive.com/api/v1/persons", "limit=500"),
        ("https://x.pipedrive.com/v1/persons", "limit=500"),
    ] {
        assert_eq!(query_of(url), expected, "{url}");
    }
    for url in [
        "https://mystore.myshopify.com/admin/api/2024-01/customers.json?limit=10",
        "https://x.zendesk.com/api/v2/users.json?page[size]=5",
        "https://x.zendesk.com/api/v2/users.json?per_page=5",
        "https://api.crm.example/v1/customers",
        "https://evil-myshopify.com/admin/api/2024-01/customers.json",
    ] {
        assert_eq!(asked(&Link::to(url)), url);
    }
}

#[test]
fn a_fake_on_this_machine_is_known_by_its_paths() {
    for (path, expected) in [
        ("/admin/api/2024-01/customers.json", "?limit=250"),
        ("/crm/v3/objects/contacts", "?limit=100"),
        ("/services/data/v60.0/query", ""),
        ("/api/v2/users.json", "?page%5Bsize%5D=100"),
        ("/v1/customers", "?limit=100"),
        ("/wp-json/wc/v3/customers", "?per_page=100"),
        ("/api/v1/persons", "?limit=500"),
        ("/api/v2/persons", "?limit=500"),
        ("/people", ""),
    ] {
        let url = format!("http://127.0.0.1:8787{path}");
        let link = Link::to(&url);
        link.stack.ports.set("ALLOW_INSECURE_URLS", "1");
        assert_eq!(asked(&link), format!("{url}{expected}"));
    }
}

#[test]
fn a_key_goes_where_the_vendor_looks_for_it() {
    let headers = |url: &str, key: &str| {
        let mut link = Link::to(url);
        link.secrets.api_key = Some(key.into());
        link.will(ok(&json!([]))).page();
        let request = link.request();
        let of = |name| header(&request, name).map(str::to_owned);
        (
            of("authorization"),
            of("x-shopify-access-token"),
            of("x-api-token"),
        )
    };
    let some = |text: &str| Some(text.to_owned());
    let shopify = "https://mystore.myshopify.com/admin/api/2024-01/customers.json";
    assert_eq!(
        headers(shopify, "shppa_1"),
        (some("Bearer shppa_1"), some("shppa_1"), None)
    );
    let personal = "0123456789abcdef0123456789abcdef01234567";
    let pipedrive = "https://x.pipedrive.com/api/v1/persons";
    assert_eq!(headers(pipedrive, personal), (None, None, some(personal)));
    assert_eq!(
        headers(pipedrive, "v1u:x"),
        (some("Bearer v1u:x"), None, some("v1u:x"))
    );
    // ck_1:cs_1
    let woo = "https://shop.example/wp-json/wc/v3/customers";
    assert_eq!(headers(woo, "ck_1:cs_1").0, some("Basic Y2tfMTpjc18x"));
    assert_eq!(headers(woo, "token").0, some("Bearer token"));
    assert_eq!(
        headers("https://api.hubapi.com/crm/v3/objects/contacts", "pat:1").0,
        some("Bearer pat:1")
    );
}

#[test]
fn a_limit_of_a_day_is_waited_for_longer() {
    let daily = json!({ "status": "error", "message": "You have reached your daily limit.",
        "errorType": "RATE_LIMIT", "policyName": "DAILY" });
    let trouble = Link::new().trouble(testkit::answer(429, &daily));
    assert_eq!(
        (trouble.class, trouble.retry_after),
        (Class::Retry, Some(3600))
    );
    let secondly = json!({ "message": "x", "policyName": "TEN_SECONDLY_ROLLING" });
    let trouble = Link::new().trouble(testkit::answer(429, &secondly));
    assert_eq!((trouble.class, trouble.retry_after), (Class::Retry, None));
    let spent = json!([{ "message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED" }]);
    let trouble = Link::new().trouble(testkit::answer(403, &spent));
    assert_eq!(
        (trouble.class, trouble.retry_after),
        (Class::Retry, Some(3600))
    );
    assert!(
        trouble
            .message
            .starts_with("403 Forbidden: TotalRequests Limit exceeded. It is tried"),
        "{}",
        trouble.message
    );
}

#[test]
fn a_limit_that_is_near_is_told_with_the_page() {
    let slow_down = |headers: &[(&str, &str)]| {
        let link = Link::new();
        link.will(with_headers(ok(&json!([])), headers))
            .page()
            .slow_down
    };
    let calls = |text: &str| slow_down(&[("x-shopify-shop-api-call-limit", text)]);
    assert_eq!(calls("39/40"), Some(3500));
    assert_eq!(calls("40/40"), Some(4000));
    assert_eq!(calls("32/40"), None);
    assert_eq!(calls("400/400"), Some(4000));
    assert_eq!(calls("9999999999/1"), None);
    assert_eq!(calls("5/0"), None);
    assert_eq!(calls("full"), None);
    let hubspot = |left: &str| {
        slow_down(&[
            ("x-hubspot-ratelimit-remaining", left),
            ("x-hubspot-ratelimit-interval-milliseconds", "10000"),
        ])
    };
    assert_eq!((hubspot("4"), hubspot("50")), (Some(10_000), None));
    let generic = |left: &str, reset: &str| {
        slow_down(&[("x-rate-limit-remaining", left), ("ratelimit-reset", reset)])
    };
    assert_eq!(
        (generic("1", "41"), generic("9", "41")),
        (Some(41_000), None)
    );
    assert_eq!(
        (generic("0", "3600"), generic("0", "soon")),
        (Some(60_000), None)
    );
    assert_eq!(slow_down(&[]), None);
}
