use docs::handler::handle;
use testkit::{Answer, Stack};

fn get(path: &str) -> Answer {
    Stack::new().call("docs", "GET", path).send(handle)
}

#[test]
fn docs_answers_with_a_page_that_may_load_nothing() {
    let answer = get("/docs");
    assert!(answer.text().to_lowercase().starts_with("<!doctype html>"));
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
}

#[test]
fn docs_refuses_invalid_input() {
    assert_eq!(get("/docs?page=2").status, 422);
}
