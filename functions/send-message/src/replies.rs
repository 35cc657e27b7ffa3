//! What other functions have to say in a conversation.

use crate::handler::send;
use crate::request::{SendKey, SendRequest, checked, missing as missing_field};
use crate::sql::SEND_CONVERSATION;
use common::calls;
use common::context::{Agent, Context};
use common::db::Columns;
use common::http::Error;
use common::ids::is_id;
use common::time::Timestamp;
use messaging::messages::send::{Said, Saying, SendReply};

/// What every key of [`Saying`] is stored behind. An `Idempotency-Key` has no space in it, so that none
/// of those can be taken for one of these.
const KEY_PREFIX: &str = "said ";

/// Says what [`say`] asks for; what came of it.
///
/// # Errors
/// 400 for what is not of [`say`]; 503 as there.
pub async fn reply_run(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let SendReply { business_id, reply } = calls::read(body)?;
    let mut business = cx.of_business(&business_id);
    business.caller.agent = reply.author.clone().map(|(id, name)| Agent {
        id,
        name,
        email: None,
    });
    let said = said(&business, reply).await?;
    calls::answer::<SendReply>(&said)
}

async fn said(cx: &Context<'_>, saying: Saying) -> Result<Said, Error> {
    match saying_send(cx, saying).await {
        Ok(said) => Ok(said),
        Err(error) if error.class().is_refusal() => Ok(Said::Refused {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            message_id: error.detail("message_id").map(str::to_owned),
        }),
        Err(error) => Err(error),
    }
}

async fn saying_send(cx: &Context<'_>, saying: Saying) -> Result<Said, Error> {
    let missing = || missing_field("conversation_id");
    if !is_id(&saying.conversation_id) {
        return Err(missing());
    }
    let id = saying.conversation_id.to_ascii_lowercase();
    let found = SEND_CONVERSATION.bind(vec![cx.business_id().into(), id.as_str().into()]);
    let found = cx.db.rows(found).await?;
    let conversation = found.first().ok_or_else(missing)?;
    let mut columns = Columns::of(conversation);
    columns.skip(2);
    let asked = SendRequest {
        channel: columns.text("channel")?,
        conversation_id: Some(id),
        content: Some(saying.text),
        attachments: Some(saying.attachments),
        ..SendRequest::default()
    };
    let mut draft = checked(cx, asked)?;
    // For good: a CRM may tell us of the same reply days later.
    draft.key = Some(SendKey {
        text: [KEY_PREFIX, &saying.key].concat(),
        since: Timestamp::from_micros(0),
    });
    let sent = send(cx, draft).await?;
    let first = sent.message.id;
    let others = sent.messages.into_iter().map(|message| message.id);
    Ok(Said::Message {
        others: others.filter(|id| *id != first).collect(),
        id: first,
        status: sent.message.status,
    })
}
