//! What is restored is what was backed up, whatever happens on the way.

use super::{pages, restore, restore_page, rows, with_something};
use common::db::{DbError, Value};
use testkit::{Failure, Stack};

fn count(stack: &Stack, table: &str) -> i64 {
    let count = stack.db.value(&format!("SELECT count(*) FROM {table}"));
    count.as_integer().unwrap()
}

/// Every row of every table but those that a deployment has of its own.
fn everything(stack: &Stack, tables: &[&str]) -> Vec<String> {
    let of = |table: &&str| {
        let all = stack
            .db
            .sql(&format!("SELECT * FROM {table} ORDER BY 1, 2"));
        format!("{table} {all:?}")
    };
    tables.iter().map(of).collect()
}

#[test]
fn backup_rows_answers_with_every_row() {
    let (stack, tenant) = with_something();
    let (business, other) = (&tenant.business_id, Stack::new());
    let (own, of_deployment) = (pages(&stack, business), pages(&stack, ""));
    let all = [
        restore(&other, "", &of_deployment),
        restore(&other, business, &own),
    ];
    for [rows, same, different] in all {
        assert!(rows > 0);
        assert_eq!((rows, different), (same, 0));
    }
    assert_eq!(rows(&pages(&other, business)), rows(&own));
    assert_eq!(rows(&pages(&other, "")), rows(&of_deployment));
    // What triggers keep is made again.
    let kept = [
        "customers",
        "conversations",
        "messages",
        "identities",
        "inbox_counts",
        "customer_words",
        "usage_counts",
        "outbox",
        "channels",
        "webhook_endpoints",
        "integrations",
        "api_keys",
    ];
    assert_eq!(everything(&other, &kept), everything(&stack, &kept));
    assert!(count(&other, "customer_words") > 0 && count(&other, "usage_counts") > 0);
}

#[test]
fn restore_rows_answers_the_same_a_second_time_and_does_nothing_twice() {
    let (stack, tenant) = with_something();
    let (business, other) = (&tenant.business_id, Stack::new());
    let own = pages(&stack, business);
    let first = restore(&other, business, &own);
    let before = everything(&other, &["usage_counts", "inbox_counts", "messages"]);
    assert_eq!(restore(&other, business, &own), first);
    assert_eq!(
        everything(&other, &["usage_counts", "inbox_counts", "messages"]),
        before
    );
}

#[test]
fn a_row_that_is_there_and_differs_stays_as_it_is_and_is_counted() {
    let (stack, tenant) = with_something();
    let own = pages(&stack, &tenant.business_id);
    stack.db.sql(
        "UPDATE customers SET name = 'Changed since' WHERE id = (SELECT min(id) FROM customers)",
    );
    let [rows, same, different] = restore(&stack, &tenant.business_id, &own);
    assert_eq!((rows - same, different), (1, 1));
    let changed = "SELECT count(*) FROM customers WHERE name = 'Changed since'";
    assert_eq!(stack.db.value(changed), Value::from(1));
}

#[test]
fn a_page_whose_answer_is_lost_may_come_again() {
    let (stack, tenant) = with_something();
    let (business, other) = (&tenant.business_id, Stack::new());
    let own = pages(&stack, business);
    let page = own.last().unwrap();
    other.db.fail(Failure::After(DbError::Outage("cut".into())));
    assert_eq!(restore_page(&other, business, page).status, 503);
    let [rows, same, different] = restore(&other, business, &own);
    assert_eq!((rows, different), (same, 0));
}

#[test]
fn a_business_of_many_rows_comes_in_pages_and_is_the_same_afterwards() {
    let (stack, tenant) = with_something();
    let business = &tenant.business_id;
    stack.db.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
         INSERT INTO customers (business_id, id, name, notes, revision, created_at, updated_at)
         SELECT '{business}', printf('c-%06d', i), 'Customer ' || i, printf('%.*c', 500, 'x'), 1, i, i FROM n"
    ));
    let own = pages(&stack, business);
    assert!(own.len() >= 3, "{} pages", own.len());
    assert!(own.iter().all(|page| page.len() < 2_500_000));
    let other = Stack::new();
    let [rows_in, same, _] = restore(&other, business, &own);
    assert_eq!(rows_in, same);
    let mut again = rows(&own);
    let there = again.len();
    again.sort();
    again.dedup();
    assert_eq!(again.len(), there, "no row is in two pages");
    assert_eq!(rows(&pages(&other, business)), rows(&own));
    assert_eq!(count(&other, "customers"), 4503);
}

#[test]
fn what_was_about_to_be_sent_is_not_sent_by_two_deployments() {
    let (stack, tenant) = with_something();
    let (business, other) = (&tenant.business_id, Stack::new());
    stack.db.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{business}', 'm-1', 'queued', '{{}}', 5, 1), ('{business}', 'm-2', 'done', '{{}}', NULL, 1)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO auto_replies (business_id, message_id, conversation_id, state, written_at, due_at, created_at,
           updated_at) VALUES ('{business}', 'm-1', 'c-1', 'waiting', 1, 5, 1, 1)"
    ));
    let own = pages(&stack, business);
    let [rows, same, _] = restore(&other, business, &own);
    assert_eq!(rows, same);
    let sends = other.db.sql("SELECT state FROM sends ORDER BY message_id");
    assert_eq!(sends, [["sending".into()], ["done".into()]]);
    let replies = other.db.sql("SELECT state, due_at FROM auto_replies");
    assert_eq!(replies, [["skipped".into(), Value::Null]]);
}

#[test]
fn a_row_that_contradicts_another_businesss_stores_nothing_of_its_page() {
    let (stack, tenant) = with_something();
    let (business, other) = (&tenant.business_id, Stack::new());
    let (deployment, own) = (pages(&stack, ""), pages(&stack, business));
    restore(&other, "", &deployment);
    let theirs = other.tenant("Another");
    other.db.sql(&format!(
        "INSERT INTO channels (business_id, id, kind, name, address, app_secret_id, created_at, updated_at)
         VALUES ('{}', 'theirs', 'whatsapp', 'n', '106540352242922', '{}', 0, 0)",
        theirs.business_id,
        stack.db.value("SELECT app_secret_id FROM channels").as_text().unwrap()
    ));
    let answer = restore_page(&other, business, own.last().unwrap());
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert_eq!(count(&other, "businesses"), 1);
}
