use super::{MAX_NAME, custom, cut, external_id, iso, json, replaced, rev, texts, time};
use crate::api::words::{Direction, Status, channel_to_kustomer};
use channels::ChannelKind;
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// A conversation to be created, without messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewConversation {
    /// Kustomer's id of the customer.
    pub customer: String,
    /// Our id of it.
    pub external_id: Option<String>,
    /// The subject.
    pub name: Option<String>,
    /// Open where it is absent. None begins snoozed.
    pub status: Option<Status>,
    /// 1 to 5.
    pub priority: Option<u8>,
    /// Who began it.
    pub direction: Option<Direction>,
    /// By what it is answered.
    pub reply_channel: Option<ChannelKind>,
    /// Kustomer's ids of teams.
    pub assigned_teams: Vec<String>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewConversation {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let status = self.status.map(|status| match status {
            Status::Done => "done",
            Status::Open | Status::Snoozed => "open",
        });
        let written = JsonWriter::default()
            .text("customer", &self.customer)
            .maybe("externalId", external_id(self.external_id.as_deref()))
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("status", status);
        let written = priority(written, self.priority)
            .maybe("direction", self.direction.map(Direction::as_str))
            .maybe("replyChannel", self.reply_channel.map(channel_to_kustomer));
        let written = texts(written, "assignedTeams", &self.assigned_teams);
        time(written, "importedAt", self.imported_at).finish()
    }
}

/// What of a conversation changes. A list takes the place of the one that was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPatch {
    /// How it stands.
    pub status: Option<Status>,
    /// Of one that is snoozed: until when.
    pub snoozed_until: Option<Timestamp>,
    /// 1 to 5.
    pub priority: Option<u8>,
    /// The subject.
    pub name: Option<String>,
    /// Our id of it.
    pub external_id: Option<String>,
    /// Kustomer's ids of teams; an empty list takes it from all.
    pub assigned_teams: Option<Vec<String>>,
    /// Kustomer's ids of people; an empty list takes it from all.
    pub assigned_users: Option<Vec<String>>,
    /// Custom attributes: a JSON object.
    pub custom: Option<String>,
    /// The revision that was read; a newer one there is a conflict.
    pub rev: Option<i64>,
}

impl ConversationPatch {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let snooze = self
            .snoozed_until
            .filter(|_| self.status == Some(Status::Snoozed));
        let snooze = snooze.map(|until| {
            let written = JsonWriter::default().text("status", "scheduled");
            written.text("time", &iso(until)).finish()
        });
        let written = JsonWriter::default().maybe("status", self.status.map(Status::as_str));
        let written = priority(json(written, "snooze", snooze.as_deref()), self.priority)
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = replaced(written, "assignedTeams", self.assigned_teams.as_deref());
        let written = replaced(written, "assignedUsers", self.assigned_users.as_deref());
        rev(custom(written, self.custom.as_deref()), self.rev).finish()
    }
}

fn priority(to: JsonWriter, priority: Option<u8>) -> JsonWriter {
    let priority = priority.map(|priority| priority.clamp(1, 5).to_string());
    json(to, "priority", priority.as_deref())
}
