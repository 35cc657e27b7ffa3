//! What was written before an account was connected, one conversation after the other. Nobody is told of it.

use super::SyncContext;
use super::account::Account;
use super::messages::MAX_PAGES;
use crate::ingest::ingest_on;
use crate::webhook::Conversation;
use common::json::tolerant::text;
use crm::{Done, Failure, Link};
use messaging::messages::Occasion;

/// The kind of the links that say how far a conversation's history was read.
const HISTORY: &str = "history";
/// What stands in place of the last message that was read, where it was the last of all.
const END: &str = "end";
/// Before the first message.
const START: &str = "0";

/// How far the history of a conversation was read.
struct Progress {
    /// The backfill that it is of: another reads all of it again.
    run: String,
    after: String,
    /// Whether there were notes that could not be taken in yet.
    has_left: bool,
}

impl SyncContext<'_> {
    /// Reads what was written in a conversation before the account was connected.
    pub(super) async fn history(&self) -> Result<Done, Failure> {
        let (account, remote) = match self.to_read().await? {
            Ok(found) => found,
            Err(reason) => return Ok(Done::Skipped(reason)),
        };
        let mut progress = self.history_read().await?;
        let start = progress.after.clone();
        for _ in 0..MAX_PAGES {
            if progress.after == END {
                break;
            }
            self.history_page(&account, &remote, &mut progress).await?;
        }
        if progress.after != END {
            return Ok(Done::Deferred(self.client.now()));
        }
        let Some(id) = self.conversation_of(&account, &remote.thread).await? else {
            self.history_note(&progress).await?;
            return Ok(Done::Skipped("Nobody wrote in the conversation."));
        };
        if progress.has_left {
            // The conversation was not here when its first notes came, and is by now.
            progress.after = start;
            self.history_note(&progress).await?;
            return Ok(Done::Deferred(self.client.now()));
        }
        if let Some(conversation) = self.client.conversation(&id).await? {
            self.record(&account, &conversation, &remote).await?;
        }
        self.history_note(&progress).await?;
        Ok(Done::Done)
    }

    async fn history_read(&self) -> Result<Progress, Failure> {
        let run = text(&self.job.detail_object(), "run").unwrap_or_default();
        let link = self.client.link(HISTORY, &self.job.subject).await?;
        let stored = link.and_then(|link| link.fingerprint).unwrap_or_default();
        let (of, after) = stored.split_once(' ').unwrap_or_default();
        Ok(Progress {
            after: if of == run { after } else { START }.to_owned(),
            run,
            has_left: false,
        })
    }

    async fn history_page(
        &self,
        account: &Account,
        remote: &Conversation,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let page = self.listed(account, remote, Some(&progress.after)).await?;
        let after = match page.last() {
            Some(last) if last.created_at < account.since => last.id.clone(),
            _ => END.to_owned(),
        };
        let since = text(&self.job.detail_object(), "since");
        let since = since.and_then(|since| since.parse().ok()).unwrap_or(0);
        let is_of = |at: i64| (since..account.since).contains(&at);
        let events = page
            .into_iter()
            .filter(|message| is_of(message.created_at))
            .filter_map(|message| message.event);
        let (source, events) = (account.source(), events.collect());
        let taken = ingest_on(self.cx, &source, events, Occasion::History).await?;
        progress.has_left |= taken.notes_left > 0;
        let is_whole = after == END;
        progress.after = after;
        match progress.has_left || is_whole {
            true => Ok(()),
            false => self.history_note(progress).await,
        }
    }

    async fn history_note(&self, progress: &Progress) -> Result<(), Failure> {
        let link = Link {
            local_id: self.job.subject.clone(),
            remote_id: self.job.subject.clone(),
            fingerprint: Some([&progress.run, " ", progress.after.as_str()].concat()),
            ..Link::default()
        };
        let put = self.client.link_put(HISTORY, &link);
        self.client.batch(vec![put]).await?;
        Ok(())
    }
}
