//! That HEAD is answered as GET is, without the body.

use testkit::{Answer, Stack};

fn ask(method: &'static str, stack: &Stack, path: &str, key: &str) -> Answer {
    let call = stack.call("customers", method, path).key(key);
    call.send(customers::handler::handle)
}

#[test]
fn head_answers_with_the_headers_of_get_and_no_body() {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(&tenant, "{}");
    for (path, status) in [("/api-customers", 200), ("/api-customers?id=x", 404)] {
        let get = ask("GET", &stack, path, &tenant.api_key);
        let head = ask("HEAD", &stack, path, &tenant.api_key);
        assert_eq!((get.status, head.status), (status, status), "{path}");
        assert_eq!(head.text(), "", "{path}");
        assert!(!get.text().is_empty(), "{path}");
        let length = get.text().len().to_string();
        assert_eq!(head.header("content-length"), Some(&*length), "{path}");
        for name in [
            "content-type",
            "cache-control",
            "access-control-allow-origin",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        assert_eq!(head.log["method"], "HEAD");
    }
    let unauthenticated = stack
        .call("customers", "HEAD", "/api-customers")
        .send(customers::handler::handle);
    assert_eq!(
        (unauthenticated.status, &*unauthenticated.text()),
        (401, "")
    );
}

#[test]
fn what_does_not_answer_get_refuses_head_and_allow_names_head_beside_get() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("customers-sync", "HEAD", "/api-customers-sync");
    let refused = call
        .key(&tenant.api_key)
        .send(customers_sync::handler::handle);
    assert_eq!(
        (refused.status, refused.header("allow")),
        (405, Some("POST"))
    );
    let refused = ask("PUT", &stack, "/api-customers", &tenant.api_key);
    let allow = refused.header("allow");
    assert_eq!((refused.status, allow), (405, Some("GET, HEAD, DELETE")));
}
