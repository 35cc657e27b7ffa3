use crate::media::media_fetch;
use crate::profiles::profile_fetch;
use common::Context;
use common::http::Result;

/// A message of the queue `tieline-media`, `{business_id, message_id}`: fetches what is due of the
/// message's attachments.
///
/// 1. Claims them for a minute, so that nobody else fetches them meanwhile.
/// 2. Asks the provider for the address, and the address for the bytes, with the account's token.
/// 3. Stores the bytes in KV, then says so in the attachment's row, with the event in the same
///    transaction. What did not come is due again, later and later, and fails in the end.
///
/// Or `{business_id, channel_id, profile_of}`: asks Meta for the name of a sender of Messenger or
/// Instagram, for a customer who has none.
pub async fn fetch(cx: &Context<'_>, message: &str) -> Result<()> {
    match profile_fetch(cx, message).await? {
        true => Ok(()),
        false => media_fetch(cx, message).await,
    }
}
