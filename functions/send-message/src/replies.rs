//! Replies that other functions send in a conversation.

use crate::handler::send;
use crate::request::{SendKey, SendRequest, checked, missing as missing_field};
use crate::sending::is_suspended;
use crate::sql::SEND_CONVERSATION;
use common::calls;
use common::context::{Agent, Context};
use common::db::Columns;
use common::http::Error;
use common::ids::MessageId;
use common::time::Timestamp;
use messaging::messages::send::{KEY_PREFIX, OutboundReply, SendReply, SendResult};

/// Serves [`send_reply`].
///
/// # Errors
/// 400 for a malformed call; 503 as there.
pub async fn reply_run(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let SendReply { business_id, reply } = calls::read(body)?;
    let mut business = cx.of_business(&business_id);
    business.caller.agent = reply.author.clone().map(|(id, name)| Agent {
        id,
        name,
        email: None,
    });
    let result = reply_result(&business, reply).await?;
    calls::answer::<SendReply>(&result)
}

async fn reply_result(cx: &Context<'_>, reply: OutboundReply) -> Result<SendResult, Error> {
    match reply_send(cx, reply).await {
        Ok(result) => Ok(result),
        Err(error) if error.class().is_refusal() => Ok(SendResult::Refused {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            message_id: error.detail("message_id").map(MessageId::unchecked),
        }),
        Err(error) => Err(error),
    }
}

async fn reply_send(cx: &Context<'_>, reply: OutboundReply) -> Result<SendResult, Error> {
    let missing = || missing_field("conversation_id");
    let id = reply.conversation_id;
    let found = SEND_CONVERSATION.bind(vec![cx.business_id().into(), (&id).into()]);
    let found = cx.db.rows(found).await?;
    let conversation = found.first().ok_or_else(missing)?;
    let mut columns = Columns::of(conversation);
    columns.skip(2);
    let request = SendRequest {
        channel: columns.text("channel")?,
        conversation_id: Some(id.to_string()),
        content: Some(reply.text),
        attachments: Some(reply.attachments),
        reply_to: reply.private_to.as_ref().map(MessageId::to_string),
        ..SendRequest::default()
    };
    let mut draft = checked(cx, request).await?;
    draft.is_private = reply.private_to.is_some();
    draft.waits = is_suspended(cx).await?;
    // Without expiry: a CRM may repeat the same reply days later.
    draft.key = Some(SendKey {
        text: [KEY_PREFIX, &reply.key].concat(),
        since: Timestamp::from_micros(0),
    });
    let sent = send(cx, draft).await?;
    let first = sent.message.id;
    let others = sent.messages.into_iter().map(|message| message.id);
    Ok(SendResult::Message {
        others: others.filter(|id| *id != first).collect(),
        id: first,
        status: sent.message.status,
    })
}
