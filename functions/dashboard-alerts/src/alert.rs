use crate::cause::{Cause, Severity};
use crate::sql::{
    ALERT_ACKNOWLEDGE, ALERT_GET, ALERT_PAGE, ALERT_PAGE_OPEN, ALERT_PAGE_PAST, NOTIFICATIONS_OF,
};
use common::Context;
use common::db::{Columns, Row};
use common::http::{Error, Kind, Query, Result, decode_cursor, encode_cursor};
use common::ids::{AlertId, DestinationId};
use common::time::Timestamp;
use serde::Serialize;

const PAGE_MAX: u32 = 100;
const PAGE_DEFAULT: u32 = 20;
/// Behind every id.
const NEWEST: &str = "~";

/// Something is wrong, or was.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// The id.
    pub id: AlertId,
    /// What it was raised for.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it lasts.
    pub status: AlertStatus,
    /// What it is about.
    pub object: AlertObject,
    /// What is wrong, in a sentence, as it was when the alert was raised.
    pub summary: String,
    /// When it began, as far as is known.
    pub began_at: Timestamp,
    /// When the alert was raised.
    pub raised_at: Timestamp,
    /// When it ended; null while it lasts.
    pub ended_at: Option<Timestamp>,
    /// When somebody took notice of it.
    pub acknowledged_at: Option<Timestamp>,
    /// The member or the key who did.
    pub acknowledged_by: Option<String>,
    /// Who was told, and who could not be.
    pub notifications: Vec<AlertNotification>,
}

/// Whether an alert lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AlertStatus {
    /// It lasts.
    Open,
    /// It is over.
    Resolved,
}

/// What an alert is about.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertObject {
    /// The id of the endpoint, account or link; the connector; `messages`, `deliveries` or `jobs:<connector>`;
    /// `database`.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Who was told of an alert, or is to be.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertNotification {
    /// The destination.
    pub destination_id: DestinationId,
    /// Its name; null where it was deleted.
    pub destination: Option<String>,
    /// `raised` or `resolved`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["raised", "resolved"])))]
    pub event: String,
    /// `pending`, `sent`, `failed` for good, or `skipped`: not needed any more.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["pending", "sent", "failed", "skipped"])))]
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When it is tried next; during quiet hours, when these end.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it was not sent.
    pub error: Option<String>,
}

/// A page of alerts, newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertPage {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// An alert.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneAlert {
    /// The alert.
    pub alert: Alert,
}

impl Alert {
    /// Reads `alert_columns!`.
    pub(crate) fn of_columns(columns: &mut Columns<'_>) -> Result<Self> {
        let id = columns.id("id")?;
        let cause = columns.parsed("cause", Cause::named)?;
        let severity = columns.parsed("severity", Severity::named)?;
        let object = AlertObject {
            id: columns.text("object")?,
            name: columns.text("name")?,
        };
        let summary = columns.text("summary")?;
        let (began_at, raised_at) = (columns.time("began_at")?, columns.time("raised_at")?);
        let ended_at = columns.time_or_null("ended_at")?;
        Ok(Self {
            id,
            cause,
            severity,
            status: match ended_at {
                None => AlertStatus::Open,
                Some(_) => AlertStatus::Resolved,
            },
            object,
            summary,
            began_at,
            raised_at,
            ended_at,
            acknowledged_at: columns.time_or_null("acknowledged_at")?,
            acknowledged_by: columns.text_or_null("acknowledged_by")?,
            notifications: Vec::new(),
        })
    }

    fn of_row(row: &Row) -> Result<Self> {
        Self::of_columns(&mut Columns::of(row))
    }
}

/// The business's alerts, newest first, with who was told of them.
///
/// # Errors
/// 422 for another state, limit or cursor.
pub(crate) async fn alert_list(cx: &Context<'_>, query: &Query) -> Result<AlertPage> {
    let page = match query.get("state") {
        None => &ALERT_PAGE,
        Some("open") => &ALERT_PAGE_OPEN,
        Some("resolved") => &ALERT_PAGE_PAST,
        Some(_) => {
            let message = "`state` must be open or resolved.";
            return Err(Error::invalid("query.state", "open_or_resolved", message));
        }
    };
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let known = |text: &str| AlertId::parse(text).map(|id| id.to_string());
    let cursor = query
        .get("cursor")
        .map(|cursor| decode_cursor(cursor, known));
    let before = cursor.transpose()?.unwrap_or_else(|| NEWEST.to_owned());
    let params = vec![
        cx.business_id().into(),
        before.into(),
        (i64::from(limit) + 1).into(),
    ];
    let rows = cx.db.rows(page.bind(params)).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    let alerts = rows.iter().take(limit).map(Alert::of_row);
    let mut alerts = alerts.collect::<Result<Vec<_>>>()?;
    add_notifications(cx, &mut alerts).await?;
    let last = alerts.last().filter(|_| has_more);
    Ok(AlertPage {
        next_cursor: last.map(|last| encode_cursor(last.id.as_str())),
        has_more,
        alerts,
    })
}

/// Takes notice of an alert: whoever was first stays. It changes nothing else about it.
///
/// # Errors
/// 404.
pub(crate) async fn alert_acknowledge(cx: &Context<'_>, id: &str) -> Result<OneAlert> {
    let missing = || Error::new(Kind::NotFound, "There is no such alert.");
    let id = AlertId::parse(id).ok_or_else(missing)?;
    cx.audits(id.as_str());
    let named = || vec![cx.business_id().into(), (&id).into()];
    let mut acknowledge = named();
    acknowledge.extend([cx.now.micros().into(), cx.caller.id().into()]);
    let statements = vec![ALERT_ACKNOWLEDGE.bind(acknowledge), ALERT_GET.bind(named())];
    let results = cx.db.batch(statements).await?;
    let row = results.last().and_then(|rows| rows.first());
    let mut alerts = vec![Alert::of_row(row.ok_or_else(missing)?)?];
    add_notifications(cx, &mut alerts).await?;
    let alert = alerts.pop().ok_or_else(missing)?;
    Ok(OneAlert { alert })
}

async fn add_notifications(cx: &Context<'_>, alerts: &mut [Alert]) -> Result<()> {
    if alerts.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let of = NOTIFICATIONS_OF.bind(vec![cx.business_id().into(), ids.into()]);
    for row in &cx.db.rows(of).await? {
        let mut columns = Columns::of(row);
        let of = columns.id::<AlertId>("alert_id")?;
        let notification = AlertNotification {
            event: columns.text("event")?,
            destination_id: columns.id("destination_id")?,
            destination: columns.text_or_null("name")?,
            status: columns.text("state")?,
            attempts: columns.integer("attempts")?,
            sent_at: columns.time_or_null("sent_at")?,
            next_attempt_at: columns.time_or_null("due_at")?,
            error: columns.text_or_null("error")?,
        };
        if let Some(alert) = alerts.iter_mut().find(|alert| alert.id == of) {
            alert.notifications.push(notification);
        }
    }
    Ok(())
}
