//! Our words and theirs.

use channels::ChannelKind;

/// Which way a message or a conversation goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the customer.
    #[default]
    In,
    /// To the customer.
    Out,
}

impl Direction {
    /// As Kustomer says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// How a message stands (kustomer.md §8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum MessageStatus {
    Sent,
    Received,
    Error,
}

impl MessageStatus {
    /// As Kustomer says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Error => "error",
        }
    }
}

/// How a conversation stands (kustomer.md §8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum Status {
    Open,
    Snoozed,
    Done,
}

impl Status {
    /// As Kustomer says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Done => "done",
        }
    }
}

/// Their status for one of ours (contract.md, Words); `pending` they have none for.
#[must_use]
pub fn status_to_kustomer(ours: &str) -> Status {
    match ours {
        "closed" => Status::Done,
        "snoozed" => Status::Snoozed,
        _ => Status::Open,
    }
}

/// Our status for one of theirs; `None` for one that is new to us.
#[must_use]
pub fn status_from_kustomer(theirs: &str) -> Option<&'static str> {
    match theirs {
        "open" => Some("open"),
        "snoozed" => Some("snoozed"),
        "done" => Some("closed"),
        _ => None,
    }
}

/// Their priority, 1 to 5, for one of ours.
#[must_use]
pub fn priority_to_kustomer(ours: &str) -> Option<u8> {
    match ours {
        "low" => Some(2),
        "medium" => Some(3),
        "high" => Some(4),
        "urgent" => Some(5),
        _ => None,
    }
}

/// Our priority for one of theirs.
#[must_use]
pub fn priority_from_kustomer(theirs: i64) -> Option<&'static str> {
    match theirs {
        1 | 2 => Some("low"),
        3 => Some("medium"),
        4 => Some("high"),
        5 => Some("urgent"),
        _ => None,
    }
}

/// Their channel for one of ours: of those that they let be created, each has ours by its name.
#[must_use]
pub const fn channel_to_kustomer(ours: ChannelKind) -> &'static str {
    ours.as_str()
}

/// Our channel for one of theirs; `None` for those that we do not have.
#[must_use]
pub fn channel_from_kustomer(theirs: &str) -> Option<ChannelKind> {
    ChannelKind::ALL
        .into_iter()
        .find(|ours| channel_to_kustomer(*ours) == theirs)
}
