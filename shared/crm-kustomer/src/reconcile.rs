//! Finds changes in Kustomer that no webhook reported, every few minutes (kustomer.md §14.7).

use super::OURS;
use super::api::{APP, Page, Resource, Search, resources};
use super::receive::{job_of, resource_json, subject_of};
use super::sync::SyncContext;
use common::db::Value;
use common::http::Error;
use common::json::writer::JsonWriter;
use common::time::{DAY, SECOND, Timestamp};
use crm::sql::{INTEGRATION_RECONCILED, LINKS_OF_REMOTE};
use crm::{Done, Failure, cache_put, jobs_add, stream_of_remote};

/// How far back it is looked beyond what was seen: their search lags.
pub(super) const OVERLAP_MICROS: i64 = 300 * SECOND;
/// Why nothing was asked for.
const MAY_NOT_SEARCH: &str =
    "The key may not search: what no webhook tells is not found. Add org.permission.search.create.";
/// Pages of 100 that are read of one kind at once.
const MAX_PAGES: u32 = 10;

impl SyncContext<'_> {
    /// Asks what changed, and makes jobs of it.
    pub(super) async fn reconcile(&self) -> Result<Done, Failure> {
        let now = self.client.now();
        let from = self.client.integration.reconciled_to.unwrap_or(now) - OVERLAP_MICROS;
        let since = Timestamp::from_micros(from);
        let mut seen = now;
        for search in [
            Search::customers_since(since),
            Search::messages_since(since),
            Search::conversations_since(since),
        ] {
            match self.changed(&search).await {
                // Where there is more, the next begins at its last, and not before it again.
                Ok(until) => seen = until.map_or(seen, |until| seen.min(until + OVERLAP_MICROS)),
                // Unreported changes are then not found; everything else continues.
                Err(Failure::Forbidden { .. }) => return Ok(Done::Skipped(MAY_NOT_SEARCH)),
                Err(failure) => return Err(failure),
            }
        }
        self.check_webhook().await?;
        let params = vec![
            self.cx.business_id().into(),
            self.client.integration.connector.as_str().into(),
            seen.into(),
        ];
        self.client
            .rows(INTEGRATION_RECONCILED.bind(params))
            .await?;
        Ok(Done::Done)
    }

    /// Up to when it got, where there was more than can be read at once.
    async fn changed(&self, search: &Search) -> Result<Option<i64>, Failure> {
        let mut last = None;
        for page in 1..=MAX_PAGES {
            let answered = self.ask("search", self.api.search(search, page)).await?;
            let Page { items, next } = resources(&answered, self.now())?;
            self.take_in(search, &items).await?;
            let updated = items.iter().filter_map(|item| item.time("updatedAt"));
            last = updated.map(Timestamp::micros).max().or(last);
            if next.is_none() || items.is_empty() {
                return Ok(None);
            }
        }
        Ok(last)
    }

    /// Creates jobs for unseen changes.
    async fn take_in(&self, search: &Search, items: &[Resource]) -> Result<(), Failure> {
        let kind = search.kind;
        let ids: Vec<_> = items.iter().map(|remote| remote.id.as_str()).collect();
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        let connector = self.client.integration.connector.as_str();
        let params = vec![
            self.cx.business_id().into(),
            connector.into(),
            kind.into(),
            ids.into(),
        ];
        let known = self.client.rows(LINKS_OF_REMOTE.bind(params)).await?;
        let mut jobs = Vec::new();
        for remote in items {
            let link = known
                .iter()
                .find(|row| row.first().and_then(Value::as_text) == Some(remote.id.as_str()));
            let rev = link.map(|row| row.get(2).and_then(Value::as_integer));
            let Some(name) = self.event_of(kind, remote, rev) else {
                continue;
            };
            let event = JsonWriter::default()
                .text("id", &remote.id)
                .text("name", name)
                .text("org", &self.client.integration.remote_org)
                .json("data", &resource_json(remote));
            // It was written since we last asked, and is no older one that was touched.
            let is_new = |at: Timestamp| at.micros() >= search.since.micros();
            let event = match remote.time("createdAt").is_some_and(is_new) {
                true => event.json("waited", "true").finish(),
                false => event.finish(),
            };
            let (conversation, customer) = subject_of(remote);
            let stream = stream_of_remote(
                self.cx,
                connector,
                conversation.as_deref(),
                customer.as_deref(),
            );
            let stream = stream.await?;
            jobs.push(job_of(remote, &remote.id, stream, event, self.client.now()));
        }
        if !jobs.is_empty() {
            let statements = jobs_add(self.cx, connector, &jobs)?;
            self.client.batch(statements).await?;
        }
        Ok(())
    }

    /// The event that an unseen change corresponds to. `known`: whether it is linked, and the last
    /// revision seen.
    fn event_of(
        &self,
        kind: &str,
        remote: &Resource,
        known: Option<Option<i64>>,
    ) -> Option<&'static str> {
        let us = self.client.integration.remote_user.as_deref();
        let is_newer = |rev: Option<i64>| match (remote.rev, rev) {
            (Some(remote), Some(known)) => remote > known,
            _ => true,
        };
        match (kind, known) {
            ("message", None) => {
                let is_ours = remote.text("app").as_deref() == Some(APP)
                    || remote
                        .text("externalId")
                        .is_some_and(|id| id.starts_with(OURS));
                let is_out = remote.text("direction").as_deref() == Some("out");
                (is_out && !is_ours).then_some("kustomer.message.create")
            }
            ("conversation" | "customer", Some(rev)) => {
                // Of a conversation the revision and what is known of it tell our own writing; who
                // changed it last says nothing of who did before.
                let is_ours = kind == "customer"
                    && us.is_some()
                    && remote.related("modifiedBy").as_deref() == us;
                let name = match kind {
                    "customer" => "kustomer.customer.update",
                    _ => "kustomer.conversation.update",
                };
                (is_newer(rev) && !is_ours).then_some(name)
            }
            _ => None,
        }
    }

    /// Whether their webhook still calls us, for the status to say.
    async fn check_webhook(&self) -> Result<(), Failure> {
        let Some(id) = &self.client.integration.webhook_id else {
            return Ok(());
        };
        let state = match self.find("webhook", self.api.webhook(id)).await {
            Ok(None) => "missing",
            Ok(Some(webhook))
                if webhook.at("enabled") == Some("false") || webhook.is_true("disabled") =>
            {
                "disabled"
            }
            Ok(Some(_)) => "active",
            Err(Failure::Forbidden { .. }) => "unknown",
            Err(failure) => return Err(failure),
        };
        let json = common::json::writer::quoted(state);
        cache_put(
            self.cx,
            &self.client.integration.connector,
            "webhook",
            &json,
            DAY,
        )
        .await?;
        Ok(())
    }
}
