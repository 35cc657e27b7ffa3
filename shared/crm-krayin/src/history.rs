//! What was said before, as Krayin has it: each lead of a person is a conversation, its activities are the
//! messages.

use super::Krayin;
use super::api::{Activity, Lead, Named, Pipeline, plain_text};
use super::leads::is_closed;
use super::sync::SyncContext;
use common::ids::CustomerId;
use common::ports::Async;
use crm::history::{ConversationHistory, History, HistoryConversation, HistoryMessage};
use crm::{CrmClient, Failure, Job};

/// Longest title that is returned, in characters.
const MAX_NAME: usize = 255;
/// Longest text that is returned, in characters.
const MAX_TEXT: usize = 20_000;
/// Most messages that are returned: the newest.
const MAX_MESSAGES: usize = 100;
/// What of a lead's activities is said; the others are files, meetings, and the CRM's own log.
const SAID: [&str; 3] = ["note", "call", "email"];

impl History for Krayin {
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
            let sync = SyncContext::of(client, &job)?;
            sync.history(customer_id).await
        })
    }

    fn messages<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        conversation: &'a str,
    ) -> Async<'a, Result<Vec<HistoryMessage>, Failure>> {
        Box::pin(async move {
            let job = Job::default();
            let sync = SyncContext::of(client, &job)?;
            sync.history_messages(conversation).await
        })
    }
}

impl SyncContext<'_> {
    /// The leads of the linked person, otherwise of the one found by address or number.
    async fn history(&self, id: &CustomerId) -> Result<ConversationHistory, Failure> {
        let link = self.client.link("customer", id.as_str()).await?;
        let linked = link.map(|link| match link.remote_id.split_once('/') {
            Some((person, _)) => person.to_owned(),
            None => link.remote_id,
        });
        let person = match linked {
            Some(person) => person,
            None => {
                let Some(customer) = self.client.customer(id).await? else {
                    return Ok(ConversationHistory::default());
                };
                match self.find(&customer).await? {
                    Some(person) => person.id,
                    None => return Ok(ConversationHistory::default()),
                }
            }
        };
        let leads: Vec<Lead> = self
            .all("leads of a person", self.api().leads_of(&person))
            .await?;
        let pipelines = self.pipelines(false).await?;
        let users = match leads.iter().any(|lead| lead.owner.is_some()) {
            true => self.users().await?,
            false => Vec::new(),
        };
        let of = |lead: &Lead| conversation(lead, &pipelines, &users);
        Ok(ConversationHistory {
            remote_customer_id: Some(person),
            is_cut: leads.len() >= super::api::PAGE,
            conversations: leads.iter().map(of).collect(),
        })
    }

    async fn history_messages(&self, lead: &str) -> Result<Vec<HistoryMessage>, Failure> {
        if !lead.bytes().all(|b| b.is_ascii_digit()) || lead.is_empty() {
            return Err(Failure::NotFound);
        }
        let request = self.api().activities_of_lead(lead);
        let mut activities: Vec<Activity> = self.all("activities of a lead", request).await?;
        activities.retain(|one| SAID.contains(&one.kind.as_str()));
        activities.sort_by_key(|one| std::cmp::Reverse(one.from.or(one.created_at)));
        Ok(activities.iter().take(MAX_MESSAGES).map(message).collect())
    }
}

fn conversation(lead: &Lead, pipelines: &[Pipeline], users: &[Named]) -> HistoryConversation {
    let pipeline = pipelines.iter().find(|one| one.id == lead.pipeline);
    let closed = pipeline.map_or(lead.closed_at.is_some(), |one| is_closed(lead, one));
    let owner = lead
        .owner
        .as_ref()
        .and_then(|id| users.iter().find(|user| user.id == *id));
    let assignee = owner.map(|user| user.email.clone().unwrap_or_else(|| user.name.clone()));
    HistoryConversation {
        id: lead.id.clone(),
        name: Some(beginning(&lead.title, MAX_NAME)).filter(|title| !title.is_empty()),
        status: Some(if closed { "closed" } else { "open" }),
        created_at: lead.created_at,
        updated_at: lead.updated_at,
        assignee,
        ..HistoryConversation::default()
    }
}

fn message(activity: &Activity) -> HistoryMessage {
    let text = plain_text(activity.comment.as_deref().unwrap_or_default());
    HistoryMessage {
        id: activity.id.clone(),
        // What is not ours people of the business wrote.
        direction: if activity.is_inbound {
            "inbound"
        } else {
            "outbound"
        },
        channel: (activity.kind == "email").then(|| "email".to_owned()),
        subject: activity
            .title
            .as_deref()
            .map(|title| beginning(title, MAX_NAME)),
        content: beginning(&text, MAX_TEXT),
        status: None,
        author: activity.user.as_ref().map(|user| user.name.clone()),
        sent_at: activity.from.or(activity.created_at),
        created_at: activity.created_at,
    }
}

fn beginning(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
