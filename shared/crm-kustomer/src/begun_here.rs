//! Conversations that agents begin in Kustomer, for customers whom we know: they become conversations
//! here, or the agent and the status are told why not.

use super::api::{Resource, channel_from_kustomer};
use super::replies::MAX_AGE_MICROS;
use super::sync::SyncContext;
use common::ids::CustomerId;
use crm::{Done, Failure, Link};
use messaging::conversations::conversation_begin;

/// What comes of an agent's message in a conversation that is none of ours yet.
pub(super) enum BegunHere {
    /// The conversation is one of ours now.
    Linked(Link),
    /// It is not.
    Not(Done),
}

impl BegunHere {
    fn skipped(reason: &'static str) -> Result<Self, Failure> {
        Ok(Self::Not(Done::Skipped(reason)))
    }
}

impl SyncContext<'_> {
    /// Begins a conversation here for the one that an agent began there.
    pub(super) async fn begin_here(
        &self,
        remote: &Resource,
        conversation: &str,
    ) -> Result<BegunHere, Failure> {
        let theirs = remote.related("customer").unwrap_or_default();
        let Some(known) = self.client.link_of_remote("customer", &theirs).await? else {
            return BegunHere::skipped("The conversation is none of ours.");
        };
        let id = CustomerId::unchecked(known.local_id.as_str());
        let Some(customer) = self.client.customer(&id).await? else {
            return BegunHere::skipped("The customer is gone.");
        };
        let rollout = &self.settings.rollout;
        let is_synced =
            self.settings.conversation_sync && rollout.includes(&customer.id, &customer.tag_list());
        if !is_synced {
            return BegunHere::skipped("The customer's conversations are not synchronised.");
        }
        if self.agent_of(remote).await?.is_none() {
            return BegunHere::skipped("No agent wrote it.");
        }
        let channel = remote.text("channel").unwrap_or_default();
        let Some(kind) = channel_from_kustomer(&channel) else {
            return self.no_channel(&channel).await;
        };
        // First of all, since it may fail.
        let request = self.api.conversation(conversation);
        let state = match self.find("conversation", request).await {
            Err(Failure::Forbidden { .. }) => None,
            Ok(None) => return BegunHere::skipped("The conversation is gone there."),
            found => found?,
        };
        let Some(local) = conversation_begin(self.cx, &customer.id, kind.as_str()).await? else {
            let message = format!("There is no active {channel} account to write from.");
            return self
                .not_begun(remote, "no_account", &channel, message)
                .await;
        };
        if self
            .client
            .link("conversation", local.as_str())
            .await?
            .is_some()
        {
            let message =
                "The customer has another open conversation on this channel: answer there.";
            let message = message.to_owned();
            return self
                .not_begun(remote, "conversation_open", conversation, message)
                .await;
        }
        let Some(row) = self.client.conversation(&local).await? else {
            return BegunHere::skipped("The conversation is gone.");
        };
        let link = Link {
            local_id: local.to_string(),
            remote_id: conversation.to_owned(),
            fingerprint: Some(row.state.stored()),
            // What the agent wrote shortly before is part of it.
            created_at: self.created(remote) - MAX_AGE_MICROS,
            ..Link::default()
        };
        let put = self.client.link_put("conversation", &link);
        self.client.batch(vec![put]).await?;
        if let Some(state) = state {
            self.merge_remote(&row, &state, &row.state).await?;
        }
        Ok(BegunHere::Linked(link))
    }

    /// Kustomer's own channel says nothing of where the customer is.
    async fn no_channel(&self, channel: &str) -> Result<BegunHere, Failure> {
        if self
            .settings
            .reply_channels
            .iter()
            .any(|one| one == channel)
        {
            let message = format!(
                "An agent began a conversation by {channel}, which leads to no channel of the \
                 customer's before they have written: choose one, or take {channel} out of \
                 `reply_channels`."
            );
            self.client.trouble("no_channel", channel, &message).await?;
        }
        BegunHere::skipped("It is not for our channel.")
    }

    async fn not_begun(
        &self,
        remote: &Resource,
        code: &str,
        subject: &str,
        message: String,
    ) -> Result<BegunHere, Failure> {
        let told = format!("An agent's conversation was not begun here. {message}");
        self.client.trouble(code, subject, &told).await?;
        let done = self.undelivered(remote, code.to_owned(), message).await?;
        Ok(BegunHere::Not(done))
    }
}
