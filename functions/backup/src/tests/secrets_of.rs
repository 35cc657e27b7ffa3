//! Secrets leave sealed, and come only where they can be opened.

use super::{get, pages, pages_under, restore, restore_page, with_something};
use backup::handler::handle;
use common::Context;
use serde_json::Value;
use testkit::{PLATFORM_TOKEN, Stack, Tenant};

const SECOND: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const PASSPHRASE_KEY: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
const FIRST_ID: &str = "cabf5820";

/// Whether everything that is sealed opens.
fn opens(stack: &Stack, tenant: &Tenant) -> bool {
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        for column in secrets::SEALED_COLUMNS {
            let sealed = format!(
                "SELECT {}, {} FROM {} WHERE business_id <> ''",
                column.id, column.column, column.table
            );
            for row in stack.db.sql(&sealed) {
                let Some(text) = row[1].as_text().filter(|text| !text.is_empty()) else {
                    continue;
                };
                match column.has_data_keys() {
                    true => drop(cx.ports.data_key_open(text)?),
                    false => {
                        let context =
                            column.context(&tenant.business_id, row[0].as_text().unwrap());
                        cx.ports.open(&context, text)?;
                    }
                }
            }
        }
        Ok(())
    });
    log["code"] == Value::Null
}

#[test]
fn a_deployment_with_another_ring_refuses_and_names_the_key_that_it_lacks() {
    let (stack, tenant) = with_something();
    let own = pages(&stack, &tenant.business_id);
    let other = Stack::new();
    other.ports.set("MASTER_KEYS", SECOND);
    let refused = own
        .iter()
        .map(|page| restore_page(&other, &tenant.business_id, page));
    let refused: Vec<_> = refused.filter(|answer| answer.status != 200).collect();
    assert!(!refused.is_empty());
    for answer in refused {
        assert_eq!(answer.refusal(), (409, "conflict"));
        assert!(answer.text().contains(FIRST_ID), "{}", answer.text());
    }
    assert_eq!(
        other.db.value("SELECT count(*) FROM channels").as_integer(),
        Some(0)
    );
}

#[test]
fn the_ring_may_have_the_old_key_behind_its_own() {
    let (stack, tenant) = with_something();
    let own = pages(&stack, &tenant.business_id);
    let other = Stack::new();
    let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    other.ports.set("MASTER_KEYS", &format!("{SECOND},{first}"));
    restore(&other, &tenant.business_id, &own);
    assert!(opens(&other, &tenant));
}

#[test]
fn under_a_passphrase_secrets_move_to_a_deployment_with_another_ring() {
    let (stack, tenant) = with_something();
    let business = &tenant.business_id;
    let own = pages_under(&stack, business, Some(PASSPHRASE_KEY));
    let text = own.concat();
    assert!(
        !text.contains(FIRST_ID),
        "something is sealed under the ring"
    );
    assert!(!text.contains("a-key-of-the-crm"));
    let other = Stack::new();
    other.ports.set("MASTER_KEYS", SECOND);
    let send = |page: &String, key: &str| {
        let target = format!("/api/operator/restore/rows?business={business}");
        let call = other.call("backup", "POST", &target).bearer(PLATFORM_TOKEN);
        call.header("x-backup-key", key)
            .chunks(vec![Ok(page.clone().into())])
            .send(handle)
    };
    let wrong = own
        .iter()
        .map(|page| send(page, SECOND))
        .find(|answer| answer.status != 200);
    let wrong = wrong.unwrap();
    assert_eq!(wrong.refusal(), (409, "conflict"));
    assert!(wrong.text().contains("passphrase"), "{}", wrong.text());
    for _ in 0..2 {
        for page in own.iter().rev() {
            let answer = send(page, PASSPHRASE_KEY);
            assert_eq!(answer.status, 200, "{} {}", answer.text(), answer.log);
            assert_eq!(answer.json["rows"], answer.json["same"]);
        }
    }
    assert!(opens(&other, &tenant));
}

#[test]
fn a_deployment_that_names_secrets_by_a_key_of_its_own_refuses() {
    let (stack, _) = with_something();
    let of_deployment = pages(&stack, "");
    assert!(of_deployment.concat().contains("app secret id"));
    // Another one that has had an account of Meta's, and so has a key of its own.
    let other = Stack::new();
    let theirs = other.tenant("Another");
    other.ports.set("MASTER_KEYS", SECOND);
    let _account = other.whatsapp(&theirs, "1");
    let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    other.ports.set("MASTER_KEYS", &format!("{SECOND},{first}"));
    let answer = restore_page(&other, "", &of_deployment.concat());
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert!(answer.text().contains("app secret id"));
    // The same one may have them restored.
    assert_eq!(
        restore_page(&stack, "", &of_deployment.concat()).status,
        200
    );
}

#[test]
fn the_manifest_names_the_master_keys() {
    let (stack, _) = with_something();
    assert_eq!(
        get(&stack, "backup").json["master_keys"],
        serde_json::json!([FIRST_ID])
    );
}
