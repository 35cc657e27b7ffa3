use super::*;

const PDF: &str = "application/pdf";

#[test]
fn an_uploaded_attachment_goes_by_its_id_with_the_text_below_it() {
    let desk = Desk::new();
    let id = desk.attachment(1, PDF, 0);
    let url = format!("https://tieline.example/api/download-media?id={id}&expires=1&signature=x");
    let mut body = desk.text();
    body["attachments"] = json!([url]);
    let answer = desk.send(&body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    let message = &answer.json["message"];
    assert_eq!(
        (&message["type"], &message["content"]),
        (&json!("document"), &json!("Hi!"))
    );
    let shown = &message["attachments"][0];
    assert_eq!((&shown["id"], &shown["type"]), (&json!(id), &json!(PDF)));
    assert!(shown["download_url"].as_str().unwrap().contains(&id));
    let requests = desk.stack.ports.take_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[0].url,
        "https://graph.facebook.com/v26.0/1066/media"
    );
    let document = json!({ "id": "media-1", "caption": "Hi!", "filename": "file-1" });
    assert_eq!(body_of(&requests[1])["document"], document);
    let bound = desk.text_in("SELECT message_id FROM attachments");
    assert_eq!(bound, message["id"].as_str().unwrap());
}

#[test]
fn several_media_are_several_messages_in_order() {
    let desk = Desk::new();
    let (audio, image) = (
        desk.attachment(1, "audio/ogg; codecs=opus", 10),
        desk.attachment(2, "image/png", 10),
    );
    let mut body = desk.text();
    body["attachments"] = json!([audio, image, "https://a.example/x/c.PDF?v=1"]);
    let answer = desk.send(&body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    let sent = desk.sent();
    let types: Vec<_> = sent.iter().map(|m| m["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["text", "audio", "image", "document"]);
    assert_eq!(sent[3]["document"]["link"], "https://a.example/x/c.PDF?v=1");
    let messages = answer.json["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 4);
    assert_eq!(
        messages[1]["attachments"][0]["type"],
        "audio/ogg; codecs=opus"
    );
    assert_eq!(messages[0], answer.json["message"]);
    assert!(messages.iter().all(|m| m["status"] == "sent"));
    assert!(messages.is_sorted_by_key(|m| m["created_at"].as_str().unwrap().to_owned()));
    assert_eq!(
        messages[3]["attachments"][0]["url"],
        "https://a.example/x/c.PDF?v=1"
    );
    assert_eq!(
        desk.text_in("SELECT message_count || '' FROM conversations"),
        "4"
    );
}

#[test]
fn a_text_too_long_for_a_caption_goes_before_its_medium() {
    let desk = Desk::new();
    for (characters, types) in [(1024, vec!["image"]), (1025, vec!["text", "image"])] {
        let image = desk.attachment(u8::try_from(types.len()).unwrap(), "image/jpeg", 10);
        let mut body = desk.text();
        body["content"] = json!("é".repeat(characters));
        body["attachments"] = json!([image]);
        assert_eq!(desk.send(&body).status, 200);
        let sent = desk.sent();
        let kinds: Vec<_> = sent.iter().map(|m| m["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, types);
    }
}

#[test]
fn media_that_the_channel_does_not_take_are_refused() {
    let desk = Desk::new();
    let mib = 1024 * 1024;
    let cases = [
        ("image/gif", 10, "media_type"),
        ("text/csv", 10, "media_type"),
        ("image/png", 5 * mib + 1, "at_most_5242880_bytes"),
        ("image/webp", 500 * 1024 + 1, "at_most_512000_bytes"),
    ];
    for (n, (mime_type, size, rule)) in (10..).zip(cases) {
        let mut body = desk.text();
        body["attachments"] = json!([desk.attachment(n, mime_type, size)]);
        assert_eq!(
            desk.send(&body).detail(),
            ("attachments[0]", rule),
            "{mime_type}"
        );
    }
    let pending = desk.attachment(30, PDF, 1);
    desk.stack.db.sql(&format!(
        "UPDATE attachments SET state = 'pending' WHERE id = '{pending}'"
    ));
    let mut body = desk.text();
    body["attachments"] = json!([pending]);
    assert_eq!(desk.send(&body).detail(), ("attachments[0]", "ready"));
    assert!(desk.sent().is_empty());
}

#[test]
fn an_attachment_sent_twice_is_a_copy_the_second_time() {
    let desk = Desk::new();
    let id = desk.attachment(1, PDF, 5);
    let mut body = desk.text();
    body["attachments"] = json!([id]);
    let first = desk.send(&body).json["message"].clone();
    let second = desk.send(&body).json["message"].clone();
    assert_eq!(first["attachments"][0]["id"], id);
    let copy = second["attachments"][0]["id"].as_str().unwrap();
    assert_ne!(copy, id);
    let key = format!("{}/{copy}", desk.tenant.business_id);
    assert_eq!(desk.stack.ports.blobs.borrow()[&key], b"xxxxx");
    let row = format!("SELECT message_id || filename FROM attachments WHERE id = '{copy}'");
    assert_eq!(
        desk.text_in(&row),
        format!("{}file-1", second["id"].as_str().unwrap())
    );
}

#[test]
fn an_attachment_that_another_request_takes_first_becomes_a_copy() {
    let desk = Desk::new();
    let id = desk.attachment(1, PDF, 5);
    let (db, taken) = (desk.stack.db.clone(), id.clone());
    let mut body = desk.text();
    body["attachments"] = json!([id]);
    desk.send(&desk.text());
    desk.stack.db.before_next_batch(move || {
        let (db, taken) = (db.clone(), taken.clone());
        db.clone().before_next_batch(move || {
            db.sql(&format!(
                "UPDATE attachments SET message_id = 'm' WHERE id = '{taken}'"
            ));
        });
    });
    let answer = desk.send(&body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_ne!(answer.json["message"]["attachments"][0]["id"], id);
    assert_eq!(
        desk.stack.db.value("SELECT count(*) FROM messages"),
        Sql::Integer(2)
    );
}

impl Desk {
    /// Sends a text with an attachment that has to wait.
    fn waits_with(&self, id: &str) {
        let mut body = self.text();
        body["attachments"] = json!([id]);
        let answer = self.send(&body);
        assert_eq!(
            (answer.status, &answer.json["message"]["status"]),
            (202, &json!("queued"))
        );
    }

    fn goes_in_five_seconds(&self) {
        self.stack.advance(5 * SECOND);
        assert_eq!(self.work_queue(), [5]);
        assert_eq!((self.status(), self.sent().len()), ("sent".into(), 1));
    }
}

#[test]
fn bytes_that_are_not_there_yet_are_waited_for() {
    let desk = Desk::new();
    let id = desk.attachment(1, PDF, 5);
    let held = std::mem::take(&mut *desk.stack.ports.blobs.borrow_mut());
    desk.waits_with(&id);
    *desk.stack.ports.blobs.borrow_mut() = held;
    desk.goes_in_five_seconds();
}

/// What a file has that lies in two parts.
const LARGE: usize = 4 * 1024 * 1024 + 10;

impl Desk {
    /// An attachment that lies in two parts.
    fn large_attachment(&self, n: u8) -> (String, Vec<u8>) {
        let id = self.attachment(n, PDF, 0);
        self.stack.db.sql(&format!(
            "UPDATE attachments SET size = {LARGE} WHERE id = '{id}'"
        ));
        let bytes: Vec<u8> = (0..=250).cycle().take(LARGE).collect();
        let key = format!("{}/{id}", self.tenant.business_id);
        let mut blobs = self.stack.ports.blobs.borrow_mut();
        blobs.remove(&key);
        for (n, part) in bytes.chunks(4 * 1024 * 1024).enumerate() {
            blobs.insert(format!("{key}.{n}"), part.into());
        }
        (id, bytes)
    }
}

#[test]
fn a_large_attachment_is_sent_and_copied_from_its_parts() {
    let desk = Desk::new();
    let (id, bytes) = desk.large_attachment(1);
    let mut body = desk.text();
    body["attachments"] = json!([id]);
    let first = desk.send(&body);
    assert_eq!(first.json["message"]["status"], "sent", "{}", first.json);
    let uploaded = desk.stack.ports.take_requests().remove(0).body.unwrap();
    assert!(uploaded.windows(LARGE).any(|window| window == bytes));
    let second = desk.send(&body);
    assert_eq!(second.json["message"]["status"], "sent", "{}", second.json);
    let copy = second.json["message"]["attachments"][0]["id"].clone();
    let key = format!("{}/{}", desk.tenant.business_id, copy.as_str().unwrap());
    let blobs = desk.stack.ports.blobs.borrow();
    let parts = [".0", ".1"].map(|end| blobs[&format!("{key}{end}")].as_slice());
    assert!(parts.concat() == bytes && !blobs.contains_key(&key));
}

#[test]
fn a_message_that_was_stored_before_sizes_were_is_sent_with_its_file() {
    for is_large in [false, true] {
        let desk = Desk::new();
        let id = match is_large {
            true => desk.large_attachment(1).0,
            false => desk.attachment(1, PDF, 5),
        };
        let held = std::mem::take(&mut *desk.stack.ports.blobs.borrow_mut());
        let mut body = desk.text();
        body["attachments"] = json!([id]);
        assert_eq!(desk.send(&body).json["message"]["status"], "queued");
        *desk.stack.ports.blobs.borrow_mut() = held;
        let size = if is_large { LARGE } else { 5 };
        let stored = desk.text_in("SELECT request ->> '$[#-1]' || '' FROM sends");
        assert_eq!(stored, size.to_string());
        desk.stack
            .db
            .sql("UPDATE sends SET request = json_remove(request, '$[#-1]')");
        desk.stack.advance(5 * SECOND);
        desk.work_queue();
        assert_eq!((desk.status(), desk.sent().len()), ("sent".into(), 1));
    }
}

#[test]
fn a_file_is_sent_later_while_the_isolate_has_too_many_bytes_of_others() {
    let desk = Desk::new();
    let id = desk.attachment(1, PDF, 5);
    let others = common::in_flight::hold(common::in_flight::MAX_BYTES, desk.stack.now()).unwrap();
    desk.waits_with(&id);
    assert_eq!(desk.send(&desk.text()).json["message"]["status"], "sent");
    drop(others);
    desk.sent();
    desk.goes_in_five_seconds();
    assert!(common::in_flight::hold(common::in_flight::MAX_BYTES, desk.stack.now()).is_ok());
}
