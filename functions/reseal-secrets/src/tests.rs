use common::Context;
use reseal_secrets::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Failure, PLATFORM_TOKEN, Stack, Tenant};

const FIRST: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const SECOND: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const FIRST_ID: &str = "cabf5820";
const SECOND_ID: &str = "6bf93c57";

fn reseal(stack: &Stack, body: &Value) -> Answer {
    let call = stack.call("reseal-secrets", "POST", "/api/dashboard/secrets/reseal");
    call.bearer(PLATFORM_TOKEN).json(body).send(handle)
}

fn session(stack: &Stack, tenant: &Tenant) -> String {
    let call = stack.call("dashboard", "POST", "/api/dashboard/sessions");
    let opened = call.key(&tenant.admin_key).json(&json!({}));
    let opened = opened.send(dashboard::handler::handle);
    opened.json["token"].as_str().unwrap().to_owned()
}

/// A deployment with something in every sealed column, sealed under [`FIRST`]; gives an endpoint's id
/// and its secret.
fn with_secrets() -> (Stack, Tenant, (String, String)) {
    let (stack, tenant) = Stack::with_tenant();
    let credentials = json!({"auth_token": "a-twilio-token-of-the-account"});
    let _account = stack.channel(&tenant, "sms", "+353870000001", &json!({}), &credentials);
    let endpoint = stack.endpoint(&tenant, "https://crm.example/hook", &["message.received"]);
    stack.db.sql(
        "UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = 9000000000000000",
    );
    let connection = testkit::Connection {
        connector: "kustomer",
        org: "org",
        user: "user",
        settings: &json!({}),
        credentials: &json!({"api_key": "a-key-of-the-crm"}),
    };
    stack.connect(&tenant, &connection);
    (stack, tenant, endpoint)
}

/// Makes the keys that name secrets, as the first slice does.
fn name_secrets(stack: &Stack) {
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        secrets::naming_keys_begin(cx).await
    });
    assert_eq!(log["code"], Value::Null, "{log}");
}

/// Every sealed text of the deployment.
fn sealed_texts(stack: &Stack) -> Vec<String> {
    let columns = secrets::SEALED_COLUMNS.iter();
    let texts = columns.flat_map(|column| {
        let of = format!(
            "SELECT {0} FROM {1} WHERE {0} <> ''",
            column.column, column.table
        );
        stack.db.sql(&of)
    });
    texts
        .map(|row| row[0].as_text().unwrap().to_owned())
        .collect()
}

/// Whether everything opens under this ring.
fn opens(stack: &Stack, tenant: &Tenant, ring: &str) -> bool {
    stack.ports.set("MASTER_KEYS", ring);
    let columns = secrets::SEALED_COLUMNS;
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        for column in columns.iter().filter(|column| !column.has_data_keys()) {
            let rows = stack.db.sql(&format!(
                "SELECT {}, {} FROM {}",
                column.id, column.column, column.table
            ));
            for row in rows {
                let context = column.context(&tenant.business_id, row[0].as_text().unwrap());
                cx.ports.open(&context, row[1].as_text().unwrap())?;
            }
        }
        Ok(())
    });
    log["code"] == Value::Null
}

#[test]
fn secrets_reseal_answers_with_what_was_done_until_the_old_key_may_go() {
    let (stack, tenant, _) = with_secrets();
    assert!(opens(&stack, &tenant, FIRST) && !opens(&stack, &tenant, SECOND));
    let ring = format!("{SECOND},{FIRST}");
    assert!(opens(&stack, &tenant, &ring));
    let answer = reseal(&stack, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json,
        json!({"key_id": SECOND_ID, "resealed": 5, "failed": [], "remaining": 0,
            "has_more": false, "next_cursor": null})
    );
    assert!(opens(&stack, &tenant, SECOND));
    for text in sealed_texts(&stack) {
        assert_eq!(common::ports::master_key_id(&text), Some(SECOND_ID));
    }
    let again = reseal(&stack, &json!({}));
    assert_eq!(
        (&again.json["resealed"], &again.json["remaining"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn a_slice_is_bounded_and_the_next_goes_on_where_it_ended() {
    let (stack, tenant, _) = with_secrets();
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    let mut body = json!({"limit": 2});
    for (resealed, remaining) in [(2, 3), (2, 1), (1, 0)] {
        let answer = reseal(&stack, &body).json;
        assert_eq!(answer["resealed"], resealed, "{answer}");
        assert_eq!(answer["remaining"], remaining, "{answer}");
        assert_eq!(answer["has_more"], remaining > 0, "{answer}");
        body["cursor"] = answer["next_cursor"].clone();
    }
    assert_eq!(body["cursor"], Value::Null);
    assert!(opens(&stack, &tenant, SECOND));
}

#[test]
fn one_that_was_broken_off_begins_anew_with_what_is_left() {
    let (stack, tenant, _) = with_secrets();
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    name_secrets(&stack);
    // Two are read, and written; then the answer is lost.
    let cut = Failure::After(common::db::DbError::Outage("cut".into()));
    stack.db.fail_after(4, cut);
    assert_eq!(reseal(&stack, &json!({"limit": 2})).status, 503);
    let rest = reseal(&stack, &json!({}));
    assert_eq!(
        (&rest.json["resealed"], &rest.json["remaining"]),
        (&json!(3), &json!(0))
    );
    assert!(opens(&stack, &tenant, SECOND));
}

#[test]
fn a_text_whose_key_is_gone_is_named_and_holds_no_other_back() {
    let (stack, tenant, _) = with_secrets();
    let third = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
    stack.ports.set("MASTER_KEYS", third);
    let lost = json!({"auth_token": "sealed-under-the-third-key"});
    let lost = stack.channel(&tenant, "sms", "+353870000002", &json!({}), &lost);
    stack.db.sql(&format!(
        "INSERT INTO channels (business_id, id, kind, name, address, credentials, created_at,
           updated_at) VALUES ('{}', 'altered', 'sms', 'n', 'a', 'bm90IHNlYWxlZA', 0, 0)",
        tenant.business_id
    ));
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    let (mut body, mut failed, mut resealed) = (json!({"limit": 1}), Vec::new(), 0);
    loop {
        let answer = reseal(&stack, &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.log.to_string().contains("sealed-under"));
        failed.extend(answer.json["failed"].as_array().unwrap().clone());
        resealed += answer.json["resealed"].as_u64().unwrap();
        body["cursor"] = answer.json["next_cursor"].clone();
        if answer.json["has_more"] == false {
            assert_eq!(answer.json["remaining"], 2);
            break;
        }
    }
    assert_eq!(resealed, 5);
    let reasons: Vec<_> = failed
        .iter()
        .map(|row| (&row["id"], &row["reason"]))
        .collect();
    let (lost, altered) = (json!(lost), json!("altered"));
    assert_eq!(
        reasons,
        [
            (&altered, &json!("unreadable")),
            (&lost, &json!("unknown_master_key"))
        ]
    );
    assert_eq!(failed[0]["key_id"], Value::Null);
    assert_eq!(failed[1]["column"], "channels.credentials");
    assert_eq!(failed[1]["key_id"].as_str().unwrap().len(), FIRST_ID.len());
}

#[test]
fn a_secret_that_is_replaced_meanwhile_stays_the_new_one() {
    let (stack, tenant, _) = with_secrets();
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    let new = json!({"auth_token": "the-token-that-replaced-it"});
    let id = stack.db.value("SELECT id FROM channels");
    let id = id.as_text().unwrap().to_owned();
    let sealed = || stack.db.value("SELECT credentials FROM channels");
    stack.replace_credentials(&tenant, &id, &new);
    let replaced = sealed().as_text().unwrap().to_owned();
    let swap = format!("UPDATE channels SET credentials = '{replaced}'");
    stack.replace_credentials(&tenant, &id, &json!({"auth_token": "the-token-of-before"}));
    // Sealed under the first key, as it was when the ring changed.
    stack.ports.set("MASTER_KEYS", FIRST);
    stack.replace_credentials(&tenant, &id, &json!({"auth_token": "the-token-of-before"}));
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    name_secrets(&stack);
    // The first batch reads, the second one writes.
    let (reading, writing) = (stack.clone(), stack.clone());
    stack.db.before_next_batch(move || {
        let swapped = move || drop(writing.db.sql(&swap));
        reading.db.before_next_batch(swapped);
    });
    let answer = reseal(&stack, &json!({}));
    assert_eq!(answer.json["resealed"], 4, "{}", answer.text());
    assert_eq!(sealed().as_text(), Some(replaced.as_str()));
}

#[test]
fn secrets_reseal_refuses_callers_without_the_platform_token() {
    let (stack, tenant, _) = with_secrets();
    for token in ["wrong", &tenant.admin_key, &session(&stack, &tenant)] {
        let call = stack.call("reseal-secrets", "POST", "/api/dashboard/secrets/reseal");
        let answer = call.bearer(token).json(&json!({})).send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_token"));
    }
}

#[test]
fn secrets_reseal_refuses_invalid_input() {
    let stack = Stack::new();
    for (body, path) in [
        (json!({"limit": 0}), "limit"),
        (json!({"limit": 101}), "limit"),
        (json!({"cursor": "?"}), "cursor"),
        (json!({"cursor": 1}), "cursor"),
        (json!({"all": true}), "all"),
    ] {
        let answer = reseal(&stack, &body);
        assert_eq!(answer.status, 422, "{body}");
        assert!(answer.detail().0.ends_with(path), "{body}");
    }
}
