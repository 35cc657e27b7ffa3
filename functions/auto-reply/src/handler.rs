use crate::claim::{Claim, State};
use crate::decide::{Verdict, decide};
use crate::hand_off::hand_off;
use crate::reason::Reason;
use crate::settle::{again, failed, marked_sending, settle, wrote};
use crate::sql::{DUE_REPLIES, REPLY_PRUNE};
use crate::write::{Written, write};
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::ids::ConversationId;
use common::ports::Queue;
use common::time::DAY;
use messaging::messages::send::{OutboundReply, SendResult, send_reply};
use replies::AUTHOR_ID;

/// How long it is remembered what was replied to.
const KEPT_MICROS: i64 = 30 * DAY;
/// Most conversations that the cron wakes, and most rows that it takes away.
const MAX_ROWS: i64 = 250;

/// Replies to what a customer wrote last in a conversation, which the message names with its business. Each message is
/// replied to once at most, whatever is delivered twice and whatever is cut off: its row is there before anything is
/// sent, and what is sent has a key of the message.
///
/// 1. Claims the newest message that is due; older ones that wait are not replied to by themselves. Whoever claims one
///    works alone until the lease ends.
/// 2. Of one whose reply went out already, or which is being handed off, does the rest.
/// 3. Decides by what the conversation is whether a model is asked at all: a person may have it, or has to.
/// 4. Has the model write the reply from what may be known when this customer is answered, and checks it. A model that
///    does not answer is asked again after 3, 15 and 45 seconds.
/// 5. Writes down that it is being sent, if nobody has written in the conversation or taken it meanwhile.
/// 6. Has `send-message` send it. What may not be sent is handed off.
///
/// Whatever cannot be replied to is handed to a person, with the reason. 503 where a database is away: the lease ends,
/// and the cron begins anew.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    let parts = message.split_once(' ');
    let named = parts.and_then(|(business, id)| Some((business, ConversationId::parse(id)?)));
    let (business, conversation) =
        named.ok_or_else(|| Error::internal("the message names no conversation"))?;
    let cx = &cx.of_business(business);
    // 1.
    let Some(claim) = Claim::take(cx, conversation).await? else {
        return Ok(());
    };

    // 2.
    if claim.reply_id.is_some() {
        return settle(cx, &claim, "sent", None).await;
    }
    if let State::HandingOff(reason) = claim.state {
        return hand_off(cx, &claim, reason, None).await;
    }

    // 3.
    let replies = match decide(cx, &claim).await? {
        Verdict::Write(replies) => replies,
        Verdict::Skip(reason) => return settle(cx, &claim, "skipped", Some(reason)).await,
        Verdict::HandOff(reason) => return hand_off(cx, &claim, reason, None).await,
    };

    // 4.
    let text = match write(cx, &claim, &replies).await {
        Ok(Written::Reply(text)) => text,
        Ok(Written::Not(reason)) => return hand_off(cx, &claim, reason, None).await,
        Ok(Written::Gone) => return settle(cx, &claim, "skipped", Some(Reason::Closed)).await,
        Ok(Written::Failed(error)) => {
            failed(cx, &error).await?;
            if !error.class().is_refusal() && claim.may_try_again() {
                return again(cx, &claim).await;
            }
            let words = Some(error.message());
            return hand_off(cx, &claim, Reason::ModelFailed, words).await;
        }
        Err(error) => return Err(error),
    };
    wrote(cx, &replies).await?;

    // 5.
    if !marked_sending(cx, &claim).await? {
        return settle(cx, &claim, "skipped", Some(Reason::Overtaken)).await;
    }

    // 6.
    let reply = OutboundReply {
        text,
        author: Some((AUTHOR_ID.to_owned(), replies.settings.auto_reply_name)),
        ..OutboundReply::new(claim.conversation_id.clone(), claim.key())
    };
    match send_reply(cx, &reply).await {
        Ok(SendResult::Message { .. }) => settle(cx, &claim, "sent", None).await,
        Ok(SendResult::Refused { code, .. }) if code == "opted_out" => {
            settle(cx, &claim, "skipped", Some(Reason::OptedOut)).await
        }
        Ok(SendResult::Refused { message, .. }) => {
            hand_off(cx, &claim, Reason::Refused, Some(&message)).await
        }
        Err(error) if claim.may_try_again() => {
            cx.note(format!("a reply was not sent: {}", error.code()));
            again(cx, &claim).await
        }
        Err(error) => hand_off(cx, &claim, Reason::Unsent, Some(error.message())).await,
    }
}

/// Wakes what is due, of all businesses, and forgets what is old.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    let now = cx.now.micros();
    let statements = vec![
        REPLY_PRUNE.bind(vec![(now - KEPT_MICROS).into(), MAX_ROWS.into()]),
        DUE_REPLIES.bind(vec![now.into(), MAX_ROWS.into()]),
    ];
    let results = cx.db.batch(statements).await?;
    for row in results.last().into_iter().flatten() {
        let mut columns = Columns::of(row);
        let business = columns.str("business_id")?;
        let conversation: ConversationId = columns.id("conversation_id")?;
        cx.wake(
            Queue::Replies,
            [business, " ", conversation.as_str()].concat(),
        );
    }
    Ok(())
}
