//! Notes that people write on a lead there are notes of its customer's conversation here.

use super::api::{Activity, plain_text};
use super::sync::SyncContext;
use common::ids::CustomerId;
use common::json::tolerant::text;
use common::json::writer::JsonWriter;
use common::ports::Queue;
use crm::{Done, Failure, Link, NewJob, jobs_add};
use messaging::conversations::{MAX_NOTE_CHARS, NewNote, note_statements};

/// Leads that are looked through for new notes at once: a note does not say whose it is.
const MAX_LEADS: usize = 6;
/// Conversations of which these are found.
const MAX_BUSY: i64 = 12;

impl SyncContext<'_> {
    /// Finds new notes among those of the leads whose conversations are busy; gives the newest note's id.
    pub(super) async fn notes_changed(&self) -> Result<String, Failure> {
        let notes: Vec<Activity> = self.all("notes", self.api().notes()).await?;
        let number = |note: &Activity| note.id.parse::<u64>().unwrap_or_default();
        let newest = notes.iter().map(number).max().unwrap_or_default();
        let since: Option<u64> = self.client.cursor("notes").and_then(|id| id.parse().ok());
        let Some(since) = since else {
            return Ok(newest.to_string());
        };
        let is_new = |note: &&Activity| number(note) > since && note.mark.is_none();
        let mut new: Vec<_> = notes.iter().filter(is_new).collect();
        if !new.is_empty() {
            let busy = self.client.busy("lead", MAX_BUSY).await?;
            for link in busy.iter().take(MAX_LEADS) {
                let request = self.api().activities_of_lead(&link.remote_id);
                let of_lead: Vec<Activity> = self.all("activities of a lead", request).await?;
                let (own, others): (Vec<_>, Vec<_>) = new
                    .into_iter()
                    .partition(|note| of_lead.iter().any(|one| one.id == note.id));
                for note in own {
                    self.note_job(note, &link.local_id).await?;
                }
                new = others;
                if new.is_empty() {
                    break;
                }
            }
        }
        Ok(newest.max(since).to_string())
    }

    async fn note_job(&self, note: &Activity, customer: &str) -> Result<(), Failure> {
        let author = note.user.as_ref().map(|user| user.name.as_str());
        let detail = JsonWriter::default()
            .text("customer_id", customer)
            .maybe("author_id", note.user.as_ref().map(|user| user.id.as_str()))
            .maybe("author", author)
            .text("comment", note.comment.as_deref().unwrap_or_default())
            .finish();
        let job = NewJob {
            kind: "remote",
            subject: ["note:", &note.id].concat(),
            stream: customer.to_owned(),
            detail: Some(detail),
            ordered_at: self.client.now(),
            ..NewJob::default()
        };
        let connector = &self.client.integration.connector;
        self.client
            .batch(jobs_add(self.cx, connector, &[job])?)
            .await?;
        Ok(())
    }

    /// Writes a note of theirs to the customer's newest conversation, with its link or not at all.
    pub(super) async fn note(&self, id: &str) -> Result<Done, Failure> {
        if self.client.link_of_remote("note", id).await?.is_some() {
            return Ok(Done::Skipped("The note is there."));
        }
        let detail = self.job.detail_object();
        let customer = text(&detail, "customer_id").unwrap_or_default();
        let customer = CustomerId::unchecked(customer);
        let Some(conversation) = self.client.conversation_newest(&customer).await? else {
            return Ok(Done::Skipped("The customer has no conversation."));
        };
        let said = plain_text(&text(&detail, "comment").unwrap_or_default());
        let said: String = said.chars().take(MAX_NOTE_CHARS).collect();
        if said.is_empty() {
            return Ok(Done::Skipped("The note says nothing."));
        }
        let author = text(&detail, "author").unwrap_or_else(|| "Krayin".to_owned());
        let author = [&author, " (Krayin)"].concat();
        let author_id = text(&detail, "author_id");
        let note = NewNote {
            conversation_id: &conversation,
            author_id: author_id.as_deref(),
            author: Some(&author),
            content: &said,
        };
        let local_id = self.cx.ids.next();
        let mut statements = note_statements(self.cx, &local_id, &note);
        let link = Link {
            local_id,
            remote_id: id.to_owned(),
            ..Link::default()
        };
        statements.push(self.client.link_put("note", &link));
        self.client.batch(statements).await?;
        self.cx.wake(Queue::Events, self.cx.business_id());
        Ok(Done::Done)
    }
}
