//! What the operator sees of a business.

use crate::handler::no_business;
use crate::sql::BUSINESS_GET;
use access::quota::{Quota, day_of};
use common::Context;
use common::db::{Columns, Row, Value};
use common::http::{Error, Result};
use common::json::raw::object;
use common::time::Timestamp;
use serde::Serialize;

/// Up to how many customers of one business are counted. A row of each is read.
const MAX_COUNTED: i64 = 10_000;

/// Whether a business may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum BusinessStatus {
    /// It may.
    Active,
    /// Its keys, sessions and tokens are refused, and what it sends waits.
    Suspended,
}

/// A business, as the operator sees it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatedBusiness {
    /// The id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The name.
    pub name: String,
    /// ISO 3166-1 alpha-2 region by which national phone numbers are read.
    pub default_region: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Whether it may call.
    pub status: BusinessStatus,
    /// Since when it is suspended; else null.
    pub suspended_at: Option<Timestamp>,
    /// Why it is suspended; else null.
    pub suspended_reason: Option<String>,
    /// How many customers it has, as far as they are counted.
    pub customers: i64,
    /// Whether it has more than that: up to 1,000 are counted in a list, up to 10,000 of one business.
    pub has_more_customers: bool,
    /// How many members it has.
    pub members: i64,
    /// Messages since the first of this month, UTC.
    pub messages_this_month: MonthlyMessages,
    /// What it has of what it may have.
    pub usage: Usage,
}

/// Messages of a month.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonthlyMessages {
    /// What it received.
    pub received: i64,
    /// What it sent.
    pub sent: i64,
}

/// What a business has of each thing that is limited.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Channel accounts.
    pub channels: UsageOf,
    /// Endpoints of webhooks.
    pub webhooks: UsageOf,
    /// API keys that are not revoked.
    pub api_keys: UsageOf,
    /// Bytes of files.
    pub stored_bytes: UsageOf,
    /// Messages sent today, UTC.
    pub messages_per_day: UsageOf,
}

/// A quota, and what is used of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageOf {
    /// The most that it may have. `PUT /api/dashboard/quotas` sets it.
    pub limit: i64,
    /// What it has.
    pub used: i64,
}

impl OperatedBusiness {
    /// Reads `business_columns`, where up to so many customers were counted.
    pub(crate) fn of_row(row: &Row, counted: i64) -> Result<Self> {
        let mut columns = Columns::of(row);
        let id = columns.text("id")?;
        let name = columns.text("name")?;
        let default_region = columns.text("default_region")?;
        let created_at = columns.time("created_at")?;
        let suspended_at = columns.time_or_null("suspended_at")?;
        let suspended_reason = columns.text_or_null("suspended_reason")?;
        let customers = columns.integer("customers")?;
        let members = columns.integer("members")?;
        let (quotas, used) = (columns.str("quotas")?, columns.str("used")?);
        let messages_this_month = MonthlyMessages {
            received: columns.integer("received")?,
            sent: columns.integer("sent")?,
        };
        let sent_today = columns.integer("sent_today")?;
        let usage = |quota: Quota| {
            let used = match quota {
                Quota::MessagesPerDay => sent_today,
                other => number_in(used, other.name())?.unwrap_or(0),
            };
            let limit = number_in(quotas, quota.name())?;
            Ok::<_, Error>(UsageOf {
                limit: limit.unwrap_or(quota.default()),
                used,
            })
        };
        Ok(Self {
            id,
            name,
            default_region,
            created_at,
            status: match suspended_at {
                Some(_) => BusinessStatus::Suspended,
                None => BusinessStatus::Active,
            },
            suspended_at,
            suspended_reason,
            customers: customers.min(counted),
            has_more_customers: customers > counted,
            members,
            messages_this_month,
            usage: Usage {
                channels: usage(Quota::Channels)?,
                webhooks: usage(Quota::Webhooks)?,
                api_keys: usage(Quota::ApiKeys)?,
                stored_bytes: usage(Quota::StoredBytes)?,
                messages_per_day: usage(Quota::MessagesPerDay)?,
            },
        })
    }
}

/// A number of an object that SQLite wrote.
fn number_in(json: &str, name: &str) -> Result<Option<i64>> {
    let broken = || Error::internal("counters that are none");
    let fields = object(json).ok_or_else(broken)?;
    let number = fields.get(name).map(|text| text.parse());
    number.transpose().map_err(|_| broken())
}

/// The first parameters of `business_columns`.
pub(crate) fn counted_params(cx: &Context<'_>, counted: i64) -> Vec<Value> {
    let today = day_of(cx.now);
    vec![
        (counted + 1).into(),
        first_of_month(cx.now).into(),
        today.into(),
    ]
}

/// The first day of a time's month, in days since 1970, UTC.
fn first_of_month(now: Timestamp) -> i64 {
    let text = now.to_string();
    let day = text.get(8..10).and_then(|day| day.parse().ok());
    day_of(now) - day.unwrap_or(1) + 1
}

/// `GET businesses/{id}` (platform token)
///
/// 1. Answers with the business: 404 where there is none.
///
/// # Errors
/// 404; 503 when the database is away.
pub(crate) async fn business_get(cx: &Context<'_>, id: &str) -> Result<OperatedBusiness> {
    // 1.
    let mut params = counted_params(cx, MAX_COUNTED);
    params.push(id.into());
    let rows = cx.db.rows(BUSINESS_GET.bind(params)).await?;
    let row = rows.first().ok_or_else(no_business)?;
    OperatedBusiness::of_row(row, MAX_COUNTED)
}
