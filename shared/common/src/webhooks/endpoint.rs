//! An endpoint: where a business wants its events, and which.

use super::row::{text, there, time};
use super::url::PublicUrl;
use crate::context::Context;
use crate::db::Row;
use crate::events::{self, EventName};
use crate::http::Error;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Most events in a list, which has each of them once.
const MAX_EVENTS: usize = 50;
/// Every event, also those that there will be.
const ALL_EVENTS: &str = "*";

/// The events that an endpoint can ask for. `webhook.disabled` comes without being asked for, and
/// `webhook.test` to the endpoint that is tested.
pub const SUBSCRIBABLE: [EventName; 10] = [
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
];

/// An endpoint to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointRequest {
    /// What people call it, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NAME_CHARS)))]
    pub name: String,
    /// Where events are posted: https, a public name or address, at most 2048 characters.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub url: String,
    /// Which events, at least one; `*` is all of them, also those that there will be.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_EVENTS)))]
    pub events: Vec<String>,
}

/// What is to change of an endpoint; absent keeps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndpointPatch {
    /// What people call it.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", length(min = 1, max = MAX_NAME_CHARS))
    )]
    pub name: Option<String>,
    /// Where events are posted.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "uri")))]
    pub url: Option<String>,
    /// Which events.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Vec<String>", length(min = 1, max = MAX_EVENTS))
    )]
    pub events: Option<Vec<String>>,
    /// `disabled` gives up what waits for it; `active` takes it up again for what happens from then
    /// on, and `recover` for what it missed.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "EndpointStatus"))]
    pub status: Option<EndpointStatus>,
}

/// A value that may be absent, but not null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Whether an endpoint gets events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EndpointStatus {
    /// It does.
    Active,
    /// It does not; what happens meanwhile is kept for `recover`.
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
}

/// An endpoint, as it is listed: never its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoint {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where events are posted.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// Whether it gets them.
    pub status: EndpointStatus,
    /// Why it is disabled: `by_request`, `gone` (it answered 410), `failing` (five days long).
    pub disabled_reason: Option<String>,
    /// Since when every delivery to it has failed.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before this one signs too, while a rotation goes on.
    pub old_secret_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An endpoint, as a change of it left it.
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
    pub(super) fn of_row(row: &Row, now: Timestamp) -> Result<Self, Error> {
        let own = |n| there(text(row, n).map(str::to_owned));
        Ok(Self {
            id: own(0)?,
            name: own(1)?,
            url: own(2)?,
            events: serde_json::from_str(there(text(row, 3))?).map_err(Error::internal)?,
            status: match text(row, 4) {
                Some("active") => EndpointStatus::Active,
                _ => EndpointStatus::Disabled,
            },
            disabled_reason: text(row, 5).map(str::to_owned),
            failing_since: time(row, 6),
            old_secret_until: time(row, 7).filter(|until| *until > now),
            created_at: there(time(row, 8))?,
            updated_at: there(time(row, 9))?,
        })
    }
}

/// A name, trimmed.
pub(super) fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        let message = format!("`name` must have 1 to {MAX_NAME_CHARS} characters.");
        return Err(Error::invalid("name", "1_to_200_characters", message));
    }
    Ok(name.to_owned())
}

/// A URL that may be called.
pub(super) fn checked_url(cx: &Context<'_>, url: &str) -> Result<String, Error> {
    PublicUrl::parse(&cx.outside, "url", url).map(|url| url.as_str().to_owned())
}

/// A list of events as it is stored: JSON, each once.
pub(super) fn checked_events(events: &[String]) -> Result<String, Error> {
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
