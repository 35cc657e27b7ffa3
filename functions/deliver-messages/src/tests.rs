use deliver_messages::handler::{resume, run};
use common::Context;
use testkit::Stack;

#[test]
fn a_call_of_another_shape_sends_nothing() {
    let (stack, _) = Stack::with_tenant();
    for body in ["", "[]", r#"["business"]"#, r#"{"message_id":"m"}"#] {
        let log = stack.job("", async |cx: &Context<'_>, _: &str| {
            run(cx, "", body.as_bytes()).await.map(|_| ())
        });
        assert_eq!(log["code"], "malformed_json", "{body}");
    }
    assert!(stack.outside.take_requests().is_empty());
}

#[test]
fn a_message_of_the_queue_that_names_nothing_sends_nothing() {
    let (stack, _) = Stack::with_tenant();
    let log = stack.job("nothing", resume);
    assert_eq!(log["code"], "malformed_json");
    assert!(stack.outside.take_requests().is_empty());
}
