//! Notes that agents wrote here are private messages there.

use super::SyncContext;
use super::account::Account;
use crate::api::NewMessage;
use crate::reading::{attributes, mark_of};
use common::ids::ConversationId;
use common::json::raw;
use common::json::tolerant::{objects, text};
use crm::local::NoteRow;
use crm::{Failure, Link};

/// Most notes that one job writes.
const MAX_NOTES: i64 = 5;

impl SyncContext<'_> {
    /// Writes the notes that are not there yet. Whether there were any.
    pub(super) async fn notes(
        &self,
        account: &Account,
        thread: &str,
        id: &ConversationId,
    ) -> Result<bool, Failure> {
        let notes = self.client.notes_unsent(id, MAX_NOTES).await?;
        let mut there = None;
        for note in &notes {
            // A try before this one may have written it.
            if self.job.may_be_done() && there.is_none() {
                there = Some(
                    self.ask(account, "messages", account.api.messages(thread, None))
                        .await?,
                );
            }
            let found = there.as_deref().and_then(|list| marked(list, &note.id));
            let remote_id = match found {
                Some(found) => found,
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
        Ok(!notes.is_empty())
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

/// The message of a list that has our mark of this note.
fn marked(list: &str, id: &str) -> Option<String> {
    let list = raw::part(list);
    let mut messages = objects(&list, "payload").into_iter();
    let is_it = |attributes: &str| mark_of(attributes).as_deref() == Some(id);
    let found = messages.find(|message| is_it(&attributes(message, "content_attributes")));
    text(&found?, "id")
}
