//! What an account's settings say of its inboxes.

use crate::webhook::Channel;
use common::json::Fields;
use common::json::raw::{items, object, text};

/// Most inboxes that a setting names.
const MAX_INBOXES: usize = 100;

/// Which inboxes are left out, and which have another channel than Chatwoot says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inboxes {
    left_out: Vec<String>,
    channels: Vec<(String, Channel)>,
}

impl Inboxes {
    /// By the settings `inboxes_left_out`, as `3,7`, and `inbox_channels`, as `12=whatsapp,15=sms`.
    #[must_use]
    pub fn of(settings: &Fields<String>) -> Self {
        let list = |name: &str| {
            let list = settings.get(name).map(String::as_str).unwrap_or_default();
            list.split(',').filter(|item| !item.is_empty())
        };
        let channel = |item: &str| {
            let (id, name) = item.split_once('=')?;
            Some((id.to_owned(), Channel::parse(name)?))
        };
        Self {
            left_out: list("inboxes_left_out").map(str::to_owned).collect(),
            channels: list("inbox_channels").filter_map(channel).collect(),
        }
    }

    /// Whether what happens in an inbox is none of our business.
    #[must_use]
    pub fn is_left_out(&self, inbox_id: &str) -> bool {
        self.left_out.iter().any(|id| id == inbox_id)
    }

    /// The channel that an inbox is given here, instead of what Chatwoot says.
    #[must_use]
    pub fn channel_of(&self, inbox_id: &str) -> Option<Channel> {
        let mut channels = self.channels.iter();
        let found = channels.find(|(id, _)| id == inbox_id);
        found.map(|(_, channel)| *channel)
    }
}

/// The setting `inboxes_left_out` from JSON: a list of ids, or the text of it. Sorted, each id once; `None`
/// for what is no such list.
#[must_use]
pub fn left_out_setting(json: &str) -> Option<String> {
    let ids: Vec<String> = match json.starts_with('[') {
        true => items(json).into_iter().map(id).collect::<Option<_>>()?,
        false => split(&text(json)?).map(id).collect::<Option<_>>()?,
    };
    joined(ids.into_iter().map(|id| (id, String::new())).collect())
}

/// The setting `inbox_channels` from JSON: an object of ids and channels, or the text of it. As
/// [`left_out_setting`].
#[must_use]
pub fn channels_setting(json: &str) -> Option<String> {
    let known = |inbox: &str, channel: &str| {
        let channel = Channel::parse(channel)?.as_str();
        Some((id(inbox)?, ["=", channel].concat()))
    };
    let pairs: Vec<_> = match object(json) {
        Some(channels) => {
            let pairs = channels.iter();
            let read = pairs.map(|(inbox, channel)| known(inbox, &text(channel)?));
            read.collect::<Option<_>>()?
        }
        None => {
            let read = |pair: &str| {
                let (inbox, channel) = pair.split_once('=')?;
                known(inbox.trim(), channel.trim())
            };
            split(&text(json)?).map(read).collect::<Option<_>>()?
        }
    };
    let once = pairs
        .iter()
        .all(|(id, _)| pairs.iter().filter(|(other, _)| other == id).count() == 1);
    joined(pairs).filter(|_| once)
}

fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// An id of Chatwoot's, which is a number that it may have as a text.
fn id(given: &str) -> Option<String> {
    let id = text(given).unwrap_or_else(|| given.to_owned());
    let is_id = (1..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then_some(id)
}

fn joined(mut pairs: Vec<(String, String)>) -> Option<String> {
    pairs.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    pairs.dedup();
    let list: Vec<_> = pairs.into_iter().map(|(id, rest)| id + &rest).collect();
    (list.len() <= MAX_INBOXES).then(|| list.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_inboxes_is_an_array_or_its_text() {
        let read = left_out_setting;
        assert_eq!(read(r#"[7, "12", 3, 7]"#).as_deref(), Some("3,7,12"));
        assert_eq!(read(r#""12, 3""#).as_deref(), Some("3,12"));
        assert_eq!(read("[]").as_deref(), Some(""));
        for bad in [
            r#"["site"]"#,
            "{}",
            "7.5",
            "[-1]",
            r#""3;4""#,
            "true",
            "[[]]",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn channels_of_inboxes_are_an_object_or_its_text() {
        let read = channels_setting;
        let object = r#"{"15":"sms","3":"whatsapp"}"#;
        assert_eq!(read(object).as_deref(), Some("3=whatsapp,15=sms"));
        assert_eq!(read(r#""15 = sms""#).as_deref(), Some("15=sms"));
        assert_eq!(read("{}").as_deref(), Some(""));
        for bad in [
            r#"{"3":"fax"}"#,
            r#"{"a":"sms"}"#,
            r#""3=sms,3=web""#,
            "[]",
            r#"{"3":null}"#,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_stored_says_which_inbox_is_which() {
        let mut settings = Fields::new();
        assert_eq!(Inboxes::of(&settings), Inboxes::default());
        settings.insert("inboxes_left_out", "3,7".to_owned());
        settings.insert("inbox_channels", "12=whatsapp,x,13=fax".to_owned());
        let inboxes = Inboxes::of(&settings);
        assert!(inboxes.is_left_out("7") && !inboxes.is_left_out("1"));
        assert_eq!(inboxes.channel_of("12"), Some(Channel::WhatsApp));
        assert_eq!(inboxes.channel_of("13"), None);
    }
}
