//! Conversations.

use super::api::{
    ConversationPatch, Direction, NewConversation, Resource, priority_to_kustomer,
    status_to_kustomer, usable_tags,
};
use super::sync::SyncContext;
use super::words::{channel_name, conversation_key};
use common::ids::ConversationId;
use common::time::Timestamp;
use crm::local::{ConversationRow, ConversationState, CustomerRow};
use crm::{Done, Failure, Link};

/// The state of a conversation just created in Kustomer: unassigned, and without what Kustomer has no
/// equivalent of.
fn as_made(state: &ConversationState) -> ConversationState {
    ConversationState {
        status: match state.status.as_str() {
            "snoozed" => "open".into(),
            status => status.to_owned(),
        },
        assignee: None,
        tags: shared_tags(state),
        ..state.clone()
    }
}

/// The tags that they can have, too.
pub(super) fn shared_tags(state: &ConversationState) -> Vec<String> {
    usable_tags(&state.tags)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

impl SyncContext<'_> {
    /// Whether a conversation is to be there, and if not, why.
    pub(super) fn refusal(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
    ) -> Option<&'static str> {
        if !self
            .settings
            .rollout
            .includes(&customer.id, &customer.tag_list())
        {
            return Some("The customer is not among those it is rolled out to.");
        }
        if self.settings.conversation_sync {
            return None;
        }
        match self.settings.ticket_creation && conversation.is_escalated {
            true => None,
            false => Some("Conversations are not synchronised unless they are escalated."),
        }
    }

    /// Their id of a conversation: made, with its customer, where it is not there.
    pub(super) async fn ensure_conversation(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
    ) -> Result<String, Failure> {
        if let Some(link) = self
            .client
            .link("conversation", conversation.id.as_str())
            .await?
        {
            return Ok(link.remote_id);
        }
        let remote_customer = self.customer_there(customer).await?;
        let key = conversation_key(&conversation.id);
        let by_key = || self.api.conversation_by_external_id(&key);
        let found = match self.job.may_be_done() {
            true => self.find("conversation by externalId", by_key()).await?,
            false => None,
        };
        let made = as_made(&conversation.state);
        let resource = match found {
            Some(found) => {
                // An agent may have changed it since an earlier try made it.
                self.merge_remote(conversation, &found, &made).await?;
                return Ok(found.id);
            }
            None => {
                let new = self.new_conversation(customer, conversation, &remote_customer, &key);
                match self.create_conversation(new).await {
                    Err(Failure::Conflict { message }) => {
                        let found = self.find("conversation by externalId", by_key()).await?;
                        found.ok_or(Failure::Conflict { message })?
                    }
                    Err(Failure::NotFound) => {
                        // The customer was merged or deleted in Kustomer; the next attempt looks it up
                        // again.
                        self.client.unlink("customer", customer.id.as_str()).await?;
                        let message = "The customer is gone there; they are looked for again.";
                        return Err(Failure::Conflict {
                            message: message.into(),
                        });
                    }
                    other => other?,
                }
            }
        };
        // The link first: the conversation exists, even if the tags fail.
        let bare = ConversationState {
            tags: Vec::new(),
            ..made.clone()
        };
        self.link_conversation(&conversation.id, &resource, &bare)
            .await?;
        if !made.tags.is_empty() {
            self.add_tags(&resource.id, &made.tags).await?;
            self.link_conversation(&conversation.id, &resource, &made)
                .await?;
        }
        Ok(resource.id)
    }

    /// Creates a conversation; unassigned where its team does not exist any more.
    async fn create_conversation(&self, mut new: NewConversation) -> Result<Resource, Failure> {
        let what = "create conversation";
        let created = self.one(what, self.api.conversation_create(&new)).await;
        let team = new.assigned_teams.pop();
        match created {
            Err(Failure::Invalid { .. }) if team.is_some() => {
                let created = self.one(what, self.api.conversation_create(&new)).await?;
                self.unknown_team(team).await?;
                Ok(created)
            }
            created => created,
        }
    }

    /// Has the status tell of a team that conversations cannot be assigned to.
    pub(super) async fn unknown_team(&self, team: Option<String>) -> Result<(), Failure> {
        let team = team.unwrap_or_default();
        let message = format!(
            "The team {team} does not exist, or cannot be assigned: conversations are left \
             unassigned. Correct `default_team_id`, `team_routing`, or who escalates."
        );
        self.client.trouble("unknown_team", &team, &message).await
    }

    fn new_conversation(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
        remote_customer: &str,
        key: &str,
    ) -> NewConversation {
        let priority = match conversation.state.priority.as_str() {
            "medium" => &self.settings.default_priority,
            said => said,
        };
        let mut tags = conversation.state.tags.clone();
        tags.extend(customer.tag_list());
        let team = self.settings.team_of(&conversation.channel, &tags);
        NewConversation {
            customer: remote_customer.to_owned(),
            external_id: Some(key.to_owned()),
            name: Some([channel_name(&conversation.channel), " conversation"].concat()),
            status: Some(status_to_kustomer(&conversation.state.status)),
            priority: priority_to_kustomer(priority),
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

    pub(super) async fn link_conversation(
        &self,
        local_id: &ConversationId,
        remote: &Resource,
        state: &ConversationState,
    ) -> Result<(), Failure> {
        let link = Link {
            local_id: local_id.to_string(),
            remote_id: remote.id.clone(),
            rev: remote.rev,
            fingerprint: Some(state.stored()),
            ..Link::default()
        };
        self.client
            .batch(vec![self.client.link_put("conversation", &link)])
            .await?;
        Ok(())
    }

    /// How a conversation stands, and its notes.
    pub(super) async fn conversation(&self) -> Result<Done, Failure> {
        let id = ConversationId::unchecked(self.job.subject.as_str());
        let Some(conversation) = self.client.conversation(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let Some(customer) = self.client.customer(&conversation.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&customer, &conversation) {
            return Ok(Done::Skipped(reason));
        }
        let link = self
            .client
            .link("conversation", conversation.id.as_str())
            .await?;
        let notes = self.notes_unsent(&conversation.id).await?;
        let Some(link) = link else {
            if notes.is_empty() {
                return Ok(Done::Skipped("The conversation is not there yet."));
            }
            let place = self.ensure_conversation(&customer, &conversation).await?;
            self.send_notes(&place, notes).await?;
            return Ok(Done::Done);
        };
        let known = link
            .fingerprint
            .as_deref()
            .and_then(ConversationState::of_stored)
            .unwrap_or_default();
        let shared = ConversationState {
            tags: shared_tags(&conversation.state),
            ..conversation.state.clone()
        };
        let is_same = known == shared;
        if is_same && notes.is_empty() {
            return Ok(Done::Skipped("Both sides are the same."));
        }
        if !is_same {
            self.write_state(&link, &known, &conversation).await?;
        }
        self.send_notes(&link.remote_id, notes).await?;
        Ok(Done::Done)
    }

    /// Writes there what changed here; what else they have is adopted, since its own event is then of
    /// an older revision.
    async fn write_state(
        &self,
        link: &Link,
        known: &ConversationState,
        conversation: &ConversationRow,
    ) -> Result<(), Failure> {
        let local = &conversation.state;
        let without = |all: &[String], some: &[String]| -> Vec<String> {
            all.iter()
                .filter(|tag| !some.contains(tag))
                .cloned()
                .collect()
        };
        let shared = shared_tags(local);
        let added = without(&shared, &known.tags);
        let removed = without(&known.tags, &shared);
        let mut tags = shared;
        if !added.is_empty() {
            self.add_tags(&link.remote_id, &added).await?;
        }
        if !removed.is_empty() {
            let remove = self.api.tags_remove(&link.remote_id, &removed);
            match self.ask("remove tags", remove).await {
                // They stay there.
                Err(Failure::Forbidden { .. }) => tags.extend(removed),
                answered => super::api::gone(&answered?, self.now())?,
            }
        }
        let mut patch = ConversationPatch::default();
        if local.status != known.status {
            patch.status = Some(status_to_kustomer(&local.status));
        }
        if local.priority != known.priority {
            patch.priority = priority_to_kustomer(&local.priority);
        }
        // An assignee whom Kustomer does not know stays local.
        let mut written = ConversationState {
            tags,
            ..local.clone()
        };
        if local.assignee != known.assignee {
            patch.assigned_users = self.users_of(local.assignee.as_deref()).await?;
            if patch.assigned_users.is_none() {
                written.assignee.clone_from(&known.assignee);
            }
        }
        let has_any =
            patch.status.is_some() || patch.priority.is_some() || patch.assigned_users.is_some();
        if !has_any {
            let remote = Resource {
                id: link.remote_id.clone(),
                ..Resource::default()
            };
            let id = ConversationId::unchecked(link.local_id.as_str());
            return self.link_conversation(&id, &remote, &written).await;
        }
        let update = self.api.conversation_update(&link.remote_id, &patch);
        let remote = match self.one("update conversation", update).await {
            Err(Failure::NotFound) => {
                self.client.unlink("conversation", &link.local_id).await?;
                let message = "The conversation is gone there; it is made anew.";
                return Err(Failure::Conflict {
                    message: message.into(),
                });
            }
            other => other?,
        };
        self.merge_remote(conversation, &remote, &written).await
    }
}
