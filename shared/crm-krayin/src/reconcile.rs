//! Finds what people changed in Krayin: lists are read from what changed last back to what is known.

use super::api::{Lead, PAGE, Person, Record};
use super::known::{KnownLead, KnownPerson, Theirs};
use super::receive::BUCKET_MICROS;
use super::sync::SyncContext;
use common::json::raw::{Object, part};
use common::ports::OutboundRequest;
use common::time::{SECOND, Timestamp};
use crm::{Done, Failure, Link, NewJob, integration_get, jobs_add};

/// How far back is looked beyond what was seen, since times there are whole seconds and writes take some.
const OVERLAP_MICROS: i64 = 120 * SECOND;
/// Pages of a list that are read at once.
const MAX_PAGES: u32 = 5;
/// Pages of a list that are read at all: a server that knows no pages would tell the first for ever.
const LAST_PAGE: u32 = 400;
/// After how long it is read on where there is more.
const REST_MICROS: i64 = SECOND;

/// A list of records that change.
struct List<R> {
    /// Its path.
    path: &'static str,
    /// The name of its cursor.
    cursor: &'static str,
    /// What its records are called in jobs.
    what: &'static str,
    /// The kind of their links here.
    kind: &'static str,
    id: fn(&R) -> &str,
    updated_at: fn(&R) -> Option<Timestamp>,
    /// Whether a record is as it is known: by our own writing, or read already.
    is_known: fn(&R, &Link) -> bool,
}

static PERSONS: List<Person> = List {
    path: "contacts/persons",
    cursor: "persons",
    what: "person",
    kind: "customer",
    id: |person| &person.id,
    updated_at: |person| person.updated_at,
    is_known: |person, link| {
        let known = KnownPerson::of_stored(link.fingerprint.as_deref());
        known.is_some_and(|known| known.theirs == Theirs::of(person))
    },
};

static LEADS: List<Lead> = List {
    path: "leads",
    cursor: "leads",
    what: "lead",
    kind: "lead",
    id: |lead| &lead.id,
    updated_at: |lead| lead.updated_at,
    is_known: |lead, link| {
        let known = KnownLead::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
        let is_closed = known.closed_at.is_some();
        let is_same = known.stage == lead.stage && known.pipeline == lead.pipeline;
        is_same && is_closed == lead.closed_at.is_some()
    },
};

/// How far a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Up to where all is known; nothing where it was never read.
    since: Option<i64>,
    /// Where that is once what is being read has been.
    newest: i64,
    /// The page that was read last, where there are more.
    page: Option<u32>,
}

impl Position {
    fn of_stored(stored: Option<&str>) -> Self {
        let mut parts = stored.unwrap_or_default().split(' ');
        let since: Option<i64> = parts.next().and_then(|since| since.parse().ok());
        let newest = parts.next().and_then(|newest| newest.parse().ok());
        Self {
            since,
            newest: newest.or(since).unwrap_or_default(),
            page: parts.next().and_then(|page| page.parse().ok()),
        }
    }

    pub(super) fn stored(self) -> String {
        match (self.since, self.page) {
            (Some(since), Some(page)) => format!("{since} {} {page}", self.newest),
            _ => self.newest.to_string(),
        }
    }

    /// Whether there is no more to read.
    pub(super) fn is_over(self) -> bool {
        self.page.is_none()
    }
}

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
        // Not as it was when the run began: the try before may have been of the same run.
        let integration = integration_get(self.cx, &self.client.integration.connector).await?;
        let cursors = integration.and_then(|integration| integration.cursors);
        let cursors = part(cursors.as_deref().unwrap_or("{}"));
        let (_, has_persons) = self.changed(&cursors, &PERSONS).await?;
        let (leads, has_leads) = self.changed(&cursors, &LEADS).await?;
        let has_notes = self.notes_changed(&cursors, &leads).await?;
        Ok(match has_persons && has_leads && has_notes {
            true => Done::Done,
            false => Done::Deferred(self.client.now() + REST_MICROS),
        })
    }

    /// Reads on in a list, and makes jobs of what changed. Gives the links of what was read, and whether that was all.
    async fn changed<R: Record>(
        &self,
        cursors: &Object<'_>,
        list: &List<R>,
    ) -> Result<(Vec<Link>, bool), Failure> {
        let at = |one: &R| (list.updated_at)(one).map_or(0, Timestamp::micros);
        let request = |page| self.api().changed(list.path, page);
        let stored = cursors.text(list.cursor);
        let (changed, position) = self
            .read_on(stored.as_deref(), OVERLAP_MICROS, request, at)
            .await?;
        let ids: Vec<_> = changed.iter().map(list.id).collect();
        let links = self.client.links_of_remote(list.kind, &ids).await?;
        let link_of = |one: &R| links.iter().find(|link| link.remote_id == (list.id)(one));
        let unknown = changed.iter().filter_map(|one| {
            let link = link_of(one).filter(|link| !(list.is_known)(one, link))?;
            Some((one, link))
        });
        // One for each time that a record changed, in order with what is done for its customer.
        let jobs: Vec<_> = unknown
            .map(|(one, link)| NewJob {
                kind: "remote",
                subject: format!("{}:{}:{}", list.what, (list.id)(one), at(one)),
                stream: link.local_id.clone(),
                ordered_at: self.client.now(),
                ..NewJob::default()
            })
            .collect();
        self.found(&jobs, &[(list.cursor, &position.stored())])
            .await?;
        Ok((links, position.is_over()))
    }

    /// Makes jobs of what was read, and remembers how far that was, both or neither.
    pub(super) async fn found(
        &self,
        jobs: &[NewJob],
        cursors: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let connector = &self.client.integration.connector;
        let mut statements = jobs_add(self.cx, connector, jobs)?;
        statements.push(self.client.cursors_put(cursors));
        self.client.batch(statements).await?;
        Ok(())
    }

    /// What came to a list since it was read, less `overlap`, and how far it is read then. What comes while it is read
    /// in several goes stands at its front, and is found the next time.
    pub(super) async fn read_on<R: Record>(
        &self,
        stored: Option<&str>,
        overlap: i64,
        request: impl Fn(u32) -> OutboundRequest,
        at: impl Fn(&R) -> i64,
    ) -> Result<(Vec<R>, Position), Failure> {
        let mut position = Position::of_stored(stored);
        // The page that was last again: what is deleted moves what is behind it up.
        let first = position.page.unwrap_or(1);
        let mut changed = Vec::new();
        for page in first..first + MAX_PAGES {
            let found: Vec<R> = self.all("changes", request(page)).await?;
            let newest = found.iter().map(&at).max().unwrap_or_default();
            position.newest = newest.max(position.newest);
            let from = position.since.map(|since| since - overlap);
            let is_new = |one: &R| from.is_some_and(|from| at(one) >= from);
            let is_last = found.len() < PAGE || !found.iter().all(is_new) || page >= LAST_PAGE;
            changed.extend(found.into_iter().filter(is_new));
            position.page = (!is_last).then_some(page);
            if is_last {
                break;
            }
        }
        Ok((changed, position))
    }
}
