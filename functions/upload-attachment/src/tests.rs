use common::Context;
use common::db::DbError;
use common::http::Request;
use common::ids::AttachmentId;
use messaging::attachments::attachment_id_of;
use serde_json::json;
use testkit::{Answer, Call, Failure, Stack, Tenant};
use upload_attachment::handler::MAX_UPLOAD_BYTES;
use upload_attachment::handler::handle;

const BOUNDARY: &str = "----formdata-undici-0123456789";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// A part of a form as Node's `FormData` writes it.
fn part(name: &str, filename: Option<&str>, content_type: &str, content: &[u8]) -> Vec<u8> {
    let filename = filename.map_or(String::new(), |filename| {
        format!("; filename=\"{filename}\"")
    });
    let header = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\
         Content-Type: {content_type}\r\n\r\n"
    );
    [header.as_bytes(), content, b"\r\n"].concat()
}

fn call<'s>(stack: &'s Stack, parts: &[Vec<u8>]) -> Call<'s> {
    let end = format!("--{BOUNDARY}--\r\n").into_bytes();
    stack
        .call(
            "upload-attachment",
            "POST",
            "/functions/v1/api-upload-attachment",
        )
        .chunks(vec![Ok(parts.concat()), Ok(end)])
        .header(
            "content-type",
            &format!("multipart/form-data; boundary={BOUNDARY}"),
        )
}

fn upload(stack: &Stack, tenant: &Tenant, filename: &str, content: &[u8]) -> Answer {
    let file = part("file", Some(filename), "application/octet-stream", content);
    call(stack, &[file]).key(&tenant.api_key).send(handle)
}

#[test]
fn attachment_upload_answers_with_the_file_and_how_to_name_and_get_it() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = upload(&stack, &tenant, "photo.png", PNG);
    assert_eq!(
        (answer.status, &answer.json["success"]),
        (200, &json!(true))
    );
    let attachment = &answer.json["attachment"];
    let id = attachment["id"].as_str().unwrap();
    assert_eq!(attachment["filename"], "photo.png");
    assert_eq!(attachment["type"], "image/png");
    assert_eq!(attachment["size"], PNG.len());
    let sha256 = common::signatures::sha256_hex(PNG);
    assert_eq!(attachment["sha256"], sha256);
    let file_url = format!("https://tieline.example/api/download-media?id={id}");
    assert_eq!(attachment["file_url"], file_url);
    let download_url = attachment["download_url"].as_str().unwrap();
    assert!(download_url.starts_with(&format!("{file_url}&expires=")));
    for named in [id, &file_url, download_url] {
        let found = attachment_id_of(named, "https://tieline.example");
        assert_eq!(found, Some(AttachmentId::unchecked(id)), "{named}");
    }
    let key = format!("{}/{id}", tenant.business_id);
    assert_eq!(stack.ports.blobs.borrow()[&key], PNG);
    let query = "SELECT business_id, id, message_id, state, due_at FROM attachments";
    let row = format!("{:?}", stack.db.sql(query));
    assert!(
        row.contains(&tenant.business_id) && row.contains("ready"),
        "{row}"
    );
}

#[test]
fn attachment_upload_refuses_callers_without_the_scope() {
    let (stack, tenant) = Stack::with_tenant();
    let file = part("file", Some("a.png"), "image/png", PNG);
    let form = || call(&stack, std::slice::from_ref(&file));
    assert_eq!(form().send(handle).refusal(), (401, "missing_api_key"));
    stack
        .db
        .sql("UPDATE api_keys SET scopes = 'messages:write'");
    let refused = form().key(&tenant.api_key).send(handle);
    assert_eq!(refused.refusal(), (403, "insufficient_scope"));
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn attachment_upload_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let file = || part("file", Some("a.png"), "image/png", PNG);
    let text = |name: &str| part(name, None, "text/plain", b"x");
    let cases = [
        (vec![], "file", "required"),
        (vec![file(), file()], "file", "once"),
        (vec![text("file")], "file", "file"),
        (vec![file(), text("note")], "note", "unknown"),
    ];
    for (parts, path, rule) in cases {
        let refused = call(&stack, &parts).key(&tenant.api_key).send(handle);
        assert_eq!((refused.status, refused.detail()), (422, (path, rule)));
    }
    let as_json = stack
        .call("upload-attachment", "POST", "/api-upload-attachment")
        .key(&tenant.api_key);
    let refused = as_json.json(&json!({ "file": "x" })).send(handle);
    assert_eq!(refused.refusal(), (415, "unsupported_media_type"));
    for content_type in ["multipart/form-data", "multipart/form-data; boundary=other"] {
        let lying = call(&stack, &[file()]).header("content-type", content_type);
        let refused = lying.key(&tenant.api_key).send(handle);
        assert_eq!(
            refused.refusal(),
            (400, "malformed_request"),
            "{content_type}"
        );
    }
    let cut = call(&stack, &[file()]).chunks(vec![Ok(file())]);
    let refused = cut.key(&tenant.api_key).send(handle);
    assert_eq!(refused.refusal(), (400, "malformed_request"));
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn a_large_file_is_stored_in_parts() {
    let (stack, tenant) = Stack::with_tenant();
    let part_bytes = 4 * 1024 * 1024;
    let cases = [
        (part_bytes, vec![("", part_bytes)]),
        (part_bytes + 1, vec![(".0", part_bytes), (".1", 1)]),
        (2 * part_bytes, vec![(".0", part_bytes), (".1", part_bytes)]),
    ];
    for (size, expected) in cases {
        let answer = upload(&stack, &tenant, "a.txt", &vec![b'x'; size]);
        assert_eq!(answer.status, 200, "{}", answer.json);
        let id = answer.json["attachment"]["id"].as_str().unwrap();
        let key = format!("{}/{id}", tenant.business_id);
        let blobs = std::mem::take(&mut *stack.ports.blobs.borrow_mut());
        let stored: Vec<_> = blobs
            .iter()
            .map(|(stored, bytes)| (stored.strip_prefix(&key).unwrap(), bytes.len()))
            .collect();
        assert_eq!(stored, expected);
    }
}

#[test]
fn a_file_of_ten_mebibytes_is_taken_and_one_byte_more_is_not() {
    let (stack, tenant) = Stack::with_tenant();
    let mut bytes = vec![b'a'; MAX_UPLOAD_BYTES];
    assert_eq!(upload(&stack, &tenant, "a.txt", &bytes).status, 200);
    bytes.push(b'a');
    let refused = upload(&stack, &tenant, "a.txt", &bytes);
    assert_eq!(refused.refusal(), (413, "body_too_large"));
    bytes.resize(MAX_UPLOAD_BYTES + 64 * 1024, b'a');
    let refused = upload(&stack, &tenant, "a.txt", &bytes);
    assert_eq!(
        refused.refusal(),
        (413, "body_too_large"),
        "with the form around it"
    );
    let blobs = stack.ports.blobs.borrow();
    let stored: usize = blobs.values().map(Vec::len).sum();
    assert_eq!(stored, MAX_UPLOAD_BYTES);
    assert_eq!(stack.db.sql("SELECT id FROM attachments").len(), 1);
}

#[test]
fn the_content_decides_whatever_name_and_content_type_say() {
    let (stack, tenant) = Stack::with_tenant();
    let cases: [(&str, &str, &[u8], Option<&str>); 9] = [
        ("page.html", "text/html", b"<html>", None),
        ("photo.jpg", "image/jpeg", b"<!doctype html><script>", None),
        ("photo.png", "image/png", b"<svg onload=alert(1)>", None),
        ("note.txt", "text/plain", b"#!/bin/sh", None),
        ("doc.pdf", "application/pdf", b"MZ\x90\0\x03", None),
        ("a.bin", "application/octet-stream", b"\x01\x02\x03", None),
        ("page.html", "text/html", PNG, Some("image/png")),
        ("list.csv", "text/html", b"a,b\n1,2", Some("text/csv")),
        ("photo.exe", "image/png", b"hello", None),
    ];
    for (name, declared, content, expected) in cases {
        let file = part("file", Some(name), declared, content);
        let answer = call(&stack, &[file]).key(&tenant.api_key).send(handle);
        match expected {
            Some(media_type) => assert_eq!(answer.json["attachment"]["type"], media_type, "{name}"),
            None => assert_eq!(answer.refusal(), (415, "unsupported_media_type"), "{name}"),
        }
    }
}

#[test]
fn a_name_loses_its_folders_and_an_ending_that_would_run() {
    let (stack, tenant) = Stack::with_tenant();
    let cases = [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\photo.png", "photo.png"),
        ("photo.png%0D%0Ax: y", "photo.pngx: y"),
        ("say %22hi%22.png", "say \"hi\".png"),
        ("page.html", "page.html.png"),
        ("Ünïcode 写真.png", "Ünïcode 写真.png"),
        ("", "file.png"),
    ];
    for (given, clean) in cases {
        let answer = upload(&stack, &tenant, given, PNG);
        assert_eq!(answer.json["attachment"]["filename"], clean, "{given}");
    }
    let long = upload(&stack, &tenant, &format!("{}.png", "é".repeat(500)), PNG);
    assert!(long.json["attachment"]["filename"].as_str().unwrap().len() <= 255);
}

#[test]
fn the_empty_file_of_the_guide_is_taken_by_its_name() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = upload(&stack, &tenant, "receipt.pdf", b"");
    let attachment = &answer.json["attachment"];
    assert_eq!(
        (&attachment["type"], &attachment["size"]),
        (&json!("application/pdf"), &json!(0))
    );
    let refused = upload(&stack, &tenant, "receipt", b"");
    assert_eq!(refused.refusal(), (415, "unsupported_media_type"));
}

#[test]
fn nothing_is_acknowledged_that_is_not_stored() {
    let (stack, tenant) = Stack::with_tenant();
    stack.ports.blobs_are_down.set(true);
    let refused = upload(&stack, &tenant, "a.png", PNG);
    assert_eq!(refused.refusal(), (503, "unavailable"));
    assert!(stack.db.sql("SELECT id FROM attachments").is_empty());
    stack.ports.blobs_are_down.set(false);
    let file = part("file", Some("a.png"), "image/png", PNG);
    let refused = call(&stack, &[file]).key(&tenant.api_key).send(
        async |cx: &Context<'_>, request: Request| {
            let outage = DbError::Outage("Network connection lost".into());
            stack.db.fail(Failure::Before(outage));
            handle(cx, request).await
        },
    );
    assert_eq!(refused.refusal(), (503, "unavailable"));
}

#[test]
fn a_repeated_upload_with_the_same_key_is_the_same_attachment() {
    let (stack, tenant) = Stack::with_tenant();
    let once = || {
        let file = part("file", Some("a.png"), "image/png", PNG);
        let form = call(&stack, &[file]).key(&tenant.api_key);
        form.header("idempotency-key", "once").send(handle)
    };
    assert_eq!(once().json["attachment"], once().json["attachment"]);
    assert_eq!(stack.ports.blobs.borrow().len(), 1);
}

/// As clients repeat it: each time with another boundary.
#[test]
fn an_upload_repeated_with_another_boundary_is_the_same_attachment() {
    let (stack, tenant) = Stack::with_tenant();
    let send = |boundary: &str, name: &str, content: &[u8]| {
        let parts = part("file", Some(name), "image/png", content);
        let end = format!("--{BOUNDARY}--\r\n").into_bytes();
        let (old, new) = (BOUNDARY.as_bytes(), boundary.as_bytes());
        let mut body = [parts, end].concat();
        while let Some(at) = body.windows(old.len()).position(|bytes| bytes == old) {
            body.splice(at..at + old.len(), new.iter().copied());
        }
        stack
            .call("upload-attachment", "POST", "/api-upload-attachment")
            .chunks(vec![Ok(body)])
            .header(
                "content-type",
                &format!("multipart/form-data; boundary={boundary}"),
            )
            .header("idempotency-key", "once")
            .key(&tenant.api_key)
            .send(handle)
    };
    let first = send("first", "a.png", PNG);
    let again = send("another-boundary", "a.png", PNG);
    assert_eq!(again.status, 200, "{}", again.text());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json["attachment"], again.json["attachment"]);
    let other = [PNG, b"more"].concat();
    for changed in [
        send("first", "b.png", PNG),
        send("first", "a.png", &other),
        send("first", "", PNG),
    ] {
        assert_eq!(changed.refusal(), (422, "idempotency_key_reused"));
    }
    assert_eq!(stack.ports.blobs.borrow().len(), 1);
}

#[test]
fn two_businesses_have_their_files_apart() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    upload(&stack, &tenant, "a.png", PNG);
    upload(&stack, &other, "a.png", PNG);
    let blobs = stack.ports.blobs.borrow();
    for business in [&tenant.business_id, &other.business_id] {
        let own = blobs
            .keys()
            .filter(|key| key.starts_with(&format!("{business}/")));
        assert_eq!(own.count(), 1);
    }
}

#[test]
fn a_file_whose_row_could_not_be_written_leaves_no_bytes() {
    for calls in 0..3 {
        let (stack, tenant) = Stack::with_tenant();
        let outage = DbError::Outage("away".into());
        stack.db.fail_after(calls, Failure::Before(outage));
        let answer = upload(&stack, &tenant, "a.png", PNG);
        let stored = stack.ports.blobs.borrow().len();
        assert_eq!(stored, usize::from(answer.status == 200), "{calls}");
    }
}

/// By an agent at the embedded inbox.
fn at_inbox<'s>(stack: &'s Stack, parts: &[Vec<u8>]) -> Call<'s> {
    let end = format!("--{BOUNDARY}--\r\n").into_bytes();
    stack
        .call("upload-attachment", "POST", "/embed/api/attachments")
        .chunks(vec![Ok(parts.concat()), Ok(end)])
        .header(
            "content-type",
            &format!("multipart/form-data; boundary={BOUNDARY}"),
        )
}

#[test]
fn inbox_upload_answers_the_file() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.inbox_token(&tenant, None, None).token;
    let file = part("file", Some("a.png"), "image/png", PNG);
    let answer = at_inbox(&stack, &[file]).bearer(&token).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["attachment"]["type"], "image/png");
    let owner = stack.db.value("SELECT business_id FROM attachments");
    assert_eq!(owner.as_text(), Some(tenant.business_id.as_str()));
}

#[test]
fn inbox_upload_refuses_callers_without_a_token() {
    let (stack, tenant) = Stack::with_tenant();
    let call = || at_inbox(&stack, &[part("file", Some("a.png"), "image/png", PNG)]);
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let by_key = call().key(&tenant.api_key).send(handle);
    assert_eq!(by_key.refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer("x").send(handle).refusal(),
        (401, "invalid_token")
    );
    assert!(stack.ports.blobs.borrow().is_empty());
}

#[test]
fn inbox_upload_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.inbox_token(&tenant, None, None).token;
    let page = part(
        "file",
        Some("a.html"),
        "text/html",
        b"<!doctype html><script>",
    );
    let answer = at_inbox(&stack, &[page]).bearer(&token).send(handle);
    assert_eq!(answer.status, 415);
    let none = at_inbox(&stack, &[]).bearer(&token).send(handle);
    assert_eq!(none.refusal(), (422, "invalid_request"));
}

#[test]
fn an_upload_waits_while_the_isolate_has_too_many_bytes_of_others() {
    let (stack, tenant) = Stack::with_tenant();
    let others = common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).unwrap();
    // Its length is not told, so that it may be as long as any.
    let refused = upload(&stack, &tenant, "photo.png", PNG);
    assert_eq!(refused.refusal(), (503, "busy"));
    drop(others);
    assert_eq!(upload(&stack, &tenant, "photo.png", PNG).status, 200);
    assert!(common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).is_ok());
}
