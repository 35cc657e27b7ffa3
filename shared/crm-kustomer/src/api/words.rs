//! Terms of ours and of Kustomer.

use channels::{AccountKind, ChannelKind};

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

/// Kustomer's status for one of ours (contract.md, Words); it has none for `pending`.
#[must_use]
pub fn status_to_kustomer(local: &str) -> Status {
    match local {
        "closed" => Status::Done,
        "snoozed" => Status::Snoozed,
        _ => Status::Open,
    }
}

/// Our status for one of Kustomer's; `None` for an unknown one.
#[must_use]
pub fn status_from_kustomer(remote: &str) -> Option<&'static str> {
    match remote {
        "open" => Some("open"),
        "snoozed" => Some("snoozed"),
        "done" => Some("closed"),
        _ => None,
    }
}

/// Kustomer's priority, 1 to 5, for one of ours.
#[must_use]
pub fn priority_to_kustomer(local: &str) -> Option<u8> {
    match local {
        "low" => Some(2),
        "medium" => Some(3),
        "high" => Some(4),
        "urgent" => Some(5),
        _ => None,
    }
}

/// Our priority for one of Kustomer's.
#[must_use]
pub fn priority_from_kustomer(remote: i64) -> Option<&'static str> {
    match remote {
        1 | 2 => Some("low"),
        3 => Some("medium"),
        4 => Some("high"),
        5 => Some("urgent"),
        _ => None,
    }
}

/// Kustomer's channel of everything else.
const CHAT: &str = "chat";

/// Kustomer's channel for one of ours. It has ours by the same names, and `chat` for all that it has no channel
/// of.
#[must_use]
pub const fn channel_to_kustomer(local: ChannelKind) -> &'static str {
    match local.own_account() {
        Some(AccountKind::FacebookComments) | None => CHAT,
        Some(_) => local.as_str(),
    }
}

/// Our channel for one of Kustomer's; `None` for those that we do not have, and for `chat`, which is many.
#[must_use]
pub fn channel_from_kustomer(remote: &str) -> Option<ChannelKind> {
    ChannelKind::ALL
        .into_iter()
        .find(|local| remote != CHAT && channel_to_kustomer(*local) == remote)
}
