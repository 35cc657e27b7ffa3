//! What a message of the queue `tieline-media` asks for.

use common::http::Error;
use common::ids::{ChannelId, MessageId};
use common::json::raw::object;

/// What is to be fetched.
pub(crate) enum Job {
    /// The media of a message.
    Media(MediaJob),
    /// The name of a sender.
    Profile(ProfileJob),
}

/// `{business_id, message_id}`
pub(crate) struct MediaJob {
    pub(crate) business_id: String,
    pub(crate) message_id: MessageId,
}

/// `{business_id, channel_id, profile_of}`
pub(crate) struct ProfileJob {
    pub(crate) business_id: String,
    pub(crate) channel_id: ChannelId,
    /// The sender's id at Meta.
    pub(crate) user: String,
}

impl Job {
    /// Reads a message of the queue.
    ///
    /// # Errors
    /// 500 for what is neither.
    pub(crate) fn parse(message: &str) -> Result<Self, Error> {
        let fields = object(message).unwrap_or_default();
        let [business_id, message_id, channel_id, user] =
            ["business_id", "message_id", "channel_id", "profile_of"].map(|name| fields.text(name));
        let user = user.filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric()));
        match (business_id, user, channel_id, message_id) {
            (Some(business_id), Some(user), Some(channel_id), _) => Ok(Self::Profile(ProfileJob {
                business_id,
                channel_id: ChannelId::unchecked(channel_id),
                user,
            })),
            (Some(business_id), None, _, Some(message_id)) => Ok(Self::Media(MediaJob {
                business_id,
                message_id: MessageId::unchecked(message_id),
            })),
            _ => Err(Error::internal("a message of the queue is unreadable")),
        }
    }
}
