use common::Context;
use common::http::input::{Expected, Input, boolean};
use common::http::{Error, Result};
use common::json::raw::{self, part};
use common::json::writer::JsonWriter;
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// Minutes of a day.
const DAY_MINUTES: i64 = 1440;
/// Longest name of a time zone, in characters.
const MAX_ZONE: usize = 64;
const CLOCK: Expected = Expected::new("hh_mm", "a time such as 22:00");

/// The hours of each day in which nobody is sent anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuietHours {
    /// Whose clocks count: a time zone of IANA's, such as `Europe/Dublin`, or `UTC`.
    pub time_zone: String,
    /// From when, such as `22:00`.
    pub from: String,
    /// Until when, such as `07:00`: of the next day where that is before `from`.
    pub to: String,
    /// Whether critical alerts are sent all the same.
    pub critical_passes: bool,
}

/// In which hours of each day nobody is to be sent anything.
#[cfg(feature = "schema")]
#[derive(Debug, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NewQuietHours {
    /// Whose clocks count: a time zone of IANA's, such as `Europe/Dublin`, or `UTC`.
    #[schemars(length(min = 1, max = MAX_ZONE))]
    pub time_zone: String,
    /// From when, such as `22:00`.
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// Until when, such as `07:00`: of the next day where that is before `from`.
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub to: String,
    /// Whether critical alerts are sent all the same; true by default.
    #[schemars(default, with = "bool")]
    pub critical_passes: Option<bool>,
}

impl QuietHours {
    /// Reads what a request gives.
    ///
    /// # Errors
    /// 422 for another shape, a time that is none, an empty span, and a time zone that there is not.
    pub(crate) fn read(cx: &Context<'_>, input: &Input<'_>) -> Result<Self> {
        let quiet = Self {
            time_zone: input.required("time_zone", Expected::TEXT, raw::text)?,
            from: input.required("from", CLOCK, clock)?,
            to: input.required("to", CLOCK, clock)?,
            critical_passes: input
                .optional("critical_passes", Expected::BOOLEAN, boolean)?
                .unwrap_or(true),
        };
        if quiet.from == quiet.to {
            let message = "`quiet_hours.to` must be another time than `from`.";
            return Err(Error::invalid("quiet_hours.to", "other_than_from", message));
        }
        let is_name = quiet.time_zone.len() <= MAX_ZONE && !quiet.time_zone.is_empty();
        if !is_name || quiet.minute(cx, cx.now).is_none() {
            let message = "`quiet_hours.time_zone` must be a time zone such as Europe/Dublin.";
            let path = "quiet_hours.time_zone";
            return Err(Error::invalid(path, "time_zone", message));
        }
        Ok(quiet)
    }

    /// As it is stored.
    pub(crate) fn stored(&self) -> String {
        JsonWriter::default()
            .text("time_zone", &self.time_zone)
            .text("from", &self.from)
            .text("to", &self.to)
            .json(
                "critical_passes",
                if self.critical_passes {
                    "true"
                } else {
                    "false"
                },
            )
            .finish()
    }

    /// Reads what is stored.
    pub(crate) fn of_stored(json: &str) -> Option<Self> {
        let stored = part(json);
        Some(Self {
            time_zone: stored.text("time_zone")?,
            from: stored.text("from")?,
            to: stored.text("to")?,
            critical_passes: stored.get("critical_passes").copied().and_then(boolean)?,
        })
    }

    /// When they end, where it is quiet now; to be asked again then, since clocks may be changed meanwhile. A time
    /// zone that there is not any more is never quiet.
    pub(crate) fn end(&self, cx: &Context<'_>, now: Timestamp) -> Option<Timestamp> {
        let minute = self.minute(cx, now)?;
        let (from, to) = (minutes(&self.from)?, minutes(&self.to)?);
        let since = (minute - from).rem_euclid(DAY_MINUTES);
        let length = (to - from).rem_euclid(DAY_MINUTES);
        let into_minute = now.micros().rem_euclid(60 * SECOND);
        (since < length).then(|| now.plus((length - since) * 60 * SECOND - into_minute))
    }

    /// The minute of the day that clocks show there.
    fn minute(&self, cx: &Context<'_>, at: Timestamp) -> Option<i64> {
        let shown = (cx.ports.wall_clock?)(&self.time_zone, at)?;
        minutes(shown.get(11..16)?)
    }
}

/// A time of the day as it is written.
fn clock(json: &str) -> Option<String> {
    let text = raw::text(json)?;
    minutes(&text).map(|_| text)
}

fn minutes(clock: &str) -> Option<i64> {
    let (hour, minute) = clock.split_once(':')?;
    let number = |digits: &str, below: i64| -> Option<i64> {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = digits.parse().ok()?;
        Some(number).filter(|number| is_two && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}
