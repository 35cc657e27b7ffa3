//! What was written at Chatwoot, taken in: from webhooks, and from what the API lists where webhooks were lost.

mod known;
mod notes;

use crate::account::Account;
use crate::sql::THREAD_REOPEN;
use crate::webhook::{Channel, MessageEvent, Said};
use channels::{
    Change, ChannelKind, InboundMessage, MessageStatus, Revision, SenderName, StatusUpdate,
};
use common::context::Context;
use common::http::Error;
use common::ids::MessageId;
use common::time::DAY;
use known::Known;
use messaging::messages::{Occasion, Receipts, Received, SourceContact, receive_from_source};

/// How old a message may be of which only a change is told, to be taken in as new: its own webhook was lost,
/// or is on its way.
const MAX_LATE_MICROS: i64 = DAY;

/// What became of what was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Messages, notes and changes that are stored, also such as were stored before.
    pub taken: usize,
    /// What changes nothing.
    pub ignored: usize,
    /// Notes whose conversation is not here yet, so that they have to be given again.
    pub notes_left: usize,
}

/// What one thread's events come to.
#[derive(Default)]
struct Thread {
    contact_id: Option<String>,
    messages: Vec<InboundMessage>,
    own: Vec<(MessageId, String)>,
    statuses: Vec<StatusUpdate>,
    revisions: Vec<Revision>,
}

/// Takes in what was written, idempotent and in any order, one thread after the other: messages, what agents and
/// programs wrote there, our own coming back, edits and deletions, what became of what went out, and notes. What
/// is in inboxes that are left out is ignored.
///
/// # Errors
/// 503 when the database is away, or KV where a message was deleted; the same may come again.
pub async fn ingest(
    cx: &Context<'_>,
    account: &Account<'_>,
    events: Vec<MessageEvent>,
) -> Result<Ingested, Error> {
    ingest_on(cx, account, events, Occasion::Written).await
}

/// As [`ingest`], of what was written on this occasion. What a list repeats, and stands here as it says, changes
/// nothing.
///
/// # Errors
/// As [`ingest`].
pub(crate) async fn ingest_on(
    cx: &Context<'_>,
    account: &Account<'_>,
    events: Vec<MessageEvent>,
    occasion: Occasion,
) -> Result<Ingested, Error> {
    let given = events.len();
    let mut left: Vec<_> = events
        .into_iter()
        .filter(|event| account.takes(event.conversation.inbox_id.as_deref()))
        .map(|event| named(account, event))
        .collect();
    let mut done = Ingested::default();
    let notes = notes::of(cx, &left);
    left.retain(|event| event.said != Said::Note);
    let known = Known::read(cx, account, &left).await?;
    while let Some(first) = left.first() {
        let (thread, channel) = (
            first.conversation.thread.clone(),
            first.conversation.channel,
        );
        let is_of = |event: &MessageEvent| event.conversation.thread == thread;
        let (of_thread, others) = left.into_iter().partition(is_of);
        left = others;
        done.taken += take(cx, account, (channel, occasion), &known, of_thread).await?;
    }
    let taken = notes.take(cx, account, occasion).await?;
    done.taken += taken.taken;
    done.notes_left = taken.notes_left;
    done.ignored = given - done.taken - done.notes_left;
    Ok(done)
}

/// An event with its sender named, by Chatwoot's id first.
fn named(account: &Account<'_>, mut event: MessageEvent) -> MessageEvent {
    if let Some(channel) = account.channel_of(&event.conversation) {
        event.set_channel(channel);
    }
    if let Some(id) = &event.conversation.contact_id {
        let name = SenderName::external(id.clone(), account.system().to_owned());
        event.message.sender.names.insert(0, name);
    }
    event
}

/// Takes one thread's events in, in one batch. Gives how many of them meant anything.
async fn take(
    cx: &Context<'_>,
    account: &Account<'_>,
    (channel, occasion): (Channel, Occasion),
    known: &Known,
    events: Vec<MessageEvent>,
) -> Result<usize, Error> {
    let mut thread = Thread::default();
    let taken = events
        .into_iter()
        .filter_map(|event| thread.add(cx, known, event, occasion));
    let taken = taken.count();
    if taken == 0 {
        return Ok(0);
    }
    let received = Received {
        channel_id: account.channel_id,
        channel: ChannelKind::parse(channel.as_str()).unwrap_or(ChannelKind::Api),
        messages: &thread.messages,
        statuses: &thread.statuses,
    };
    let receipts = Receipts {
        own: &thread.own,
        watermarks: &[],
        revisions: &thread.revisions,
    };
    let last = thread.messages.last();
    let contact = thread.contact_id.as_deref().zip(last);
    let contact = contact.map(|(remote_id, message)| SourceContact {
        remote_id,
        system: account.system(),
        message: &message.provider_id,
    });
    let mut items = Vec::new();
    if occasion == Occasion::Written {
        let params = vec![cx.business_id().into(), cx.now.micros().into()];
        items.push(THREAD_REOPEN.bind(params));
    }
    receive_from_source(cx, received, receipts, contact.as_ref(), (occasion, items)).await?;
    Ok(taken)
}

impl Thread {
    /// Adds what an event says; `None` where that is nothing.
    fn add(
        &mut self,
        cx: &Context<'_>,
        known: &Known,
        mut event: MessageEvent,
        occasion: Occasion,
    ) -> Option<()> {
        let own = event.own();
        let is_own = own.is_some();
        self.own.extend(own);
        let before = known.get(&event.message.provider_id);
        let is_late = || {
            let since = cx.now.plus(-MAX_LATE_MICROS);
            let is_told = event.conversation.contact_id.is_some() && !event.is_listed;
            is_told && event.message.sent_at.is_some_and(|at| at >= since)
        };
        let is_deleted = matches!(
            &event.revision,
            Some(Revision {
                change: Change::Deleted,
                ..
            })
        );
        // Of one that went out, its being sent is nothing new once it is here.
        let status = event.status.take().filter(|status| match &before {
            _ if occasion == Occasion::History => false,
            _ if is_own && !event.is_listed => true,
            Some(before) => Some(status.status) > before.status,
            None => status.status != MessageStatus::Sent,
        });
        let revision = event
            .revision
            .take()
            .map(|revision| numbered(cx, event.is_listed, revision))
            .filter(|revision| match (&revision.change, &before) {
                // What was gone before it was ever seen never comes.
                (Change::Deleted, None) => !event.is_listed,
                (Change::Deleted, before) => {
                    !before.as_ref().is_some_and(|before| before.is_deleted)
                }
                // Nobody but us writes what is ours, and its text comes back as Chatwoot shows it.
                (Change::Edited { text, .. }, Some(before)) => {
                    !is_own && !before.is_deleted && !before.says(text)
                }
                (Change::Edited { .. }, None) => false,
            });
        let is_message = before.is_none() && !is_deleted && (event.is_new || is_own || is_late());
        if !is_message && status.is_none() && revision.is_none() {
            return None;
        }
        self.statuses.extend(status);
        self.revisions.extend(revision);
        if is_message {
            self.contact_id = event.conversation.contact_id.or(self.contact_id.take());
            self.messages.push(event.message);
        }
        Some(())
    }
}

/// A list tells no time of an edit: it is at the latest now.
fn numbered(cx: &Context<'_>, is_listed: bool, mut revision: Revision) -> Revision {
    if let (true, Change::Edited { number, .. }) = (is_listed, &mut revision.change) {
        *number = cx.now.millis();
    }
    revision
}
