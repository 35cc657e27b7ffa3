//! What things are called there.

use super::OURS;
use super::api::Resource;
use channels::ChannelKind;
use common::ids::{ConversationId, MessageId};

/// A channel's name for people.
pub(super) fn channel_name(channel: &str) -> &str {
    match ChannelKind::parse(channel) {
        Some(kind) => kind.title(),
        None => channel,
    }
}

/// What a conversation of ours has for an external id.
pub(super) fn conversation_key(id: &ConversationId) -> String {
    [OURS, "conversation:", id.as_str()].concat()
}

/// What a message of ours has for an external id.
pub(super) fn message_key(id: &MessageId) -> String {
    [OURS, "message:", id.as_str()].concat()
}

/// What a note of ours has for an external id, or the part of one.
pub(super) fn note_key(id: &str, part: usize) -> String {
    match part {
        0 => [OURS, "note:", id].concat(),
        part => format!("{OURS}note:{id}:{part}"),
    }
}

/// How content the customer was, in thousandths: of the survey where there was one, 0 to 1, else of what
/// they have from -1 to 1 (kustomer.md §10). Whole numbers: what reads fractions weighs 30 KB.
fn score_of(remote: &Resource) -> Option<i64> {
    let number = |path: &str| thousandths(&remote.text(path)?);
    let level = || number("satisfaction").map(|level| (level + 1000) / 2);
    let score = number("satisfactionLevel.score").or_else(level);
    score.map(|score| score.clamp(0, 1000))
}

/// As [`score_of`], where a customer has rated: else the level is 0, which says nothing.
pub(super) fn rating_of(remote: &Resource) -> Option<i64> {
    let status = remote.text("satisfactionLevel.status")?;
    let is_rated = status == "rated" || status == "commented";
    is_rated.then(|| score_of(remote)).flatten()
}

fn thousandths(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(1..=9).contains(&whole.len()) || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let (whole, fraction): (i64, i64) = (whole.parse().ok()?, fraction.parse().ok()?);
    Some(sign * (whole * 1000 + fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_of_the_survey_else_of_the_level() {
        let score = |attributes: &str| {
            score_of(&Resource {
                attributes: attributes.to_owned(),
                ..Resource::default()
            })
        };
        for (attributes, expected) in [
            (
                r#"{"satisfactionLevel":{"score":1},"satisfaction":-1}"#,
                Some(1000),
            ),
            (r#"{"satisfactionLevel":{"score":0}}"#, Some(0)),
            (r#"{"satisfaction":0.5}"#, Some(750)),
            (r#"{"satisfaction":-0.25}"#, Some(375)),
            (r#"{"satisfaction":-1}"#, Some(0)),
            (r#"{"satisfactionLevel":{"score":3}}"#, Some(1000)),
            (r#"{"satisfaction":0.33333333333}"#, Some(666)),
            (r#"{"satisfaction":"NaN"}"#, None),
            (r#"{"satisfaction":1e3}"#, None),
            (r#"{"satisfaction":"99999999999999999999"}"#, None),
            ("{}", None),
        ] {
            assert_eq!(score(attributes), expected, "{attributes}");
        }
    }

    #[test]
    fn a_conversation_that_nobody_rated_has_no_score() {
        let rating = |attributes: &str| {
            rating_of(&Resource {
                attributes: attributes.to_owned(),
                ..Resource::default()
            })
        };
        for (attributes, expected) in [
            (r#"{"satisfaction":0}"#, None),
            (r#"{"satisfaction":null}"#, None),
            (
                r#"{"satisfaction":0,"satisfactionLevel":{"status":"offered"}}"#,
                None,
            ),
            (
                r#"{"satisfaction":0,"satisfactionLevel":{"status":"unresponded","score":0}}"#,
                None,
            ),
            (
                r#"{"satisfaction":-1,"satisfactionLevel":{"status":"rated","score":0}}"#,
                Some(0),
            ),
            (
                r#"{"satisfaction":0.5,"satisfactionLevel":{"status":"commented"}}"#,
                Some(750),
            ),
        ] {
            assert_eq!(rating(attributes), expected, "{attributes}");
        }
    }
}
