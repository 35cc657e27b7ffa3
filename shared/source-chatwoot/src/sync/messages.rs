//! What was written there and no webhook told: read from the list of a conversation's messages.

use super::SyncContext;
use super::account::Account;
use crate::ingest::ingest_on;
use crate::reading::moment;
use crate::streams::place_of;
use crate::webhook::{Conversation, MessageEvent, Said};
use common::json::raw::part;
use common::json::tolerant::{objects, text};
use common::time::{SECOND, Timestamp};
use crm::{Done, Failure, Link};
use messaging::messages::Occasion;

/// The kind of the links that say how far a conversation was read.
pub(super) const THREAD: &str = "thread";
/// Most pages of a hundred messages that one try of a job reads: taking one in takes some forty statements.
pub(super) const MAX_PAGES: usize = 2;
/// For how long after its last activity a conversation is read again: two messages may be of one second, and the
/// clocks of both sides differ.
const UNSETTLED_MICROS: i64 = 120 * SECOND;

/// A message as a list has it.
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) created_at: i64,
    /// None of a line of the system's.
    pub(super) event: Option<MessageEvent>,
}

/// How far a conversation was read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reached {
    /// Not at all: what was written from this time on is to be read.
    Since(i64),
    /// Up to this message.
    Message(String),
}

impl Reached {
    fn of_stored(stored: &str) -> Self {
        match stored.strip_prefix('@') {
            Some(since) => Self::Since(since.parse().unwrap_or_default()),
            None => Self::Message(stored.to_owned()),
        }
    }

    fn stored(&self) -> String {
        match self {
            Self::Since(since) => format!("@{since}"),
            Self::Message(id) => id.clone(),
        }
    }

    /// Whether a message is behind it.
    fn covers(&self, message: &Listed) -> bool {
        match self {
            Self::Since(since) => message.created_at < *since,
            Self::Message(id) => is_up_to(&message.id, id),
        }
    }
}

/// What is remembered of a conversation that is seen for the first time: what was written before is not read.
pub(super) fn unread_since(since: i64) -> String {
    Reached::Since(since).stored()
}

/// Whether a message is not behind another. Ids are numbers that rise.
fn is_up_to(id: &str, last: &str) -> bool {
    (id.len(), id) <= (last.len(), last)
}

impl SyncContext<'_> {
    /// Somebody wrote in a conversation, or its state changed, since it was last read.
    pub(super) async fn messages_in(&self) -> Result<Done, Failure> {
        let (account, remote) = match self.to_read().await? {
            Ok(found) => found,
            Err(reason) => return Ok(Done::Skipped(reason)),
        };
        let thread = remote.thread.as_str();
        let link = self.client.link(THREAD, &self.job.subject).await?;
        let stored = link.and_then(|link| link.fingerprint);
        let reached = stored.map_or(Reached::Since(account.since), |stored| {
            Reached::of_stored(&stored)
        });
        if !self.catch_up(&account, &remote, reached).await? {
            return Ok(Done::Deferred(self.client.now()));
        }
        let Some(id) = self.conversation_of(&account, thread).await? else {
            return Ok(Done::Done);
        };
        if let Some(conversation) = self.client.conversation(&id).await? {
            self.agree_with(&account, thread, &conversation, &remote)
                .await?;
        }
        Ok(Done::Done)
    }

    /// The account and the conversation whose messages a job reads, or why none are read.
    pub(super) async fn to_read(
        &self,
    ) -> Result<Result<(Account, Conversation), &'static str>, Failure> {
        let Some((account, thread)) = self.place().await? else {
            return Ok(Err("The account is off, or gone."));
        };
        let Some(remote) = self.remote(&account, thread).await? else {
            return Ok(Err("The conversation is gone there."));
        };
        Ok(match account.source().takes(remote.inbox_id.as_deref()) {
            true => Ok((account, remote)),
            false => Err("The inbox is left out."),
        })
    }

    /// The conversation as it is there; none where it is gone.
    pub(super) async fn remote(
        &self,
        account: &Account,
        thread: &str,
    ) -> Result<Option<Conversation>, Failure> {
        let request = account.api.conversation(thread);
        let read = match self.ask(account, "conversation", request).await {
            Err(Failure::NotFound) => return Ok(None),
            read => read?,
        };
        let remote = Conversation::read(&part(&read)).ok_or_else(|| Failure::Invalid {
            code: "unreadable".to_owned(),
            message: "Chatwoot's answer is no conversation.".to_owned(),
        })?;
        Ok(Some(remote))
    }

    /// Takes in what is not here yet. Whether that is all there is: else the job goes on where it stopped.
    async fn catch_up(
        &self,
        account: &Account,
        remote: &Conversation,
        reached: Reached,
    ) -> Result<bool, Failure> {
        // The last ones, in which an edit or a deletion may be seen, too.
        let last = self.listed(account, remote, None).await?;
        let Some(newest) = last.last().map(|message| message.id.clone()) else {
            return Ok(true);
        };
        let mut now = Progress {
            reached,
            has_left: false,
        };
        if last.iter().any(|message| now.reached.covers(message)) {
            self.take_in(account, last, &mut now).await?;
            self.note_read(account, remote, &now, true).await?;
            return Ok(true);
        }
        let mut after = match &now.reached {
            Reached::Since(_) => "0".to_owned(),
            Reached::Message(id) => id.clone(),
        };
        for _ in 0..MAX_PAGES {
            let page = self.listed(account, remote, Some(&after)).await?;
            let Some(end) = page.last().map(|message| message.id.clone()) else {
                self.note_read(account, remote, &now, true).await?;
                return Ok(true);
            };
            self.take_in(account, page, &mut now).await?;
            after = end;
            let is_all = is_up_to(&newest, &after);
            self.note_read(account, remote, &now, is_all).await?;
            if is_all {
                return Ok(true);
            }
        }
        // Notes alone, in a conversation that nobody has written in: they are read again when somebody has.
        Ok(now.has_left)
    }

    /// Takes in a part of a list: what was read before only as far as it has changed.
    async fn take_in(
        &self,
        account: &Account,
        page: Vec<Listed>,
        now: &mut Progress,
    ) -> Result<(), Failure> {
        let end = page.last().map(|message| message.id.clone());
        let mut events = Vec::new();
        for message in page {
            let is_old = now.reached.covers(&message);
            let Some(mut event) = message.event else {
                continue;
            };
            if is_old && event.said == Said::Note {
                continue;
            }
            event.is_new = !is_old;
            events.push(event);
        }
        let taken = ingest_on(self.cx, &account.source(), events, Occasion::Found).await?;
        now.has_left |= taken.notes_left > 0;
        // Notes that came before the first message are given again by the next look.
        if let (false, Some(end)) = (now.has_left, end) {
            now.reached = Reached::Message(end);
        }
        Ok(())
    }

    /// Remembers how far a conversation was read, and of what activity that is all.
    async fn note_read(
        &self,
        account: &Account,
        remote: &Conversation,
        now: &Progress,
        is_all: bool,
    ) -> Result<(), Failure> {
        let active_at = remote.last_activity_at.map(Timestamp::micros);
        let is_settled = |at: &i64| {
            let is_over = at + UNSETTLED_MICROS <= self.client.now();
            is_over && is_all && !now.has_left
        };
        let place = place_of(&account.id, &remote.thread);
        let link = Link {
            local_id: place.clone(),
            remote_id: place,
            rev: active_at.filter(is_settled),
            fingerprint: Some(now.reached.stored()),
            ..Link::default()
        };
        let put = self.client.link_put(THREAD, &link);
        self.client.batch(vec![put]).await?;
        Ok(())
    }

    /// The hundred messages after one, or the last ones; the oldest first.
    pub(super) async fn listed(
        &self,
        account: &Account,
        remote: &Conversation,
        after: Option<&str>,
    ) -> Result<Vec<Listed>, Failure> {
        let request = account.api.messages(&remote.thread, after);
        let read = self.ask(account, "messages", request).await?;
        let one = |message: common::json::raw::Object<'_>| {
            let created_at = moment(&message, "created_at").map_or(0, Timestamp::micros);
            Some(Listed {
                id: text(&message, "id")?,
                created_at,
                event: MessageEvent::listed(&message, remote),
            })
        };
        let messages = objects(&part(&read), "payload").into_iter();
        Ok(messages.filter_map(one).collect())
    }
}

/// How far a job has come with a conversation.
struct Progress {
    reached: Reached,
    /// Whether there were notes that could not be taken in yet.
    has_left: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_was_read_is_a_time_or_a_message() {
        for reached in [Reached::Since(5), Reached::Message("12".into())] {
            assert_eq!(Reached::of_stored(&reached.stored()), reached);
        }
        let message = |id: &str, created_at| Listed {
            id: id.to_owned(),
            created_at,
            event: None,
        };
        let read = Reached::Message("100".into());
        assert!(read.covers(&message("99", 9)) && read.covers(&message("100", 9)));
        assert!(!read.covers(&message("101", 0)));
        let since = Reached::Since(5);
        assert!(since.covers(&message("9", 4)) && !since.covers(&message("1", 5)));
    }
}
