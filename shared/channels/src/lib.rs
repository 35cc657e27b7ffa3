//! Channels: accounts at providers by which a business is reached, and an adapter for each provider.

mod account;
mod capabilities;
pub mod card;
pub mod erasure;
mod kind;
mod message;
pub mod opt_outs;
pub mod outbound;
pub mod outcomes;
mod receiving;
mod recipient;
mod segments;
pub mod sql;
mod stored;

pub use account::{Credentials, app_secret_id, credentials_context, verify_token_id};
pub use capabilities::{Capabilities, MediaRule, TextLimit};
pub use kind::{AccountKind, ChannelKind};
pub use message::{
    Change, InboundBytes, InboundMedia, InboundMessage, Mark, MessageStatus, MessageType, NameKind,
    Revision, Sender, SenderName, StatusUpdate, Visibility, Watermark,
};
pub use receiving::{
    ReceivingAccount, parked_account_find, receiving_account_check, receiving_account_find,
};
pub use segments::{Segments, SmsEncoding, segments};
