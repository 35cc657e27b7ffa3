//! Who has said STOP to an account, and whether START came after it (channels.md §5.3). Carriers
//! block such numbers too, but not all of them do, and consent is ours to keep.

pub mod sql;

use common::context::Context;
use common::db::Statement;
use common::ids::ChannelId;
use common::time::Timestamp;
use sql::OPT_OUT_CHANGE;

/// The code of a refusal because of it, the provider's or ours.
pub const OPTED_OUT: &str = "opted_out";

/// What a customer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutChange {
    /// Their number.
    pub number: String,
    /// Whether they want no more messages; else they want them again.
    pub is_out: bool,
    /// The provider's id of the message with the keyword. A message that was ingested before changes
    /// nothing.
    pub said_by: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

impl OptOutChange {
    /// The statement that records it for the account. It must precede the message in the same batch.
    #[must_use]
    pub fn statement(&self, cx: &Context<'_>, channel_id: &ChannelId) -> Statement {
        OPT_OUT_CHANGE.bind(vec![
            cx.business_id().into(),
            self.number.as_str().into(),
            channel_id.into(),
            i64::from(self.is_out).into(),
            self.at.micros().into(),
            self.said_by.as_deref().into(),
        ])
    }
}
