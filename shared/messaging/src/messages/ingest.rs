use super::receive::Occasion;
use super::sql::{
    CONVERSATION_ADVANCE, CONVERSATION_BEGIN_EVENT, CONVERSATION_RECORD, CONVERSATION_REOPEN_EVENT,
    CUSTOMER_FILL, CUSTOMER_FILL_EVENT, CUSTOMER_LEARN, CUSTOMER_LEARN_EVENT, IDENTITY_LEARN,
    ITEM_CLEAR, ITEM_CONVERSATION, ITEM_CONVERSE, ITEM_INSERT, ITEM_MATCH, ITEM_OUTCOME,
    MEDIA_INSERT, MESSAGE_INSERT, RECEIVED_EVENT, RECEIVED_HOLD,
};
use channels::{ChannelKind, InboundBytes, InboundMedia, InboundMessage, Sender};
use common::context::Context;
use common::db::{Sql, Statement, Value, json_arrays};
use common::erasing::forgotten_id;
use common::http::Error;
use common::ids::{AttachmentId, ChannelId, ConversationId, CustomerId, Ids, MessageId};
use common::time::{SECOND, Timestamp};
use serde::Serialize;
use std::collections::HashMap;

/// How long `message.received` waits for the bytes of what the message carries (issue: 5 s).
pub const HOLD_SECONDS: u32 = 5;
/// Longest content that is stored, in bytes: far above any provider's, below what a row may hold.
const MAX_CONTENT_BYTES: usize = 256 * 1024;
/// Largest detail that is stored, in bytes: that of an email with its HTML.
const MAX_DETAIL_BYTES: usize = 128 * 1024;

/// One ingest: what to run as one batch, and which messages have media to be fetched.
#[derive(Debug, Default)]
pub struct IngestStatements {
    /// In order.
    pub statements: Vec<Statement>,
    /// The index of the statement that returns the customer and the conversation of a single message.
    pub outcome: Option<usize>,
    /// The ids that messages with media get, where they are new.
    pub with_media: Vec<MessageId>,
}

/// The batch that ingests messages of one account: match the customer, find or reopen the conversation,
/// insert messages and events, if the `occasion` is one to tell of. Known messages change nothing. `before` runs first; `items` run once the
/// new messages are in `inbound_items`.
///
/// # Errors
/// None in practice: what is stored is text and numbers.
pub fn ingest_statements(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    channel: ChannelKind,
    messages: &[InboundMessage],
    (before, items): (Vec<Statement>, &[Statement]),
    occasion: Occasion,
) -> Result<IngestStatements, Error> {
    let mut ingest = IngestStatements {
        statements: before,
        ..IngestStatements::default()
    };
    if messages.is_empty() {
        return Ok(ingest);
    }
    let (rows, has_media) = rows(cx, channel_id, messages, &mut ingest.with_media)?;
    let business = || Value::from(cx.business_id());
    let mut first = 0;
    for array in json_arrays(rows) {
        ingest.statements.push(ITEM_INSERT.bind(vec![
            business(),
            array.text.into(),
            channel_id.into(),
            channel.as_str().into(),
            first.into(),
        ]));
        first += array.items;
    }
    ingest.statements.extend_from_slice(items);
    let now = || Value::from(cx.now.micros());
    let plain = |sql: &'static Sql| sql.bind(vec![business()]);
    let timed = |sql: &'static Sql| sql.bind(vec![business(), now()]);
    let event = |sql: &'static Sql| {
        let ids = Ids::new(cx.now, cx.entropy);
        sql.bind(vec![business(), now(), ids.shared_prefix().into()])
    };
    let is_told = occasion != Occasion::History;
    let told = |sql: &'static Sql| is_told.then(|| event(sql));
    let is_now = occasion == Occasion::Written;
    let steps = [
        Some(plain(&ITEM_MATCH)),
        Some(timed(&CUSTOMER_LEARN)),
        told(&CUSTOMER_LEARN_EVENT),
        Some(plain(&ITEM_CONVERSATION)),
        told(&CUSTOMER_FILL_EVENT),
        Some(timed(&CUSTOMER_FILL)),
        Some(plain(&IDENTITY_LEARN)),
        Some(timed(&ITEM_CONVERSE)),
        is_now.then(|| event(&CONVERSATION_REOPEN_EVENT)),
        told(&CONVERSATION_BEGIN_EVENT),
        Some(timed(&MESSAGE_INSERT)),
        Some(match is_now {
            true => timed(&CONVERSATION_ADVANCE),
            false => {
                let params = vec![business(), now(), i64::from(is_told).into()];
                CONVERSATION_RECORD.bind(params)
            }
        }),
        has_media.then(|| timed(&MEDIA_INSERT)),
        told(&RECEIVED_EVENT),
    ];
    ingest.statements.extend(steps.into_iter().flatten());
    if is_told && !ingest.with_media.is_empty() {
        let until = cx.now.plus(i64::from(HOLD_SECONDS) * SECOND).micros();
        ingest
            .statements
            .push(RECEIVED_HOLD.bind(vec![business(), until.into()]));
    }
    if let [_] = messages {
        ingest.outcome = Some(ingest.statements.len());
        ingest.statements.push(plain(&ITEM_OUTCOME));
    }
    ingest.statements.push(plain(&ITEM_CLEAR));
    Ok(ingest)
}

/// The rows of `inbound_items`, each provider's id once, in order, and whether any carries media.
fn rows(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    messages: &[InboundMessage],
    with_media: &mut Vec<MessageId>,
) -> Result<(Vec<String>, bool), Error> {
    let mut has_media = false;
    // Of its own: a delivery may have more messages than one source has ids.
    let ids = &Ids::new(cx.now, cx.entropy);
    let mut senders = Senders::default();
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        if senders.has_written(&message.provider_id) {
            continue;
        }
        let sender = sender_of(messages, message);
        let new = senders.ids_of(ids, sender, message.thread.as_deref());
        let message_id = MessageId::new(ids);
        let media = media_of(ids, channel_id, message);
        has_media |= media.is_some();
        let is_fetched = |media: &MediaRow<'_>| media.3.is_some();
        if media.iter().flatten().any(is_fetched) {
            with_media.push(message_id.clone());
        }
        let names = sender.names.iter();
        let names: Vec<_> = names
            .map(|name| {
                let system = Some(name.system.as_str()).filter(|system| !system.is_empty());
                (name.kind.as_str(), &name.value, system)
            })
            .collect();
        rows.push(row(&(
            names,
            &sender.name,
            &sender.whatsapp_number,
            &sender.phone,
            new.0,
            new.1,
            message_id,
            &message.provider_id,
            message.kind.as_str(),
            content_of(message),
            detail_of(message),
            message.sent_at.map(Timestamp::micros),
            &message.reply_to,
            media,
            i32::from(message.kind.opens_window() && !message.is_echo),
            // Serde counts no further than sixteen in one tuple.
            (
                i32::from(message.is_echo),
                &sender.email,
                &sender.contact,
                &sender.customer_id,
                forgotten_id(&message.provider_id),
                message.thread.as_deref().unwrap_or_default(),
            ),
        ))?);
    }
    Ok((rows, has_media))
}

/// The sender of a message. Of a provider's thread, that of its first message: it has one customer, under
/// whatever names the others show them.
fn sender_of<'m>(messages: &'m [InboundMessage], message: &'m InboundMessage) -> &'m Sender {
    let first = message.thread.as_ref().and_then(|thread| {
        let mut all = messages.iter();
        all.find(|other| other.thread.as_ref() == Some(thread))
    });
    &first.unwrap_or(message).sender
}

/// A row as JSON for a parameter.
fn row(row: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(row).map_err(Error::internal)
}

/// Where an attachment's bytes are fetched.
#[derive(Serialize)]
struct Source<'a> {
    channel_id: &'a ChannelId,
    media_id: Option<&'a str>,
    url: Option<&'a str>,
    mime_type: &'a str,
    sha256: Option<&'a str>,
}

/// An attachment's id, filename, type and source; of what is stored, its size and SHA-256.
type MediaRow<'a> = (
    AttachmentId,
    &'a str,
    &'a str,
    Option<Source<'a>>,
    Option<i64>,
    Option<&'a str>,
);

fn media_of<'a>(
    ids: &Ids,
    channel_id: &'a ChannelId,
    message: &'a InboundMessage,
) -> Option<Vec<MediaRow<'a>>> {
    let one = |media: &'a InboundMedia| {
        let (name, mime_type) = (media.filename.as_str(), media.mime_type.as_str());
        let sha256 = media.sha256.as_deref();
        let source = |media_id, url| Source {
            channel_id,
            media_id,
            url,
            mime_type,
            sha256,
        };
        let source = match &media.bytes {
            InboundBytes::Id(id) => source(Some(id.as_str()), None),
            InboundBytes::At(url) => source(None, Some(url.as_str())),
            InboundBytes::Stored {
                attachment_id,
                size,
            } => {
                return (
                    attachment_id.clone(),
                    name,
                    mime_type,
                    None,
                    Some(*size),
                    sha256,
                );
            }
        };
        (
            AttachmentId::new(ids),
            name,
            mime_type,
            Some(source),
            None,
            None,
        )
    };
    (!message.media.is_empty()).then(|| message.media.iter().map(one).collect())
}

/// The content as it is stored.
pub(super) fn content_of(message: &InboundMessage) -> &str {
    cut_content(&message.content)
}

/// A text as far as it is stored.
pub(super) fn cut_content(text: &str) -> &str {
    cut(text, MAX_CONTENT_BYTES)
}

/// The detail as it is stored.
pub(super) fn detail_of(message: &InboundMessage) -> Option<&str> {
    let detail = message.detail.as_deref();
    detail.filter(|detail| detail.len() <= MAX_DETAIL_BYTES)
}

/// The beginning of a text, at a character's boundary.
fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// The ids of a sender's new customer and new conversation.
type NewSender = (CustomerId, ConversationId);

/// The ids that a sender's new customer and new conversation would get, the same for all messages
/// of one sender, by whichever of the names; of a provider's threads, each has a conversation of its own.
#[derive(Default)]
struct Senders(HashMap<String, Option<NewSender>>);

impl Senders {
    /// Whether a message came before in the same delivery. In the same map, whose code is large: no
    /// name of a sender begins so.
    fn has_written(&mut self, provider_id: &str) -> bool {
        let key = ["message", provider_id].join(" ");
        self.0.insert(key, None).is_some()
    }

    fn ids_of(&mut self, ids: &Ids, sender: &Sender, thread: Option<&str>) -> NewSender {
        let keys = sender.names.iter();
        let keys: Vec<_> = keys
            .map(|name| format!("{} {}", name.kind.as_str(), name.value))
            .collect();
        let known = keys.iter().find_map(|key| self.0.get(key)?.clone());
        let new = known.unwrap_or_else(|| (CustomerId::new(ids), ConversationId::new(ids)));
        for key in keys {
            self.0.entry(key).or_insert_with(|| Some(new.clone()));
        }
        let Some(thread) = thread else {
            return new;
        };
        // No name of a sender begins so either.
        let of_thread = self.0.entry(["thread", thread].join(" "));
        let of_thread =
            of_thread.or_insert_with(|| Some((new.0.clone(), ConversationId::new(ids))));
        of_thread.clone().unwrap_or(new)
    }
}
