//! Messages.

use super::activities::{Entry, number_of, print_of};
use super::api::{ActivityKind, Comment, message_title};
use super::persons::name_of;
use super::sync::SyncContext;
use common::ids::MessageId;
use common::json::raw;
use common::json::tolerant::{child, text};
use common::time::Timestamp;
use crm::local::{ConversationRow, CustomerRow, MessageRow};
use crm::{Done, Failure};
use messaging::attachments::download_url;

impl SyncContext<'_> {
    /// A message is an activity, once, and the first answer of a person moves the lead.
    pub(super) async fn message(&self) -> Result<Done, Failure> {
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
        if let Some(reason) = self.refusal(&customer) {
            return Ok(Done::Skipped(reason));
        }
        let facts = self.client.conversation_facts(&conversation.id).await?;
        let Some(facts) = facts else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let later = message.files_later(self.client.now());
        if let Some(later) = later.filter(|_| self.settings.sync_messages) {
            return Ok(Done::Deferred(later));
        }
        let place = self.place(&customer, &conversation, facts).await?;
        let is_new = self
            .client
            .link("conversation", conversation.id.as_str())
            .await?
            .is_none();
        if is_new || self.settings.rolling_transcript {
            self.conversation_activity(&customer, &conversation, facts, &place)
                .await?;
        }
        let newest = facts.is_newest.then_some(&conversation.id);
        self.tell(&customer, &place, newest).await?;
        if self.settings.sync_messages {
            let entry = self.entry_of(&customer, &conversation, &message)?;
            self.activity(&customer, &place, &entry).await?;
        }
        if !message.is_inbound {
            self.progress(&conversation, facts, &place).await?;
        }
        Ok(Done::Done)
    }

    fn entry_of<'m>(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
        message: &'m MessageRow,
    ) -> Result<Entry<'m>, Failure> {
        let detail = raw::part(&message.detail);
        let subject = text(&detail, "subject");
        let author = match message.is_inbound {
            true => name_of(customer),
            false => text(&child(&detail, "author"), "name").unwrap_or_else(|| "Agent".to_owned()),
        };
        let has_failed = message.status == "failed";
        let shown = message.shown();
        let mut comment = Comment::default();
        if has_failed {
            comment.text("[Not delivered]\n");
        }
        if let Some(subject) = &subject {
            comment.line("Subject", subject);
        }
        comment.text(&shown);
        let mut files = Vec::new();
        for file in &message.attachments {
            files.push(file.id.as_str());
            match file.state.as_str() {
                "ready" => {
                    let url = download_url(&self.cx.ports, &file.id, self.now())?;
                    comment.link(&url, &file.filename);
                }
                _ => comment.text(&["\n[Not attached: ", &file.filename, "]"].concat()),
            }
        }
        let url = self.url_of(conversation);
        if let Some(url) = &url {
            comment.link(url, "Open the conversation");
        }
        let failed = if has_failed { "failed" } else { "" };
        let at = message.sent_at.unwrap_or(message.created_at);
        Ok(Entry {
            what: "message",
            local_id: message.id.as_str(),
            kind: ActivityKind::of(&message.channel, subject.is_some()),
            title: message_title(&author, number_of(&conversation.id)),
            comment: comment.finish(url.as_deref()),
            print: print_of(&[&shown, failed, &files.join(",")]),
            at: Timestamp::from_micros(at),
            is_inbound: message.is_inbound,
            is_done: true,
        })
    }
}
