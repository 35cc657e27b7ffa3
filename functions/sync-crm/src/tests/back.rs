use super::{ADA, Desk};
use crate::kustomer::{KUSTOMER_ORG, KUSTOMER_TOKEN, KUSTOMER_USER};
use common::ids::ConversationId;
use common::ports::Queue;
use messaging::conversations::{StateChange, conversation_apply_state};
use serde_json::{Value, json};
use sync_crm::handler::handle;
use testkit::answer;

impl Desk {
    /// A customer has written, and everything is there.
    pub(super) fn begun() -> Self {
        let desk = Self::new();
        desk.receive("wamid.1", ADA, "Where is my parcel?");
        desk.settle();
        desk
    }

    /// Kustomer tells of something.
    pub(super) fn webhook(&self, name: &str, data: Value) {
        let rev = data["attributes"]["rev"].clone();
        let body =
            json!({"id": format!("event-{}-{rev}", data["id"]), "name": name, "org": KUSTOMER_ORG,
            "createdAt": "2026-01-02T03:04:05.000Z", "data": data, "changes": null})
            .to_string();
        let signature =
            common::signatures::hmac_sha256_hex(KUSTOMER_TOKEN.as_bytes(), body.as_bytes());
        let call = self
            .stack
            .call("webhook-crm", "POST", "/api/webhooks/kustomer")
            .header("x-kustomer-webhook-signature", &signature)
            .body(body.as_bytes());
        let answer = call.send(webhook_crm::handler::handle);
        let log = answer.log;
        assert_eq!(log["level"], "info", "{log}");
    }

    /// An agent answers there.
    pub(super) fn reply(&self, id: &str, text: &str) {
        self.tell(self.written(id, text));
    }

    /// What an agent writes there, before it is told.
    pub(super) fn written(&self, id: &str, text: &str) -> Value {
        let conversation = &self.there.all("conversation")[0]["id"];
        json!({"type": "message", "id": id,
            "attributes": {"direction": "out", "channel": "whatsapp", "app": "chat", "auto": false,
                "preview": text, "rev": 1, "createdAt": self.stack.now().to_string()},
            "relationships": {"conversation": {"data": {"type": "conversation", "id": conversation}},
                "createdBy": {"data": {"type": "user", "id": "agent-1"}}}})
    }

    /// A new message is told.
    pub(super) fn tell(&self, message: Value) {
        self.webhook("kustomer.message.create", message);
    }

    /// The conversation there, changed by an agent.
    fn changed(&self, attributes: &Value) {
        let mut data = self.there.all("conversation")[0].clone();
        for (name, value) in attributes.as_object().unwrap() {
            data["attributes"][name] = value.clone();
        }
        data["relationships"]["modifiedBy"] = json!({"data": {"type": "user", "id": "agent-1"}});
        self.webhook("kustomer.conversation.update", data);
    }

    pub(super) fn value(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            common::db::Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    /// WhatsApp takes what is sent.
    pub(super) fn with_whatsapp(self) -> Self {
        let (answering, clock) = (self.there.clone(), self.stack.clone());
        self.stack.ports.respond(move |request| {
            if request.url.contains("kustomerapp.com") {
                return Some(answering.answer(request, clock.now().micros()));
            }
            let id = format!("wamid.out.{}", clock.ports.requests.borrow().len());
            Some(answer(200, &json!({"messages": [{"id": id}]})))
        });
        self
    }
}

#[test]
fn an_agents_reply_goes_to_the_customer_once_however_often_it_is_told() {
    let desk = Desk::begun().with_whatsapp();
    for _ in 0..3 {
        desk.reply("theirs-1", "It is on its way.");
    }
    assert_eq!(
        desk.stack.ports.take_wakes(Queue::Crm).len(),
        3,
        "each event wakes"
    );
    desk.settle();
    let sent = "messages WHERE direction = 'outbound' AND content = 'It is on its way.'";
    assert_eq!(desk.count(sent), 1);
    let author = desk.value(&format!("SELECT detail FROM {sent}"));
    assert!(author.contains("Grace"), "{author}");
    assert_eq!(
        desk.there.all("message").len(),
        1,
        "it is not written back as another"
    );
}

#[test]
fn what_a_customer_cannot_be_told_is_written_back() {
    let desk = Desk::begun();
    desk.there
        .0
        .borrow_mut()
        .records
        .push(json!({"type": "message", "id": "theirs-1",
        "attributes": {"rev": 1}, "relationships": {}}));
    // The customer wrote longer ago than WhatsApp's window.
    desk.stack.advance(25 * 3600 * super::SECOND);
    desk.reply("theirs-1", "Too late");
    desk.settle();
    let remote = desk
        .there
        .all("message")
        .into_iter()
        .find(|one| one["id"] == "theirs-1")
        .unwrap();
    assert_eq!(remote["attributes"]["status"], "error");
    assert_eq!(
        remote["attributes"]["error"]["code"], "outside_window",
        "{remote}"
    );
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 0);
}

#[test]
fn our_own_writing_that_comes_back_changes_nothing() {
    let desk = Desk::begun();
    let message = desk.there.all("message").remove(0);
    desk.webhook("kustomer.message.create", message);
    let mut conversation = desk.there.all("conversation").remove(0);
    conversation["attributes"]["rev"] = json!(9);
    conversation["relationships"]["modifiedBy"] =
        json!({"data": {"type": "user", "id": KUSTOMER_USER}});
    desk.webhook("kustomer.conversation.update", conversation);
    let before = desk.count("outbox");
    desk.there.requests_made();
    desk.settle();
    assert_eq!(desk.count("outbox"), before);
    assert_eq!(desk.there.requests_made(), Vec::<String>::new());
    assert_eq!(desk.value("SELECT status FROM conversations"), "open");
}

#[test]
fn how_a_conversation_stands_there_it_stands_here_and_is_not_written_back() {
    let desk = Desk::begun();
    desk.changed(
        &json!({"rev": 2, "status": "done", "priority": 5, "tags": ["tag-1"],
        "assignedUsers": ["agent-1"]}),
    );
    desk.settle();
    let row = desk
        .stack
        .db
        .sql("SELECT status, priority, assignee, tags FROM conversations");
    let row: Vec<_> = row[0].iter().filter_map(|value| value.as_text()).collect();
    assert_eq!(
        row,
        ["closed", "urgent", "grace@acme.example", r#"["vip"]"#]
    );
    let raised = "outbox WHERE event IN ('conversation.status_changed', 'conversation.assigned')";
    assert_eq!(desk.count(raised), 2);
    let requests_made = desk.there.requests_made();
    assert!(
        !requests_made.iter().any(|line| line.starts_with("PATCH")),
        "{requests_made:?}"
    );
    // What is older comes too late.
    desk.changed(&json!({"rev": 1, "status": "open"}));
    desk.settle();
    assert_eq!(desk.value("SELECT status FROM conversations"), "closed");
}

#[test]
fn agents_are_kept_by_the_id_that_they_have_there() {
    let desk = Desk::begun().with_whatsapp();
    desk.reply("theirs-1", "It is on its way.");
    desk.settle();
    let agents = desk.stack.db.sql("SELECT id, name, email FROM crm_agents");
    let agent: Vec<_> = agents[0]
        .iter()
        .filter_map(|value| value.as_text())
        .collect();
    assert_eq!(agent, ["agent-1", "Grace", "grace@acme.example"]);
    let author =
        desk.value("SELECT detail ->> '$.author.id' FROM messages WHERE detail LIKE '%author%'");
    assert_eq!(author, "agent-1");
}

#[test]
fn what_changes_here_is_written_there() {
    let desk = Desk::begun();
    let id = ConversationId::unchecked(desk.value("SELECT id FROM conversations"));
    let state_change = StateChange {
        status: Some("snoozed"),
        priority: Some("high"),
        assignee: Some(Some("grace@acme.example")),
        tags: Some(r#"["vip"]"#.to_owned()),
    };
    desk.stack
        .job("", async |cx: &common::Context<'_>, _: &str| {
            let business = cx.of_business(&desk.tenant.business_id);
            conversation_apply_state(&business, &id, &state_change).await?;
            Ok(())
        });
    desk.settle();
    let remote = desk.there.all("conversation").remove(0);
    let attributes = &remote["attributes"];
    assert_eq!(attributes["status"], "snoozed");
    assert_eq!(attributes["priority"], 4);
    assert_eq!(attributes["tags"], json!(["tag-1"]));
    assert_eq!(attributes["assignedUsers"], json!(["agent-1"]));
}

#[test]
fn a_customer_who_changes_there_changes_here_and_raises_an_event() {
    let desk = Desk::begun();
    let mut customer = desk.there.all("customer").remove(0);
    customer["attributes"]["name"] = json!("Ada Lovelace");
    customer["attributes"]["rev"] = json!(7);
    customer["relationships"]["modifiedBy"] = json!({"data": {"type": "user", "id": "agent-1"}});
    desk.webhook("kustomer.customer.update", customer);
    desk.there.requests_made();
    desk.settle();
    assert_eq!(desk.value("SELECT name FROM customers"), "Ada Lovelace");
    assert_eq!(desk.count("outbox WHERE event = 'customer.updated'"), 1);
    let requests_made = desk.there.requests_made();
    assert!(
        !requests_made.iter().any(|line| line.starts_with("PATCH")),
        "{requests_made:?}"
    );
}

#[test]
fn an_escalated_conversation_stands_there_as_here_with_all_that_was_said() {
    let desk = Desk::begun();
    desk.stack
        .db
        .sql("UPDATE conversations SET priority = 'urgent'");
    let id = desk.value("SELECT id FROM conversations");
    desk.stack.happened(
        &desk.tenant,
        "conversation.escalated",
        &id,
        &json!({"escalation": {"id": "e1", "priority": "urgent", "team_id": "team-9", "reason": "asked"}}),
    );
    desk.settle();
    let remote = desk.there.all("conversation").remove(0);
    assert_eq!(remote["attributes"]["priority"], 5);
    assert_eq!(remote["attributes"]["assignedTeams"], json!(["team-9"]));
    let [note] = desk.there.all("note").try_into().unwrap();
    let body = note["attributes"]["body"].as_str().unwrap();
    assert!(
        body.contains("Where is my parcel?") && body.contains("Reason: asked"),
        "{body}"
    );
}

#[test]
fn notes_are_written_there_once() {
    let desk = Desk::begun();
    desk.stack.db.sql(
        "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
         SELECT business_id, 'n1', id, 'Grace', 'Called back.', 5 FROM conversations",
    );
    let id = desk.value("SELECT id FROM conversations");
    for _ in 0..2 {
        desk.stack
            .happened(&desk.tenant, "inbox.changed", &id, &Value::Null);
        desk.settle();
    }
    let [note] = desk.there.all("note").try_into().unwrap();
    assert_eq!(note["attributes"]["body"], "Grace: Called back.");
}

#[test]
fn tags_that_they_cannot_have_stay_here_and_hold_nothing_up() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE conversations SET tags = '[\"重要\",\"#1\"]'");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    desk.changed(&json!({"rev": 2, "tags": ["tag-1"]}));
    desk.settle();
    let tags = desk.value("SELECT tags FROM conversations");
    assert_eq!(tags, "[\"重要\",\"#1\",\"vip\"]");
    // What nobody can name is not taken for a name.
    desk.changed(&json!({"rev": 3, "tags": ["tag-1", "5f3a00000000000000000000"]}));
    desk.settle();
    assert_eq!(desk.value("SELECT tags FROM conversations"), tags);
}

#[test]
fn an_agent_who_reopens_what_was_followed_by_another_keeps_the_rest() {
    let desk = Desk::begun();
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    let id = desk.value("SELECT id FROM conversations");
    desk.stack.happened(
        &desk.tenant,
        "conversation.status_changed",
        &id,
        &Value::Null,
    );
    desk.settle();
    desk.receive("wamid.2", ADA, "Another matter");
    desk.settle();
    assert_eq!(desk.count("conversations"), 2);
    desk.changed(&json!({"rev": 9, "status": "open", "priority": 5, "assignedUsers": ["agent-1"]}));
    desk.settle();
    let row = desk.stack.db.sql(&format!(
        "SELECT status, priority, assignee FROM conversations WHERE id = '{id}'"
    ));
    let row: Vec<_> = row[0].iter().filter_map(|value| value.as_text()).collect();
    assert_eq!(row, ["closed", "urgent", "grace@acme.example"]);
    let requests_made = desk.there.requests_made();
    let undone = requests_made
        .iter()
        .filter(|line| line.starts_with("PATCH /v1/conversations"))
        .count();
    assert!(
        undone <= 1,
        "what the agent did is not undone: {requests_made:?}"
    );
}

#[test]
fn ratings_are_kept() {
    let desk = Desk::begun();
    desk.changed(&json!({"rev": 3, "satisfactionLevel": {"status": "rated", "score": 1, "firstAnswer": "Great"}}));
    desk.settle();
    let row = desk
        .stack
        .db
        .sql("SELECT score, comment FROM conversation_ratings");
    assert_eq!(row[0][1].as_text(), Some("Great"));
    assert_eq!(
        desk.value("SELECT CAST(score AS TEXT) FROM conversation_ratings"),
        "1.0"
    );
}

#[test]
fn a_message_of_no_business_is_no_trouble() {
    let desk = Desk::new();
    assert_eq!(desk.stack.job("nobody", handle)["level"], "info");
}

#[test]
fn what_an_agent_changed_just_before_we_wrote_is_not_lost() {
    let desk = Desk::begun();
    let id = desk.value("SELECT id FROM conversations");
    // The agent's change is there already, and its event comes after our own writing.
    let mut remote = desk.there.all("conversation").remove(0);
    remote["attributes"]["status"] = json!("done");
    remote["attributes"]["rev"] = json!(2);
    remote["relationships"]["modifiedBy"] = json!({"data": {"type": "user", "id": "agent-1"}});
    let kept = remote.clone();
    for record in &mut desk.there.0.borrow_mut().records {
        if record["type"] == "conversation" {
            *record = kept.clone();
        }
    }
    desk.stack
        .db
        .sql("UPDATE conversations SET priority = 'high'");
    desk.stack
        .happened(&desk.tenant, "inbox.changed", &id, &Value::Null);
    desk.settle();
    desk.webhook("kustomer.conversation.update", remote);
    desk.settle();
    let row = desk
        .stack
        .db
        .sql("SELECT status, priority FROM conversations");
    assert_eq!(row[0][0].as_text(), Some("closed"));
    assert_eq!(row[0][1].as_text(), Some("high"));
    let now = desk.there.all("conversation").remove(0);
    assert_eq!(
        (&now["attributes"]["status"], &now["attributes"]["priority"]),
        (&json!("done"), &json!(4))
    );
}
