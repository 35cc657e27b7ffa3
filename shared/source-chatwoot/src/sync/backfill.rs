//! What was there before accounts were connected: each conversation gets a job that reads it.
//!
//! Conversations are listed by when they began, so that what happens meanwhile moves nothing in front of where the
//! list was left. How far it was read is written with the jobs.

use super::account::Account;
use super::{CONNECTOR, SyncContext};
use crate::streams::{place_of, streams_of};
use crate::webhook::Conversation;
use common::db::Statement;
use common::json::raw::part;
use common::json::tolerant::{child, objects, text};
use common::json::writer::JsonWriter;
use common::time::{SECOND, Timestamp};
use crm::backfill::{BackfillCursor, BackfillLeft, backfill_put};
use crm::{Done, Failure, NewJob, integration_get, jobs_again};

/// No more jobs are made while so many wait.
const MAX_WAITING: i64 = 500;
/// After how long it is looked whether fewer wait.
const REST_MICROS: i64 = 10 * SECOND;
/// What stands in place of the next page of an account that was read.
const END: &str = "end";

impl SyncContext<'_> {
    /// Makes the jobs of the next page of conversations.
    pub(super) async fn backfill(&self) -> Result<Done, Failure> {
        let Some(integration) = integration_get(self.cx, CONNECTOR).await? else {
            return Ok(Done::Skipped("Nothing is connected."));
        };
        let Some(mut cursor) = BackfillCursor::of(&integration) else {
            return Ok(Done::Skipped("There is no backfill."));
        };
        if cursor.cursor >= cursor.until {
            return Ok(Done::Skipped("The backfill is complete."));
        }
        let now = self.client.now();
        let left = BackfillLeft::of(self.cx, CONNECTOR).await?;
        if left.waiting > MAX_WAITING {
            return Ok(Done::Deferred(now + REST_MICROS));
        }
        let before = integration.backfill.as_deref();
        let cursors = part(integration.cursors.as_deref().unwrap_or("{}"));
        for account in self.accounts().await? {
            let name = ["backfill:", account.id.as_str()].concat();
            let stored = cursors.text(&name).unwrap_or_default();
            let (of, page) = stored.split_once(' ').unwrap_or_default();
            let run = cursor.until.to_string();
            let page = match of == run {
                true if page == END => continue,
                true => page.parse().unwrap_or(1),
                false => 1,
            };
            let (mut statements, is_last) = self.page(&account, page, &mut cursor).await?;
            let next = match is_last {
                true => END.to_owned(),
                false => (page + 1).to_string(),
            };
            let next = [&run, " ", next.as_str()].concat();
            statements.push(self.client.cursors_put(&[(&name, &next)]));
            statements.push(backfill_put(self.cx, CONNECTOR, before, &cursor.written()));
            self.client.batch(statements).await?;
            return Ok(Done::Deferred(now));
        }
        cursor.cursor = cursor.until;
        cursor.total = cursor.scheduled;
        let put = backfill_put(self.cx, CONNECTOR, before, &cursor.written());
        self.client.batch(vec![put]).await?;
        Ok(Done::Done)
    }

    /// The statements that make the jobs of a page, and whether it was the last.
    async fn page(
        &self,
        account: &Account,
        page: u32,
        cursor: &mut BackfillCursor,
    ) -> Result<(Vec<Statement>, bool), Failure> {
        let request = account.api.conversations(page, true);
        let read = self.ask(account, "conversations", request).await?;
        let data = child(&part(&read), "data");
        if page == 1 {
            let all = text(&child(&data, "meta"), "all_count");
            cursor.total += all.and_then(|all| all.parse::<i64>().ok()).unwrap_or(0);
        }
        let all = objects(&data, "payload");
        let is_last = all.is_empty();
        let mut found = Vec::new();
        for one in all.iter().filter_map(Conversation::read) {
            let began = one.created_at.map_or(0, Timestamp::micros);
            cursor.cursor = cursor.cursor.max(began).min(cursor.until - 1);
            let active = one.last_activity_at.map_or(began, Timestamp::micros);
            let is_wanted = began < account.since
                && active >= cursor.since.unwrap_or(0)
                && account.source().takes(one.inbox_id.as_deref());
            match is_wanted {
                true => found.push((one, began)),
                false => cursor.total -= 1,
            }
        }
        cursor.scheduled += i64::try_from(found.len()).unwrap_or_default();
        if found.is_empty() {
            return Ok((Vec::new(), is_last));
        }
        let whose: Vec<_> = found
            .iter()
            .map(|(one, _)| (one.contact_id.as_deref(), Some(one.thread.as_str())))
            .collect();
        let streams = streams_of(self.cx, &account.source(), &whose).await?;
        let detail = JsonWriter::default().text("run", &cursor.until.to_string());
        let since = cursor.since.map(|since| since.to_string());
        let detail = detail.maybe("since", since.as_deref()).finish();
        let jobs = found
            .iter()
            .zip(streams)
            .map(|((one, began), stream)| NewJob {
                kind: "history",
                subject: place_of(&account.id, &one.thread),
                stream,
                detail: Some(detail.clone()),
                priority: 1,
                ordered_at: *began,
            });
        let jobs: Vec<_> = jobs.collect();
        Ok((jobs_again(self.cx, CONNECTOR, &jobs)?, is_last))
    }
}
