use super::{Desk, Json, ana, message, reply};
use serde_json::json;

fn note(id: u32, thread: u32, content: &str) -> Json {
    let mut note = reply(id, thread, &ana(), content);
    note["private"] = true.into();
    note
}

impl Desk {
    fn notes(&self) -> Vec<String> {
        self.texts(
            "SELECT author || ': ' || content FROM conversation_notes ORDER BY created_at, id",
        )
    }
}

#[test]
fn a_private_message_is_a_note_once_and_is_not_written_back() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    desk.stack.db.sql("DELETE FROM outbox");
    for _ in 0..2 {
        assert_eq!(desk.told(&note(2, 130, "VIP"))["received"], 1);
    }
    assert_eq!(desk.notes(), ["Bo: VIP"]);
    assert_eq!(desk.count("messages"), 1);
    assert_eq!(desk.events(), ["inbox.changed"]);
    let link = "SELECT l.connector || ' ' || l.kind || ' ' || l.remote_id FROM crm_links l
      JOIN conversation_notes n ON n.id = l.local_id";
    assert_eq!(
        desk.texts(link),
        [format!("chatwoot note {}/2", desk.channel_id)]
    );
}

#[test]
fn our_own_note_coming_back_is_nothing() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    let mut own = note(2, 130, "Ours");
    own["content_attributes"] = json!({ "tieline": "01900000-0000-7000-8000-0000000000aa" });
    assert_eq!(desk.told(&own)["ignored"], 1);
    assert_eq!(
        desk.told(&{
            let mut changed = note(3, 130, "Changed");
            changed["event"] = "message_updated".into();
            changed
        })["ignored"],
        1
    );
    assert!(desk.notes().is_empty());
}

#[test]
fn a_note_that_comes_before_its_conversation_has_it_read_and_parks_nothing() {
    let desk = Desk::new();
    for id in [2, 3] {
        let told = desk.told(&note(id, 130, "VIP"));
        assert_eq!(
            (&told["received"], &told["kept"]),
            (&1.into(), &false.into())
        );
    }
    assert!(desk.notes().is_empty());
    assert!(desk.stack.ports.blobs.borrow().is_empty());
    let jobs = desk.texts("SELECT kind || ' ' || subject FROM crm_jobs");
    assert_eq!(jobs, [format!("messages_in {}/130", desk.channel_id)]);
}

#[test]
fn a_note_of_a_file_alone_names_it_and_a_long_one_is_cut() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    let mut file = note(2, 130, "");
    let url = "https://chat.example/rails/active_storage/blobs/x/plan.pdf";
    file["attachments"] = json!([{ "id": 1, "file_type": "file", "data_url": url }]);
    desk.told(&file);
    assert_eq!(desk.notes(), ["Bo: plan.pdf"]);
    desk.told(&note(3, 130, &"ü".repeat(10_001)));
    let longest = "SELECT CAST(max(length(content)) AS TEXT) FROM conversation_notes";
    assert_eq!(desk.texts(longest), ["10000"]);
}
