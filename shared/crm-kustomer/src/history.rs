//! Conversation history from Kustomer.

use super::Kustomer;
use super::api::{
    MAX_TEXT, Resource, channel_from_kustomer, priority_from_kustomer, resources,
    status_from_kustomer,
};
use super::sync::SyncContext;
use super::words::rating_of;
use common::ids::CustomerId;
use common::ports::Async;
use crm::history::{
    ConversationHistory, History, HistoryConversation, HistoryMessage, history_store,
};
use crm::{CrmClient, Done, Failure, Job};

/// Most pages of a hundred conversations that are read.
const MAX_PAGES: usize = 5;
/// Most channels of a conversation that are returned.
const MAX_CHANNELS: usize = 10;
/// Longest name of a channel that is returned, in characters.
const MAX_CHANNEL: usize = 32;
/// Longest subject that is returned, in characters: Kustomer's own limit (kustomer.md §8.3).
const MAX_NAME: usize = 256;

impl History for Kustomer {
    fn has_history(&self) -> bool {
        true
    }

    fn conversations<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        customer_id: &'a CustomerId,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async move {
            let job = Job::default();
            SyncContext::of(client, &job)?
                .history_of_customer(customer_id)
                .await
        })
    }

    fn messages<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        conversation: &'a str,
    ) -> Async<'a, Result<Vec<HistoryMessage>, Failure>> {
        Box::pin(async move {
            let job = Job::default();
            SyncContext::of(client, &job)?
                .messages_of_conversation(conversation)
                .await
        })
    }
}

/// People there, as [id, name, email].
type People = [[Option<String>; 3]];

impl SyncContext<'_> {
    /// Caches a customer's history in advance.
    pub(super) async fn history(&self) -> Result<Done, Failure> {
        let customer_id = &CustomerId::unchecked(self.job.subject.as_str());
        match self.history_of_customer(customer_id).await {
            Ok(history) => history_store(self.client, customer_id, &history).await?,
            Err(Failure::Forbidden { .. }) => {
                return Ok(Done::Skipped("The key may not read conversations."));
            }
            Err(failure) => return Err(failure),
        }
        Ok(Done::Done)
    }

    /// The history of the linked customer, otherwise of the one found by external id, email address or
    /// phone number.
    async fn history_of_customer(
        &self,
        customer_id: &CustomerId,
    ) -> Result<ConversationHistory, Failure> {
        if let Some(link) = self.client.link("customer", customer_id.as_str()).await? {
            match self.history_of_remote(&link.remote_id).await {
                // Merged or deleted in the CRM: look the customer up again.
                Err(Failure::NotFound) => {}
                other => return other,
            }
        }
        let Some(customer) = self.client.customer(customer_id).await? else {
            return Ok(ConversationHistory::default());
        };
        let Some(found) = self.look_up(&customer).await? else {
            return Ok(ConversationHistory::default());
        };
        match self.history_of_remote(&found.id).await {
            Err(Failure::NotFound) => Ok(ConversationHistory::default()),
            other => other,
        }
    }

    async fn history_of_remote(&self, customer: &str) -> Result<ConversationHistory, Failure> {
        let mut request = self.api.conversations_of(customer, 1);
        let mut found = Vec::new();
        let mut pages = 1;
        let is_cut = loop {
            let answered = self.ask("conversations of a customer", request).await?;
            let page = resources(&answered, self.now())?;
            let is_empty = page.items.is_empty();
            found.extend(page.items.into_iter().filter(|one| !one.is_true("deleted")));
            let Some(next) = page.next.filter(|_| !is_empty) else {
                break false;
            };
            if pages == MAX_PAGES {
                break true;
            }
            pages += 1;
            request = self.api.next(&next);
        };
        let people = self
            .people(found.iter().any(|one| assignee_of(one).is_some()))
            .await;
        Ok(ConversationHistory {
            remote_customer_id: Some(customer.to_owned()),
            conversations: found.iter().map(|one| conversation(one, &people)).collect(),
            is_cut,
        })
    }

    /// A hundred at most.
    async fn messages_of_conversation(
        &self,
        conversation: &str,
    ) -> Result<Vec<HistoryMessage>, Failure> {
        let request = self.api.messages_of(conversation, 1);
        let answered = self.ask("messages of a conversation", request).await?;
        let found = resources(&answered, self.now())?.items;
        let people = self.people(found.iter().any(is_outbound)).await;
        Ok(found.iter().map(|one| message(one, &people)).collect())
    }

    /// The users, if any is named. Failing to read them does not fail the history.
    async fn people(&self, is_wanted: bool) -> Vec<[Option<String>; 3]> {
        match is_wanted {
            true => self.users(false).await.unwrap_or_default(),
            false => Vec::new(),
        }
    }
}

fn conversation(remote: &Resource, people: &People) -> HistoryConversation {
    let side = |side: &str| remote.time(&["lastMessage", side, ".sentAt"].concat());
    let channels = remote.texts("channels").into_iter().take(MAX_CHANNELS);
    HistoryConversation {
        id: remote.id.clone(),
        name: remote.text("name").map(|name| beginning(&name, MAX_NAME)),
        status: remote
            .text("status")
            .and_then(|status| status_from_kustomer(&status)),
        priority: remote.integer("priority").and_then(priority_from_kustomer),
        channels: channels.map(|channel| channel_of(&channel)).collect(),
        created_at: remote.time("createdAt"),
        updated_at: remote.time("updatedAt"),
        last_message_at: side("In").max(side("Out")),
        message_count: remote.integer("messageCount").unwrap_or_default().max(0),
        assignee: assignee_of(remote).map(|id| match called(people, &id) {
            Some([_, name, email]) => email.clone().or_else(|| name.clone()).unwrap_or(id),
            None => id,
        }),
        satisfaction: rating_of(remote),
    }
}

fn message(remote: &Resource, people: &People) -> HistoryMessage {
    let is_out = is_outbound(remote);
    let author = remote.related("createdBy").filter(|_| is_out);
    let author = author.and_then(|id| called(people, &id).cloned());
    HistoryMessage {
        id: remote.id.clone(),
        direction: if is_out { "outbound" } else { "inbound" },
        channel: remote.text("channel").map(|channel| channel_of(&channel)),
        subject: remote
            .text("subject")
            .map(|subject| beginning(&subject, MAX_NAME)),
        content: beginning(&remote.text("preview").unwrap_or_default(), MAX_TEXT),
        status: match remote.text("status").as_deref() {
            Some("sent") => Some("sent"),
            Some("received") => Some("received"),
            Some("error") => Some("failed"),
            _ => None,
        },
        author: author.and_then(|[_, name, email]| name.or(email)),
        sent_at: remote.time("sentAt"),
        created_at: remote.time("createdAt"),
    }
}

fn is_outbound(remote: &Resource) -> bool {
    remote.text("direction").as_deref() == Some("out")
}

fn assignee_of(remote: &Resource) -> Option<String> {
    remote.texts("assignedUsers").into_iter().next()
}

fn called<'p>(people: &'p People, id: &str) -> Option<&'p [Option<String>; 3]> {
    people
        .iter()
        .find(|[known, ..]| known.as_deref() == Some(id))
}

/// Our name of a channel, or theirs of one that we do not have.
fn channel_of(remote: &str) -> String {
    match channel_from_kustomer(remote) {
        Some(local) => local.as_str().to_owned(),
        None => beginning(remote, MAX_CHANNEL),
    }
}

fn beginning(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
