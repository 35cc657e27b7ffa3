//! Notes that agents wrote here are private messages there.

use super::SyncContext;
use super::account::Account;
use super::sql::SOURCE_MESSAGE_BEFORE;
use crate::api::NewMessage;
use crate::reading::{attributes, mark_of};
use common::db::Columns;
use common::ids::ConversationId;
use common::json::raw;
use common::json::tolerant::{objects, text};
use crm::local::NoteRow;
use crm::{Failure, Link};
use std::collections::HashMap;

/// Most notes that one try of a job writes.
const MAX_NOTES: i64 = 5;

/// What came of writing notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notes {
    /// There were none.
    None,
    Written,
    /// There may be more.
    Left,
}

impl SyncContext<'_> {
    /// Writes the notes that are not there yet.
    pub(super) async fn notes(
        &self,
        account: &Account,
        thread: &str,
        id: &ConversationId,
    ) -> Result<Notes, Failure> {
        let notes = self.client.notes_unsent(id, MAX_NOTES).await?;
        let mut there = None;
        for note in &notes {
            // A try before this one may have written it, and any behind it.
            if self.job.may_be_done() && there.is_none() {
                there = Some(self.marked_since(account, thread, (id, note)).await?);
            }
            let found = there.as_ref().and_then(|there| there.get(&note.id));
            let remote_id = match found {
                Some(found) => found.clone(),
                None => self.note(account, thread, note).await?,
            };
            let link = Link {
                local_id: note.id.clone(),
                // Two servers may give the same id.
                remote_id: [account.id.as_str(), "/", &remote_id].concat(),
                ..Link::default()
            };
            let put = self.client.link_put("note", &link);
            self.client.batch(vec![put]).await?;
        }
        Ok(match i64::try_from(notes.len()) {
            Ok(0) => Notes::None,
            Ok(written) if written < MAX_NOTES => Notes::Written,
            _ => Notes::Left,
        })
    }

    /// Which messages of a conversation have marks of ours, each mark with their id, from a note of ours on: behind the
    /// last message that was here before the note was.
    async fn marked_since(
        &self,
        account: &Account,
        thread: &str,
        (id, note): (&ConversationId, &NoteRow),
    ) -> Result<HashMap<String, String>, Failure> {
        let params = vec![
            self.cx.business_id().into(),
            id.into(),
            note.id.as_str().into(),
        ];
        let rows = self.client.rows(SOURCE_MESSAGE_BEFORE.bind(params)).await?;
        let last = rows
            .first()
            .map(|row| Columns::of(row).text("provider_id"))
            .transpose()?;
        let mut after = last.unwrap_or_else(|| "0".to_owned());
        let mut marked = HashMap::new();
        loop {
            let request = account.api.messages(thread, Some(&after));
            let read = self.ask(account, "messages", request).await?;
            let mut end = None;
            for message in objects(&raw::part(&read), "payload") {
                end = text(&message, "id");
                let mark = mark_of(&attributes(&message, "content_attributes"));
                marked.extend(mark.zip(end.clone()));
            }
            match end {
                Some(end) if end != after => after = end,
                _ => return Ok(marked),
            }
        }
    }

    async fn note(
        &self,
        account: &Account,
        thread: &str,
        note: &NoteRow,
    ) -> Result<String, Failure> {
        // All notes of ours are written by one user there.
        let said = [&note.author, ": ", &note.content].concat();
        let message = NewMessage {
            id: &note.id,
            text: &said,
            is_private: true,
            in_reply_to: None,
        };
        let body = ("application/json", message.json().into_bytes());
        let request = account.api.message_create(thread, body);
        let made = self.ask(account, "write note", request).await?;
        text(&raw::part(&made), "id").ok_or_else(|| Failure::Unclear {
            message: "Chatwoot took the note and gave no id.".to_owned(),
        })
    }
}
