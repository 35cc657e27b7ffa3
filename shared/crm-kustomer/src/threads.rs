//! Conversations.

use super::Way;
use super::api::{
    ConversationPatch, Direction, NewConversation, Resource, priority_to_theirs, status_to_theirs,
    usable_tags,
};
use super::people::Person;
use super::sql::THREAD_GET;
use super::words::{channel_name, conversation_key};
use common::db::{Row, Value};
use common::json::raw;
use common::time::Timestamp;
use crm::{Done, Failure, Link};

/// A conversation of ours, as far as it is told.
#[derive(Debug, Default, Clone)]
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) customer_id: String,
    pub(super) channel: String,
    pub(super) state: State,
    pub(super) is_escalated: bool,
}

/// How a conversation stands, on both sides.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) status: String,
    pub(super) priority: String,
    pub(super) assignee: Option<String>,
    pub(super) tags: Vec<String>,
}

impl State {
    /// As it stands there once it is made: nobody has it, and what they have no word for is left out.
    fn made(&self) -> Self {
        Self {
            status: match self.status.as_str() {
                "snoozed" => "open".into(),
                status => status.to_owned(),
            },
            assignee: None,
            tags: self.shared_tags(),
            ..self.clone()
        }
    }

    /// The tags that they can have, too.
    pub(super) fn shared_tags(&self) -> Vec<String> {
        usable_tags(&self.tags)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// As it is remembered beside a link.
    pub(super) fn stored(&self) -> String {
        let state = (&self.status, &self.priority, &self.assignee, &self.tags);
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// Reads what [`State::stored`] wrote.
    pub(super) fn of_stored(stored: &str) -> Option<Self> {
        let parts = raw::list(stored)?;
        let [status, priority, assignee, tags] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            status: raw::text(status)?,
            priority: raw::text(priority)?,
            assignee: raw::text(assignee),
            tags: raw::list(tags)?.into_iter().filter_map(raw::text).collect(),
        })
    }
}

impl Thread {
    fn of_row(row: &Row) -> Self {
        let text = |n: usize| row.get(n).and_then(Value::as_text).map(str::to_owned);
        let tags = text(6).unwrap_or_default();
        let tags = raw::list(&tags).unwrap_or_default();
        Self {
            id: text(0).unwrap_or_default(),
            customer_id: text(1).unwrap_or_default(),
            channel: text(2).unwrap_or_default(),
            state: State {
                status: text(3).unwrap_or_default(),
                priority: text(4).unwrap_or_default(),
                assignee: text(5),
                tags: tags.into_iter().filter_map(raw::text).collect(),
            },
            is_escalated: row.get(8).and_then(Value::as_integer) == Some(1),
        }
    }
}

impl Way<'_> {
    /// A conversation of ours; none where it is gone.
    pub(super) async fn thread(&self, id: &str) -> Result<Option<Thread>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.desk.rows(THREAD_GET.bind(params)).await?;
        Ok(rows.first().map(Thread::of_row))
    }

    /// Whether a conversation is to be there, and if not, why.
    pub(super) fn refusal(&self, person: &Person, thread: &Thread) -> Option<&'static str> {
        if !self.settings.includes(&person.id, &person.tags()) {
            return Some("The customer is not among those it is rolled out to.");
        }
        if self.settings.conversation_sync {
            return None;
        }
        match self.settings.ticket_creation && thread.is_escalated {
            true => None,
            false => Some("Conversations are not synchronised unless they are escalated."),
        }
    }

    /// Their id of a conversation: made, with its customer, where it is not there.
    pub(super) async fn place(&self, person: &Person, thread: &Thread) -> Result<String, Failure> {
        if let Some(link) = self.desk.link("conversation", &thread.id).await? {
            return Ok(link.remote_id);
        }
        let customer = self.customer_there(person).await?;
        let key = conversation_key(&thread.id);
        let by_key = || self.api.conversation_by_external_id(&key);
        let found = match self.job.may_be_done() {
            true => self.find("conversation by externalId", by_key()).await?,
            false => None,
        };
        let made = thread.state.made();
        let resource = match found {
            Some(found) => {
                // An agent may have changed it since an earlier try made it.
                self.adopt(thread, &found, &made).await?;
                return Ok(found.id);
            }
            None => {
                let create = self
                    .api
                    .conversation_create(&self.new_conversation(person, thread, &customer, &key));
                match self.one("create conversation", create).await {
                    Err(Failure::Conflict { message }) => {
                        let found = self.find("conversation by externalId", by_key()).await?;
                        found.ok_or(Failure::Conflict { message })?
                    }
                    Err(Failure::NotFound) => {
                        // The customer was merged or deleted there: found anew the next time.
                        self.desk.unlink("customer", &person.id).await?;
                        let message = "The customer is gone there; they are looked for again.";
                        return Err(Failure::Conflict {
                            message: message.into(),
                        });
                    }
                    other => other?,
                }
            }
        };
        // The link first: whatever comes of the tags, the conversation is there.
        let bare = State {
            tags: Vec::new(),
            ..made.clone()
        };
        self.link_thread(&thread.id, &resource, &bare).await?;
        if !made.tags.is_empty() {
            self.add_tags(&resource.id, &made.tags).await?;
            self.link_thread(&thread.id, &resource, &made).await?;
        }
        Ok(resource.id)
    }

    fn new_conversation(
        &self,
        person: &Person,
        thread: &Thread,
        customer: &str,
        key: &str,
    ) -> NewConversation {
        let priority = match thread.state.priority.as_str() {
            "medium" => &self.settings.default_priority,
            said => said,
        };
        let mut tags = thread.state.tags.clone();
        tags.extend(person.tags());
        let team = self.settings.team_of(&thread.channel, &tags);
        NewConversation {
            customer: customer.to_owned(),
            external_id: Some(key.to_owned()),
            name: Some([channel_name(&thread.channel), " conversation"].concat()),
            status: Some(status_to_theirs(&thread.state.status)),
            priority: priority_to_theirs(priority),
            direction: Some(Direction::In),
            assigned_teams: team.map(str::to_owned).into_iter().collect(),
            imported_at: self.imported_at(),
            ..NewConversation::default()
        }
    }

    /// What was there before is marked so, and does not count against the customer's limits.
    pub(super) fn imported_at(&self) -> Option<Timestamp> {
        (self.job.priority > 0).then(|| self.now())
    }

    async fn add_tags(&self, conversation: &str, tags: &[String]) -> Result<(), Failure> {
        let answered = self
            .ask("add tags", self.api.tags_add(conversation, tags))
            .await?;
        super::api::done(&answered, self.now())
    }

    pub(super) async fn link_thread(
        &self,
        local_id: &str,
        theirs: &Resource,
        state: &State,
    ) -> Result<(), Failure> {
        let link = Link {
            local_id: local_id.to_owned(),
            remote_id: theirs.id.clone(),
            rev: theirs.rev,
            fingerprint: Some(state.stored()),
        };
        self.desk
            .batch(vec![self.desk.link_put("conversation", &link)])
            .await?;
        Ok(())
    }

    /// How a conversation stands, and its notes.
    pub(super) async fn conversation(&self) -> Result<Done, Failure> {
        let Some(thread) = self.thread(&self.job.subject).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let Some(person) = self.person(&thread.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&person, &thread) {
            return Ok(Done::Skipped(reason));
        }
        let link = self.desk.link("conversation", &thread.id).await?;
        let notes = self.unsent_notes(&thread.id).await?;
        let Some(link) = link else {
            if notes.is_empty() {
                return Ok(Done::Skipped("The conversation is not there yet."));
            }
            let place = self.place(&person, &thread).await?;
            self.send_notes(&place, notes).await?;
            return Ok(Done::Done);
        };
        let known = link
            .fingerprint
            .as_deref()
            .and_then(State::of_stored)
            .unwrap_or_default();
        let shared = State {
            tags: thread.state.shared_tags(),
            ..thread.state.clone()
        };
        let is_same = known == shared;
        if is_same && notes.is_empty() {
            return Ok(Done::Skipped("Both sides are the same."));
        }
        if !is_same {
            self.write_state(&link, &known, &thread).await?;
        }
        self.send_notes(&link.remote_id, notes).await?;
        Ok(Done::Done)
    }

    /// Writes there what changed here; what else they have is adopted, since its own event is then of
    /// an older revision.
    async fn write_state(
        &self,
        link: &Link,
        known: &State,
        thread: &Thread,
    ) -> Result<(), Failure> {
        let ours = &thread.state;
        let without = |all: &[String], some: &[String]| -> Vec<String> {
            all.iter()
                .filter(|tag| !some.contains(tag))
                .cloned()
                .collect()
        };
        let shared = ours.shared_tags();
        let added = without(&shared, &known.tags);
        let removed = without(&known.tags, &shared);
        if !added.is_empty() {
            self.add_tags(&link.remote_id, &added).await?;
        }
        if !removed.is_empty() {
            let remove = self.api.tags_remove(&link.remote_id, &removed);
            let answered = self.ask("remove tags", remove).await?;
            super::api::gone(&answered, self.now())?;
        }
        let mut patch = ConversationPatch::default();
        if ours.status != known.status {
            patch.status = Some(status_to_theirs(&ours.status));
        }
        if ours.priority != known.priority {
            patch.priority = priority_to_theirs(&ours.priority);
        }
        // Somebody whom they do not know stays a matter of ours.
        let mut written = State {
            tags: shared,
            ..ours.clone()
        };
        if ours.assignee != known.assignee {
            patch.assigned_users = self.users_of(ours.assignee.as_deref()).await?;
            if patch.assigned_users.is_none() {
                written.assignee.clone_from(&known.assignee);
            }
        }
        let has_any =
            patch.status.is_some() || patch.priority.is_some() || patch.assigned_users.is_some();
        if !has_any {
            let theirs = Resource {
                id: link.remote_id.clone(),
                ..Resource::default()
            };
            return self.link_thread(&link.local_id, &theirs, &written).await;
        }
        let update = self.api.conversation_update(&link.remote_id, &patch);
        let theirs = match self.one("update conversation", update).await {
            Err(Failure::NotFound) => {
                self.desk.unlink("conversation", &link.local_id).await?;
                let message = "The conversation is gone there; it is made anew.";
                return Err(Failure::Conflict {
                    message: message.into(),
                });
            }
            other => other?,
        };
        self.adopt(thread, &theirs, &written).await
    }
}
