//! The bytes of attachments, from the upload until nothing is left of them.

use common::Context;
use common::ports::PART_BYTES;
use customers::handler::handle as customers;
use messaging::attachments::{MAX_MEDIA_BYTES, bytes_delete, bytes_get, bytes_put, bytes_range};
use testkit::Stack;

#[test]
fn a_file_is_read_as_it_was_stored_and_leaves_no_key() {
    let stack = Stack::new();
    let all: Vec<u8> = (0..=250).cycle().take(MAX_MEDIA_BYTES).collect();
    let sizes = [0, 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, all.len()];
    for size in sizes {
        let bytes = &all[..size];
        stack.job("", async |cx: &Context<'_>, _: &str| {
            bytes_put(cx, "b/a", bytes).await?;
            let keys = stack.ports.blobs.borrow().len();
            assert_eq!(keys, size.div_ceil(PART_BYTES).max(1), "{size}");
            let read = bytes_get(cx, "b/a", Some(size)).await?;
            assert!(read.as_deref() == Some(bytes), "{size}");
            for range in [0..size, size / 2..size, size / 3..size / 2] {
                let read = bytes_range(cx, "b/a", size, range.clone()).await?;
                assert!(read.unwrap().0 == bytes[range], "{size}");
            }
            // One whose last part is not short could have more.
            let is_clear = size <= PART_BYTES || size % PART_BYTES > 0;
            let read = bytes_get(cx, "b/a", None).await?;
            assert!(read.as_deref() == is_clear.then_some(bytes), "{size}");
            let longer = bytes_get(cx, "b/a", Some(size + 1)).await?;
            assert_eq!(longer, None, "{size}");
            bytes_delete(cx, "b/a", Some(size)).await
        });
        assert!(stack.ports.blobs.borrow().is_empty(), "{size}");
    }
}

#[test]
fn an_erased_customers_files_leave_none_of_their_parts() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1077");
    stack.receive_whatsapp("1077", "wamid.1", "353871234567", "Look");
    for (id, size) in [("whole", "5"), ("large", "8388609"), ("unknown", "NULL")] {
        stack.db.sql(&format!(
            "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
               created_at)
             SELECT business_id, '{id}', id, 'ready', 'a.pdf', 'application/pdf', {size}, 0
             FROM messages"
        ));
        for end in ["", ".0", ".1", ".2"] {
            let is_there = end.is_empty() || id != "whole";
            let key = format!("{}/{id}{end}", tenant.business_id);
            if is_there {
                let mut blobs = stack.ports.blobs.borrow_mut();
                blobs.insert(key, b"secret".to_vec());
            }
        }
    }
    let id = stack.db.value("SELECT id FROM customers").into_text();
    let path = format!("/api-customers?id={}", id.unwrap());
    let answer = stack
        .call("customers", "DELETE", &path)
        .key(&tenant.api_key)
        .send(customers);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert!(stack.ports.blobs.borrow().is_empty());
}
