//! Which accounts a delivery names, found in one pass that decodes nothing else: whoever signed it is
//! not known yet.

use channels::ChannelKind;

/// Most accounts of one delivery that are looked for. Meta puts at most 1000 updates into one, nearly
/// always of one account (channels.md §1.4).
const MAX_ADDRESSES: usize = 100;
/// Longest address, in bytes.
const MAX_ADDRESS_BYTES: usize = 64;
/// How deep the addresses lie. What is nested deeper is passed over.
const MAX_DEPTH: usize = 8;

/// The account at Meta that a part of a delivery is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) kind: ChannelKind,
    pub(crate) id: String,
}

impl Address {
    /// Names it among those of all kinds.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.id)
    }
}

/// What a delivery says before its signature is checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The accounts that it names, each once.
    pub(crate) addresses: Vec<Address>,
    /// Whether it begins as JSON, its brackets and quotes closed. Nothing more is known of its syntax.
    pub(crate) is_whole: bool,
}

/// The keys that lead to an address; what a list holds; anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Object,
    Entry,
    Id,
    Messaging,
    Standby,
    Changes,
    Value,
    Metadata,
    PhoneNumberId,
    Item,
    Other,
}

impl Step {
    /// A key as it is written. Meta escapes none of these.
    fn of_key(key: &[u8]) -> Self {
        match key {
            b"object" => Self::Object,
            b"entry" => Self::Entry,
            b"id" => Self::Id,
            b"messaging" => Self::Messaging,
            b"standby" => Self::Standby,
            b"changes" => Self::Changes,
            b"value" => Self::Value,
            b"metadata" => Self::Metadata,
            b"phone_number_id" => Self::PhoneNumberId,
            _ => Self::Other,
        }
    }
}

/// `entry[].id` of Messenger, Instagram and comments.
const ACCOUNT: [Step; 3] = [Step::Entry, Step::Item, Step::Id];
/// `entry[].changes[].value.metadata.phone_number_id` of WhatsApp.
const NUMBER: [Step; 7] = [
    Step::Entry,
    Step::Item,
    Step::Changes,
    Step::Item,
    Step::Value,
    Step::Metadata,
    Step::PhoneNumberId,
];

/// Finds the accounts that a delivery names.
pub(crate) fn scan(body: &[u8]) -> Scan {
    let mut scanner = Scanner::default();
    let is_whole = scanner.run(body);
    let (kinds, ids): (&[_], _) = match scanner.object {
        b"whatsapp_business_account" => (&[ChannelKind::WhatsApp], scanner.numbers),
        b"instagram" => (&[ChannelKind::Instagram], scanner.accounts),
        // A page may be connected for its messages, for the comments on its posts, and for both.
        b"page" if scanner.has_changes && scanner.has_messages => (
            &[ChannelKind::Facebook, ChannelKind::FacebookComments],
            scanner.accounts,
        ),
        b"page" if scanner.has_changes => (&[ChannelKind::FacebookComments], scanner.accounts),
        b"page" => (&[ChannelKind::Facebook], scanner.accounts),
        _ => (&[], Vec::new()),
    };
    let address = |kind: &ChannelKind, id: &[u8]| Address {
        kind: *kind,
        id: String::from_utf8_lossy(id).into_owned(),
    };
    let of_id = |id| kinds.iter().map(move |kind| address(kind, id));
    Scan {
        addresses: ids.into_iter().flat_map(of_id).collect(),
        is_whole,
    }
}

#[derive(Default)]
struct Scanner<'b> {
    /// Of each open object or list, what it is at.
    path: Vec<Step>,
    /// How many are open beyond [`MAX_DEPTH`].
    deeper: usize,
    /// The last text, which is a key if a colon follows.
    last: &'b [u8],
    object: &'b [u8],
    accounts: Vec<&'b [u8]>,
    numbers: Vec<&'b [u8]>,
    /// Whether an entry has `changes`, as those of comments do.
    has_changes: bool,
    /// Whether one has `messaging` or `standby`.
    has_messages: bool,
}

impl<'b> Scanner<'b> {
    /// Goes through a body. Whether it begins as JSON, and all that it opens is closed.
    fn run(&mut self, body: &'b [u8]) -> bool {
        let mut at = 0;
        while let Some(byte) = body.get(at) {
            at += 1;
            match byte {
                b'"' => {
                    let Some(end) = end_of_text(body, at) else {
                        return false;
                    };
                    self.last = body.get(at..end).unwrap_or_default();
                    at = end + 1;
                    if !is_colon_next(body, at) {
                        self.value(self.last);
                    }
                }
                b':' => self.at(Step::of_key(self.last)),
                b'{' => self.open(Step::Other),
                b'[' => self.open(Step::Item),
                b'}' | b']' if !self.close() => return false,
                b'0'..=b'9' => {
                    let number = body.get(at - 1..).unwrap_or_default();
                    let is_digit = |byte: &&u8| byte.is_ascii_digit();
                    let length = number.iter().take_while(is_digit).count();
                    at += length - 1;
                    self.value(number.get(..length).unwrap_or_default());
                }
                _ => {}
            }
        }
        let first = body.trim_ascii_start().first();
        let is_begun = first.is_some_and(|first| b"{[\"-0123456789tfn".contains(first));
        is_begun && self.path.is_empty()
    }

    fn open(&mut self, step: Step) {
        match self.path.len() < MAX_DEPTH && self.deeper == 0 {
            true => self.path.push(step),
            false => self.deeper += 1,
        }
    }

    fn close(&mut self) -> bool {
        match self.deeper {
            0 => self.path.pop().is_some(),
            _ => {
                self.deeper -= 1;
                true
            }
        }
    }

    fn at(&mut self, step: Step) {
        if self.deeper == 0
            && let Some(last) = self.path.last_mut()
        {
            *last = step;
            if self.path == [Step::Entry, Step::Item, step] {
                self.has_changes |= step == Step::Changes;
                self.has_messages |= matches!(step, Step::Messaging | Step::Standby);
            }
        }
    }

    /// A text or a number, where the path says it is.
    fn value(&mut self, value: &'b [u8]) {
        if self.deeper > 0 || value.is_empty() || value.len() > MAX_ADDRESS_BYTES {
            return;
        }
        let found = match self.path.as_slice() {
            [Step::Object] => {
                self.object = value;
                return;
            }
            path if path == ACCOUNT => &mut self.accounts,
            path if path == NUMBER => &mut self.numbers,
            _ => return,
        };
        if found.len() < MAX_ADDRESSES && !found.contains(&value) {
            found.push(value);
        }
    }
}

/// Whether the text before this is a key.
fn is_colon_next(body: &[u8], at: usize) -> bool {
    let mut rest = body.get(at..).unwrap_or_default().iter();
    rest.find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// Where a text ends that begins here: at its closing quote; `None` where that is missing.
fn end_of_text(body: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match body.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Vec<(ChannelKind, String)> {
        let scan = scan(json.as_bytes());
        let all = scan.addresses.into_iter();
        all.map(|address| (address.kind, address.id)).collect()
    }

    #[test]
    fn the_accounts_are_found_where_they_stand_and_nowhere_else() {
        let number = |id: &str| {
            format!(
                r#"{{"id":"waba","changes":[{{"value":{{"id":"x","messages":[{{"id":"y",
                   "metadata":{{"phone_number_id":"inside"}}}}],
                   "metadata":{{"display_phone_number":"1","phone_number_id":{id}}}}},
                   "field":"messages"}}]}}"#
            )
        };
        let entries = [number(r#""1001""#), number("2002"), number(r#""1001""#)].join(" , ");
        let json = format!(r#"{{"entry" : [{entries}], "object":"whatsapp_business_account"}}"#);
        let expected = ["1001", "2002"].map(|id| (ChannelKind::WhatsApp, id.to_owned()));
        assert_eq!(found(&json), expected);
        let page = r#"{"object":"page","entry":[{"id":109,"time":5,"messaging":[{"id":"no",
            "message":{"text":"{\"entry\":[{\"id\":\"no\"}]} \\"}}]},{"id":"110"}],"id":"no"}"#;
        let expected = ["109", "110"].map(|id| (ChannelKind::Facebook, id.to_owned()));
        assert_eq!(found(page), expected);
        let instagram = page.replace("\"page\"", "\"instagram\"");
        assert_eq!(found(&instagram)[0].0, ChannelKind::Instagram);
        assert_eq!(found(&page.replace("\"page\"", "\"user\"")), []);
        assert_eq!(found(&page.replace("\"object\"", "\"objekt\"")), []);
    }

    #[test]
    fn whatever_comes_is_gone_through() {
        for (json, is_whole) in [
            ("", false),
            (" \n", false),
            ("{", false),
            ("}", false),
            ("{\"object\":", false),
            ("{\"object\":\"page\"", false),
            ("\"", false),
            ("\"\\", false),
            ("{}", true),
            ("[]", true),
            ("null", true),
            ("7", true),
            (":::,\"a\":1", false),
            ("\u{0}\u{ff}", false),
        ] {
            let scan = scan(json.as_bytes());
            assert_eq!(
                (scan.addresses.len(), scan.is_whole),
                (0, is_whole),
                "{json}"
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(scan(deep.as_bytes()).is_whole);
        let many: String = (0..5000).map(|n| format!("{{\"id\":{n}}},")).collect();
        let many = format!("{{\"object\":\"page\",\"entry\":[{many}7]}}");
        assert_eq!(found(&many).len(), MAX_ADDRESSES);
        let long = format!(
            "{{\"object\":\"page\",\"entry\":[{{\"id\":\"{}\"}}]}}",
            "1".repeat(65)
        );
        assert_eq!(found(&long), []);
    }
}
