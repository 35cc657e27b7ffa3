use super::{Events, Part, message};
use crate::content::Content;
use channels::{
    Change, InboundMessage, Mark, MessageStatus, MessageType, Revision, StatusUpdate, Watermark,
};
use common::ids::MessageId;
use common::json::raw;
pub use common::json::tolerant::{Object, child, millis, text};
use common::signatures::sha256_hex;
use common::time::Timestamp;

/// One event, with its customer: the sender, or the recipient of an echo.
pub(super) struct Event<'a, 'j> {
    part: &'a Part<'j>,
    customer: String,
    /// Whether the account did it, be it by us, in Meta's inbox or by another app.
    is_echo: bool,
    pub(super) stores_media: bool,
    at: Option<Timestamp>,
}

/// Reads one event. The account is one side of it, the customer the other: an echo is known by its
/// sender, too, since Instagram's come among the messages (channels.md §4.2).
pub(super) fn read(events: &mut Events, part: &Part<'_>, stores_media: bool, event: &Object<'_>) {
    let side = |name: &str| text(&child(event, name), "id");
    let (sender, recipient) = (side("sender"), side("recipient"));
    let message = child(event, "message");
    let is = |field: &str| message.get(field) == Some(&"true");
    let is_echo = is("is_echo") || sender.as_ref() == Some(&part.address);
    let customer = if is_echo { recipient } else { sender };
    // A note to oneself is no conversation with anybody.
    let Some(customer) = customer.filter(|id| *id != part.address && !is("is_self")) else {
        events.ignored += 1;
        return;
    };
    let on = Event {
        part,
        customer,
        is_echo,
        stores_media,
        at: millis(event, "timestamp"),
    };
    let known = if event.get("message").is_some() {
        on.message(events, &message)
    } else if let Some(edit) = event.get("message_edit") {
        edited(events, &raw::part(edit))
    } else if let Some(reaction) = event.get("reaction") {
        on.reaction(events, &raw::part(reaction))
    } else if let Some(postback) = event.get("postback") {
        on.postback(events, postback)
    } else if let Some(delivery) = event.get("delivery") {
        on.delivery(events, &raw::part(delivery))
    } else if let Some(read) = event.get("read") {
        on.read(events, &raw::part(read))
    } else if let Some(referral) = event.get("referral") {
        on.referral(events, referral)
    } else {
        None
    };
    if known.is_none() {
        events.ignored += 1;
    }
}

/// What is `None` below lacks what would make it anything.
impl Event<'_, '_> {
    fn message(&self, events: &mut Events, message: &Object<'_>) -> Option<()> {
        let mid = text(message, "mid")?;
        if message.get("is_deleted") == Some(&"true") {
            events.revisions.push(Revision {
                provider_id: mid,
                change: Change::Deleted,
            });
            return Some(());
        }
        let mut content = message::read(self, message);
        if self.is_echo {
            let ours = text(message, "metadata").and_then(|id| MessageId::parse(&id));
            events.own.extend(ours.map(|id| (id, mid.clone())));
            content = content.with("sent_elsewhere", "true");
            if let Some(app) = text(message, "app_id") {
                content = content.with("app_id", raw_text(&app));
            }
        }
        let reply_to = text(&child(message, "reply_to"), "mid");
        self.push(events, mid, content, reply_to);
        Some(())
    }

    fn reaction(&self, events: &mut Events, reaction: &Object<'_>) -> Option<()> {
        let about = text(reaction, "mid")?;
        let is_removed = text(reaction, "action").as_deref() == Some("unreact");
        let name = text(reaction, "reaction").filter(|_| !is_removed);
        let emoji = text(reaction, "emoji").filter(|_| !is_removed);
        let emoji = emoji.or_else(|| name.as_deref().and_then(emoji_of).map(str::to_owned));
        let mut reaction_json =
            ["{\"removed\":", if is_removed { "true" } else { "false" }].concat();
        if let Some(name) = &name {
            reaction_json.push_str(",\"name\":");
            reaction_json.push_str(&raw_text(name));
        }
        reaction_json.push('}');
        let emoji = emoji.unwrap_or_default();
        let id = self.derived("reaction", &[&about, &reaction_json, &emoji]);
        let content = Content::of(MessageType::Reaction, emoji).with("reaction", reaction_json);
        self.push(events, id, content, Some(about));
        Some(())
    }

    fn postback(&self, events: &mut Events, whole: &str) -> Option<()> {
        let postback = raw::part(whole);
        let reaction_json = |field: &str| text(&postback, field).unwrap_or_default();
        let (title, payload) = (reaction_json("title"), reaction_json("payload"));
        let mid = text(&postback, "mid");
        let id = mid.unwrap_or_else(|| self.derived("postback", &[&title, &payload]));
        let shown = if title.is_empty() { payload } else { title };
        let content = Content::of(MessageType::Button, shown).with("postback", whole);
        self.push(events, id, content, None);
        Some(())
    }

    /// The customer came by a link or an advertisement, which opens the window (channels.md §3.1).
    fn referral(&self, events: &mut Events, whole: &str) -> Option<()> {
        let referral = text(&raw::part(whole), "ref").unwrap_or_default();
        let id = self.derived("referral", &[whole]);
        let content = Content::of(MessageType::Interactive, referral).with("referral", whole);
        self.push(events, id, content, None);
        Some(())
    }

    fn delivery(&self, events: &mut Events, delivery: &Object<'_>) -> Option<()> {
        let mids = delivery.get("mids").map(|mids| raw::items(mids));
        let mids: Vec<_> = mids.into_iter().flatten().filter_map(raw::text).collect();
        let is_told = !mids.is_empty();
        for mid in mids {
            self.status(events, MessageStatus::Delivered, mid);
        }
        let up_to = millis(delivery, "watermark");
        if let Some(up_to) = up_to {
            self.mark(events, MessageStatus::Delivered, up_to);
        }
        (is_told || up_to.is_some()).then_some(())
    }

    /// Messenger reports a time, Instagram a message.
    fn read(&self, events: &mut Events, read: &Object<'_>) -> Option<()> {
        if let Some(up_to) = millis(read, "watermark") {
            self.mark(events, MessageStatus::Read, up_to);
            return Some(());
        }
        let provider_id = text(read, "mid")?;
        self.status(events, MessageStatus::Read, provider_id.clone());
        events.watermarks.push(Watermark {
            mark: Mark::Message { provider_id },
            status: MessageStatus::Read,
            at: self.at,
        });
        Some(())
    }

    fn status(&self, events: &mut Events, status: MessageStatus, provider_id: String) {
        events.statuses.push(StatusUpdate {
            provider_id,
            status,
            at: self.at,
            error: None,
            message_id: None,
            recipient: None,
        });
    }

    fn mark(&self, events: &mut Events, status: MessageStatus, up_to: Timestamp) {
        let recipient = self.part.name_of(&self.customer);
        events.watermarks.push(Watermark {
            mark: Mark::UpTo { recipient, up_to },
            status,
            at: self.at,
        });
    }

    fn push(
        &self,
        events: &mut Events,
        provider_id: String,
        content: Content,
        reply_to: Option<String>,
    ) {
        events.messages.push(InboundMessage {
            provider_id,
            thread: None,
            sender: self.part.sender(&self.customer),
            is_echo: self.is_echo,
            kind: content.kind,
            detail: content.detail(),
            content: content.text,
            sent_at: self.at,
            reply_to,
            media: content.media,
        });
    }

    /// A derived id for an event without one, the same for the same event.
    fn derived(&self, what: &str, parts: &[&str]) -> String {
        let at = self.at.map(Timestamp::micros).unwrap_or_default();
        let mut all = [self.customer.as_str(), &at.to_string()].join("\n");
        for part in parts {
            all.push('\n');
            all.push_str(part);
        }
        let mut digest = sha256_hex(all.as_bytes());
        digest.truncate(32);
        [what, ".", &digest].concat()
    }
}

fn edited(events: &mut Events, edit: &Object<'_>) -> Option<()> {
    let number = text(edit, "num_edit").and_then(|number| number.parse().ok());
    events.revisions.push(Revision {
        provider_id: text(edit, "mid")?,
        change: Change::Edited {
            number: number.unwrap_or(1),
            text: text(edit, "text").unwrap_or_default(),
        },
    });
    Some(())
}

/// The emoji of Messenger's reactions that come by name alone (channels.md §3.1).
fn emoji_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "smile" => "😆",
        "angry" => "😠",
        "sad" => "😢",
        "wow" => "😮",
        "love" => "❤",
        "like" => "👍",
        "dislike" => "👎",
        _ => return None,
    })
}

fn raw_text(text: &str) -> String {
    common::json::tolerant::quoted(Some(text))
}
