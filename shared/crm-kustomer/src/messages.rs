//! Messages and notes: the timeline in Kustomer.

use super::OURS;
use super::api::{ConversationPatch, status_to_kustomer};
use super::api::{
    DeliveryError, Direction, MessageStatus, NewMessage, NewNote, Resource, parts_of,
    priority_to_kustomer,
};
use super::sync::SyncContext;
use super::words::{message_key, note_key};
use channels::ChannelKind;
use common::ids::{ConversationId, MessageId};
use common::json::raw;
use common::json::tolerant::{child, text};
use common::signatures::sha256_hex;
use common::time::{SECOND, Timestamp};
use crm::local::{ConversationState, MessageRow, NoteRow};
use crm::{Done, Failure, Link};

/// Notes that are written with one job.
const MAX_NOTES: i64 = 50;

impl SyncContext<'_> {
    /// Writes a message to the timeline, once.
    pub(super) async fn message(&self) -> Result<Done, Failure> {
        if self
            .client
            .link("message", &self.job.subject)
            .await?
            .is_some()
        {
            return Ok(Done::Skipped("The message is there."));
        }
        let id = MessageId::unchecked(self.job.subject.as_str());
        let Some(message) = self.client.message(&id).await? else {
            return Ok(Done::Skipped("The message is gone."));
        };
        let Some(customer) = self.client.customer(&message.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let Some(conversation) = self.client.conversation(&message.conversation_id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        if let Some(reason) = self.refusal(&customer, &conversation) {
            return Ok(Done::Skipped(reason));
        }
        if let Some(later) = message.files_later(self.client.now()) {
            return Ok(Done::Deferred(later));
        }
        let place = self.ensure_conversation(&customer, &conversation).await?;
        let key = message_key(&message.id);
        let found = match self.job.may_be_done() {
            true => match self.message_by_key(&key).await {
                // Then its external id, which is unique there, keeps it single.
                Err(Failure::Forbidden { .. }) => None,
                found => found?,
            },
            false => None,
        };
        let resource = match found {
            Some(found) => found,
            None => {
                let message = self.message_of(&message, &key).await?;
                let create = self.api.message_create(&place, &message);
                match self.one("create message", create).await {
                    Err(Failure::Conflict { message }) => match self.message_by_key(&key).await {
                        Err(Failure::Forbidden { .. }) => unseen(&key),
                        found => found?.ok_or(Failure::Conflict { message })?,
                    },
                    Err(Failure::NotFound) => {
                        self.client
                            .unlink("conversation", conversation.id.as_str())
                            .await?;
                        let message = "The conversation is gone there; it is made anew.";
                        return Err(Failure::Conflict {
                            message: message.into(),
                        });
                    }
                    other => other?,
                }
            }
        };
        self.link_message(&message.id, &resource).await?;
        Ok(Done::Done)
    }

    /// The message that has our id, by either spelling of the path (kustomer.md §8.4).
    async fn message_by_key(&self, key: &str) -> Result<Option<Resource>, Failure> {
        let what = "message by externalId";
        let by_key = self.api.message_by_external_id(key);
        if let Some(found) = self.find(what, by_key).await? {
            return Ok(Some(found));
        }
        match self.find(what, self.api.message_by_externalid(key)).await {
            Err(Failure::Invalid { .. }) => Ok(None),
            found => found,
        }
    }

    pub(super) async fn link_message(
        &self,
        local_id: &MessageId,
        remote: &Resource,
    ) -> Result<(), Failure> {
        let link = Link {
            local_id: local_id.to_string(),
            remote_id: remote.id.clone(),
            rev: remote.rev,
            fingerprint: None,
            ..Link::default()
        };
        self.client
            .batch(vec![self.client.link_put("message", &link)])
            .await?;
        Ok(())
    }

    pub(super) async fn message_of(
        &self,
        row: &MessageRow,
        key: &str,
    ) -> Result<NewMessage, Failure> {
        let channel = ChannelKind::parse(&row.channel).unwrap_or(ChannelKind::Sms);
        let (direction, status) = match row.is_inbound {
            true => (Direction::In, MessageStatus::Received),
            false if row.status == "failed" => (Direction::Out, MessageStatus::Error),
            false => (Direction::Out, MessageStatus::Sent),
        };
        let mut message = NewMessage::new(channel, direction);
        let mut shown = row.shown();
        for file in &row.attachments {
            match self.attach(file).await? {
                Some(attached) => message.attachments.push(attached),
                None => shown.push_str(&format!("\n[Not attached: {}]", file.filename)),
            }
        }
        message.preview = Some(shown);
        message.subject = text(&raw::part(&row.detail), "subject");
        message.external_id = Some(key.to_owned());
        message.sent_at = Some(Timestamp::from_micros(
            row.sent_at.unwrap_or(row.created_at),
        ));
        message.status = Some(status);
        message.error = row
            .error
            .as_deref()
            .map(|error| (delivery_error(error), self.now()));
        message.imported_at = self.imported_at();
        // It may be there already, or be written in bulk and then again alone.
        message.id = self
            .job
            .may_be_done()
            .then(|| object_id(key, row.created_at));
        Ok(message)
    }

    /// Writes back that a message could not be delivered.
    pub(super) async fn status(&self) -> Result<Done, Failure> {
        let Some(link) = self.client.link("message", &self.job.subject).await? else {
            return Ok(Done::Skipped("The message is not there."));
        };
        let id = MessageId::unchecked(link.local_id.as_str());
        let Some(message) = self.client.message(&id).await? else {
            return Ok(Done::Skipped("The message is gone."));
        };
        if message.status != "failed" {
            return Ok(Done::Skipped("The message did not fail."));
        }
        let error = delivery_error(message.error.as_deref().unwrap_or_default());
        self.report_failed(&link.remote_id, &error).await?;
        Ok(Done::Done)
    }

    pub(super) async fn report_failed(
        &self,
        remote_id: &str,
        error: &DeliveryError,
    ) -> Result<(), Failure> {
        if remote_id.starts_with(OURS) {
            // It is there, and the key may not look for its id.
            return Ok(());
        }
        let update = self.api.message_failed(remote_id, error, self.now());
        let answered = self.ask("tell failure", update).await?;
        super::api::gone(&answered, self.now())
    }

    pub(super) async fn notes_unsent(
        &self,
        conversation_id: &ConversationId,
    ) -> Result<Vec<NoteRow>, Failure> {
        self.client.notes_unsent(conversation_id, MAX_NOTES).await
    }

    /// Writes notes to a conversation there, each once.
    pub(super) async fn send_notes(
        &self,
        conversation: &str,
        notes: Vec<NoteRow>,
    ) -> Result<(), Failure> {
        for note in notes {
            let body = [&note.author, ": ", &note.content].concat();
            let remote_id = self.write_note(conversation, &note.id, &body, &[]).await?;
            let link = Link {
                local_id: note.id,
                remote_id,
                ..Link::default()
            };
            self.client
                .batch(vec![self.client.link_put("note", &link)])
                .await?;
        }
        Ok(())
    }

    /// Writes one note, in as many as it needs; their id of the first.
    async fn write_note(
        &self,
        conversation: &str,
        id: &str,
        body: &str,
        teams: &[String],
    ) -> Result<String, Failure> {
        let mut may_read = true;
        let known = match self.job.may_be_done() {
            true => match self.ask("notes", self.api.notes_of(conversation)).await {
                Err(Failure::Forbidden { .. }) => {
                    may_read = false;
                    Vec::new()
                }
                answered => super::api::resources(&answered?, self.now())?.items,
            },
            false => Vec::new(),
        };
        let mut first = None;
        for (n, part) in parts_of(body).into_iter().enumerate() {
            let key = note_key(id, n);
            let is_it = |known: &&Resource| known.text("externalId").as_ref() == Some(&key);
            let remote_id = match known.iter().find(is_it) {
                Some(known) => known.id.clone(),
                None => {
                    let note = NewNote {
                        body: part.to_owned(),
                        external_id: Some(key.clone()),
                        mentioned_teams: if n == 0 { teams.to_vec() } else { Vec::new() },
                        imported_at: self.imported_at(),
                    };
                    let create = self.api.note_create(conversation, &note);
                    match self.one("create note", create).await {
                        Err(Failure::Conflict { .. }) if !may_read => key,
                        made => made?.id,
                    }
                }
            };
            first.get_or_insert(remote_id);
        }
        Ok(first.unwrap_or_default())
    }

    /// A conversation is handed to people: at its priority, with a team, with all that was said.
    pub(super) async fn escalation(&self) -> Result<Done, Failure> {
        if !self.settings.ticket_creation {
            return Ok(Done::Skipped("Automatic tickets are switched off."));
        }
        let detail = self.job.detail_object();
        let escalation = child(&detail, "escalation");
        let conversation_id = text(&detail, "conversation_id").unwrap_or_default();
        let conversation_id = ConversationId::unchecked(conversation_id);
        let Some(conversation) = self.client.conversation(&conversation_id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let Some(customer) = self.client.customer(&conversation.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&customer, &conversation) {
            return Ok(Done::Skipped(reason));
        }
        let place = self.ensure_conversation(&customer, &conversation).await?;
        let team = text(&escalation, "team_id");
        let mut team = team.or_else(|| {
            let of_rules = self
                .settings
                .team_of(&conversation.channel, &conversation.state.tags);
            let usual = of_rules.or(self.settings.routing.default_team_id.as_deref());
            usual.map(str::to_owned)
        });
        let mut patch = ConversationPatch {
            // As it stands here, where escalating raised it and never lowers it.
            status: Some(status_to_kustomer(&conversation.state.status)),
            priority: priority_to_kustomer(&conversation.state.priority),
            assigned_teams: team.clone().map(|team| vec![team]),
            ..ConversationPatch::default()
        };
        let update = self.api.conversation_update(&place, &patch);
        let remote = match self.one("update conversation", update).await {
            Err(Failure::Invalid { .. }) if team.is_some() => {
                patch.assigned_teams = None;
                let update = self.api.conversation_update(&place, &patch);
                let remote = self.one("update conversation", update).await?;
                self.unknown_team(team.take()).await?;
                remote
            }
            other => other?,
        };
        // A job of its own writes our assignee; what an agent did meanwhile counts.
        let mut written = conversation.state.clone();
        written.assignee = self.known_assignee(&conversation.id).await?;
        self.merge_remote(&conversation, &remote, &written).await?;
        let id = text(&escalation, "id").unwrap_or_else(|| self.job.id.to_string());
        let reason = text(&escalation, "reason");
        let body = self.transcript(&conversation.id, reason.as_deref()).await?;
        let teams: Vec<_> = team.into_iter().collect();
        self.write_note(&place, &id, &body, &teams).await?;
        let notes = self.notes_unsent(&conversation.id).await?;
        self.send_notes(&place, notes).await?;
        Ok(Done::Done)
    }

    /// The assignee of a conversation, as the remote side knows it.
    async fn known_assignee(&self, id: &ConversationId) -> Result<Option<String>, Failure> {
        let link = self.client.link("conversation", id.as_str()).await?;
        let known = link.and_then(|link| ConversationState::of_stored(&link.fingerprint?));
        Ok(known.and_then(|known| known.assignee))
    }

    async fn transcript(
        &self,
        id: &ConversationId,
        reason: Option<&str>,
    ) -> Result<String, Failure> {
        let mut body = "Escalated to a person.".to_owned();
        if let Some(reason) = reason {
            body.push_str("\nReason: ");
            body.push_str(reason);
        }
        body.push_str("\n\nThe conversation so far (UTC):\n");
        body.push_str(&self.client.transcript(id).await?);
        Ok(body)
    }
}

/// Their id of a message, made of our key, so that no second one can be made of it (kustomer.md §7).
fn object_id(key: &str, created_at: i64) -> String {
    let hash = sha256_hex(key.as_bytes());
    let seconds = (created_at / SECOND).clamp(0, i64::from(u32::MAX));
    format!("{seconds:08x}{}", hash.get(..16).unwrap_or_default())
}

/// A message that is there by our key, of which nothing may be read.
fn unseen(key: &str) -> Resource {
    Resource {
        id: key.to_owned(),
        ..Resource::default()
    }
}

/// `{"code", "message"}` as it is told there.
fn delivery_error(error: &str) -> DeliveryError {
    let error = raw::part(error);
    DeliveryError {
        code: text(&error, "code").unwrap_or_else(|| "failed".into()),
        title: "The message was not delivered.".into(),
        detail: text(&error, "message"),
    }
}
