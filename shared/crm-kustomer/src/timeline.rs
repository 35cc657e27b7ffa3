//! Messages and notes: what stands on the timeline there.

use super::Way;
use super::api::{ConversationPatch, status_to_theirs};
use super::api::{
    DeliveryError, Direction, MessageStatus, NewMessage, NewNote, Resource, parts_of,
    priority_to_theirs,
};
use super::sql::{LINE_GET, NOTES_UNSENT, TRANSCRIPT};
use super::words::{kind_name, message_key, note_key};
use channels::ChannelKind;
use common::db::{Row, Value};
use common::json::lenient::{child, text};
use common::json::raw;
use common::time::{SECOND, Timestamp};
use crm::{Done, Failure, Link};

/// How long a message waits for the bytes of its files.
const FILES_MICROS: i64 = 120 * SECOND;
/// Notes that are written with one job.
const MOST_NOTES: i64 = 50;
/// Messages that a transcript has at most: the newest.
const MOST_LINES: i64 = 200;

/// A message of ours.
#[derive(Debug, Default)]
struct Line {
    id: String,
    conversation_id: String,
    customer_id: String,
    channel: String,
    is_inbound: bool,
    kind: String,
    content: String,
    detail: String,
    status: String,
    error: Option<String>,
    sent_at: Option<i64>,
    created_at: i64,
    files: Vec<File>,
}

/// What it carries.
#[derive(Debug, Default, Clone)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) filename: String,
    pub(super) mime_type: String,
}

impl Line {
    fn of_row(row: &Row) -> Self {
        let text = |n: usize| row.get(n).and_then(Value::as_text).map(str::to_owned);
        let integer = |n: usize| row.get(n).and_then(Value::as_integer);
        let files = text(12).unwrap_or_default();
        let files = raw::list(&files).unwrap_or_default();
        Self {
            id: text(0).unwrap_or_default(),
            conversation_id: text(1).unwrap_or_default(),
            customer_id: text(2).unwrap_or_default(),
            channel: text(3).unwrap_or_default(),
            is_inbound: text(4).as_deref() == Some("inbound"),
            kind: text(5).unwrap_or_default(),
            content: text(6).unwrap_or_default(),
            detail: text(7).unwrap_or_default(),
            status: text(8).unwrap_or_default(),
            error: text(9),
            sent_at: integer(10),
            created_at: integer(11).unwrap_or_default(),
            files: files.into_iter().filter_map(File::read).collect(),
        }
    }

    /// What it says, to people.
    fn shown(&self) -> String {
        match self.content.trim() {
            "" if self.kind == "location" => {
                let detail = raw::part(&self.detail);
                let place = child(&detail, "location");
                let coordinate = |name| text(&place, name).unwrap_or_default();
                format!(
                    "[Location] {}, {}",
                    coordinate("latitude"),
                    coordinate("longitude")
                )
            }
            "" => kind_name(&self.kind).to_owned(),
            said => said.to_owned(),
        }
    }
}

impl File {
    fn read(json: &str) -> Option<Self> {
        let parts = raw::list(json)?;
        let [id, state, filename, mime_type, _] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            id: raw::text(id)?,
            state: raw::text(state)?,
            filename: raw::text(filename)?,
            mime_type: raw::text(mime_type)?,
        })
    }
}

/// A note that is not there yet.
pub(super) struct Note {
    id: String,
    body: String,
}

impl Way<'_> {
    async fn line(&self, id: &str) -> Result<Option<Line>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.desk.rows(LINE_GET.bind(params)).await?;
        Ok(rows.first().map(Line::of_row))
    }

    /// Writes a message to the timeline, once.
    pub(super) async fn message(&self) -> Result<Done, Failure> {
        if self
            .desk
            .link("message", &self.job.subject)
            .await?
            .is_some()
        {
            return Ok(Done::Skipped("The message is there."));
        }
        let Some(line) = self.line(&self.job.subject).await? else {
            return Ok(Done::Skipped("The message is gone."));
        };
        let Some(person) = self.person(&line.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let Some(thread) = self.thread(&line.conversation_id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        if let Some(reason) = self.refusal(&person, &thread) {
            return Ok(Done::Skipped(reason));
        }
        let now = self.desk.now();
        let is_waiting = line.files.iter().any(|file| file.state == "pending");
        if is_waiting && now < line.created_at + FILES_MICROS {
            return Ok(Done::NotBefore(now + 5 * SECOND));
        }
        let place = self.place(&person, &thread).await?;
        let key = message_key(&line.id);
        let by_key = || self.api.message_by_external_id(&key);
        let found = match self.job.may_be_done() {
            true => self.find("message by externalId", by_key()).await?,
            false => None,
        };
        let resource = match found {
            Some(found) => found,
            None => {
                let message = self.message_of(&line, &key).await?;
                let create = self.api.message_create(&place, &message);
                match self.one("create message", create).await {
                    Err(Failure::Conflict { message }) => {
                        let found = self.find("message by externalId", by_key()).await?;
                        found.ok_or(Failure::Conflict { message })?
                    }
                    Err(Failure::NotFound) => {
                        self.desk.unlink("conversation", &thread.id).await?;
                        let message = "The conversation is gone there; it is made anew.";
                        return Err(Failure::Conflict {
                            message: message.into(),
                        });
                    }
                    other => other?,
                }
            }
        };
        self.link_message(&line.id, &resource).await?;
        Ok(Done::Done)
    }

    pub(super) async fn link_message(
        &self,
        local_id: &str,
        theirs: &Resource,
    ) -> Result<(), Failure> {
        let link = Link {
            local_id: local_id.to_owned(),
            remote_id: theirs.id.clone(),
            rev: theirs.rev,
            fingerprint: None,
        };
        self.desk
            .batch(vec![self.desk.link_put("message", &link)])
            .await?;
        Ok(())
    }

    async fn message_of(&self, line: &Line, key: &str) -> Result<NewMessage, Failure> {
        let channel = ChannelKind::parse(&line.channel).unwrap_or(ChannelKind::Sms);
        let (direction, status) = match line.is_inbound {
            true => (Direction::In, MessageStatus::Received),
            false if line.status == "failed" => (Direction::Out, MessageStatus::Error),
            false => (Direction::Out, MessageStatus::Sent),
        };
        let mut message = NewMessage::new(channel, direction);
        let mut shown = line.shown();
        for file in &line.files {
            match self.attach(file).await? {
                Some(attached) => message.attachments.push(attached),
                None => shown.push_str(&format!("\n[Not attached: {}]", file.filename)),
            }
        }
        message.preview = Some(shown);
        message.subject = text(&raw::part(&line.detail), "subject");
        message.external_id = Some(key.to_owned());
        message.sent_at = Some(Timestamp::from_micros(
            line.sent_at.unwrap_or(line.created_at),
        ));
        message.status = Some(status);
        message.error = line
            .error
            .as_deref()
            .map(|error| (delivery_error(error), self.now()));
        message.imported_at = self.imported_at();
        Ok(message)
    }

    /// Writes back that a message could not be delivered.
    pub(super) async fn status(&self) -> Result<Done, Failure> {
        let Some(link) = self.desk.link("message", &self.job.subject).await? else {
            return Ok(Done::Skipped("The message is not there."));
        };
        let Some(line) = self.line(&link.local_id).await? else {
            return Ok(Done::Skipped("The message is gone."));
        };
        if line.status != "failed" {
            return Ok(Done::Skipped("The message did not fail."));
        }
        let error = delivery_error(line.error.as_deref().unwrap_or_default());
        self.tell_failed(&link.remote_id, &error).await?;
        Ok(Done::Done)
    }

    pub(super) async fn tell_failed(
        &self,
        remote_id: &str,
        error: &DeliveryError,
    ) -> Result<(), Failure> {
        let update = self.api.message_failed(remote_id, error, self.now());
        let answered = self.ask("tell failure", update).await?;
        super::api::gone(&answered, self.now())
    }

    pub(super) async fn unsent_notes(&self, conversation_id: &str) -> Result<Vec<Note>, Failure> {
        let params = vec![
            self.cx.business_id().into(),
            self.desk.integration.connector.as_str().into(),
            conversation_id.into(),
            MOST_NOTES.into(),
        ];
        let rows = self.desk.rows(NOTES_UNSENT.bind(params)).await?;
        let note = |row: &Row| {
            let text = |n: usize| row.get(n).and_then(Value::as_text);
            Some(Note {
                id: text(0)?.to_owned(),
                body: [text(1)?, ": ", text(2)?].concat(),
            })
        };
        Ok(rows.iter().filter_map(note).collect())
    }

    /// Writes notes to a conversation there, each once.
    pub(super) async fn send_notes(
        &self,
        conversation: &str,
        notes: Vec<Note>,
    ) -> Result<(), Failure> {
        for note in notes {
            let remote_id = self
                .write_note(conversation, &note.id, &note.body, &[])
                .await?;
            let link = Link {
                local_id: note.id,
                remote_id,
                ..Link::default()
            };
            self.desk
                .batch(vec![self.desk.link_put("note", &link)])
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
        let known = match self.job.may_be_done() {
            true => {
                let answered = self.ask("notes", self.api.notes_of(conversation)).await?;
                super::api::resources(&answered, self.now())?.items
            }
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
                        external_id: Some(key),
                        mentioned_teams: if n == 0 { teams.to_vec() } else { Vec::new() },
                        imported_at: self.imported_at(),
                    };
                    let create = self.api.note_create(conversation, &note);
                    self.one("create note", create).await?.id
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
        let told = self.job.told();
        let escalation = child(&told, "escalation");
        let conversation_id = text(&told, "conversation_id").unwrap_or_default();
        let Some(thread) = self.thread(&conversation_id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let Some(person) = self.person(&thread.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&person, &thread) {
            return Ok(Done::Skipped(reason));
        }
        let place = self.place(&person, &thread).await?;
        let team = text(&escalation, "team_id");
        let team = team.or_else(|| {
            let of_rules = self.settings.team_of(&thread.channel, &thread.state.tags);
            let usual = of_rules.or(self.settings.default_team_id.as_deref());
            usual.map(str::to_owned)
        });
        let patch = ConversationPatch {
            // As it stands here, where escalating raised it and never lowers it.
            status: Some(status_to_theirs(&thread.state.status)),
            priority: priority_to_theirs(&thread.state.priority),
            assigned_teams: team.clone().map(|team| vec![team]),
            ..ConversationPatch::default()
        };
        let update = self.api.conversation_update(&place, &patch);
        let theirs = self.one("update conversation", update).await?;
        // Whom we care to be cared by is written by a job of its own; what an agent did meanwhile counts.
        let mut written = thread.state.clone();
        written.assignee = self.known_assignee(&thread.id).await?;
        self.adopt(&thread, &theirs, &written).await?;
        let id = text(&escalation, "id").unwrap_or_else(|| self.job.id.clone());
        let reason = text(&escalation, "reason");
        let body = self.transcript(&thread.id, reason.as_deref()).await?;
        let teams: Vec<_> = team.into_iter().collect();
        self.write_note(&place, &id, &body, &teams).await?;
        let notes = self.unsent_notes(&thread.id).await?;
        self.send_notes(&place, notes).await?;
        Ok(Done::Done)
    }

    /// Whom the other side knows to care for a conversation.
    async fn known_assignee(&self, id: &str) -> Result<Option<String>, Failure> {
        let link = self.desk.link("conversation", id).await?;
        let known = link.and_then(|link| super::threads::State::of_stored(&link.fingerprint?));
        Ok(known.and_then(|known| known.assignee))
    }

    async fn transcript(&self, id: &str, reason: Option<&str>) -> Result<String, Failure> {
        let params = vec![self.cx.business_id().into(), id.into(), MOST_LINES.into()];
        let rows = self.desk.rows(TRANSCRIPT.bind(params)).await?;
        let mut body = "Escalated to a person.".to_owned();
        if let Some(reason) = reason {
            body.push_str("\nReason: ");
            body.push_str(reason);
        }
        body.push_str("\n\nThe conversation so far (UTC):\n");
        for row in rows.iter().rev() {
            let text = |n: usize| row.get(n).and_then(Value::as_text).unwrap_or_default();
            let at = row.get(3).and_then(Value::as_integer).unwrap_or_default();
            let at = Timestamp::from_micros(at).to_string();
            let who = match (text(0), text(4)) {
                ("inbound", _) => "Customer",
                (_, "") => "Business",
                (_, name) => name,
            };
            let said = match text(2).trim() {
                "" => kind_name(text(1)),
                said => said,
            };
            let minute = at.get(..16).unwrap_or_default().replace('T', " ");
            body.push_str(&format!("[{minute}] {who}: {said}\n"));
        }
        Ok(body)
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
