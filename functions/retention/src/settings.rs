//! For how long a business keeps what is no conversation.

use crate::sql::{RETENTION_GET, RETENTION_PUT, SWEEP_NEXT};
use common::context::Context;
use common::db::{Columns, Row, Value};
use common::http::Error;
use common::http::rules::{body_of, unknown, wrong};
use common::json::raw::integer;
use common::time::Timestamp;
use serde::Serialize;

/// The settings, by their names in the API, with their least values, greatest values and defaults, in days.
///
/// Deliveries are tried for a day and a half, and are never younger than that when they go.
pub(crate) const SETTINGS: [(&str, i64, i64, i64); 3] = [
    ("event_bodies_days", 0, 365, 0),
    ("deliveries_days", 3, 365, 30),
    ("uploads_days", 1, 365, 7),
];

/// For how long a business keeps what is no conversation, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retention {
    /// How long the body of an event is kept after it was delivered to all endpoints; until then, a
    /// successful delivery can be replayed. It goes with its deliveries at the latest. 0: it goes within
    /// minutes.
    pub event_bodies_days: i64,
    /// How long deliveries and their attempts are kept.
    pub deliveries_days: i64,
    /// How long an uploaded file is kept that no message carries.
    pub uploads_days: i64,
    /// When that last changed; null where nothing was ever set.
    pub updated_at: Option<Timestamp>,
}

/// The settings, as they are answered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetentionAnswer {
    /// The settings.
    pub retention: Retention,
}

/// What to change; an absent field keeps its value, null restores the default.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RetentionPatch {
    /// How long the body of an event is kept after it was delivered to all endpoints.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 365)))]
    pub event_bodies_days: Option<i64>,
    /// How long deliveries and their attempts are kept.
    #[cfg_attr(feature = "schema", schemars(range(min = 3, max = 365)))]
    pub deliveries_days: Option<i64>,
    /// How long an uploaded file is kept that no message carries.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 365)))]
    pub uploads_days: Option<i64>,
}

/// The changes of a request: of each setting whether it is named, and its value unless that is null.
#[derive(Debug, Default)]
pub(crate) struct RetentionChange([(bool, Option<i64>); 3]);

impl RetentionChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 that names the first field which is unknown or out of its range.
    pub(crate) fn parse(body: &str) -> Result<Self, Error> {
        let mut change = Self::default();
        for (name, value) in body_of(body)?.iter() {
            let settings = SETTINGS.iter().zip(&mut change.0);
            let mut named = settings.filter(|(setting, _)| setting.0 == name);
            let ((_, min, max, _), target) = named.next().ok_or_else(|| unknown(name))?;
            *target = match *value {
                "null" => (true, None),
                value => (true, Some(days(name, value, *min, *max)?)),
            };
        }
        Ok(change)
    }
}

fn days(name: &str, value: &str, min: i64, max: i64) -> Result<i64, Error> {
    let days = integer(value).and_then(|days| days.parse().ok());
    let days = days.filter(|days| (min..=max).contains(days));
    days.ok_or_else(|| {
        let sentence = format!("must be a number of days from {min} to {max}");
        wrong(name, &format!("{min}_to_{max}"), &sentence)
    })
}

impl Retention {
    /// What is in force where a business set nothing.
    const DEFAULT: Self = {
        let [bodies, deliveries, uploads] = SETTINGS;
        Self {
            event_bodies_days: bodies.3,
            deliveries_days: deliveries.3,
            uploads_days: uploads.3,
            updated_at: None,
        }
    };

    /// Reads the four columns of the settings.
    pub(crate) fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        let default = Self::DEFAULT;
        let mut days =
            |name, default| Ok::<_, Error>(columns.integer_or_null(name)?.unwrap_or(default));
        Ok(Self {
            event_bodies_days: days("event_bodies_days", default.event_bodies_days)?,
            deliveries_days: days("deliveries_days", default.deliveries_days)?,
            uploads_days: days("uploads_days", default.uploads_days)?,
            updated_at: columns.time_or_null("updated_at")?,
        })
    }

    fn of_row(row: Option<&Row>) -> Result<Self, Error> {
        row.map_or(Ok(Self::DEFAULT), |row| {
            Self::of_columns(&mut Columns::of(row))
        })
    }
}

/// The business's settings.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn retention_get(cx: &Context<'_>) -> Result<RetentionAnswer, Error> {
    let get = RETENTION_GET.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(get).await?;
    let retention = Retention::of_row(rows.first())?;
    Ok(RetentionAnswer { retention })
}

/// Changes what the request names, and has the sweep go by it.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn retention_put(
    cx: &Context<'_>,
    change: &RetentionChange,
) -> Result<RetentionAnswer, Error> {
    let now = cx.now.micros();
    let mut params: Vec<Value> = vec![cx.business_id().into(), now.into()];
    for (is_named, days) in change.0 {
        params.extend([i64::from(is_named).into(), days.into()]);
    }
    let next = SWEEP_NEXT.bind(vec![cx.business_id().into(), now.into()]);
    let results = cx.db.batch(vec![RETENTION_PUT.bind(params), next]).await?;
    let row = results.first().and_then(|rows| rows.first());
    let retention = Retention::of_row(row)?;
    Ok(RetentionAnswer { retention })
}
