use super::erase;
use common::db::Value;
use serde_json::json;
use testkit::{Stack, Tenant};

/// What CRMs have to do with a customer, and the same of another whose id is nearly the same.
fn seed(stack: &Stack, tenant: &Tenant, ids: [&str; 2]) {
    let business = &tenant.business_id;
    for id in ids {
        let insert = |table: &str, columns: &str, values: &str| {
            stack.db.sql(&format!(
                "INSERT INTO {table} (business_id, {columns}) VALUES ('{business}', {values})"
            ));
        };
        let link = format!("'kustomer', 'customer', '{id}', 'theirs-{id}', 0, 0");
        let columns = "connector, kind, local_id, remote_id, created_at, updated_at";
        insert("crm_links", columns, &link);
        let columns =
            "connector, key, id, stream, kind, subject, detail, ordered_at, created_at, updated_at";
        for stream in [id.to_owned(), format!("remote:theirs-{id}")] {
            let job = format!(
                "'kustomer', 'remote:{stream}', 'job-{stream}', '{stream}', 'remote', 'x', '{{}}', 0, 0, 0"
            );
            insert("crm_jobs", columns, &job);
            let attempt = format!("'kustomer', 'remote:{stream}', 1, 0, 0, 'waits', '[]'");
            let columns = "connector, key, number, at, duration_ms, outcome, requests";
            insert("crm_attempts", columns, &attempt);
        }
        for key in [format!("history:{id}"), format!("history:{id}:c1")] {
            let value = format!("'kustomer', '{key}', '{{}}', 9e15");
            insert("crm_cache", "connector, key, value, expires_at", &value);
        }
    }
}

#[test]
fn of_an_erased_person_nothing_is_left_for_crms() {
    let (stack, tenant) = Stack::with_tenant();
    crate::kustomer::connect(&stack, &tenant, &json!({}));
    let _channel = stack.whatsapp(&tenant, "1001");
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "Hello");
    stack.receive_whatsapp("1001", "wamid.2", "353870000000", "Hello");
    let ids = stack
        .db
        .sql("SELECT id FROM customers ORDER BY phone DESC, id");
    let mut ids = ids.into_iter().flatten().filter_map(Value::into_text);
    let (id, other) = (ids.next().unwrap(), ids.next().unwrap());
    seed(&stack, &tenant, [&id, &other]);
    stack.db.sql(
        "INSERT INTO conversation_ratings SELECT business_id, id, 0.5, 'It was about my illness', 0
         FROM conversations",
    );
    stack
        .db
        .sql("INSERT INTO crm_cache SELECT id, 'kustomer', 'users', '[]', 9e15 FROM businesses");
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 200);
    let left = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        stack.db.value(&count).as_integer().unwrap()
    };
    assert_eq!(left("crm_links"), 1);
    assert_eq!((left("crm_jobs"), left("crm_attempts")), (2, 2));
    assert_eq!(left("crm_cache"), 3);
    for (table, column) in [
        ("crm_links", "local_id"),
        ("crm_jobs", "stream"),
        ("crm_cache", "key"),
    ] {
        let of = format!("{table} WHERE {column} LIKE '%{id}%'");
        assert_eq!(left(&of), 0, "{table}");
    }
    let rated = "conversation_ratings WHERE score = 0.5";
    assert_eq!(left(rated), 2, "that they rated stays");
    assert_eq!(left(&format!("{rated} AND comment IS NOT NULL")), 1);
}
