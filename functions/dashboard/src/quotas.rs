//! What a business may have of each thing, and has.

use crate::sql::{BUSINESS_EXISTS, QUOTA_CLEAR, QUOTA_SET, QUOTAS_SET, USAGE};
use access::quota::{Quota, day_of};
use common::context::Context;
use common::db::{Columns, Row, Rows, next_rows};
use common::http::input::{Expected, Input, number};
use common::http::{Error, Kind};
use common::json::raw;
use serde::Serialize;
use std::collections::HashMap;

/// Most endpoints that `dashboard-webhooks` makes, whatever the quota.
const MAX_ENDPOINTS: i64 = 50;
const LIMIT: Expected = Expected::new("integer_or_null", "a whole number from 0, or null");

/// What to change of the quotas of a business. What is absent stays, null is the default again.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct QuotaChange {
    /// The business.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub business_id: String,
    /// Channel accounts; 5,000 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u64>"))]
    pub channels: Option<Option<i64>>,
    /// Endpoints of webhooks; 50 by default, and at most.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u64>", range(max = MAX_ENDPOINTS)))]
    pub webhooks: Option<Option<i64>>,
    /// API keys that are not revoked; 1,000 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u64>"))]
    pub api_keys: Option<Option<i64>>,
    /// Bytes of files; 50 GiB by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u64>"))]
    pub stored_bytes: Option<Option<i64>>,
    /// Messages that are sent on one day, UTC; 100,000 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u64>"))]
    pub messages_per_day: Option<Option<i64>>,
}

impl QuotaChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let mut known = vec!["business_id"];
        known.extend(Quota::ALL.map(Quota::name));
        let input = Input::read(body, &known)?;
        let limit = |quota: Quota| input.optional(quota.name(), LIMIT, limit_or_null);
        let at_most = Expected::new("0_to_50_or_null", "a whole number from 0 to 50, or null");
        let endpoints = |json: &str| {
            limit_or_null(json).filter(|limit| limit.is_none_or(|n| n <= MAX_ENDPOINTS))
        };
        Ok(Self {
            business_id: input.required("business_id", Expected::TEXT, raw::text)?,
            channels: limit(Quota::Channels)?,
            webhooks: input.optional(Quota::Webhooks.name(), at_most, endpoints)?,
            api_keys: limit(Quota::ApiKeys)?,
            stored_bytes: limit(Quota::StoredBytes)?,
            messages_per_day: limit(Quota::MessagesPerDay)?,
        })
    }

    fn of(&self, quota: Quota) -> Option<Option<i64>> {
        match quota {
            Quota::Channels => self.channels,
            Quota::Webhooks => self.webhooks,
            Quota::ApiKeys => self.api_keys,
            Quota::StoredBytes => self.stored_bytes,
            Quota::MessagesPerDay => self.messages_per_day,
        }
    }
}

fn limit_or_null(json: &str) -> Option<Option<i64>> {
    match json {
        "null" => Some(None),
        json => number(json).filter(|n| *n >= 0).map(Some),
    }
}

/// A quota and what is used of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaUsage {
    /// The most that the business may have.
    pub limit: i64,
    /// What it has.
    pub used: i64,
    /// Whether it has more than it may: what comes in is never refused, and a quota may be lowered.
    pub exceeded: bool,
}

/// Messages of this day, UTC.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageUsage {
    /// The most that the business may send.
    pub limit: i64,
    /// What it has sent.
    pub used: i64,
    /// What it has received. It is never refused.
    pub received: i64,
    /// Whether more came in, or went out, than may be sent.
    pub exceeded: bool,
}

/// The quotas of a business.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quotas {
    /// Channel accounts.
    pub channels: QuotaUsage,
    /// Endpoints of webhooks.
    pub webhooks: QuotaUsage,
    /// API keys that are not revoked.
    pub api_keys: QuotaUsage,
    /// Bytes of files.
    pub stored_bytes: QuotaUsage,
    /// Messages of this day, UTC.
    pub messages_per_day: MessageUsage,
}

/// A business's quotas and usage.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaReport {
    /// The business.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub business_id: String,
    /// Its quotas.
    pub quotas: Quotas,
}

/// `GET quotas` (session)
///
/// 1. Answers with each quota and what is used of it.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn quotas_get(cx: &Context<'_>) -> Result<QuotaReport, Error> {
    // 1.
    let business = cx.business_id();
    let statements = vec![
        QUOTAS_SET.bind(vec![business.into()]),
        USAGE.bind(vec![business.into(), day_of(cx.now).into()]),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let set = by_kind(&next_rows(&mut results)?)?;
    let used = by_kind(&next_rows(&mut results)?)?;
    let limit = |quota: Quota| {
        let set = set.get(quota.name()).copied();
        set.unwrap_or(quota.default())
    };
    let count = |kind: &str| used.get(kind).copied().unwrap_or(0);
    let usage = |quota: Quota| {
        let (limit, used) = (limit(quota), count(quota.name()));
        QuotaUsage {
            limit,
            used,
            exceeded: used > limit,
        }
    };
    let (most, sent, received) = (
        limit(Quota::MessagesPerDay),
        count("sent"),
        count("received"),
    );
    Ok(QuotaReport {
        business_id: business.to_owned(),
        quotas: Quotas {
            channels: usage(Quota::Channels),
            webhooks: usage(Quota::Webhooks),
            api_keys: usage(Quota::ApiKeys),
            stored_bytes: usage(Quota::StoredBytes),
            messages_per_day: MessageUsage {
                limit: most,
                used: sent,
                received,
                exceeded: sent.max(received) > most,
            },
        },
    })
}

fn by_kind(rows: &Rows) -> Result<HashMap<String, i64>, Error> {
    let pair = |row: &Row| {
        let mut columns = Columns::of(row);
        Ok((columns.text("kind")?, columns.integer("n")?))
    };
    rows.iter().map(pair).collect()
}

/// `PUT quotas` (platform token)
///
/// 1. Finds the business: 404 where there is none.
/// 2. Sets what is given; null is the default again. What a business has beyond it stays.
/// 3. Answers as `GET` does.
///
/// # Errors
/// 404; 503 when the database is away.
pub(crate) async fn quotas_put(
    cx: &Context<'_>,
    change: &QuotaChange,
) -> Result<QuotaReport, Error> {
    // 1.
    let cx = &cx.of_business(&change.business_id);
    let business = || cx.business_id().into();
    let found = cx.db.rows(BUSINESS_EXISTS.bind(vec![business()])).await?;
    if found.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such business."));
    }

    // 2.
    let changed = Quota::ALL.into_iter().filter_map(|quota| {
        let name = quota.name().into();
        Some(match change.of(quota)? {
            Some(n) => QUOTA_SET.bind(vec![business(), name, n.into(), cx.now.micros().into()]),
            None => QUOTA_CLEAR.bind(vec![business(), name]),
        })
    });
    let statements: Vec<_> = changed.collect();
    if !statements.is_empty() {
        cx.audits(&change.business_id);
        cx.db.batch(statements).await?;
    }

    // 3.
    quotas_get(cx).await
}
