//! How a conversation stands, the same on both sides.

use super::SyncContext;
use super::account::Account;
use super::notes::Notes;
use super::sql::{SOURCE_CONVERSATION, SOURCE_THREAD};
use crate::api::{assignment, labels, priority, status};
use crate::streams::place_of;
use crate::webhook::{Conversation, State};
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::ConversationId;
use crm::local::{ConversationRow, ConversationState};
use crm::{Done, Failure, Link};
use messaging::conversations::{StateChange, conversation_apply_state, conversation_record_state};

/// The kind of the job that takes an escalated conversation from a bot, which has it while it is pending.
pub(super) const ESCALATION: &str = "escalation";
const OPEN: &str = "open";
const PENDING: &str = "pending";

impl SyncContext<'_> {
    /// What changed here is written there.
    pub(super) async fn conversation(&self) -> Result<Done, Failure> {
        let id = ConversationId::unchecked(self.job.subject.as_str());
        let params = vec![self.cx.business_id().into(), (&id).into()];
        let rows = self.client.rows(SOURCE_THREAD.bind(params)).await?;
        let Some(row) = rows.first() else {
            return Ok(Done::Skipped("The conversation is at no source."));
        };
        let mut columns = Columns::of(row);
        let (account_id, thread) = (columns.text("channel_id")?, columns.text("thread")?);
        let Some(account) = self.account(&account_id).await? else {
            return Ok(Done::Skipped("The account is off, or gone."));
        };
        let Some(conversation) = self.client.conversation(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let is_changed = self.agree(&account, &thread, &conversation).await?;
        Ok(match self.notes(&account, &thread, &id).await? {
            Notes::Left => Done::Deferred(self.client.now()),
            Notes::None if !is_changed => Done::Skipped("Both sides are the same."),
            Notes::None | Notes::Written => Done::Done,
        })
    }

    /// What changed there is done here.
    pub(super) async fn conversation_in(&self) -> Result<Done, Failure> {
        let Some((account, thread)) = self.place().await? else {
            return Ok(Done::Skipped("The account is off, or gone."));
        };
        let Some(id) = self.conversation_of(&account, thread).await? else {
            return Ok(Done::Skipped("Nobody has written in the conversation yet."));
        };
        let Some(conversation) = self.client.conversation(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        Ok(match self.agree(&account, thread, &conversation).await? {
            true => Done::Done,
            false => Done::Skipped("Both sides are the same."),
        })
    }

    /// The account and the id there that the job's subject names.
    pub(super) async fn place(&self) -> Result<Option<(Account, &str)>, Failure> {
        let Some((account, id)) = self.job.subject.split_once('/') else {
            return Ok(None);
        };
        Ok(self.account(account).await?.map(|account| (account, id)))
    }

    /// Our conversation of a thread.
    pub(super) async fn conversation_of(
        &self,
        account: &Account,
        thread: &str,
    ) -> Result<Option<ConversationId>, Failure> {
        let params = vec![
            self.cx.business_id().into(),
            (&account.id).into(),
            thread.into(),
        ];
        let rows = self.client.rows(SOURCE_CONVERSATION.bind(params)).await?;
        Ok(rows
            .first()
            .map(|row| Columns::of(row).id("id"))
            .transpose()?)
    }

    /// Makes both sides the same. A field that changed on one side alone is written to the other; ours, where it changed
    /// on both. Whether anything was written.
    async fn agree(
        &self,
        account: &Account,
        thread: &str,
        conversation: &ConversationRow,
    ) -> Result<bool, Failure> {
        let remote = self.remote(account, thread).await?;
        let remote = remote.ok_or(Failure::NotFound)?;
        self.agree_with(account, thread, conversation, &remote)
            .await
    }

    /// As [`Self::agree`], with the conversation as it is there.
    pub(super) async fn agree_with(
        &self,
        account: &Account,
        thread: &str,
        conversation: &ConversationRow,
        remote: &Conversation,
    ) -> Result<bool, Failure> {
        let link = self
            .client
            .link("conversation", conversation.id.as_str())
            .await?;
        let local = &conversation.state;
        let known = link
            .as_ref()
            .and_then(|link| ConversationState::of_stored(link.fingerprint.as_deref()?));
        let theirs = self.state_of(account, remote, local).await?;
        let known = known.unwrap_or_else(begun);
        let mut agreed = merged(local, &known, &theirs);
        let is_with_bot =
            theirs.status == PENDING && [OPEN, PENDING].contains(&local.status.as_str());
        if self.job.kind == ESCALATION && is_with_bot {
            OPEN.clone_into(&mut agreed.status);
        }
        let written = self.write(account, thread, &theirs, &agreed).await?;
        let is_applied = self.apply(conversation, &agreed).await?;
        let stored = written.stored();
        let is_known = link
            .as_ref()
            .is_some_and(|link| link.fingerprint.as_ref() == Some(&stored));
        let is_written = written != theirs;
        if !is_known {
            self.agreed(account, conversation, remote, stored).await?;
        }
        Ok(is_applied || is_written)
    }

    /// Has a conversation that was never compared stand as it does there; nobody is told.
    pub(super) async fn record(
        &self,
        account: &Account,
        conversation: &ConversationRow,
        remote: &Conversation,
    ) -> Result<(), Failure> {
        let link = self
            .client
            .link("conversation", conversation.id.as_str())
            .await?;
        if link.is_some() {
            return Ok(());
        }
        let local = &conversation.state;
        let theirs = self.state_of(account, remote, local).await?;
        // What people did here meanwhile stays, and is written there once both are compared.
        let recorded = merged(local, &begun(), &theirs);
        let tags = tags_change(local, &recorded)?;
        let change = change_of(local, &recorded, tags);
        if change != StateChange::default() {
            conversation_record_state(self.cx, &conversation.id, &change).await?;
        }
        self.agreed(account, conversation, remote, theirs.stored())
            .await
    }

    /// Remembers how a conversation stands on both sides.
    async fn agreed(
        &self,
        account: &Account,
        conversation: &ConversationRow,
        remote: &Conversation,
        stored: String,
    ) -> Result<(), Failure> {
        let link = Link {
            local_id: conversation.id.to_string(),
            remote_id: place_of(&account.id, &remote.thread),
            rev: remote.updated_at.map(common::time::Timestamp::micros),
            fingerprint: Some(stored),
            ..Link::default()
        };
        let put = self.client.link_put("conversation", &link);
        self.client.batch(vec![put]).await?;
        Ok(())
    }

    /// The state there; what it does not tell is as `local`.
    async fn state_of(
        &self,
        account: &Account,
        remote: &Conversation,
        local: &ConversationState,
    ) -> Result<ConversationState, Failure> {
        let assignee = match &remote.assignee {
            None => None,
            Some(assignee) => match &assignee.email {
                Some(email) => Some(email.to_lowercase()),
                None => {
                    let email = self.agent_address(account, &assignee.id).await?;
                    email.or_else(|| assignee.name.clone())
                }
            },
        };
        Ok(ConversationState {
            status: remote
                .state
                .map_or_else(|| local.status.clone(), |state| state.as_str().to_owned()),
            priority: remote
                .priority
                .clone()
                .unwrap_or_else(|| local.priority.clone()),
            assignee,
            tags: remote.labels.clone().unwrap_or_else(|| local.tags.clone()),
        })
    }

    /// Writes there what differs; how it stands there then.
    async fn write(
        &self,
        account: &Account,
        thread: &str,
        theirs: &ConversationState,
        wanted: &ConversationState,
    ) -> Result<ConversationState, Failure> {
        let mut written = wanted.clone();
        let write = |what, json| account.api.conversation_write(thread, what, json);
        if wanted.status != theirs.status
            && let Some(name) = State::to_chatwoot(&wanted.status)
        {
            let request = write("toggle_status", status(name, None));
            self.ask(account, "set status", request).await?;
        }
        if wanted.priority != theirs.priority {
            let request = write("toggle_priority", priority(Some(&wanted.priority)));
            self.ask(account, "set priority", request).await?;
        }
        if wanted.assignee != theirs.assignee {
            let id = match &wanted.assignee {
                None => Some(0),
                Some(assignee) => self.agent_id(account, assignee).await?,
            };
            match id {
                Some(id) => {
                    let request = write("assignments", assignment(id));
                    self.ask(account, "assign", request).await?;
                }
                None => {
                    let message = format!(
                        "{} is no agent of the account: conversations assigned to them stay as they are there.",
                        wanted.assignee.as_deref().unwrap_or_default()
                    );
                    self.client
                        .trouble("unknown_agent", account.id.as_str(), &message)
                        .await?;
                    written.assignee.clone_from(&theirs.assignee);
                }
            }
        }
        if wanted.tags != theirs.tags {
            let tags = wanted.tags.iter().map(String::as_str);
            let request = write("labels", labels(tags));
            self.ask(account, "set labels", request).await?;
        }
        Ok(written)
    }

    /// Does here what differs. Whether anything did.
    async fn apply(
        &self,
        conversation: &ConversationRow,
        agreed: &ConversationState,
    ) -> Result<bool, Failure> {
        let local = &conversation.state;
        let change = change_of(local, agreed, tags_change(local, agreed)?);
        if change == StateChange::default() {
            return Ok(false);
        }
        match conversation_apply_state(self.cx, &conversation.id, &change).await {
            // It was erased meanwhile.
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(true),
        }
    }
}

fn tags_change(
    local: &ConversationState,
    agreed: &ConversationState,
) -> Result<Option<String>, Failure> {
    let tags = (agreed.tags != local.tags).then(|| serde_json::to_string(&agreed.tags));
    Ok(tags.transpose().map_err(Error::internal)?)
}

/// What differs here from what both sides are to be.
fn change_of<'a>(
    local: &ConversationState,
    agreed: &'a ConversationState,
    tags: Option<String>,
) -> StateChange<'a> {
    StateChange {
        status: (agreed.status != local.status).then_some(agreed.status.as_str()),
        priority: (agreed.priority != local.priority).then_some(agreed.priority.as_str()),
        assignee: (agreed.assignee != local.assignee).then_some(agreed.assignee.as_deref()),
        tags,
    }
}

/// How a conversation begins here, whatever it is like there: what differs from it was done here by people.
fn begun() -> ConversationState {
    ConversationState {
        status: OPEN.to_owned(),
        priority: "medium".to_owned(),
        ..ConversationState::default()
    }
}

/// What both sides are to be, field by field, since both had `known`.
fn merged(
    local: &ConversationState,
    known: &ConversationState,
    theirs: &ConversationState,
) -> ConversationState {
    ConversationState {
        status: either(&local.status, &known.status, &theirs.status),
        priority: either(&local.priority, &known.priority, &theirs.priority),
        assignee: either(&local.assignee, &known.assignee, &theirs.assignee),
        tags: united(&local.tags, &known.tags, &theirs.tags),
    }
}

/// A field by what both sides had: ours where it changed here, else theirs.
fn either<T: Clone + PartialEq>(local: &T, known: &T, theirs: &T) -> T {
    if local == known { theirs } else { local }.clone()
}

/// Theirs, with what was added here and without what was removed here since both had `known`.
fn united(local: &[String], known: &[String], theirs: &[String]) -> Vec<String> {
    let removed = |tag: &&String| known.contains(tag) && !local.contains(tag);
    let mut all: Vec<_> = theirs.iter().filter(|tag| !removed(tag)).cloned().collect();
    for tag in local {
        if !known.contains(tag) && !all.contains(tag) {
            all.push(tag.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_field_that_changed_on_one_side_is_that_sides_and_else_ours() {
        assert_eq!(either(&"open", &"open", &"closed"), "closed");
        assert_eq!(either(&"closed", &"open", &"open"), "closed");
        assert_eq!(either(&"snoozed", &"open", &"closed"), "snoozed");
    }

    #[test]
    fn labels_are_united_from_both_sides() {
        for (local, known, theirs, both) in [
            ("a b", "a", "a", "a b"),
            ("", "a", "a c", "c"),
            ("a", "a", "", ""),
            ("a b", "a", "c", "c b"),
            ("a", "a", "a", "a"),
        ] {
            let united = united(&tags(local), &tags(known), &tags(theirs));
            assert_eq!(united, tags(both), "{local} {known} {theirs}");
        }
    }
}
