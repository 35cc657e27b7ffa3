//! What requests say. Kustomer refuses a body with any key that it does not know (§3), so that each
//! is written key by key; what is absent is left out, and what is too long is cut.

use super::requests::APP;
use super::words::{Direction, MessageStatus, Status};
use crate::channels::ChannelKind;
use crate::json::written::{Written, quoted};
use crate::time::Timestamp;

/// Longest text of a message or a note. Counted in UTF-16, which is never less than what Kustomer
/// counts.
pub const MAX_TEXT: usize = 10_240;
/// Longest name, subject, title of an error.
const MAX_NAME: usize = 256;
/// Longest external id. A longer one is left out: cut, it could be another's.
const MAX_EXTERNAL_ID: usize = 256;
/// Most tags of a record, and their length.
const MAX_TAGS: usize = 20;
const MAX_TAG: usize = 64;
/// Most contacts of a kind; most people or teams that a conversation is assigned to.
const MAX_LIST: usize = 10;
/// Most mentions of a note.
const MAX_MENTIONS: usize = 20;

/// An account of a customer's in a social network; of those that know a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Social {
    /// `facebook`, `instagram`, `twitter`.
    pub network: String,
    /// The name there.
    pub username: String,
    /// The network's id.
    pub userid: Option<String>,
}

/// A customer to be created. What is empty is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCustomer {
    /// The whole name.
    pub name: Option<String>,
    /// Our id of them.
    pub external_id: Option<String>,
    /// Addresses.
    pub emails: Vec<String>,
    /// Numbers, E.164.
    pub phones: Vec<String>,
    /// Numbers at WhatsApp, E.164.
    pub whatsapps: Vec<String>,
    /// Accounts whose names are known.
    pub socials: Vec<Social>,
    /// Ids at Messenger.
    pub facebook_ids: Vec<String>,
    /// Ids at Instagram.
    pub instagram_ids: Vec<String>,
    /// Tags; those that Kustomer would refuse are left out.
    pub tags: Vec<String>,
    /// Such as `en_IE`, at most 16 characters.
    pub locale: Option<String>,
    /// Custom attributes: a JSON object.
    pub custom: Option<String>,
}

impl NewCustomer {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        self.written().finish()
    }

    fn written(&self) -> Written {
        let email = |email: &String| Some(Written::default().text("email", email).finish());
        let phone = |phone: &String| {
            is_phone(phone).then(|| Written::default().text("phone", phone).finish())
        };
        let written = Written::default()
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = list(written, "emails", &self.emails, MAX_LIST, email);
        let written = list(written, "phones", &self.phones, MAX_LIST, phone);
        let written = list(written, "whatsapps", &self.whatsapps, MAX_LIST, phone);
        let written = list(written, "socials", &self.socials, MAX_LIST, social);
        let written = list(written, "facebookIds", &self.facebook_ids, MAX_LIST, text);
        let written = list(written, "instagramIds", &self.instagram_ids, MAX_LIST, text);
        let tags = usable_tags(&self.tags);
        let written = list(written, "tags", &tags, MAX_TAGS, |tag| Some(quoted(tag)));
        let locale = self.locale.as_deref().filter(|locale| locale.len() <= 16);
        json(
            written.maybe("locale", locale),
            "custom",
            self.custom.as_deref(),
        )
    }
}

/// What of a customer changes. A list takes the place of the one that was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerPatch {
    /// As of a new one; what is absent stays.
    pub customer: NewCustomer,
    /// The company that was read: left out, the customer may lose it (§3).
    pub company: Option<String>,
    /// The revision that was read; a newer one there is a conflict.
    pub rev: Option<i64>,
}

impl CustomerPatch {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let written = self
            .customer
            .written()
            .maybe("company", self.company.as_deref());
        rev(written, self.rev).finish()
    }
}

/// A conversation to be created, without messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewConversation {
    /// Kustomer's id of the customer.
    pub customer: String,
    /// Our id of it.
    pub external_id: Option<String>,
    /// The subject.
    pub name: Option<String>,
    /// Open where it is absent. None begins snoozed.
    pub status: Option<Status>,
    /// 1 to 5.
    pub priority: Option<u8>,
    /// Who began it.
    pub direction: Option<Direction>,
    /// By what it is answered.
    pub reply_channel: Option<ChannelKind>,
    /// Kustomer's ids of teams.
    pub assigned_teams: Vec<String>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewConversation {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let status = self.status.map(|status| match status {
            Status::Done => "done",
            Status::Open | Status::Snoozed => "open",
        });
        let written = Written::default()
            .text("customer", &self.customer)
            .maybe("externalId", external_id(self.external_id.as_deref()))
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("status", status);
        let written = priority(written, self.priority)
            .maybe("direction", self.direction.map(Direction::as_str))
            .maybe(
                "replyChannel",
                self.reply_channel.map(super::channel_to_theirs),
            );
        let written = list(
            written,
            "assignedTeams",
            &self.assigned_teams,
            MAX_LIST,
            text,
        );
        time(written, "importedAt", self.imported_at).finish()
    }
}

/// What of a conversation changes. A list takes the place of the one that was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPatch {
    /// How it stands.
    pub status: Option<Status>,
    /// Of one that is snoozed: until when.
    pub snoozed_until: Option<Timestamp>,
    /// 1 to 5.
    pub priority: Option<u8>,
    /// The subject.
    pub name: Option<String>,
    /// Our id of it.
    pub external_id: Option<String>,
    /// Kustomer's ids of teams; an empty list takes it from all.
    pub assigned_teams: Option<Vec<String>>,
    /// Kustomer's ids of people; an empty list takes it from all.
    pub assigned_users: Option<Vec<String>>,
    /// Custom attributes: a JSON object.
    pub custom: Option<String>,
    /// The revision that was read; a newer one there is a conflict.
    pub rev: Option<i64>,
}

impl ConversationPatch {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let snooze = self
            .snoozed_until
            .filter(|_| self.status == Some(Status::Snoozed));
        let snooze = snooze.map(|until| {
            let written = Written::default().text("status", "scheduled");
            written.text("time", &iso(until)).finish()
        });
        let written = Written::default().maybe("status", self.status.map(Status::as_str));
        let written = priority(json(written, "snooze", snooze.as_deref()), self.priority)
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = replaced(written, "assignedTeams", self.assigned_teams.as_deref());
        let written = replaced(written, "assignedUsers", self.assigned_users.as_deref());
        rev(json(written, "custom", self.custom.as_deref()), self.rev).finish()
    }
}

/// A file that was uploaded, as messages name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentRef {
    /// Kustomer's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its length in bytes.
    pub content_length: u64,
}

/// Why a message did not arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryError {
    /// A stable word.
    pub code: String,
    /// For people.
    pub title: String,
    /// More of it.
    pub detail: Option<String>,
}

impl DeliveryError {
    pub(super) fn written(&self) -> String {
        Written::default()
            .text("code", cut(&self.code, MAX_NAME))
            .text("title", cut(&self.title, MAX_NAME))
            .maybe(
                "detail",
                self.detail.as_deref().map(|detail| cut(detail, 1024)),
            )
            .finish()
    }
}

/// A message to be written down. Nothing is delivered to the customer by it (§8.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What it came or went by.
    pub channel: ChannelKind,
    /// Which way.
    pub direction: Direction,
    /// The text, of which the beginning is kept; see [`parts_of`].
    pub preview: Option<String>,
    /// Of an email.
    pub subject: Option<String>,
    /// Our id of it.
    pub external_id: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How it stands.
    pub status: Option<MessageStatus>,
    /// Its files.
    pub attachments: Vec<AttachmentRef>,
    /// Why it did not arrive, and when that was found out.
    pub error: Option<(DeliveryError, Timestamp)>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewMessage {
    /// A message without anything in it.
    #[must_use]
    pub const fn new(channel: ChannelKind, direction: Direction) -> Self {
        Self {
            channel,
            direction,
            preview: None,
            subject: None,
            external_id: None,
            sent_at: None,
            status: None,
            attachments: Vec::new(),
            error: None,
            imported_at: None,
        }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let written = Written::default()
            .text("channel", super::channel_to_theirs(self.channel))
            .text("app", APP)
            .text("direction", self.direction.as_str())
            .maybe(
                "preview",
                self.preview.as_deref().map(|text| cut(text, MAX_TEXT)),
            )
            .maybe(
                "subject",
                self.subject.as_deref().map(|text| cut(text, MAX_NAME)),
            )
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = time(written, "sentAt", self.sent_at)
            .maybe("status", self.status.map(MessageStatus::as_str));
        let files = &self.attachments;
        let written = list(written, "attachments", files, usize::MAX, attachment);
        let written = match &self.error {
            Some((error, at)) => written
                .json("error", &error.written())
                .text("errorAt", &iso(*at)),
            None => written,
        };
        time(written, "importedAt", self.imported_at).finish()
    }
}

/// A note on a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewNote {
    /// The text, which must not be empty; of a long one see [`parts_of`].
    pub body: String,
    /// Our id of it.
    pub external_id: Option<String>,
    /// Kustomer's ids of teams that are told of it.
    pub mentioned_teams: Vec<String>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewNote {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let mention = |team: &String| Some(Written::default().text("team", team).finish());
        let written = Written::default()
            .text("body", cut(&self.body, MAX_TEXT))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let teams = &self.mentioned_teams;
        let written = list(written, "userMentions", teams, MAX_MENTIONS, mention);
        time(written, "importedAt", self.imported_at).finish()
    }
}

/// What is searched for: records of a kind that changed since a time, the oldest change first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// `message`, `conversation`, `customer`.
    pub kind: &'static str,
    /// From when on, that moment included.
    pub since: Timestamp,
}

impl Search {
    /// The messages that changed.
    #[must_use]
    pub const fn messages_since(since: Timestamp) -> Self {
        let kind = "message";
        Self { kind, since }
    }

    /// The conversations that changed.
    #[must_use]
    pub const fn conversations_since(since: Timestamp) -> Self {
        let kind = "conversation";
        Self { kind, since }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let (kind, since) = (self.kind, iso(self.since));
        let and = format!(r#"[{{"{kind}_updated_at":{{"gte":"{since}"}}}}]"#);
        let sort = format!(r#"[{{"{kind}_updated_at":"asc"}}]"#);
        Written::default()
            .text("queryContext", kind)
            .json("and", &and)
            .json("sort", &sort)
            .finish()
    }
}

/// A long text in parts, each of which a note or a message takes whole: cut at the end of a line or
/// of a word where there is one in the last tenth. None for an empty text.
#[must_use]
pub fn parts_of(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let whole = cut(rest, MAX_TEXT);
        let least = whole.len() - whole.len() / 10;
        let end = |pattern: char| whole.rfind(pattern).filter(|at| *at >= least);
        let part = match whole.len() == rest.len() {
            true => whole,
            false => {
                let at = end('\n').or_else(|| end(' ')).unwrap_or(whole.len());
                whole.get(..at).unwrap_or(whole)
            }
        };
        parts.push(part.trim_end());
        rest = rest.get(part.len()..).unwrap_or_default().trim_start();
    }
    parts
}

/// The first twenty tags that Kustomer takes, each once: 1 to 64 characters, of which only later
/// ones may be spaces (§3).
#[must_use]
pub fn usable_tags(tags: &[String]) -> Vec<&str> {
    let mut usable = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        if is_tag(tag) && !usable.contains(&tag) && usable.len() < MAX_TAGS {
            usable.push(tag);
        }
    }
    usable
}

fn is_tag(tag: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || ('À'..='ÿ').contains(&c) || "_/<>-.".contains(c);
    (1..=MAX_TAG).contains(&tag.chars().count()) && tag.chars().all(|c| plain(c) || c == ' ')
}

/// As `^\+?[1-9]\d{1,14}$` (§8.2).
fn is_phone(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or(phone);
    (2..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
}

/// A time as Kustomer writes it: UTC with milliseconds.
pub(super) fn iso(at: Timestamp) -> String {
    let text = at.to_string();
    let millis = text
        .strip_suffix('Z')
        .and_then(|text| text.get(..text.len() - 3));
    format!("{}Z", millis.unwrap_or_default())
}

/// The beginning of a text, at a character's boundary.
fn cut(text: &str, most: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > most {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

fn external_id(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty() && cut(id, MAX_EXTERNAL_ID).len() == id.len())
}

fn text(text: &String) -> Option<String> {
    Some(quoted(text))
}

fn social(social: &Social) -> Option<String> {
    let known = ["twitter", "facebook", "instagram", "linkedin", "pinterest"];
    let written = Written::default()
        .text("type", &social.network)
        .text("username", &social.username)
        .maybe("userid", social.userid.as_deref());
    known
        .contains(&social.network.as_str())
        .then(|| written.finish())
}

fn attachment(file: &AttachmentRef) -> Option<String> {
    let written = Written::default()
        .text("_id", &file.id)
        .text("name", cut(&file.name, MAX_NAME))
        .text("contentType", &file.content_type)
        .json("contentLength", &file.content_length.to_string());
    Some(written.finish())
}

/// Adds a list where anything is in it.
fn list<T>(
    to: Written,
    name: &'static str,
    items: &[T],
    most: usize,
    write: impl Fn(&T) -> Option<String>,
) -> Written {
    let items: Vec<_> = items.iter().filter_map(write).take(most).collect();
    match items.is_empty() {
        true => to,
        false => to.json(name, &array(&items)),
    }
}

/// Adds a list that may be empty.
fn replaced(to: Written, name: &'static str, items: Option<&[String]>) -> Written {
    let items = items.map(|items| items.iter().take(MAX_LIST).filter_map(text));
    match items {
        Some(items) => to.json(name, &array(&items.collect::<Vec<_>>())),
        None => to,
    }
}

pub(super) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn json(to: Written, name: &'static str, value: Option<&str>) -> Written {
    match value {
        Some(value) => to.json(name, value),
        None => to,
    }
}

fn time(to: Written, name: &'static str, at: Option<Timestamp>) -> Written {
    to.maybe(name, at.map(iso).as_deref())
}

fn rev(to: Written, rev: Option<i64>) -> Written {
    json(to, "rev", rev.map(|rev| rev.to_string()).as_deref())
}

fn priority(to: Written, priority: Option<u8>) -> Written {
    let priority = priority.map(|priority| priority.clamp(1, 5).to_string());
    json(to, "priority", priority.as_deref())
}
