//! For how long after a customer's last message anything may be said (channels.md §2.7, §3.3).

use channels::Capabilities;
use common::http::{Error, Kind};
use common::json::Fields;
use common::time::{SECOND, Timestamp};

/// What may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Anything.
    Open,
    /// What a person writes.
    Late,
    /// Templates alone.
    Closed,
}

impl Window {
    /// By the customer's last message as the provider timed it, and by what the account is set up
    /// for.
    pub fn at(
        now: Timestamp,
        takes: &Capabilities,
        settings: &Fields<String>,
        last_inbound: Option<i64>,
    ) -> Self {
        let Some(seconds) = takes.window_seconds else {
            return Self::Open;
        };
        let is_within =
            |seconds: i64| last_inbound.is_some_and(|last| now.micros() < last + seconds * SECOND);
        let is_set_up = settings.get("human_agent").is_some_and(|on| on == "true");
        match takes.human_agent_seconds {
            _ if is_within(seconds) => Self::Open,
            Some(seconds) if is_set_up && is_within(seconds) => Self::Late,
            _ => Self::Closed,
        }
    }
}

/// The refusal of a message that is not a template.
pub fn outside_window(takes: &Capabilities, last_inbound: Option<i64>) -> Error {
    let hours = takes.window_seconds.unwrap_or_default() / 3600;
    let when = match last_inbound {
        None => "The customer has never written to this account.".to_owned(),
        Some(last) => format!(
            "The customer last wrote at {}.",
            Timestamp::from_micros(last)
        ),
    };
    let instead = match takes.templates {
        true => " Send a `template`.",
        false => "",
    };
    let message = format!(
        "{when} {} takes free messages within {hours} hours of the customer's last one.{instead}",
        takes.name
    );
    let (path, rule) = match takes.templates {
        true => ("template", "required_outside_window"),
        false => ("content", "within_window"),
    };
    Error::new(Kind::OutsideWindow, message).with_detail(path, rule)
}
