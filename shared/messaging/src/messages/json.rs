//! The public JSON of messages, as SQLite builds it, and what is put into it afterwards.

use crate::attachments::download_url;
use common::context::Context;
use common::http::Error;
use common::ids::AttachmentId;
use common::json::marks::filled;

/// The mark before an attachment's id, in whose place a link is put (`common::json::marks`).
const LINK: u8 = 0x1f;
/// Bytes of an id.
const ID_BYTES: usize = 36;

/// A message `m` without its closing brace, so that more may follow. No brace but its own ends what SQLite's function
/// builds: the last value of that is a text or null.
#[macro_export]
macro_rules! message_json_open {
    () => {
        concat!(
            "rtrim(json_object('id', m.id, 'conversation_id', m.conversation_id,
               'customer_id', m.customer_id, 'channel', m.channel, 'platform', m.channel,
               'channel_id', m.channel_id, 'direction', m.direction, 'type', m.type,
               'content', m.content, 'detail', json(m.detail), 'status', m.status,
               'error', json(m.error), 'reply_to', m.reply_to,
               'sender_verified', m.detail ->> 'sender_verified',
               'participant', m.detail ->> 'participant'), '}')
             || ',\"created_at\":' || ",
            common::time_mark!("m.created_at"),
            " || ',\"sent_at\":' || ",
            common::time_mark!("m.sent_at"),
            " || ',\"delivered_at\":' || ",
            common::time_mark!("m.delivered_at"),
            " || ',\"read_at\":' || ",
            common::time_mark!("m.read_at")
        )
    };
}

/// The attachments of a message `m`, as a JSON array whose links are marked. Left to itself, SQLite
/// goes through all that the business has, for each message.
#[macro_export]
macro_rules! attachments_json {
    () => {
        "'[' || coalesce((SELECT group_concat(rtrim(json_object('id', a.id,
               'filename', a.filename, 'type', a.type, 'size', a.size, 'sha256', a.sha256,
               'state', a.state, 'error', a.error), '}')
             || ',\"url\":\"' || char(31) || a.id || '\",\"download_url\":\"' || char(31) || a.id
             || '\"}', ',')
           FROM attachments a INDEXED BY attachments_by_message WHERE a.business_id = ?1 AND a.message_id = m.id), '') || ']'"
    };
}

/// Puts in the times and the signed links that SQLite marked.
///
/// # Errors
/// 500 where the deployment cannot sign.
pub fn with_links(cx: &Context<'_>, json: String) -> Result<String, Error> {
    filled(json, LINK, &mut |marked, text| {
        let id = marked.get(..ID_BYTES);
        let id = id.ok_or_else(|| Error::internal("a link's mark has no id"))?;
        text.push_str(&download_url(
            &cx.ports,
            &AttachmentId::unchecked(id),
            cx.now,
        )?);
        Ok(ID_BYTES)
    })
}
