//! Conversations.

use super::activities::{Entry, Place, channel_name, number_of, print_of};
use super::api::{ActivityKind, Comment, conversation_title};
use super::persons::name_of;
use super::sync::SyncContext;
use common::ids::ConversationId;
use common::time::Timestamp;
use crm::local::{ConversationFacts, ConversationRow, CustomerRow};
use crm::{Done, Failure};

/// Lines of what was said that a conversation's activity begins with.
const FIRST_LINES: usize = 5;

impl SyncContext<'_> {
    /// A conversation is an activity of its customer's lead, which goes on with it.
    pub(super) async fn conversation(&self) -> Result<Done, Failure> {
        let id = ConversationId::unchecked(self.job.subject.as_str());
        let Some(conversation) = self.client.conversation(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let Some(customer) = self.client.customer(&conversation.customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&customer) {
            return Ok(Done::Skipped(reason));
        }
        let Some(facts) = self.client.conversation_facts(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let place = self.place(&customer, &conversation, facts).await?;
        self.conversation_activity(&customer, &conversation, facts, &place)
            .await?;
        self.tell(&customer, &place, facts.is_newest.then_some(&id))
            .await?;
        self.progress(&conversation, facts, &place).await?;
        Ok(Done::Done)
    }

    /// Whether conversations are activities.
    pub(super) fn has_conversations(&self) -> bool {
        self.settings.sync_conversations || self.settings.rolling_transcript
    }

    /// Makes the activity of a conversation, or brings it up to date, where conversations are activities.
    pub(super) async fn conversation_activity(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
        facts: ConversationFacts,
        place: &Place,
    ) -> Result<bool, Failure> {
        if !self.has_conversations() {
            return Ok(false);
        }
        let url = self.url_of(conversation);
        let transcript = self.client.transcript(&conversation.id).await?;
        let said = match self.settings.rolling_transcript {
            true => transcript,
            false => {
                let first: Vec<_> = transcript.lines().take(FIRST_LINES).collect();
                first.join("\n")
            }
        };
        let state = &conversation.state;
        let began_at = Timestamp::from_micros(facts.created_at);
        let began = began_at.to_string();
        let began = began.get(..16).unwrap_or_default().replace('T', " ");
        let tags = state.tags.join(", ");
        let assignee = state.assignee.as_deref().unwrap_or_default();
        let name = name_of(customer);
        let lines = [
            ("Customer", name.as_str()),
            ("Channel", channel_name(&conversation.channel)),
            ("Status", &state.status),
            ("Priority", &state.priority),
            ("Assignee", assignee),
            ("Tags", &tags),
            ("Began (UTC)", &began),
        ];
        let mut comment = Comment::default();
        for (name, value) in lines {
            comment.line(name, value);
        }
        if !said.is_empty() {
            comment.text("\n");
            comment.text(said.trim_end());
        }
        if let Some(url) = &url {
            comment.link(url, "Open the conversation");
        }
        let comment = comment.finish(url.as_deref());
        let is_done = state.status == "closed";
        let entry = Entry {
            what: "conversation",
            local_id: conversation.id.as_str(),
            kind: ActivityKind::of(&conversation.channel, false),
            title: conversation_title(number_of(&conversation.id)),
            print: print_of(&[&comment, if is_done { "done" } else { "" }]),
            comment,
            at: began_at,
            is_inbound: false,
            is_done,
        };
        self.activity(customer, place, &entry).await
    }
}
