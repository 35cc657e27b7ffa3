//! Keys that lack roles: what needs one of them stops alone (kustomer.md §2).

use super::there::Trouble;
use super::{ADA, Desk};
use common::ids::ConversationId;
use messaging::conversations::{StateChange, conversation_apply_state};
use serde_json::{Value, json};
use testkit::timed_out;

/// The seven permissions of the setup guide, as roles.
pub(super) const GUIDE: [&str; 11] = [
    "org.permission.customer.read",
    "org.permission.customer.create",
    "org.permission.customer.update",
    "org.permission.conversation.read",
    "org.permission.conversation.create",
    "org.permission.conversation.update",
    "org.permission.message.create",
    "org.permission.message.update",
    "org.permission.note.create",
    "org.permission.note.update",
    "org.permission.team.read",
];

/// A key of the guide's roles, without some.
fn guided(lacks: &[&str]) -> Desk {
    let desk = Desk::new();
    let held = GUIDE.into_iter().filter(|role| !lacks.contains(role));
    desk.there.0.borrow_mut().roles = Some(held.collect());
    desk
}

fn note(desk: &Desk) {
    desk.stack.db.sql(
        "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
         SELECT business_id, 'n1', id, 'Grace', 'Called back.', 5 FROM conversations",
    );
    let id = desk.value("SELECT id FROM conversations");
    desk.stack
        .happened(&desk.tenant, "inbox.changed", &id, &Value::Null);
}

#[test]
fn a_role_that_one_call_lacks_fails_that_job_and_the_others_go_on() {
    let desk = guided(&["org.permission.note.create"]);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    note(&desk);
    desk.receive("wamid.2", ADA, "Again");
    desk.receive("wamid.3", "353860000001", "of somebody else");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 3, "{:?}", desk.jobs());
    let failed: Vec<_> = desk
        .jobs()
        .into_iter()
        .filter(|job| job[1] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    let error = &failed[0][2];
    assert!(error.contains("missing_role"), "{error}");
    assert!(error.contains("create note"), "the call: {error}");
    assert!(
        error.contains("org.permission.note.create"),
        "the role: {error}"
    );
    let broken = desk.stack.db.value("SELECT broken_until FROM integrations");
    assert_eq!(broken, common::db::Value::Null);
    let told = desk.value("SELECT value FROM crm_cache WHERE key GLOB 'trouble:missing_role:*'");
    assert!(told.contains("org.permission.note.create"), "{told}");
}

#[test]
fn a_retry_without_the_roles_to_read_makes_nothing_twice() {
    let desk = guided(&[]);
    let path = "POST /v1/conversations/conversation-1";
    for call in ["/messages", "/notes"] {
        let request = [path, call].concat();
        desk.there.trouble(&request, Trouble::After(timed_out()));
    }
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    note(&desk);
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    assert_eq!(desk.there.all("note").len(), 1);
    let failed = desk.count("crm_jobs WHERE state <> 'done' AND state <> 'skipped'");
    assert_eq!(failed, 0, "{:?}", desk.jobs());
}

#[test]
fn tags_that_the_key_may_not_remove_hold_no_other_change_up() {
    let desk = guided(&[]);
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE conversations SET tags = '[\"vip\"]'");
    desk.settle();
    let id = ConversationId::unchecked(desk.value("SELECT id FROM conversations"));
    let state_change = StateChange {
        status: Some("closed"),
        priority: Some("high"),
        assignee: None,
        tags: Some("[]".to_owned()),
    };
    desk.stack
        .job("", async |cx: &common::Context<'_>, _: &str| {
            let business = cx.of_business(&desk.tenant.business_id);
            conversation_apply_state(&business, &id, &state_change).await?;
            Ok(())
        });
    desk.settle();
    let remote = desk.there.all("conversation").remove(0);
    assert_eq!(remote["attributes"]["status"], "done");
    assert_eq!(remote["attributes"]["priority"], 4);
    assert_eq!(desk.count("crm_jobs WHERE state = 'failed'"), 0);
}

#[test]
fn tags_of_customers_are_left_alone_by_a_key_that_may_not_read_tags() {
    let desk = guided(&[]);
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE customers SET tags = '[\"gold\"]'");
    desk.settle();
    assert_eq!(desk.there.0.borrow().tags, [""; 0], "it may be there");
    assert_eq!(desk.there.all("message").len(), 1);
    assert_eq!(desk.count("crm_jobs WHERE state = 'failed'"), 0);
}

#[test]
fn a_file_that_the_key_may_not_read_is_told_to_the_agent_and_the_text_is_sent() {
    let desk = guided(&[]);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let desk = desk.with_whatsapp();
    let mut written = desk.written("theirs-1", "See the file");
    written["relationships"]["attachments"] =
        json!({"data": [{"type": "attachment", "id": "5f0000000000000000000099"}]});
    desk.there.0.borrow_mut().records.push(written.clone());
    desk.tell(written);
    desk.settle();
    let sent = "messages WHERE direction = 'outbound' AND content = 'See the file'";
    assert_eq!(desk.count(sent), 1, "{:?}", desk.jobs());
    let remote = desk.there.all("message");
    let remote = remote.iter().find(|one| one["id"] == "theirs-1").unwrap();
    let error = remote["attributes"]["error"].to_string();
    assert!(error.contains("org.permission.attachment.read"), "{error}");
}
