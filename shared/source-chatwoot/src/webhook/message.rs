use super::attachments;
use super::channel::Channel;
use super::contact::Contact;
use super::conversation::Conversation;
use super::sender::sender_of;
use crate::reading::{attributes, is_true, mark_of, moment, text_at};
use channels::{Change, InboundMessage, MessageStatus, MessageType, Revision, StatusUpdate};
use common::ids::MessageId;
use common::json::raw;
use common::json::tolerant::{Object, child, objects, quoted, text};
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// Longest subject that is kept, in bytes.
const MAX_SUBJECT_BYTES: usize = 998;

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The contact wrote it.
    Inbound,
    /// An agent or a program wrote it to the contact.
    Outbound,
    /// For agents alone.
    Note,
}

/// Who wrote what went out, or a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Chatwoot's id, of users and of bots by themselves.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address of a user.
    pub email: Option<String>,
    /// Whether it is a program.
    pub is_bot: bool,
}

/// That somebody wrote, or that what was written changed.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageEvent {
    /// Whether the message was just made, as far as is told.
    pub is_new: bool,
    /// Whether it is of a list, which tells how a message stands and not what happened to it.
    pub is_listed: bool,
    /// Which way it went.
    pub said: Said,
    /// Whether no person wrote it: a greeting, a bot, a rule.
    pub is_automatic: bool,
    /// Who wrote it, if not the contact.
    pub author: Option<Author>,
    /// What a message of ours is marked with: the id that it was posted with.
    pub mark: Option<String>,
    /// Where it is. Of a message that changed, some servers tell its number alone.
    pub conversation: Conversation,
    /// The message as it is ingested. The names of its sender lack the id at Chatwoot, which is
    /// [`Conversation::contact_id`], and all that nobody proved (see [`MessageEvent::set_channel`]): they may
    /// be empty. Of a deleted message nothing is left.
    pub message: InboundMessage,
    /// Of a message that is not new: what it says by now, which may be what it said before.
    pub revision: Option<Revision>,
    /// Of a message that went out: what became of it, where the event tells.
    pub status: Option<StatusUpdate>,
}

impl MessageEvent {
    /// Reads a message as the API lists it, in its conversation. `None` for a line of the system's.
    #[must_use]
    pub fn listed(of: &Object<'_>, conversation: &Conversation) -> Option<Self> {
        let mut event = event(of, conversation.clone(), Some(of), true)?;
        event.is_listed = true;
        // Of what programs write, webhooks have another text than lists: with the link of a survey.
        let has_text = !event.is_automatic && !event.message.content.is_empty();
        if event.revision.is_none() && has_text {
            event.revision = Some(Revision {
                provider_id: event.message.provider_id.clone(),
                change: Change::Edited {
                    number: 0,
                    text: event.message.content.clone(),
                },
            });
        }
        Some(event)
    }

    /// Our id and Chatwoot's of a message that we posted, whoever hears of it first.
    #[must_use]
    pub fn own(&self) -> Option<(MessageId, String)> {
        let id = MessageId::parse(self.mark.as_deref()?)?;
        Some((id, self.message.provider_id.clone()))
    }

    /// Takes the conversation for one of this channel, as an account may say of an inbox, and names the
    /// sender by what is proven there. What somebody only says to be is kept for a new customer, and finds no
    /// other. For what a bridge writes into an inbox of the API the account vouches.
    pub fn set_channel(&mut self, channel: Channel) {
        let is_bridge = self.conversation.channel == Channel::Api;
        self.conversation.channel = channel;
        self.message.sender = sender_of(&self.conversation, is_bridge);
    }
}

/// A message's type, as a name or as a number.
fn said_of(kind: &str, is_private: bool) -> Option<(Said, bool)> {
    let (said, is_template) = match kind {
        "incoming" | "0" => (Said::Inbound, false),
        "outgoing" | "1" => (Said::Outbound, false),
        "template" | "3" => (Said::Outbound, true),
        // A line of the system's.
        _ => return None,
    };
    Some((if is_private { Said::Note } else { said }, is_template))
}

pub(super) fn read(whole: &Object<'_>, is_new: bool) -> Option<MessageEvent> {
    let inside = child(whole, "conversation");
    let mut conversation = Conversation::read(&inside)?;
    if conversation.inbox_id.is_none() {
        conversation.inbox_id = text(&child(whole, "inbox"), "id");
    }
    let told = the_same(&inside, &text(whole, "id")?);
    event(whole, conversation, told.as_ref(), is_new)
}

/// One message. `told` is where its status and the time of its change stand.
fn event(
    whole: &Object<'_>,
    mut conversation: Conversation,
    told: Option<&Object<'_>>,
    is_new: bool,
) -> Option<MessageEvent> {
    let provider_id = text(whole, "id")?;
    let is_private = is_true(whole, "private");
    let (said, is_template) = said_of(&text(whole, "message_type")?, is_private)?;
    let attributes = attributes(whole, "content_attributes");
    let own = raw::part(&attributes);
    let by = child(whole, "sender");
    if said == Said::Inbound && conversation.contact.is_none() {
        conversation.contact = Contact::read(&by);
        let id = conversation
            .contact
            .as_ref()
            .map(|contact| contact.id.clone());
        conversation.contact_id = conversation.contact_id.or(id);
    }
    let author = author_of(&by).filter(|_| said != Said::Inbound);
    let is_bot = author.as_ref().is_none_or(|author| author.is_bot);
    let is_automatic = said != Said::Inbound
        && (is_template || is_bot || text(&own, "automation_rule_id").is_some());
    let is_deleted = is_true(&own, "deleted");
    let message = Reading {
        whole,
        told: &own,
        conversation: &conversation,
        said,
        is_automatic,
        author: author.as_ref(),
    };
    let message = message.message(&provider_id, is_deleted);
    let mark = mark_of(&attributes);
    let changed_at = told.and_then(|told| moment(told, "updated_at"));
    let changed_at = changed_at.or(conversation.updated_at);
    Some(MessageEvent {
        revision: revision(&message, is_new, is_deleted, changed_at),
        status: told
            .filter(|_| said == Said::Outbound)
            .and_then(|told| status(told, &own, &message.provider_id, mark.as_deref())),
        is_new,
        is_listed: false,
        said,
        is_automatic,
        author,
        mark,
        conversation,
        message,
    })
}

/// The message as the conversation tells its last one, if that is this one: with its status.
fn the_same<'j>(conversation: &Object<'j>, id: &str) -> Option<Object<'j>> {
    let mut last = objects(conversation, "messages").into_iter();
    last.find(|message| text(message, "id").as_deref() == Some(id))
}

/// A contact has no type; users and bots have.
fn author_of(by: &Object<'_>) -> Option<Author> {
    let kind = text(by, "type")?;
    if kind == "contact" {
        return None;
    }
    Some(Author {
        id: text(by, "id")?,
        name: text(by, "name").unwrap_or_default(),
        email: text(by, "email").map(|email| email.to_lowercase()),
        is_bot: kind != "user",
    })
}

fn revision(
    message: &InboundMessage,
    is_new: bool,
    is_deleted: bool,
    changed_at: Option<Timestamp>,
) -> Option<Revision> {
    let change = match changed_at {
        _ if is_deleted => Change::Deleted,
        // No number of an edit is told: later ones have higher times.
        Some(at) if !is_new && !message.content.is_empty() => Change::Edited {
            number: at.millis(),
            text: message.content.clone(),
        },
        _ => return None,
    };
    Some(Revision {
        provider_id: message.provider_id.clone(),
        change,
    })
}

fn status(
    same: &Object<'_>,
    told: &Object<'_>,
    provider_id: &str,
    mark: Option<&str>,
) -> Option<StatusUpdate> {
    let status = match text(same, "status")?.as_str() {
        "sent" | "0" => MessageStatus::Sent,
        "delivered" | "1" => MessageStatus::Delivered,
        "read" | "2" => MessageStatus::Read,
        "failed" | "3" => MessageStatus::Failed,
        _ => return None,
    };
    let error = (status == MessageStatus::Failed).then(|| {
        let said = text(told, "external_error");
        let said = said.unwrap_or_else(|| "The channel did not take the message.".to_owned());
        ("failed".to_owned(), said)
    });
    Some(StatusUpdate {
        provider_id: provider_id.to_owned(),
        status,
        at: moment(same, "updated_at"),
        error,
        message_id: mark.and_then(MessageId::parse),
        recipient: None,
    })
}

/// What a message is read from.
struct Reading<'r, 'j> {
    whole: &'r Object<'j>,
    told: &'r Object<'j>,
    conversation: &'r Conversation,
    said: Said,
    is_automatic: bool,
    author: Option<&'r Author>,
}

impl Reading<'_, '_> {
    fn message(&self, provider_id: &str, is_deleted: bool) -> InboundMessage {
        let attached = attachments::read(self.whole);
        let content = self.content();
        let is_empty = content.is_empty();
        let kind = self.kind(attached.kind, is_empty);
        let mut detail = self.detail();
        for (name, json) in &attached.details {
            detail = detail.json(name, json);
        }
        if kind == MessageType::Unsupported && !is_deleted {
            let content_type = text(self.whole, "content_type");
            let shown = [
                "{\"type\":",
                &quoted(content_type.as_deref()),
                ",\"errors\":[]}",
            ];
            detail = detail.json("unsupported", &shown.concat());
        }
        let detail = detail.finish();
        let mut message = InboundMessage {
            provider_id: provider_id.to_owned(),
            thread: Some(self.conversation.thread.clone()),
            sender: sender_of(self.conversation, false),
            is_echo: self.said == Said::Outbound,
            kind,
            content: match attached.words {
                Some(words) if is_empty => words,
                _ => content,
            },
            detail: (detail != "{}").then_some(detail),
            sent_at: moment(self.told, "external_created_at")
                .or_else(|| moment(self.whole, "created_at")),
            reply_to: text(self.told, "in_reply_to"),
            media: attached.media,
        };
        if is_deleted {
            // Chatwoot's own sentence stands in its place, in the language of the account.
            message.content.clear();
            message.media.clear();
            message.kind = MessageType::Text;
        }
        message
    }

    fn is_mail(&self) -> bool {
        let is_told = text(self.whole, "content_type").as_deref() == Some("incoming_email");
        is_told || self.conversation.channel == Channel::Email
    }

    /// What it says; of a mail what is new in it, without what it quotes.
    fn content(&self) -> String {
        let content = text(self.whole, "content");
        let part = |which| text_at(self.told, &["email", "text_content", which]);
        let new = part("reply").filter(|_| self.is_mail() && self.said == Said::Inbound);
        let content = new
            .or(content)
            .or_else(|| part("full").filter(|_| self.is_mail()));
        // Webhooks of newer servers lack the backslash before an end of line, lists have it.
        content.unwrap_or_default().replace("\\\n", "\n")
    }

    fn kind(&self, attached: Option<MessageType>, is_empty: bool) -> MessageType {
        let is_sticker = text(self.whole, "content_type").as_deref() == Some("sticker");
        match attached {
            _ if is_true(self.told, "is_unsupported") => MessageType::Unsupported,
            _ if self.is_mail() && self.said == Said::Inbound => {
                let email = child(self.told, "email");
                match is_true(&email, "auto_reply") {
                    true => MessageType::AutomaticEmail,
                    false => MessageType::Email,
                }
            }
            _ if self.is_mail() && self.said == Said::Outbound => MessageType::Email,
            Some(MessageType::Image) if is_sticker => MessageType::Sticker,
            Some(kind) => kind,
            None if is_empty => MessageType::Unsupported,
            None => MessageType::Text,
        }
    }

    fn detail(&self) -> JsonWriter {
        let mut detail = JsonWriter::default();
        if self.is_mail() && self.said != Said::Note {
            let own = text_at(self.told, &["email", "subject"]);
            let subject = own.or_else(|| self.conversation.subject.clone());
            let subject = subject.unwrap_or_default();
            let cut = subject.floor_char_boundary(MAX_SUBJECT_BYTES);
            detail = detail.text("subject", subject.get(..cut).unwrap_or_default());
        }
        if self.said == Said::Outbound {
            detail = detail.json("sent_elsewhere", "true");
        }
        if let Some(author) = self.author {
            let json = JsonWriter::default().text("id", &author.id);
            detail = detail.json("author", &json.text("name", &author.name).finish());
        }
        match self.is_automatic {
            true => detail.json("automatic", "true"),
            false => detail,
        }
    }
}
