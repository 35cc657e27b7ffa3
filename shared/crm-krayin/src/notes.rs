//! Notes that people write on a lead there are notes of its customer's conversation here.

use super::api::{Activity, Refusal, plain_text};
use super::sync::SyncContext;
use common::ids::CustomerId;
use common::json::raw::Object;
use common::json::tolerant::text;
use common::json::writer::JsonWriter;
use common::ports::Queue;
use crm::{Done, Failure, Link, NewJob};
use messaging::conversations::{MAX_NOTE_CHARS, NewNote, note_statements};
use std::cmp::Reverse;

/// Leads that are looked through for notes at once: a note does not say whose it is.
const MAX_LEADS: usize = 6;
/// Conversations of which these are found.
const MAX_BUSY: i64 = 100;
/// How often a note is looked for, each time at further leads.
const MAX_ROUNDS: u32 = 10;
/// Notes that are looked for so at once.
const MAX_KEPT: usize = 100;

/// Notes of which nobody knows whose they are.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    /// Where among the leads the next look begins.
    next: usize,
    /// Each with how often it is looked for yet.
    notes: Vec<(u64, u32)>,
}

impl Kept {
    /// Reads `next id:rounds id:rounds …`.
    fn of_stored(stored: &str) -> Self {
        let (next, notes) = stored.split_once(' ').unwrap_or((stored, ""));
        let note = |note: &str| {
            let (id, rounds) = note.split_once(':')?;
            Some((id.parse().ok()?, rounds.parse().ok()?))
        };
        Self {
            next: next.parse().unwrap_or_default(),
            notes: notes.split(' ').filter_map(note).collect(),
        }
    }

    fn stored(&self) -> String {
        let notes = self.notes.iter();
        let notes = notes.map(|(id, rounds)| format!(" {id}:{rounds}"));
        [self.next.to_string()].into_iter().chain(notes).collect()
    }

    fn has(&self, id: u64) -> bool {
        self.notes.iter().any(|(known, _)| *known == id)
    }

    fn add(&mut self, new: &[u64]) {
        self.notes.extend(new.iter().map(|id| (*id, MAX_ROUNDS)));
    }

    /// Takes a note out, where it is among them.
    fn take(&mut self, id: u64) -> bool {
        let at = self.notes.iter().position(|(known, _)| *known == id);
        at.map(|at| self.notes.remove(at)).is_some()
    }

    /// Counts a look at the next of so many leads, which found whose the others are. Of too many the newest are kept.
    fn look(&mut self, leads: usize) {
        for (_, rounds) in &mut self.notes {
            *rounds = rounds.saturating_sub(1);
        }
        self.notes.retain(|(_, rounds)| *rounds > 0);
        self.notes.sort_unstable_by_key(|(id, _)| Reverse(*id));
        self.notes.truncate(MAX_KEPT);
        self.next += MAX_LEADS;
        if self.next >= leads || self.notes.is_empty() {
            self.next = 0;
        }
    }
}

fn number(note: &Activity) -> u64 {
    note.id.parse().unwrap_or_default()
}

impl SyncContext<'_> {
    /// Reads on in the notes and finds whose they are: among leads that changed just now, those whose conversations are
    /// busy and, for a note that was of none of these, further ones each time. Whether all were read.
    pub(super) async fn notes_changed(
        &self,
        cursors: &Object<'_>,
        changed: &[Link],
    ) -> Result<bool, Failure> {
        let stored = cursors.text("notes");
        let at = |note: &Activity| i64::try_from(number(note)).unwrap_or_default();
        let request = |page| self.api().notes(page);
        // What is behind the last id, and not that itself.
        let (read, position) = self.read_on(stored.as_deref(), -1, request, at).await?;
        let mut kept = Kept::of_stored(&cursors.text("notes_kept").unwrap_or_default());
        let new = read.iter().filter(|note| note.mark.is_none()).map(number);
        let new: Vec<_> = new.filter(|id| !kept.has(*id)).collect();
        let mut jobs = Vec::new();
        if !new.is_empty() || !kept.notes.is_empty() {
            let busy = self.client.busy("lead", MAX_BUSY).await?;
            let mut leads: Vec<_> = busy.iter().skip(kept.next).take(MAX_LEADS).collect();
            if !new.is_empty() {
                leads.extend(changed.iter().take(MAX_LEADS));
                leads.extend(busy.iter().take(MAX_LEADS));
            }
            kept.add(&new);
            self.notes_of(&leads, &mut kept, &mut jobs).await?;
            kept.look(busy.len());
        }
        let (notes, kept) = (position.stored(), kept.stored());
        let cursors = [("notes", notes.as_str()), ("notes_kept", kept.as_str())];
        self.found(&jobs, &cursors).await?;
        Ok(position.is_over())
    }

    /// Makes jobs of those of the notes which are of these leads.
    async fn notes_of(
        &self,
        leads: &[&Link],
        kept: &mut Kept,
        jobs: &mut Vec<NewJob>,
    ) -> Result<(), Failure> {
        let mut looked: Vec<&str> = Vec::new();
        for link in leads {
            if kept.notes.is_empty() {
                break;
            }
            if looked.contains(&link.remote_id.as_str()) {
                continue;
            }
            looked.push(&link.remote_id);
            let request = self.api().activities_of_lead(&link.remote_id);
            let of_lead: Vec<Activity> = match self.all("activities of a lead", request).await {
                Ok(of_lead) => of_lead,
                Err(Refusal::Failed(Failure::NotFound)) => continue,
                Err(refusal) => return Err(refusal.into()),
            };
            let own = of_lead.iter().filter(|note| kept.take(number(note)));
            jobs.extend(own.map(|note| self.note_job(note, &link.local_id)));
        }
        Ok(())
    }

    fn note_job(&self, note: &Activity, customer: &str) -> NewJob {
        let author = note.user.as_ref().map(|user| user.name.as_str());
        let detail = JsonWriter::default()
            .text("customer_id", customer)
            .maybe("author_id", note.user.as_ref().map(|user| user.id.as_str()))
            .maybe("author", author)
            .text("comment", note.comment.as_deref().unwrap_or_default())
            .finish();
        NewJob {
            kind: "remote",
            subject: ["note:", &note.id].concat(),
            stream: customer.to_owned(),
            detail: Some(detail),
            ordered_at: self.client.now(),
            ..NewJob::default()
        }
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
