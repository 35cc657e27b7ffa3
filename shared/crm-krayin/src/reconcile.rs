//! Finds what people changed in Krayin: what changed last is read first, as far as it is not known.

use super::api::{Lead, PAGE, Person, Record};
use super::known::{KnownLead, KnownPerson, Theirs};
use super::receive::BUCKET_MICROS;
use super::sync::SyncContext;
use common::time::{SECOND, Timestamp};
use crm::{Done, Failure, Link, NewJob, jobs_add};

/// How far back is looked beyond what was seen, since times there are whole seconds and writes take some.
const OVERLAP_MICROS: i64 = 120 * SECOND;
/// Pages of a list that are read at once.
const MAX_PAGES: u32 = 5;

/// What is read, and the kind of its links here.
const PERSONS: (&str, &str) = ("contacts/persons", "customer");
const LEADS: (&str, &str) = ("leads", "lead");

impl SyncContext<'_> {
    /// What Krayin called us for, once a while is over in which it may call again.
    pub(super) async fn changes(&self, bucket: &str) -> Result<Done, Failure> {
        let bucket: i64 = bucket.parse().unwrap_or_default();
        let end = (bucket + 1) * BUCKET_MICROS;
        if self.client.now() < end {
            return Ok(Done::Deferred(end));
        }
        self.reconcile().await
    }

    /// Asks what changed, and makes jobs of it. The first time nothing is: what was there before is known
    /// where it is linked.
    pub(super) async fn reconcile(&self) -> Result<Done, Failure> {
        let persons = self.persons_changed().await?;
        let leads = self.leads_changed().await?;
        let notes = self.notes_changed().await?;
        let cursors = [("persons", persons), ("leads", leads), ("notes", notes)];
        let cursors = cursors.each_ref().map(|(name, at)| (*name, at.as_str()));
        let put = self.client.cursors_put(&cursors);
        self.client.batch(vec![put]).await?;
        Ok(Done::Done)
    }

    async fn persons_changed(&self) -> Result<String, Failure> {
        let (list, kind) = PERSONS;
        let (changed, cursor) = self
            .changed(list, "persons", |one: &Person| one.updated_at)
            .await?;
        for person in changed {
            let Some(link) = self.client.link_of_remote(kind, &person.id).await? else {
                continue;
            };
            let known = KnownPerson::of_stored(link.fingerprint.as_deref());
            // Our own writing, and what is known already.
            if known.is_none_or(|known| known.theirs != Theirs::of(&person)) {
                self.remote_job("person", &person.id, person.updated_at, &link)
                    .await?;
            }
        }
        Ok(cursor)
    }

    async fn leads_changed(&self) -> Result<String, Failure> {
        let (list, kind) = LEADS;
        let (changed, cursor) = self
            .changed(list, "leads", |one: &Lead| one.updated_at)
            .await?;
        for lead in changed {
            let Some(link) = self.client.link_of_remote(kind, &lead.id).await? else {
                continue;
            };
            let known = KnownLead::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
            let is_same = known.stage == lead.stage && known.pipeline == lead.pipeline;
            if !is_same || known.closed_at.is_some() != lead.closed_at.is_some() {
                self.remote_job("lead", &lead.id, lead.updated_at, &link)
                    .await?;
            }
        }
        Ok(cursor)
    }

    /// What changed since the cursor, and where the cursor is then. Where there is more than is read at
    /// once, the newest is taken: what is linked is compared whenever it changes again.
    async fn changed<R: Record>(
        &self,
        list: &str,
        cursor: &str,
        updated_at: fn(&R) -> Option<Timestamp>,
    ) -> Result<(Vec<R>, String), Failure> {
        let at = |one: &R| updated_at(one).map(Timestamp::micros).unwrap_or_default();
        let since: Option<i64> = self.client.cursor(cursor).and_then(|at| at.parse().ok());
        let from = since.map(|since| since - OVERLAP_MICROS);
        let (mut changed, mut newest) = (Vec::new(), since.unwrap_or_default());
        for page in 1..=MAX_PAGES {
            let request = self.api().changed(list, page);
            let found: Vec<R> = self.all("changes", request).await?;
            let count = found.len();
            newest = found.iter().map(at).max().unwrap_or_default().max(newest);
            let Some(from) = from else {
                break;
            };
            changed.extend(found.into_iter().filter(|one| at(one) >= from));
            // A page that is not full, or not all new, is the last.
            if count < PAGE || changed.len() < PAGE * page as usize {
                break;
            }
        }
        Ok((changed, newest.to_string()))
    }

    /// One for each time that a record changed, in order with what is done for its customer.
    async fn remote_job(
        &self,
        what: &str,
        id: &str,
        updated_at: Option<Timestamp>,
        link: &Link,
    ) -> Result<(), Failure> {
        let at = updated_at.map(Timestamp::micros).unwrap_or_default();
        let job = NewJob {
            kind: "remote",
            subject: format!("{what}:{id}:{at}"),
            stream: link.local_id.clone(),
            ordered_at: self.client.now(),
            ..NewJob::default()
        };
        let connector = &self.client.integration.connector;
        self.client
            .batch(jobs_add(self.cx, connector, &[job])?)
            .await?;
        Ok(())
    }
}
