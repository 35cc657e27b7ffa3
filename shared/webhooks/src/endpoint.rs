//! An endpoint: where a business wants its events, and which.

use common::context::Context;
use common::db::{Columns, Row};
use common::events;
use common::events::EventName;
use common::http::input::{Expected, Input, texts};
use common::http::{Error, Kind};
use common::ids::EndpointId;
use common::json::raw;
use common::ports::PublicUrl;
use common::time::Timestamp;
use serde::Serialize;

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Most events in a list, which has each of them once.
const MAX_EVENTS: usize = 50;
/// Every event, also those that there will be.
const ALL_EVENTS: &str = "*";

/// The events that an endpoint can ask for. `webhook.disabled` comes unasked, `webhook.test` to the one that is tested.
pub const SUBSCRIBABLE: [EventName; 16] = [
    events::MESSAGE_RECEIVED,
    events::MESSAGE_SENT,
    events::MESSAGE_STATUS_CHANGED,
    events::MESSAGE_UPDATED,
    events::CONVERSATION_CREATED,
    events::CONVERSATION_ASSIGNED,
    events::CONVERSATION_STATUS_CHANGED,
    events::CONVERSATION_ESCALATED,
    events::CUSTOMER_CREATED,
    events::CUSTOMER_UPDATED,
    events::CUSTOMER_ERASED,
    events::CRM_LEAD_STAGE_CHANGED,
    events::CRM_LINK_REFRESHED,
    events::CRM_LINK_FAILED,
    events::ALERT_RAISED,
    events::ALERT_RESOLVED,
];

/// The endpoint to create.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct EndpointRequest {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NAME_CHARS)))]
    pub name: String,
    /// Where events are posted: https, a public name or address, at most 2048 characters.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub url: String,
    /// The events, at least one; `*` subscribes to all, including events added later.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_EVENTS)))]
    pub events: Vec<String>,
    /// How long a delivery is tried; `long` by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "RetrySchedule"))]
    pub retries: Option<RetrySchedule>,
}

/// Changes of an endpoint; absent fields stay as they are.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct EndpointPatch {
    /// The name.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "String", length(min = 1, max = MAX_NAME_CHARS))
    )]
    pub name: Option<String>,
    /// Where events are posted.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", extend("format" = "uri")))]
    pub url: Option<String>,
    /// The subscribed events.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Vec<String>", length(min = 1, max = MAX_EVENTS))
    )]
    pub events: Option<Vec<String>>,
    /// `disabled` cancels pending deliveries; `active` resumes delivery of new events, and
    /// `recover` repeats what it missed.
    #[cfg_attr(feature = "schema", schemars(default, with = "EndpointStatus"))]
    pub status: Option<EndpointStatus>,
    /// How long a delivery is tried. Counts for the next attempt of those that are pending, too.
    #[cfg_attr(feature = "schema", schemars(default, with = "RetrySchedule"))]
    pub retries: Option<RetrySchedule>,
}

const TEXT: Expected = Expected::TEXT;
const TEXTS: Expected = Expected::TEXTS;
const SCHEDULE: Expected = Expected::new("long_or_short", "`long` or `short`");

impl EndpointRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["name", "url", "events", "retries"])?;
        Ok(Self {
            name: input.required("name", TEXT, raw::text)?,
            url: input.required("url", TEXT, raw::text)?,
            events: input.required("events", TEXTS, texts)?,
            retries: input.optional("retries", SCHEDULE, RetrySchedule::read)?,
        })
    }
}

impl EndpointPatch {
    /// Reads a request's body. A field may be absent, but not null.
    ///
    /// # Errors
    /// As [`EndpointRequest::read`].
    pub fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["name", "url", "events", "status", "retries"])?;
        let status = Expected::new("active_or_disabled", "`active` or `disabled`");
        Ok(Self {
            name: input.optional("name", TEXT, raw::text)?,
            url: input.optional("url", TEXT, raw::text)?,
            events: input.optional("events", TEXTS, texts)?,
            status: input.optional("status", status, EndpointStatus::read)?,
            retries: input.optional("retries", SCHEDULE, RetrySchedule::read)?,
        })
    }
}

/// The status of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EndpointStatus {
    /// It receives events.
    Active,
    /// It receives none; events are stored for `recover`.
    Disabled,
}

impl EndpointStatus {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    fn read(json: &str) -> Option<Self> {
        let name = raw::text(json)?;
        let known = [Self::Active, Self::Disabled];
        known.into_iter().find(|status| status.as_str() == name)
    }
}

/// How long a delivery that fails is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RetrySchedule {
    /// After 2, 4 and 8 seconds, then after 5 and 30 minutes and 2, 8 and 24 hours.
    #[default]
    Long,
    /// After 2, 4 and 8 seconds.
    Short,
}

/// The pauses before the retries, in seconds.
const RETRY_SECONDS: [u32; 8] = [2, 4, 8, 300, 1_800, 7_200, 28_800, 86_400];
/// How many of them `short` has.
const QUICK_RETRIES: usize = 3;

impl RetrySchedule {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }

    /// The schedule of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = [Self::Long, Self::Short];
        known.into_iter().find(|schedule| schedule.as_str() == name)
    }

    fn read(json: &str) -> Option<Self> {
        Self::named(&raw::text(json)?)
    }

    /// Seconds until the next attempt, after so many earlier ones and one that just failed; none where
    /// that was the last.
    #[must_use]
    pub fn pause_seconds(self, tries: i64) -> Option<u32> {
        let retries = match self {
            Self::Long => RETRY_SECONDS.len(),
            Self::Short => QUICK_RETRIES,
        };
        let tries = usize::try_from(tries)
            .ok()
            .filter(|tries| *tries < retries)?;
        RETRY_SECONDS.get(tries).copied()
    }
}

/// An endpoint, without its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The name.
    pub name: String,
    /// Where events are posted.
    pub url: String,
    /// The subscribed events.
    pub events: Vec<String>,
    /// The status.
    pub status: EndpointStatus,
    /// How long a delivery that fails is tried.
    pub retries: RetrySchedule,
    /// Why it is disabled: `by_request`, `gone` (it answered 410), `failing` (for five days).
    pub disabled_reason: Option<String>,
    /// Since when every delivery to it has failed.
    pub failing_since: Option<Timestamp>,
    /// Until when the previous secret also signs, during a rotation.
    pub old_secret_until: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An updated endpoint.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedEndpoint {
    /// The endpoint.
    pub webhook: Endpoint,
}

/// The endpoints of a business, oldest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointList {
    /// The endpoints.
    pub webhooks: Vec<Endpoint>,
}

impl Endpoint {
    /// Reads `endpoint_columns!`.
    pub fn of_row(row: &Row, now: Timestamp) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        let is_over = |until: &Timestamp| *until <= now;
        Ok(Self {
            id: columns.id("id")?,
            name: columns.text("name")?,
            url: columns.text("url")?,
            events: columns.parsed("events", texts)?,
            status: columns.parsed("status", |status| match status {
                "active" => Some(EndpointStatus::Active),
                "disabled" => Some(EndpointStatus::Disabled),
                _ => None,
            })?,
            retries: columns.parsed("retries", RetrySchedule::named)?,
            disabled_reason: columns.text_or_null("disabled_reason")?,
            failing_since: columns.time_or_null("failing_since")?,
            old_secret_until: columns
                .time_or_null("old_secret_until")?
                .filter(|until| !is_over(until)),
            created_at: columns.time("created_at")?,
            updated_at: columns.time("updated_at")?,
        })
    }
}

/// A name, trimmed.
pub fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        let message = format!("`name` must have 1 to {MAX_NAME_CHARS} characters.");
        return Err(Error::invalid("name", "1_to_200_characters", message));
    }
    Ok(name.to_owned())
}

/// A URL that may be called.
pub fn checked_url(cx: &Context<'_>, url: &str) -> Result<String, Error> {
    PublicUrl::parse(&cx.ports, "url", url).map(|url| url.as_str().to_owned())
}

/// A list of events as stored: JSON, without duplicates.
pub fn checked_events(events: &[String]) -> Result<String, Error> {
    if events.is_empty() || events.len() > MAX_EVENTS {
        let message = format!("`events` must name 1 to {MAX_EVENTS} events.");
        return Err(Error::invalid("events", "1_to_50_events", message));
    }
    let mut known: Vec<&str> = Vec::new();
    for (n, name) in events.iter().enumerate() {
        let is_known = name == ALL_EVENTS
            || name == events::WEBHOOK_DISABLED.as_str()
            || SUBSCRIBABLE.iter().any(|event| event.as_str() == name);
        if !is_known {
            let names: Vec<_> = SUBSCRIBABLE.iter().map(|event| event.as_str()).collect();
            let message = format!(
                "There is no such event. The events are: {}; or * for all.",
                names.join(", ")
            );
            return Err(Error::invalid(
                format!("events[{n}]"),
                "known_event",
                message,
            ));
        }
        if !known.contains(&name.as_str()) {
            known.push(name);
        }
    }
    serde_json::to_string(&known).map_err(Error::internal)
}

/// 404 for an endpoint.
#[must_use]
pub fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such webhook endpoint.")
}

/// 409 where the endpoint is disabled: what is sent to it would fail again at once.
#[must_use]
pub fn disabled() -> Error {
    let message = "The endpoint is disabled. Set its status to active first.";
    Error::new(Kind::Conflict, message)
}

/// The endpoint that a path names.
///
/// # Errors
/// 404 for what is no id.
pub fn known_id(id: &str) -> Result<EndpointId, Error> {
    EndpointId::parse(id).ok_or_else(not_found)
}
