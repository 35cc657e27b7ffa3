use super::{blob_key, bytes_put, clean_filename, inbound_type};
use channels::{InboundBytes, InboundMedia};
use common::context::Context;
use common::http::Error;
use common::ids::{AttachmentId, ChannelId, MessageId, derived_id};
use common::json::writer::JsonWriter;
use common::signatures::sha256_hex;

/// Largest file that is fetched, in bytes.
pub const MAX_MEDIA_BYTES: usize = 25 * 1024 * 1024;

/// Stores a file that came inside of a message, the n-th of what the message carries. The same file
/// of the same message is stored once, however often it comes; another one under the same name never
/// takes its place. `None` for a file that is larger than what is stored.
///
/// # Errors
/// 503 when KV is away.
pub async fn inbound_store(
    cx: &Context<'_>,
    (channel_id, provider_id): (&ChannelId, &str),
    n: usize,
    name: Option<&str>,
    mime_type: Option<&str>,
    bytes: &[u8],
) -> Result<Option<InboundMedia>, Error> {
    if bytes.len() > MAX_MEDIA_BYTES {
        return Ok(None);
    }
    let name = name.unwrap_or_default();
    let sha256 = sha256_hex(bytes);
    let attachment_id = derived_id(&[channel_id.as_str(), provider_id, &n.to_string(), &sha256]);
    let key = blob_key(cx.business_id(), &attachment_id);
    bytes_put(cx, &key, bytes).await?;
    let media_type = inbound_type(name, mime_type, bytes);
    Ok(Some(InboundMedia {
        filename: clean_filename(name, &media_type),
        bytes: InboundBytes::Stored {
            attachment_id: AttachmentId::unchecked(attachment_id),
            size: i64::try_from(bytes.len()).unwrap_or_default(),
        },
        mime_type: media_type,
        sha256: Some(sha256),
    }))
}

/// The message on [`Queue::Media`] that has a message's media fetched.
#[must_use]
pub fn media_message(business_id: &str, message_id: &MessageId) -> String {
    let message = JsonWriter::default().text("business_id", business_id);
    message.text("message_id", message_id.as_str()).finish()
}
