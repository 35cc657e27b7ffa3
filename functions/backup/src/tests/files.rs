//! Files that rows name.

use super::{get, pages, with_something};
use backup::handler::handle;
use testkit::{Answer, PLATFORM_TOKEN, Stack};

fn put(stack: &Stack, query: &str, bytes: &[u8]) -> Answer {
    let call = stack.call(
        "backup",
        "PUT",
        &format!("/api/operator/restore/file?{query}"),
    );
    call.bearer(PLATFORM_TOKEN)
        .chunks(vec![Ok(bytes.to_vec())])
        .send(handle)
}

#[test]
fn backup_file_answers_with_the_bytes_that_restore_file_stored() {
    let (stack, tenant) = with_something();
    let business = &tenant.business_id;
    let large = vec![7; 5 * 1024 * 1024];
    let message = stack.db.value("SELECT id FROM messages LIMIT 1");
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size, created_at)
         VALUES ('{business}', 'a-1', '{0}', 'ready', 'f', 'image/png', 4, 1),
           ('{business}', 'a-2', '{0}', 'ready', 'f', 'image/png', {1}, 1),
           ('{business}', 'a-3', '{0}', 'pending', 'f', 'image/png', NULL, 1)",
        message.as_text().unwrap(),
        large.len()
    ));
    stack.db.sql("UPDATE messages SET detail = '{\"raw_id\":\"r-1\"}' WHERE id = (SELECT min(id) FROM messages)");
    stack.db.sql(&format!(
        "INSERT INTO knowledge_files (business_id, link_id, id, size) VALUES ('{business}', 'l', 'f-1', 3)"
    ));
    let blobs = &stack.ports.blobs;
    blobs
        .borrow_mut()
        .insert(format!("{business}/a-1"), b"tiny".to_vec());
    for (n, part) in large.chunks(4 * 1024 * 1024).enumerate() {
        blobs
            .borrow_mut()
            .insert(format!("{business}/a-2.{n}"), part.to_vec());
    }
    blobs
        .borrow_mut()
        .insert(format!("{business}/r-1"), b"From: a".to_vec());
    blobs
        .borrow_mut()
        .insert(format!("{business}/links/f-1"), b"a,b".to_vec());
    let text = pages(&stack, business).concat();
    let named: Vec<serde_json::Value> = text
        .lines()
        .filter(|line| line.starts_with("{\"file\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(named.len(), 4, "{named:?}");
    let other = Stack::new();
    for file in &named {
        let (kind, id) = (file["file"].as_str().unwrap(), file["id"].as_str().unwrap());
        let mut query = format!("business={business}&kind={kind}&id={id}");
        if file["size"] != -1 {
            query.push_str(&format!("&size={}", file["size"]));
        }
        let bytes = get(&stack, &format!("backup/file?{query}"));
        assert_eq!(bytes.status, 200, "{query} {}", bytes.log);
        assert_eq!(put(&other, &query, bytes.bytes()).status, 204);
    }
    assert_eq!(*other.ports.blobs.borrow(), *stack.ports.blobs.borrow());
}

#[test]
fn restore_file_answers_once_the_bytes_are_stored() {
    let stack = Stack::new();
    let query = "business=b&kind=mail&id=m-1&size=3";
    for _ in 0..2 {
        assert_eq!(put(&stack, query, b"abc").status, 204);
    }
    assert_eq!(
        stack.ports.blobs.borrow().get("b/m-1"),
        Some(&b"abc".to_vec())
    );
}

#[test]
fn a_file_that_is_gone_is_not_found() {
    let (stack, tenant) = with_something();
    let query = format!(
        "backup/file?business={}&kind=attachment&id=gone&size=3",
        tenant.business_id
    );
    assert_eq!(get(&stack, &query).refusal(), (404, "not_found"));
}

#[test]
fn backup_file_refuses_invalid_input_as_restore_file_does() {
    let stack = Stack::new();
    for query in [
        "kind=attachment&id=a",
        "business=b&id=a",
        "business=b&kind=attachment",
        "business=b&kind=secret&id=a",
        "business=b&kind=attachment&id=..%2Fa",
        "business=b%2Fc&kind=attachment&id=a",
        "business=b&kind=attachment&id=a&size=-1",
        "business=b&kind=attachment&id=a&size=99999999",
    ] {
        let answer = get(&stack, &format!("backup/file?{query}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
        assert_eq!(
            put(&stack, query, b"x").refusal(),
            (422, "invalid_request"),
            "{query}"
        );
    }
    let answer = put(&stack, "business=b&kind=attachment&id=a&size=2", b"x");
    assert_eq!(answer.refusal(), (422, "invalid_request"));
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn restore_file_refuses_invalid_input_of_another_size() {
    let stack = Stack::new();
    let answer = put(&stack, "business=b&kind=link&id=a&size=2", b"xyz");
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}
