//! Messages of the past in bulk (kustomer.md §11): one request for up to a hundred, of which Kustomer
//! makes a job. Meanwhile the stream waits, and its jobs find the results when they come again. What a
//! bulk request does not make is written alone, so that each failure has its own place.

use super::api::{bulk_results, resource};
use super::sync::SyncContext;
use super::words::message_key;
use common::ids::{ConversationId, CustomerId};
use common::json::raw::{Object, integer, items, object, text};
use common::json::writer::{JsonWriter, quoted};
use common::time::{DAY, SECOND};
use crm::local::MessageRow;
use crm::{Done, Failure, Job, Link, Outcome, cache_get, cache_put};

/// Items of a request, and fewer than which are written alone: a job takes three requests itself.
const MAX_ITEMS: usize = 100;
const MIN_ITEMS: usize = 4;
/// Most bytes of a request's items; Kustomer takes 100 kB (kustomer.md §5).
const MAX_BYTES: usize = 90_000;
/// How long a job is asked about, and how long at least and at most until it is asked about again.
const MAX_AGE_MICROS: i64 = 3600 * SECOND;
const WAIT_MICROS: (i64, i64) = (2 * SECOND, 10 * SECOND);
/// No job of Kustomer's.
const NO_JOB: &str = "000000000000000000000000";
/// Where it is remembered whether the key may read jobs.
const MAY_READ: &str = "bulk";

/// How many jobs go together. Kustomer promises no order within a request, and what is live has one.
pub(super) fn several(job: &Job) -> usize {
    match job.kind == "message" && job.priority > 0 {
        true => MAX_ITEMS,
        false => 1,
    }
}

/// A job of Kustomer's that was not complete when it was last asked about.
struct Pending {
    id: String,
    /// When it was made, in microseconds.
    at: i64,
    /// Our messages.
    messages: Vec<String>,
}

impl Pending {
    fn read(json: &str) -> Option<Self> {
        let stored: Object<'_> = object(json)?;
        Some(Self {
            id: text(stored.get("id")?)?,
            at: integer(stored.get("at")?)?.parse().ok()?,
            messages: items(stored.get("messages")?)
                .into_iter()
                .filter_map(text)
                .collect(),
        })
    }

    fn written(&self) -> String {
        let messages: Vec<_> = self.messages.iter().map(|id| quoted(id)).collect();
        JsonWriter::default()
            .text("id", &self.id)
            .json("at", &self.at.to_string())
            .json("messages", &["[", &messages.join(","), "]"].concat())
            .finish()
    }
}

impl SyncContext<'_> {
    /// Does the jobs of messages of one customer.
    pub(super) async fn messages_in_bulk(&self, jobs: &[Job]) -> Result<Vec<Outcome>, Failure> {
        let ids: Vec<_> = jobs.iter().map(|job| job.subject.as_str()).collect();
        let messages = self.client.messages(&ids).await?;
        let alone = || jobs.iter().map(|_| None).collect();
        let Some((_, first)) = messages.first() else {
            return Ok(alone());
        };
        let place = ["bulk:", first.customer_id.as_str()].concat();
        let connector = &self.client.integration.connector;
        let pending = cache_get(self.cx, connector, &place).await?;
        if let Some(pending) = pending.as_deref().and_then(Pending::read) {
            return self.bulk_continued(jobs, &place, &pending).await;
        }
        let unsent =
            |(is_linked, row): &&(bool, MessageRow)| !is_linked && row.attachments.is_empty();
        let rows: Vec<_> = messages.iter().filter(unsent).map(|(_, row)| row).collect();
        if rows.len() < MIN_ITEMS || !self.may_read_jobs().await? {
            return Ok(alone());
        }
        let (written, sent) = self.bulk_items(&rows).await?;
        if written.len() < MIN_ITEMS {
            return Ok(alone());
        }
        let request = self.api.messages_create(&written);
        let made = match self.one("messages in bulk", request).await {
            // One of them, or all: alone they tell which, and why.
            Err(Failure::Forbidden { .. } | Failure::Invalid { .. } | Failure::Conflict { .. }) => {
                return Ok(alone());
            }
            made => made?,
        };
        let pending = Pending {
            id: made.id,
            at: self.client.now(),
            messages: sent,
        };
        cache_put(self.cx, connector, &place, &pending.written(), DAY).await?;
        Ok(vec![Some(Ok(Done::Deferred(pending.at + WAIT_MICROS.0)))])
    }

    /// Items of messages, as many as a request takes, and whose they are.
    async fn bulk_items(
        &self,
        rows: &[&MessageRow],
    ) -> Result<(Vec<String>, Vec<String>), Failure> {
        let mut places: Vec<(&ConversationId, Option<String>)> = Vec::new();
        let (mut written, mut sent, mut bytes) = (Vec::new(), Vec::new(), 0);
        for row in rows {
            let known = places.iter().find(|(id, _)| **id == row.conversation_id);
            let place = match known {
                Some((_, place)) => place.clone(),
                None => {
                    let place = self
                        .place_of(&row.customer_id, &row.conversation_id)
                        .await?;
                    places.push((&row.conversation_id, place.clone()));
                    place
                }
            };
            let Some(place) = place else { continue };
            let message = self.message_of(row, &message_key(&row.id)).await?;
            let item = message.bulk_item(&place, row.id.as_str());
            bytes += item.len() + 1;
            if bytes > MAX_BYTES {
                break;
            }
            written.push(item);
            sent.push(row.id.to_string());
        }
        Ok((written, sent))
    }

    /// Their conversation of one of ours; none of one that is not to be there.
    async fn place_of(
        &self,
        customer: &CustomerId,
        conversation: &ConversationId,
    ) -> Result<Option<String>, Failure> {
        let customer = self.client.customer(customer).await?;
        let conversation = self.client.conversation(conversation).await?;
        let (Some(customer), Some(conversation)) = (customer, conversation) else {
            return Ok(None);
        };
        if self.refusal(&customer, &conversation).is_some() {
            return Ok(None);
        }
        let place = self.ensure_conversation(&customer, &conversation).await?;
        Ok(Some(place))
    }

    /// Asks about a job, and links what it made.
    async fn bulk_continued(
        &self,
        jobs: &[Job],
        place: &str,
        pending: &Pending,
    ) -> Result<Vec<Outcome>, Failure> {
        let age = self.client.now() - pending.at;
        let status = match self.find("bulk job", self.api.bulk(&pending.id)).await {
            Err(Failure::Forbidden { .. } | Failure::Invalid { .. }) => None,
            found => found?.and_then(|job| job.text("status")),
        };
        let is_complete = status.as_deref() == Some("complete");
        if status.is_some() && !is_complete && age < MAX_AGE_MICROS {
            let wait = (age / 2).clamp(WAIT_MICROS.0, WAIT_MICROS.1);
            let due = self.client.now() + wait;
            return Ok(vec![Some(Ok(Done::Deferred(due)))]);
        }
        let mut results = Vec::new();
        if is_complete {
            let batches = self.api.bulk_batches(&pending.id);
            results = bulk_results(&self.ask("bulk results", batches).await?, self.now())?;
        }
        let id_of = |message: &str| {
            let found = results.iter().find(|(reference, _)| reference == message);
            found.and_then(|(_, id)| id.clone())
        };
        let mut links = Vec::new();
        for message in &pending.messages {
            links.extend(id_of(message).map(|remote_id| {
                let link = Link {
                    local_id: message.clone(),
                    remote_id,
                    ..Link::default()
                };
                self.client.link_put("message", &link)
            }));
        }
        if !links.is_empty() {
            self.client.batch(links).await?;
        }
        cache_put(
            self.cx,
            &self.client.integration.connector,
            place,
            "null",
            1,
        )
        .await?;
        let is_of_it = |job: &Job| pending.messages.contains(&job.subject);
        let count = jobs.iter().rposition(is_of_it).map_or(1, |last| last + 1);
        let outcome = |job: &Job| {
            let id = id_of(&job.subject);
            // Alone it tells why it was refused, or that it is there.
            id.map(|_| Ok(Done::Done))
        };
        Ok(jobs.iter().take(count).map(outcome).collect())
    }

    /// Whether the key may read jobs, which is asked once a day: what is made without may not be found.
    async fn may_read_jobs(&self) -> Result<bool, Failure> {
        let connector = &self.client.integration.connector;
        if let Some(known) = cache_get(self.cx, connector, MAY_READ).await? {
            return Ok(known == "true");
        }
        let answered = self.ask("bulk job", self.api.bulk(NO_JOB)).await?;
        let may = match resource(&answered, self.now()) {
            Ok(_) | Err(Failure::NotFound) => "true",
            Err(Failure::Forbidden { .. } | Failure::Invalid { .. }) => "false",
            Err(failure) => return Err(failure),
        };
        cache_put(self.cx, connector, MAY_READ, may, DAY).await?;
        Ok(may == "true")
    }
}
