//! What changed there while no webhook told us: asked for every few minutes (kustomer.md §14.7).

use super::api::{APP, Page, Resource, Search, resources};
use super::webhook::{job_of, resource_json};
use super::{OURS, Way};
use crate::crm::sql::INTEGRATION_RECONCILED;
use crate::crm::{Done, Failure, cache_put, jobs_add, stream_of_remote};
use crate::db::Value;
use crate::json::written::Written;
use crate::time::{DAY, SECOND, Timestamp};

/// How far back it is looked beyond what was seen: their search lags.
const OVERLAP_MICROS: i64 = 300 * SECOND;
/// Pages of 500 that are read of one kind at once.
const MOST_PAGES: u32 = 4;

impl Way<'_> {
    /// Asks what changed, and makes jobs of it.
    pub(super) async fn reconcile(&self) -> Result<Done, Failure> {
        let now = self.desk.now();
        let from = self.desk.integration.reconciled_to.unwrap_or(now) - OVERLAP_MICROS;
        let since = Timestamp::from_micros(from);
        let mut seen = now;
        for search in [
            Search::messages_since(since),
            Search::conversations_since(since),
        ] {
            if let Some(until) = self.changed(&search).await? {
                seen = seen.min(until);
            }
        }
        self.check_webhook().await?;
        let params = vec![
            self.cx.business_id().into(),
            self.desk.integration.connector.as_str().into(),
            seen.into(),
            Value::from(now),
        ];
        self.desk.rows(INTEGRATION_RECONCILED.bind(params)).await?;
        Ok(Done::Done)
    }

    /// Up to when it got, where there was more than can be read at once.
    async fn changed(&self, search: &Search) -> Result<Option<i64>, Failure> {
        let mut last = None;
        for page in 1..=MOST_PAGES {
            let answered = self.ask("search", self.api.search(search, page)).await?;
            let Page { items, next } = resources(&answered, self.now())?;
            self.take_in(&items).await?;
            let updated = items.iter().filter_map(|item| item.time("updatedAt"));
            last = updated.map(Timestamp::micros).max().or(last);
            if next.is_none() || items.is_empty() {
                return Ok(None);
            }
        }
        Ok(last)
    }

    async fn take_in(&self, items: &[Resource]) -> Result<(), Failure> {
        let mut jobs = Vec::new();
        for theirs in items {
            let is_ours = theirs.text("app").as_deref() == Some(APP)
                || theirs
                    .text("externalId")
                    .is_some_and(|id| id.starts_with(OURS) && theirs.kind == "message")
                || (theirs.kind == "message" && theirs.text("direction").as_deref() != Some("out"));
            let kind = if theirs.kind == "message" {
                "message"
            } else {
                "conversation"
            };
            let known = if is_ours {
                None
            } else {
                self.is_news(kind, theirs).await?
            };
            let Some(name) = known else { continue };
            let event = Written::default()
                .text("id", &theirs.id)
                .text("name", name)
                .text("org", &self.desk.integration.remote_org)
                .json("data", &resource_json(theirs))
                .finish();
            let conversation = match kind {
                "message" => theirs.related("conversation"),
                _ => Some(theirs.id.clone()),
            };
            let customer = theirs.related("customer");
            let connector = &self.desk.integration.connector;
            let stream = stream_of_remote(
                self.cx,
                connector,
                conversation.as_deref(),
                customer.as_deref(),
            );
            jobs.push(job_of(
                theirs,
                &theirs.id,
                stream.await?,
                event,
                self.desk.now(),
            ));
        }
        if !jobs.is_empty() {
            let statements = jobs_add(self.cx, &self.desk.integration.connector, &jobs)?;
            self.desk.batch(statements).await?;
        }
        Ok(())
    }

    /// As which event it is news to us.
    async fn is_news(
        &self,
        kind: &'static str,
        theirs: &Resource,
    ) -> Result<Option<&'static str>, Failure> {
        let link = self.desk.link_of_remote(kind, &theirs.id).await?;
        Ok(match (kind, link) {
            ("message", None) => Some("kustomer.message.create"),
            ("conversation", Some(link)) if !super::people::is_older(theirs, &link) => {
                Some("kustomer.conversation.update")
            }
            _ => None,
        })
    }

    /// Whether their webhook still calls us, for the status to say.
    async fn check_webhook(&self) -> Result<(), Failure> {
        let Some(id) = &self.desk.integration.webhook_id else {
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
        let json = crate::json::written::quoted(state);
        cache_put(
            self.cx,
            &self.desk.integration.connector,
            "webhook",
            &json,
            DAY,
        )
        .await?;
        Ok(())
    }
}
