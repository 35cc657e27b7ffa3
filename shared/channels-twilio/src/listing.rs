//! What became of a message whose answer was lost: Twilio has no key by which a repetition is known,
//! so that its list is searched for the message (channels.md §5.3).

use super::api::Api;
use super::codes::meaning;
use channels::outbound::{FetchResult, Outbound, Recipient};
use channels::{MessageStatus, StatusUpdate};
use common::form;
use common::json::raw::{integer, list, object, text};
use common::ports::OutboundRequest;
use common::time::{SECOND, Timestamp};

/// How long Twilio may take.
const TIMEOUT_MS: u32 = 15_000;
/// How many messages of one number are looked at, newest first.
const PAGE: &str = "50";
/// How far Twilio's clock may be behind. It reports whole seconds.
const BEHIND_MICROS: i64 = 5 * SECOND;
/// How long after it was asked Twilio may have made the message: its answer is waited for 30 s.
const AHEAD_MICROS: i64 = 90 * SECOND;

/// Asks for what was sent to the number since the day of the try.
pub(super) fn question(
    api: &Api,
    outbound: &Outbound,
    tried_at: Timestamp,
) -> Option<OutboundRequest> {
    let Recipient::Number(to) = &outbound.to else {
        return None;
    };
    let since = tried_at.plus(-BEHIND_MICROS).to_string();
    let day = since.get(..10)?;
    let query = form::encoded([("To", to.as_str()), ("DateSent>", day), ("PageSize", PAGE)]);
    Some(api.get(&format!("/Messages.json?{query}"), TIMEOUT_MS))
}

/// Those of the list that can be the message, the oldest first; `None` for no list.
pub(super) fn candidates(
    outbound: &Outbound,
    tried_at: Timestamp,
    answered: &FetchResult,
) -> Option<Vec<StatusUpdate>> {
    let response = answered.as_ref().ok().filter(|found| found.status == 200)?;
    let page = object(std::str::from_utf8(&response.body).ok()?)?;
    let messages = list(page.get("messages")?)?.into_iter();
    let mut found: Vec<_> = messages
        .filter_map(|message| candidate(message, outbound, tried_at))
        .collect();
    found.reverse();
    Some(found)
}

fn candidate(message: &str, outbound: &Outbound, tried_at: Timestamp) -> Option<StatusUpdate> {
    let message = object(message)?;
    let value_of = |name: &str| message.text(name);
    let Recipient::Number(to) = &outbound.to else {
        return None;
    };
    let (body, media) = super::send::content_of(&outbound.content);
    let made_at = rfc2822(&value_of("date_created")?)?;
    let waited = made_at.micros() - tried_at.micros();
    let is_it = value_of("direction")?.starts_with("outbound")
        && value_of("to")? == *to
        && value_of("body")?.trim() == body.trim()
        && value_of("num_media")? == media.to_string()
        && (-BEHIND_MICROS..=AHEAD_MICROS).contains(&waited);
    let code = message.get("error_code").copied();
    let code = code.and_then(|code| text(code).or_else(|| integer(code).map(str::to_owned)));
    let status = match value_of("status")?.as_str() {
        "delivered" | "partially_delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "failed" | "undelivered" | "canceled" => MessageStatus::Failed,
        _ => MessageStatus::Sent,
    };
    let error = (status == MessageStatus::Failed).then(|| {
        let code = code.unwrap_or_else(|| "failed".to_owned());
        let sentence = value_of("error_message").unwrap_or_else(|| meaning(&code).to_owned());
        (code, sentence)
    });
    is_it.then_some(StatusUpdate {
        provider_id: value_of("sid")?,
        status,
        at: value_of("date_updated").and_then(|at| rfc2822(&at)),
        error,
        message_id: None,
        recipient: None,
    })
}

/// A time such as `Sat, 21 Nov 2026 06:20:00 +0000`; Twilio's are all of UTC. Reckoned here, since a
/// parser of dates weighs more than all else that is done with a list.
fn rfc2822(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, date) = text.strip_suffix(" +0000")?.split_once(", ")?;
    let mut parts = date.split([' ', ':']);
    let mut next = || parts.next();
    let day: u16 = next()?.parse().ok()?;
    let month = next()?;
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let month = i64::try_from(month).ok()?;
    let mut number = || next()?.parse::<u16>().ok().map(i64::from);
    let (year, hour, minute, second) = (number()?, number()?, number()?, number()?);
    // Years begin in March, so that the day which leap years have is their last.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leaps + (month * 306 + 5) / 10 + i64::from(day) - 1 - DAYS_TO_1970;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(Timestamp::from_micros(seconds * SECOND))
}

/// From the first of March of the year 0.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;
    use channels::outbound::{Compound, Content};
    use common::ports::OutboundResponse;

    fn outbound() -> Outbound {
        Outbound {
            to: Recipient::Number("+353871234567".into()),
            reply_to: None,
            content: Content::Compound(Compound {
                text: "Your order".into(),
                ..Compound::default()
            }),
        }
    }

    fn listed(messages: &[String]) -> FetchResult {
        let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
        Ok(OutboundResponse {
            status: 200,
            body: body.into_bytes(),
            ..OutboundResponse::default()
        })
    }

    /// A message of the list, with one field replaced.
    fn message(sid: &str, name: &str, value: &str) -> String {
        let mut fields = vec![
            ("sid", format!("{sid:?}")),
            ("direction", r#""outbound-api""#.into()),
            ("to", r#""+353871234567""#.into()),
            ("body", r#""Your order""#.into()),
            ("num_media", r#""0""#.into()),
            (
                "date_created",
                r#""Sat, 21 Nov 2026 06:20:01 +0000""#.into(),
            ),
            (
                "date_updated",
                r#""Sat, 21 Nov 2026 06:20:03 +0000""#.into(),
            ),
            ("status", r#""sent""#.into()),
            ("error_code", "null".into()),
        ];
        for field in &mut fields {
            if field.0 == name {
                field.1 = value.into();
            }
        }
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name:?}:{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }

    fn at() -> Timestamp {
        Timestamp::parse("2026-11-21T06:20:02Z").unwrap()
    }

    #[test]
    fn a_message_is_known_by_number_text_media_and_time() {
        let others = [
            message("SM1", "direction", r#""inbound""#),
            message("SM2", "to", r#""+1""#),
            message("SM3", "body", r#""Your order!""#),
            message("SM4", "num_media", r#""1""#),
            message(
                "SM5",
                "date_created",
                r#""Sat, 21 Nov 2026 06:19:00 +0000""#,
            ),
            message(
                "SM6",
                "date_created",
                r#""Sat, 21 Nov 2026 07:20:00 +0000""#,
            ),
            message("SM7", "date_created", "null"),
            "7".into(),
            message("SM8", "", ""),
            message("SM9", "status", r#""undelivered""#).replace("null", "30003"),
        ];
        let found = candidates(&outbound(), at(), &listed(&others)).unwrap();
        let ids: Vec<_> = found.iter().map(|one| one.provider_id.as_str()).collect();
        assert_eq!(ids, ["SM9", "SM8"]);
        assert_eq!(found[1].status, MessageStatus::Sent);
        assert_eq!(found[0].status, MessageStatus::Failed);
        assert_eq!(found[0].error.as_ref().unwrap().0, "30003");
    }

    #[test]
    fn what_is_no_list_says_nothing() {
        let failing = OutboundResponse {
            status: 500,
            ..OutboundResponse::default()
        };
        assert_eq!(candidates(&outbound(), at(), &Ok(failing)), None);
        assert_eq!(candidates(&outbound(), at(), &listed(&[])), Some(vec![]));
    }

    #[test]
    fn times_are_read_as_mail_writes_them() {
        for (text, expected) in [
            ("Sun, 01 Nov 2026 06:20:00 +0000", "2026-11-01T06:20:00Z"),
            ("Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z"),
            ("Tue, 29 Feb 2028 23:59:59 +0000", "2028-02-29T23:59:59Z"),
            ("Wed, 01 Mar 2028 00:00:00 +0000", "2028-03-01T00:00:00Z"),
            ("Fri, 31 Dec 2027 12:00:01 +0000", "2027-12-31T12:00:01Z"),
        ] {
            assert_eq!(rfc2822(text), Timestamp::parse(expected), "{text}");
        }
        for other in [
            "",
            "2026-11-01",
            "Sun, 01 Nov",
            "Sun, 01 Foo 2026 06:20:00 +0000",
            "Sun, 01 Nov 2026 06:20:00 +0100",
        ] {
            assert_eq!(rfc2822(other), None, "{other}");
        }
    }
}
