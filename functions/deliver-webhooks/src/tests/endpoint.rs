use super::{HOOK, HOUR, Hooks, header, one, standard, status};
use common::ports::Queue;
use dashboard_webhooks::settings::{endpoint_rotate_secret, endpoint_update};
use serde_json::{Value, json};
use webhooks::{EndpointPatch, RotationRequest};

#[test]
fn a_410_disables_the_endpoint_at_once_and_the_others_are_told() {
    let hooks = Hooks::with_events(1);
    let (other, _) = hooks.stack.endpoint(&hooks.tenant, HOOK, &["message.sent"]);
    hooks.stack.ports.take_wakes(Queue::Events);
    assert!(hooks.tried(status(410)).is_empty());
    assert_eq!(hooks.deliveries(), one("failed", "gone"));
    let endpoint = format!("FROM webhook_endpoints WHERE id = '{}'", hooks.endpoint);
    assert_eq!(
        hooks.value(&format!("SELECT status {endpoint}")),
        "disabled".into()
    );
    assert_eq!(
        hooks.value(&format!("SELECT disabled_reason {endpoint}")),
        "gone".into()
    );
    let woken = hooks.stack.ports.take_wakes(Queue::Events);
    assert_eq!(woken, [(hooks.tenant.business_id.clone(), 0)]);
    hooks.stack.fan_out(&hooks.tenant);
    let notified = hooks
        .stack
        .db
        .sql("SELECT endpoint_id FROM deliveries WHERE status = 'pending'");
    assert_eq!(notified, [vec![other.as_str().into()]]);
    let body = hooks.value("SELECT body FROM outbox WHERE event = 'webhook.disabled'");
    let body: Value = serde_json::from_str(body.as_text().unwrap()).unwrap();
    assert_eq!(body["data"]["webhook"]["id"], json!(hooks.endpoint));
    assert_eq!(body["data"]["webhook"]["disabled_reason"], "gone");
}

#[test]
fn five_days_of_nothing_but_failures_disable_an_endpoint() {
    let hooks = Hooks::new();
    for day in 0..6 {
        assert_eq!(
            hooks.value("SELECT status FROM webhook_endpoints"),
            "active".into(),
            "{day}"
        );
        hooks.happen(2);
        hooks.stack.ports.will(status(400));
        hooks.tried(status(404));
        hooks.stack.advance(24 * HOUR);
    }
    assert_eq!(
        hooks.value("SELECT status FROM webhook_endpoints"),
        "disabled".into()
    );
    assert_eq!(
        hooks.value("SELECT disabled_reason FROM webhook_endpoints"),
        "failing".into()
    );
    assert_eq!(hooks.count("outbox WHERE event = 'webhook.disabled'"), 1);
}

#[test]
fn one_success_in_five_days_keeps_an_endpoint() {
    let hooks = Hooks::new();
    for day in 0..12 {
        hooks.happen(1);
        hooks.tried(status(if day % 4 == 3 { 200 } else { 404 }));
        hooks.stack.advance(24 * HOUR);
    }
    assert_eq!(
        hooks.value("SELECT status FROM webhook_endpoints"),
        "active".into()
    );
}

#[test]
fn one_burst_of_failures_disables_nothing() {
    let hooks = Hooks::with_events(40);
    hooks.stack.ports.respond(|_| Some(status(404)));
    hooks.job();
    assert_eq!(hooks.count("deliveries WHERE status = 'failed'"), 40);
    assert_eq!(
        hooks.value("SELECT status FROM webhook_endpoints"),
        "active".into()
    );
}

#[test]
fn while_a_rotation_goes_on_both_secrets_sign_where_both_can() {
    let hooks = Hooks::with_events(1);
    let mut new = None;
    let business = hooks.tenant.business_id.clone();
    hooks.stack.job(
        &hooks.endpoint,
        async |cx: &common::Context<'_>, id: &str| {
            let cx = cx.of_business(&business);
            new = Some(
                endpoint_rotate_secret(&cx, id, &RotationRequest::default())
                    .await?
                    .secret,
            );
            Ok(())
        },
    );
    let (old, new) = (&hooks.secret, new.unwrap());
    hooks.tried(status(200));
    let requests = hooks.stack.ports.take_requests();
    let body = String::from_utf8(requests[0].body.clone().unwrap()).unwrap();
    let both = format!("{} {}", standard(&new, &body), standard(old, &body));
    assert_eq!(header(&requests[0], "webhook-signature"), both);
    let hexadecimal = |secret, at| common::signatures::webhook_signature(secret, at, &body);
    assert_eq!(
        header(&requests[0], "x-webhook-signature"),
        hexadecimal(old, 1_767_323_045)
    );
    // A day later the new one alone.
    hooks.stack.advance(24 * HOUR);
    hooks
        .stack
        .db
        .sql("UPDATE deliveries SET status = 'pending', due_at = 0");
    hooks.tried(status(200));
    let requests = hooks.stack.ports.take_requests();
    let at = 1_767_323_045 + 86_400;
    assert_eq!(
        header(&requests[0], "x-webhook-signature"),
        hexadecimal(&new, at)
    );
    assert!(!header(&requests[0], "webhook-signature").contains(' '));
}

#[test]
fn what_waits_for_an_endpoint_that_is_disabled_or_deleted_has_failed() {
    let disable = "UPDATE webhook_endpoints SET status = 'disabled'";
    let delete = "UPDATE webhook_endpoints SET deleted_at = 1, secret = ''";
    for sql in [disable, delete] {
        let hooks = Hooks::with_events(2);
        hooks.stack.db.sql(sql);
        hooks.job();
        assert!(hooks.stack.ports.take_requests().is_empty());
        let gone = || ("failed".to_owned(), "endpoint_disabled".to_owned());
        assert_eq!(hooks.deliveries(), [gone(), gone()]);
    }
}

#[test]
fn disabling_gives_up_at_once_what_waits() {
    let hooks = Hooks::with_events(2);
    let business = hooks.tenant.business_id.clone();
    hooks.stack.job(
        &hooks.endpoint,
        async |cx: &common::Context<'_>, id: &str| {
            let patch = EndpointPatch::read(r#"{"status":"disabled"}"#)?;
            endpoint_update(&cx.of_business(&business), id, patch)
                .await
                .map(|_| ())
        },
    );
    assert_eq!(
        hooks.count("deliveries WHERE reason = 'endpoint_disabled'"),
        2
    );
}

#[test]
fn a_url_that_is_not_safe_any_more_is_not_called() {
    let hooks = Hooks::new();
    hooks.stack.ports.set("ALLOW_INSECURE_URLS", "1");
    let url = "http://127.0.0.1:9/";
    hooks
        .stack
        .db
        .sql("UPDATE webhook_endpoints SET deleted_at = 1");
    let (endpoint, _) = hooks.stack.endpoint(&hooks.tenant, url, &["*"]);
    let hooks = Hooks { endpoint, ..hooks };
    hooks.happen(1);
    hooks.stack.ports.set("ALLOW_INSECURE_URLS", "0");
    hooks.job();
    assert!(hooks.stack.ports.take_requests().is_empty());
    assert_eq!(hooks.deliveries(), one("failed", "refused"));
}

#[test]
fn of_a_person_who_was_erased_nothing_is_told_any_more() {
    let hooks = Hooks::with_events(1);
    hooks.stack.db.sql("UPDATE outbox SET body = ''");
    hooks.job();
    assert_eq!(
        hooks.deliveries(),
        [("failed".to_owned(), "erased".to_owned())]
    );
    assert!(hooks.stack.ports.take_requests().is_empty());
}
