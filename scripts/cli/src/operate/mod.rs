//! What goes on: `tieline status`, `tail`, `deliveries`, `jobs`, `recover`.

pub(crate) mod deliveries;
mod figures;
pub(crate) mod jobs;
pub(crate) mod recover;
pub(crate) mod status;
pub(crate) mod tail;
mod webhooks;

use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::{Answer, ApiError};
use crate::failure::Failure;
use crate::session::{Session, refusal};

/// Longest sentence or excerpt that is printed.
const MAX_CHARS: usize = 120;
/// Most records on a page of any list that is read here.
const PAGE: u32 = 50;

/// A date, a date-time, or how long ago, as a date-time.
pub(crate) fn since(text: &str) -> Result<String, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs());
    since_at(text, i64::try_from(now).unwrap_or(i64::MAX))
}

fn since_at(text: &str, now: i64) -> Result<String, String> {
    if let Ok(time) = crate::args::date(text) {
        return Ok(time);
    }
    let wrong = || {
        "give a date such as 2026-01-31, a date-time with an offset, or 90m, 24h or 7d".to_owned()
    };
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let ago = number
        .checked_mul(seconds)
        .filter(|ago| *ago >= 0)
        .ok_or_else(wrong)?;
    let time = OffsetDateTime::from_unix_timestamp(now.saturating_sub(ago)).map_err(|_| wrong())?;
    time.format(&Rfc3339).map_err(|_| wrong())
}

/// What an answer says.
fn read<T: DeserializeOwned>(answer: Result<Answer, ApiError>) -> Result<T, Failure> {
    answer
        .and_then(|answer| answer.json())
        .map_err(|error| refusal(&error))
}

/// At most `limit` records of a list, which is read page by page; `name` is that of its field.
fn listed(
    session: &Session,
    path: &[&str],
    name: &str,
    filter: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<Value>, Failure> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let left = limit.saturating_sub(all.len());
        let page = left
            .min(usize::try_from(PAGE).unwrap_or_default())
            .to_string();
        let mut query = vec![("limit", page.as_str())];
        query.extend(filter);
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let mut answer: Value = read(session.find(path, &query))?;
        if let Some(Value::Array(records)) = answer.get_mut(name).map(Value::take) {
            all.extend(records);
        }
        cursor = text(&answer, "next_cursor").map(str::to_owned);
        if cursor.is_none() || all.len() >= limit {
            return Ok(all);
        }
    }
}

/// A text of an object.
fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// The same as a cell of a table.
fn cell(object: &Value, name: &str) -> String {
    let shown = match object.get(name) {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    crate::text::clean(&shown, MAX_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_how_long_ago() {
        let at = |text: &str| since_at(text, 1_767_225_600);
        assert_eq!(at("24h").as_deref(), Ok("2025-12-31T00:00:00Z"));
        assert_eq!(at("90m").as_deref(), Ok("2025-12-31T22:30:00Z"));
        assert_eq!(at("7d").as_deref(), Ok("2025-12-25T00:00:00Z"));
        assert_eq!(at("2026-01-31").as_deref(), Ok("2026-01-31T00:00:00Z"));
        for other in ["", "h", "-1h", "1w", "yesterday", "99999999999999999d", "é"] {
            assert!(at(other).is_err(), "{other}");
        }
    }
}
