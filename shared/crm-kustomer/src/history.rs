//! What Kustomer knows of a customer's past.

use super::Kustomer;
use super::api::{
    MAX_TEXT, Resource, channel_from_kustomer, priority_from_kustomer, resources,
    status_from_kustomer,
};
use super::sync::SyncContext;
use super::words::score_of;
use common::outside::Async;
use crm::history::{ConversationHistory, History, PastConversation, PastMessage, history_keep};
use crm::{CrmClient, Done, Failure, Job};

/// Most pages of a hundred conversations that are read.
const MAX_PAGES: usize = 5;
/// Most channels of a conversation that are told.
const MAX_CHANNELS: usize = 10;
/// Longest name of a channel that is told, in characters.
const MAX_CHANNEL: usize = 32;
/// Longest subject that is told, in characters: the longest that Kustomer takes (kustomer.md §8.3).
const MAX_NAME: usize = 256;

impl History for Kustomer {
    fn keeps_history(&self) -> bool {
        true
    }

    fn conversations<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        customer_id: &'a str,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async move {
            let job = Job::default();
            SyncContext::of(client, &job)?.past(customer_id).await
        })
    }

    fn messages<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        conversation: &'a str,
    ) -> Async<'a, Result<Vec<PastMessage>, Failure>> {
        Box::pin(async move {
            let job = Job::default();
            SyncContext::of(client, &job)?
                .past_messages(conversation)
                .await
        })
    }
}

/// People there, as [id, name, email].
type People = [[Option<String>; 3]];

impl SyncContext<'_> {
    /// Remembers a customer's past, before anybody asks for it.
    pub(super) async fn history(&self) -> Result<Done, Failure> {
        let customer_id = &self.job.subject;
        match self.past(customer_id).await {
            Ok(past) => history_keep(self.client, customer_id, &past).await?,
            Err(Failure::Forbidden { .. }) => {
                return Ok(Done::Skipped("The key may not read conversations."));
            }
            Err(failure) => return Err(failure),
        }
        Ok(Done::Done)
    }

    /// Of whom they are linked with, else of whoever is known by their ids, address or number.
    async fn past(&self, customer_id: &str) -> Result<ConversationHistory, Failure> {
        if let Some(link) = self.client.link("customer", customer_id).await? {
            match self.past_of(&link.remote_id).await {
                // Merged or deleted there: found anew by what names them.
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
        match self.past_of(&found.id).await {
            Err(Failure::NotFound) => Ok(ConversationHistory::default()),
            other => other,
        }
    }

    async fn past_of(&self, customer: &str) -> Result<ConversationHistory, Failure> {
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
    async fn past_messages(&self, conversation: &str) -> Result<Vec<PastMessage>, Failure> {
        let request = self.api.messages_of(conversation, 1);
        let answered = self.ask("messages of a conversation", request).await?;
        let found = resources(&answered, self.now())?.items;
        let people = self.people(found.iter().any(is_outbound)).await;
        Ok(found.iter().map(|one| message(one, &people)).collect())
    }

    /// The people there, where somebody is named. What they are called counts less than what was said.
    async fn people(&self, is_wanted: bool) -> Vec<[Option<String>; 3]> {
        match is_wanted {
            true => self.users().await.unwrap_or_default(),
            false => Vec::new(),
        }
    }
}

fn conversation(theirs: &Resource, people: &People) -> PastConversation {
    let side = |side: &str| theirs.time(&["lastMessage", side, ".sentAt"].concat());
    let channels = theirs.texts("channels").into_iter().take(MAX_CHANNELS);
    PastConversation {
        id: theirs.id.clone(),
        name: theirs.text("name").map(|name| beginning(&name, MAX_NAME)),
        status: theirs
            .text("status")
            .and_then(|status| status_from_kustomer(&status)),
        priority: theirs.integer("priority").and_then(priority_from_kustomer),
        channels: channels.map(|channel| channel_of(&channel)).collect(),
        created_at: theirs.time("createdAt"),
        updated_at: theirs.time("updatedAt"),
        last_message_at: side("In").max(side("Out")),
        message_count: theirs.integer("messageCount").unwrap_or_default().max(0),
        assignee: assignee_of(theirs).map(|id| match called(people, &id) {
            Some([_, name, email]) => email.clone().or_else(|| name.clone()).unwrap_or(id),
            None => id,
        }),
        satisfaction: score_of(theirs),
    }
}

fn message(theirs: &Resource, people: &People) -> PastMessage {
    let is_out = is_outbound(theirs);
    let author = theirs.related("createdBy").filter(|_| is_out);
    let author = author.and_then(|id| called(people, &id).cloned());
    PastMessage {
        id: theirs.id.clone(),
        direction: if is_out { "outbound" } else { "inbound" },
        channel: theirs.text("channel").map(|channel| channel_of(&channel)),
        subject: theirs
            .text("subject")
            .map(|subject| beginning(&subject, MAX_NAME)),
        content: beginning(&theirs.text("preview").unwrap_or_default(), MAX_TEXT),
        status: match theirs.text("status").as_deref() {
            Some("sent") => Some("sent"),
            Some("received") => Some("received"),
            Some("error") => Some("failed"),
            _ => None,
        },
        author: author.and_then(|[_, name, email]| name.or(email)),
        sent_at: theirs.time("sentAt"),
        created_at: theirs.time("createdAt"),
    }
}

fn is_outbound(theirs: &Resource) -> bool {
    theirs.text("direction").as_deref() == Some("out")
}

fn assignee_of(theirs: &Resource) -> Option<String> {
    theirs.texts("assignedUsers").into_iter().next()
}

fn called<'p>(people: &'p People, id: &str) -> Option<&'p [Option<String>; 3]> {
    people
        .iter()
        .find(|[known, ..]| known.as_deref() == Some(id))
}

/// Our name of a channel, or theirs of one that we do not have.
fn channel_of(theirs: &str) -> String {
    match channel_from_kustomer(theirs) {
        Some(ours) => ours.as_str().to_owned(),
        None => beginning(theirs, MAX_CHANNEL),
    }
}

fn beginning(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
