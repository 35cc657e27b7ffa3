use super::changes;
use super::channel::Channel;
use super::contact::Contact;
use crate::reading::{attributes, is_true, moment, text_at};
use common::json::raw;
use common::json::tolerant::{Object, child, objects, text};
use common::time::Timestamp;

/// How a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum State {
    Open,
    Pending,
    Snoozed,
    /// What Chatwoot calls resolved.
    Closed,
}

impl State {
    /// By Chatwoot's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "open" => Self::Open,
            "pending" => Self::Pending,
            "snoozed" => Self::Snoozed,
            "resolved" => Self::Closed,
            _ => return None,
        })
    }

    /// The name here.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
        }
    }

    /// Chatwoot's name of a state here; `None` for what it has none for.
    #[must_use]
    pub fn to_chatwoot(status: &str) -> Option<&'static str> {
        Some(match status {
            "open" => "open",
            "pending" => "pending",
            "snoozed" => "snoozed",
            "closed" => "resolved",
            _ => return None,
        })
    }
}

/// The agent that a conversation is assigned to. Webhooks do not tell the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignee {
    /// Chatwoot's id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The address, where the API tells it.
    pub email: Option<String>,
}

/// A conversation, as webhooks and the API have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The number that people see, which the API's paths have: unique within the account.
    pub thread: String,
    /// The inbox.
    pub inbox_id: Option<String>,
    /// What it is on, unless the account's settings say otherwise for the inbox.
    pub channel: Channel,
    /// Whose it is; the id is there even where the contact is not told.
    pub contact_id: Option<String>,
    /// Whose it is.
    pub contact: Option<Contact>,
    /// The visitor's address on the channel.
    pub source_id: Option<String>,
    /// Whether the business's own site proved who the visitor is.
    pub is_verified: bool,
    /// How it stands; `None` for a state that is not known.
    pub state: Option<State>,
    /// `low`, `medium`, `high` or `urgent`. Having none is `medium`, as it is here; `None` where it is not told.
    pub priority: Option<String>,
    /// Its labels; `None` where the payload has no list of them.
    pub labels: Option<Vec<String>>,
    /// Who it is assigned to; nobody where that is a bot.
    pub assignee: Option<Assignee>,
    /// The team that it is assigned to.
    pub team: Option<String>,
    /// Its attributes, as a JSON object.
    pub custom: String,
    /// What it is about, of a thread of mails.
    pub subject: Option<String>,
    /// When somebody last wrote, or its state last changed; in whole seconds.
    pub last_activity_at: Option<Timestamp>,
    /// When it last changed, which orders what is told of it.
    pub updated_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Option<Timestamp>,
}

impl Conversation {
    /// Reads one, of a webhook or of the API; `None` where it has no number.
    #[must_use]
    pub fn read(of: &Object<'_>) -> Option<Self> {
        let meta = child(of, "meta");
        let session = child(of, "contact_inbox");
        let contact = Contact::read(&child(&meta, "sender"));
        let told = contact.as_ref().map(|contact| contact.id.clone());
        // Without the session, as the API tells it, the last message has the address.
        let source_id = text(&session, "source_id").or_else(|| {
            let last = objects(of, "messages").into_iter().next()?;
            text_at(&last, &["conversation", "contact_inbox", "source_id"])
        });
        let additional = raw_attributes(of);
        let additional = raw::part(&additional);
        // The API has it within `meta`.
        let class = text(of, "channel").or_else(|| text(&meta, "channel"));
        Some(Self {
            thread: text(of, "id")?,
            inbox_id: text(of, "inbox_id"),
            channel: Channel::of(
                &class.unwrap_or_default(),
                source_id.as_deref(),
                text(&additional, "type").as_deref(),
            ),
            contact_id: told.or_else(|| text(&session, "contact_id")),
            contact,
            source_id,
            is_verified: is_true(&meta, "hmac_verified") || is_true(&session, "hmac_verified"),
            state: text(of, "status").and_then(|name| State::parse(&name)),
            priority: match of.get("priority") {
                Some(&"null") => Some("medium".to_owned()),
                _ => text(of, "priority"),
            },
            labels: of
                .get("labels")
                .filter(|list| list.starts_with('['))
                .map(|list| {
                    let items = raw::items(list).into_iter();
                    items.filter_map(raw::text).collect()
                }),
            assignee: assignee_of(&meta),
            team: text_at(&meta, &["team", "name"]),
            custom: attributes(of, "custom_attributes"),
            subject: text(&additional, "mail_subject"),
            last_activity_at: moment(of, "last_activity_at"),
            updated_at: moment(of, "updated_at").or_else(|| moment(of, "timestamp")),
            created_at: moment(of, "created_at"),
        })
    }
}

/// The user that it is assigned to. Bots have ids of their own, which may be those of users.
fn assignee_of(meta: &Object<'_>) -> Option<Assignee> {
    let assignee = child(meta, "assignee");
    let kinds = [text(meta, "assignee_type"), text(&assignee, "type")];
    let mut kinds = kinds.iter().flatten();
    let is_user = kinds.all(|kind| kind.eq_ignore_ascii_case("user"));
    Some(Assignee {
        id: text(&assignee, "id").filter(|_| is_user)?,
        name: text(&assignee, "name"),
        email: text(&assignee, "email"),
    })
}

fn raw_attributes(of: &Object<'_>) -> String {
    attributes(of, "additional_attributes")
}

/// That a conversation is new, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationEvent {
    /// The conversation.
    pub conversation: Conversation,
    /// The columns that changed; `None` where the event does not say.
    pub changed: Option<Vec<String>>,
}

pub(super) fn read(whole: &Object<'_>) -> Option<ConversationEvent> {
    let names = |changes: Vec<(String, _)>| changes.into_iter().map(|(name, _)| name).collect();
    Some(ConversationEvent {
        conversation: Conversation::read(whole)?,
        changed: changes(whole).map(names),
    })
}
