//! Agents' messages: which of a conversation are for the customer, and how they are sent.

use super::api::{DeliveryError, Resource, channel_to_kustomer};
use super::begun_here::BegunHere;
use super::reconcile::OVERLAP_MICROS;
use super::sync::SyncContext;
use channels::ChannelKind;
use common::ids::ConversationId;
use common::time::SECOND;
use crm::{Done, Failure, Link};
use messaging::messages::send::{OutboundReply, SendResult, send_reply};

/// Most files of one message of an agent's that are sent.
const MAX_FILES: usize = 10;
/// An answer that is told to us later than this after it was written goes to nobody any more.
pub(super) const MAX_AGE_MICROS: i64 = 3600 * SECOND;
/// How far their clock may be behind ours.
const SKEW_MICROS: i64 = 60 * SECOND;
/// The apps by which Kustomer sends messages itself (kustomer.md §8.4).
const SENDING_APPS: [&str; 12] = [
    "postmark",
    "gmail",
    "twilio",
    "zipwhip",
    "messagebird",
    "twilio_whatsapp",
    "whatsapp",
    "facebook",
    "instagram",
    "twitter",
    "aircall",
    "satisfaction",
];

impl SyncContext<'_> {
    /// An agent's reply goes to the customer, once; what comes in the way of it is written back.
    pub(super) async fn reply(&self, remote: &Resource) -> Result<Done, Failure> {
        if remote.text("direction").as_deref() != Some("out") {
            return Ok(Done::Skipped("It is not from an agent."));
        }
        if self
            .client
            .link_of_remote("message", &remote.id)
            .await?
            .is_some()
        {
            return Ok(Done::Skipped("The message is here."));
        }
        if let Some(reason) = self.not_for_us(remote) {
            return Ok(Done::Skipped(reason));
        }
        let conversation = remote.related("conversation").unwrap_or_default();
        let known = self.client.link_of_remote("conversation", &conversation);
        let link = match known.await? {
            Some(link) => link,
            None => match self.begin_here(remote, &conversation).await? {
                BegunHere::Linked(link) => link,
                BegunHere::Not(done) => return Ok(done),
            },
        };
        let conversation_id = ConversationId::unchecked(link.local_id.as_str());
        let Some(conversation) = self.client.conversation(&conversation_id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        if let Some(reason) = self.no_answer(remote, &conversation.channel, &link) {
            return Ok(Done::Skipped(reason));
        }
        let Some((author, name)) = self.agent_of(remote).await? else {
            return Ok(Done::Skipped("No agent wrote it."));
        };
        let (attachments, unsent) = self.files_of(remote).await?;
        let text = remote.text("preview").unwrap_or_default();
        if text.is_empty() && attachments.is_empty() && !unsent.is_empty() {
            return self
                .undelivered(remote, FILES_NOT_SENT.into(), unsent)
                .await;
        }
        let reply = OutboundReply {
            text,
            attachments,
            author: Some((author, name)),
            ..OutboundReply::new(conversation_id, ["kustomer:", &remote.id].concat())
        };
        match send_reply(self.cx, &reply).await? {
            SendResult::Message { id, others, .. } => {
                self.link_message(&id, remote).await?;
                // One remote message; here each file is a message of its own.
                for (n, id) in others.iter().enumerate() {
                    let part = Resource {
                        id: format!("{}#{}", remote.id, n + 1),
                        ..Resource::default()
                    };
                    self.link_message(id, &part).await?;
                }
                match unsent.is_empty() {
                    true => Ok(Done::Done),
                    false => {
                        self.undelivered(remote, FILES_NOT_SENT.into(), unsent)
                            .await
                    }
                }
            }
            SendResult::Refused {
                code,
                message,
                message_id,
            } => {
                if let Some(id) = message_id {
                    self.link_message(&id, remote).await?;
                }
                self.undelivered(remote, code, message).await
            }
        }
    }

    /// Why a message of a linked conversation is no answer for our channel; `None` where it is one.
    fn no_answer(&self, remote: &Resource, channel: &str, link: &Link) -> Option<&'static str> {
        let of = remote.text("channel").unwrap_or_default();
        let ours = match ChannelKind::parse(channel) {
            Some(kind) => channel_to_kustomer(kind),
            None => channel,
        };
        if of != ours && !self.settings.reply_channels.contains(&of) {
            return Some("It is not for our channel.");
        }
        let is_before = self.created(remote) + SKEW_MICROS < link.created_at;
        is_before.then_some("It was written before the conversation was linked.")
    }

    /// When a message was written.
    pub(super) fn created(&self, remote: &Resource) -> i64 {
        let created = remote.time("createdAt").or_else(|| remote.time("sentAt"));
        created.map_or(self.job.ordered_at, |at| at.micros())
    }

    /// Why a message is for no customer of ours, whatever its conversation: nobody wrote it now, or
    /// Kustomer has sent it.
    fn not_for_us(&self, remote: &Resource) -> Option<&'static str> {
        let app = remote.text("app").unwrap_or_default();
        if SENDING_APPS.contains(&app.as_str()) {
            return Some("Kustomer has sent it itself.");
        }
        if remote.is_true("auto") || remote.at("source").is_some() {
            return Some("It was sent automatically.");
        }
        if remote.at("importedAt").is_some() {
            return Some("It was imported.");
        }
        let created = self.created(remote);
        let is_in_time = self.job.ordered_at - created <= MAX_AGE_MICROS;
        // We were away, or switched off, when it was written.
        let waited = self.job.detail_object().get("waited") == Some(&"true");
        let reconciled_to = self.client.integration.reconciled_to;
        let is_new = reconciled_to.is_none_or(|to| created >= to - OVERLAP_MICROS);
        let is_answer = is_in_time || waited || is_new;
        (!is_answer).then_some("It was written more than an hour before it was told.")
    }

    /// Id and name of the agent who wrote a message; `None` where none did.
    pub(super) async fn agent_of(
        &self,
        remote: &Resource,
    ) -> Result<Option<(String, String)>, Failure> {
        let Some(author) = remote.related("createdBy") else {
            return Ok(None);
        };
        let name = self.agent_name(&author).await?;
        Ok(name.map(|name| (author, name)))
    }

    /// The name of an agent; `None` for whoever is none. Where the key may not read users, everybody
    /// is taken for one.
    async fn agent_name(&self, id: &str) -> Result<Option<String>, Failure> {
        for anew in [false, true] {
            let users = self.users(anew).await?;
            let is_them = |user: &&[Option<String>; 3]| user[0].as_deref() == Some(id);
            if users.is_empty() {
                return Ok(Some("Agent".to_owned()));
            }
            if let Some([_, name, email]) = users.iter().find(is_them) {
                let name = name.clone().or_else(|| email.clone());
                return Ok(Some(name.unwrap_or_else(|| "Agent".to_owned())));
            }
        }
        Ok(None)
    }

    /// The files of an agent's message, stored here; and a sentence about those that could not be.
    async fn files_of(&self, remote: &Resource) -> Result<(Vec<String>, String), Failure> {
        let (mut stored, mut unsent) = (Vec::new(), String::new());
        for (n, id) in remote.related_all("attachments").iter().enumerate() {
            let reason = match n < MAX_FILES {
                true => match self.file_store(&remote.id, id).await? {
                    Ok(file) => {
                        stored.push(file);
                        continue;
                    }
                    Err(reason) => reason,
                },
                false => format!("A message has {MAX_FILES} files at most."),
            };
            unsent.push_str(&format!("File {}: {reason} ", n + 1));
        }
        Ok((stored, unsent.trim_end().to_owned()))
    }

    pub(super) async fn undelivered(
        &self,
        remote: &Resource,
        code: String,
        message: String,
    ) -> Result<Done, Failure> {
        let title = match code.as_str() {
            FILES_NOT_SENT => "Not all files were delivered.",
            _ => "The message was not delivered.",
        };
        let error = DeliveryError {
            code,
            title: title.into(),
            detail: Some(message),
        };
        match self.report_failed(&remote.id, &error).await {
            // The customer has what could be sent; the status tells what the key lacks.
            Err(Failure::Forbidden { .. }) => Ok(Done::Skipped("The agent could not be told.")),
            told => told.map(|()| Done::Done),
        }
    }
}

/// The code of files that were left out.
const FILES_NOT_SENT: &str = "files_not_sent";
