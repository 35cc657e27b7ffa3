use super::{count, from_joe, send, signed, stack, text};
use common::db::DbError;
use common::ports::Queue;
use common::time::SECOND;
use receivers::parked::MAX_TRIES;
use serde_json::json;
use testkit::{APP_SECRET, Failure, Stack};
use webhook_meta::handler::{resume, resume_all};

fn outage() -> DbError {
    DbError::Outage("away".into())
}

#[test]
fn with_the_database_away_a_verified_delivery_is_kept_and_taken_in_later() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    let body = from_joe(&[text("wamid.1", "353871234567", "Hello")]);
    stack.db.fail(Failure::Before(outage()));
    let answer = send(&stack, &body);
    assert_eq!((answer.status, &answer.json["kept"]), (200, &json!(true)));
    assert_eq!(count(&stack, "messages"), 1);
    let (key, _) = stack.ports.take_wakes(Queue::Inbound).remove(0);
    stack.job(&key, resume);
    stack.job(&key, resume);
    assert_eq!(count(&stack, "messages"), 2);
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn what_the_queue_lost_the_cron_finds() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.db.fail(Failure::Before(outage()));
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    stack.job("", resume_all);
    assert_eq!(count(&stack, "messages"), 2);
}

#[test]
fn an_answer_of_the_database_that_was_lost_makes_nothing_twice() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.db.fail(Failure::After(outage()));
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    stack.job("", resume_all);
    assert_eq!(
        (count(&stack, "messages"), count(&stack, "conversations")),
        (2, 1)
    );
}

#[test]
fn with_nothing_there_to_keep_it_the_provider_is_told_to_come_again() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.ports.blobs_are_down.set(true);
    stack.db.fail(Failure::Before(outage()));
    let answer = send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    assert_eq!(answer.status, 503);
}

#[test]
fn an_unknown_account_is_acknowledged_logged_and_nobodys() {
    let (stack, _) = stack();
    let mut body = from_joe(&[text("wamid.1", "353871234567", "Hello")]);
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!(999);
    let answer = send(&stack, &body);
    assert_eq!((answer.status, &answer.json["ignored"]), (200, &json!(1)));
    assert_eq!(answer.log["note"], "1 not for us");
    assert_eq!(count(&stack, "messages"), 0);
}

#[test]
fn a_good_entry_is_taken_in_beside_bad_ones() {
    let (stack, _) = stack();
    let mut body = from_joe(&[
        json!({"type": "text"}),
        json!(7),
        text("wamid.1", "353871234567", "Hello"),
    ]);
    body["entry"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"changes": [{"field": "messages"}]}));
    body["entry"]
        .as_array_mut()
        .unwrap()
        .push(json!({"changes": "none"}));
    assert_eq!(send(&stack, &body).status, 200);
    assert_eq!(count(&stack, "messages"), 1);
}

#[test]
fn a_signature_by_the_secret_of_another_businesss_account_is_a_forgery() {
    let (stack, _) = stack();
    let other = stack.tenant("Another business");
    let _theirs = stack.whatsapp_signed(&other, "2002", "their secret");
    let body = from_joe(&[text("wamid.1", "353871234567", "Hello")]);
    let answer = signed(&stack, "their secret", &body.to_string());
    assert_eq!(answer.refusal(), (401, "invalid_signature"));
    assert_eq!(count(&stack, "messages"), 0);
}

#[test]
fn two_businesses_in_one_delivery_get_their_own() {
    let (stack, tenant) = stack();
    let other = stack.tenant("Another business");
    let _theirs = stack.whatsapp(&other, "2002");
    let mut body = from_joe(&[text("wamid.1", "353871234567", "Hello")]);
    let mut second = body["entry"][0].clone();
    second["changes"][0]["value"]["metadata"]["phone_number_id"] = "2002".into();
    body["entry"].as_array_mut().unwrap().push(second);
    assert_eq!(signed(&stack, APP_SECRET, &body.to_string()).status, 200);
    for business in [&tenant.business_id, &other.business_id] {
        for table in ["messages", "customers", "conversations"] {
            let of = format!("{table} WHERE business_id = '{business}'");
            assert_eq!(count(&stack, &of), 1, "{table}");
        }
    }
    assert_eq!(stack.ports.take_wakes(Queue::Events).len(), 2);
}

#[test]
fn an_account_may_claim_an_address_and_still_get_nothing_signed_by_another_secret() {
    let (stack, _) = stack();
    let squatter = stack.tenant("A squatter");
    let _claimed = stack.whatsapp_signed(&squatter, "1001", "their secret");
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    let of = format!("messages WHERE business_id = '{}'", squatter.business_id);
    assert_eq!((count(&stack, "messages"), count(&stack, &of)), (1, 0));
}

#[test]
fn nobody_claims_an_idempotency_key_before_his_signature_is_checked() {
    let (stack, _) = stack();
    let call = stack.call("webhook-meta", "POST", "/webhook-meta");
    let answer = call
        .header("idempotency-key", "k")
        .body("{}")
        .send(webhook_meta::handler::handle);
    assert_eq!(answer.refusal(), (401, "invalid_signature"));
    assert_eq!(count(&stack, "idempotency"), 0);
}

/// A parked delivery that can be read by nobody, and one of the account `1001` behind it.
fn poison_and_good(stack: &Stack) -> (String, String) {
    let secret = app_secret_id_of(stack);
    let poison = format!("inbound/meta/{secret}/0");
    let good = format!("inbound/meta/{secret}/1");
    let body = from_joe(&[text("wamid.9", "353871234567", "behind it")]).to_string();
    let mut blobs = stack.ports.blobs.borrow_mut();
    blobs.insert(poison.clone(), b"{".to_vec());
    blobs.insert(good.clone(), body.into_bytes());
    (poison, good)
}

fn app_secret_id_of(stack: &Stack) -> String {
    let value = stack.db.value("SELECT app_secret_id FROM channels");
    value.into_text().unwrap()
}

#[test]
fn a_parked_delivery_that_fails_holds_nothing_back_and_is_given_up_after_twenty_tries() {
    let (stack, _) = stack();
    let (poison, good) = poison_and_good(&stack);
    let log = stack.job("", resume_all);
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    assert_eq!(count(&stack, "messages"), 1);
    assert!(!stack.ports.blobs.borrow().contains_key(&good));
    for _ in 2..MAX_TRIES {
        stack.job("", resume_all);
    }
    assert!(stack.ports.blobs.borrow().contains_key(&poison));
    stack.job("", resume_all);
    let keys: Vec<_> = stack.ports.blobs.borrow().keys().cloned().collect();
    assert_eq!(keys, [format!("dead-{poison}")]);
    let listed = "SELECT state || ' ' || tries || ' ' || code FROM parked_deliveries";
    assert_eq!(stack.db.value(listed), "dead 20 malformed_json".into());
    // It is not looked at again.
    assert_eq!(stack.job("", resume_all)["note"], serde_json::Value::Null);
}

#[test]
fn a_backlog_is_taken_in_by_the_cron_and_by_the_queue_beside_it() {
    let (stack, _) = stack();
    let secret = app_secret_id_of(&stack);
    for n in 0..300 {
        let body = from_joe(&[text(&format!("wamid.{n}"), "353871234567", "parked")]);
        let mut blobs = stack.ports.blobs.borrow_mut();
        blobs.insert(
            format!("inbound/meta/{secret}/{n}"),
            body.to_string().into(),
        );
    }
    let log = stack.job("", resume_all);
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    assert_eq!(count(&stack, "messages"), 50);
    let woken = stack.ports.take_wakes(Queue::Inbound);
    assert_eq!(woken.len(), 200);
    for (key, _) in woken {
        stack.job(&key, resume);
    }
    assert_eq!(count(&stack, "messages"), 250);
    stack.job("", resume_all);
    assert_eq!(count(&stack, "messages"), 300);
    assert!(stack.ports.take_wakes(Queue::Inbound).is_empty());
}

#[test]
fn tries_while_the_database_is_away_do_not_count() {
    let (stack, _) = stack();
    let (_, good) = poison_and_good(&stack);
    for _ in 0..=MAX_TRIES {
        stack.db.fail(Failure::Before(outage()));
        assert_eq!(stack.job("", resume_all)["code"], "unavailable");
    }
    assert_eq!(count(&stack, "parked_deliveries"), 0);
    stack.job("", resume_all);
    assert!(!stack.ports.blobs.borrow().contains_key(&good));
    assert_eq!(count(&stack, "parked_deliveries WHERE tries = 1"), 1);
}

#[test]
fn a_delivery_that_failed_and_is_taken_in_later_leaves_the_list_whatever_breaks_off() {
    for calls in 0..5_u8 {
        let (stack, _) = stack();
        // An isolate, which is a thread here, trusts for a while what it knows of the account.
        stack.advance(i64::from(calls) * 60 * SECOND);
        let (poison, good) = poison_and_good(&stack);
        let fixed = stack.ports.blobs.borrow()[&good].clone();
        stack.job("", resume_all);
        assert_eq!(count(&stack, "parked_deliveries"), 1);
        stack.ports.blobs.borrow_mut().insert(poison, fixed);
        stack.db.fail_after(calls.into(), Failure::Before(outage()));
        stack.job("", resume_all);
        let left = count(&stack, "parked_deliveries");
        let bytes = stack.ports.blobs.borrow().len();
        assert!(left == 0 || bytes == 1, "{calls}: a row without bytes");
        stack.job("", resume_all);
        assert_eq!(count(&stack, "parked_deliveries"), 0, "{calls}");
        assert!(stack.ports.blobs.borrow().is_empty(), "{calls}");
        assert_eq!(count(&stack, "messages"), 1);
    }
}

#[test]
fn an_account_disabled_meanwhile_loses_nothing_that_was_acknowledged() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.db.fail(Failure::Before(outage()));
    let answer = send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    assert_eq!(answer.json["kept"], json!(true));
    stack.db.sql("UPDATE channels SET status = 'disabled'");
    stack.advance(60 * SECOND);
    stack.job("", resume_all);
    assert_eq!(count(&stack, "messages"), 2);
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn what_was_parked_for_an_account_that_is_gone_stays_in_the_list() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.db.fail(Failure::Before(outage()));
    send(
        &stack,
        &from_joe(&[text("wamid.1", "353871234567", "Hello")]),
    );
    stack.db.sql("UPDATE channels SET deleted_at = 1");
    stack.advance(60 * SECOND);
    stack.job("", resume_all);
    let listed = "SELECT state || ' ' || tries || ' ' || code FROM parked_deliveries";
    assert_eq!(stack.db.value(listed), "waiting 1 not_found".into());
    assert_eq!(stack.ports.blobs.borrow().len(), 1);
}

#[test]
fn an_outage_that_outlasts_the_trust_in_an_account_parks_what_it_signs() {
    let (stack, _) = stack();
    send(
        &stack,
        &from_joe(&[text("wamid.0", "353871234567", "warm")]),
    );
    stack.advance(3600 * SECOND);
    for _ in 0..8 {
        stack.db.fail(Failure::Before(outage()));
    }
    let body = from_joe(&[text("wamid.1", "353871234567", "Hello")]);
    let answer = send(&stack, &body);
    assert_eq!((answer.status, &answer.json["kept"]), (200, &json!(true)));
    let forged = signed(&stack, "a guess", &body.to_string());
    // Its secret may be one that was set since.
    assert_eq!(forged.refusal(), (503, "unavailable"));
    for _ in 0..8 {
        stack.job("", resume_all);
    }
    assert_eq!(count(&stack, "messages"), 2);
    assert!(stack.ports.blobs.borrow().is_empty());
}
