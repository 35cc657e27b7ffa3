//! Whether a model is asked.

use crate::claim::{Claim, MAX_AGE_MICROS, MAX_IN_AN_HOUR};
use crate::reason::Reason;
use crate::sql::REPLY_FACTS;
use common::Context;
use common::db::{Columns, next_rows};
use common::http::Result;
use common::time::SECOND;
use messaging::conversations::handoff::{Triggers, handoff_get};
use replies::Replies;

const HOUR: i64 = 3600 * SECOND;
/// How long somebody who wrote in a conversation, or to whom it was handed, has it.
const PERSON_MICROS: i64 = 24 * HOUR;

/// What is done with a message.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// A model writes the reply.
    Write(Box<Replies>),
    /// Nothing.
    Skip(Reason),
    /// A person gets the conversation.
    HandOff(Reason),
}

/// Decides by what the conversation is.
///
/// # Errors
/// 503 where the database is away.
pub(crate) async fn decide(cx: &Context<'_>, claim: &Claim) -> Result<Verdict> {
    let now = cx.now.micros();
    let facts = REPLY_FACTS.bind(vec![
        cx.business_id().into(),
        (&claim.message_id).into(),
        (now - PERSON_MICROS).into(),
        (now - HOUR).into(),
        (claim.written_at.micros() - MAX_AGE_MICROS).into(),
    ]);
    let results = cx.db.batch(vec![facts, Replies::read(cx)]).await?;
    let mut results = results.into_iter();
    let (facts, settings) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let Some(facts) = facts.first() else {
        return Ok(Verdict::Skip(Reason::Closed));
    };
    let mut columns = Columns::of(facts);
    let kind = columns.text("type")?;
    let content = columns.text("content")?;
    let channel = columns.text("channel")?;
    let is_automatic = columns.flag("is_automatic")?;
    let is_unverified = columns.flag("is_unverified")?;
    let is_closed = columns.flag("is_closed")?;
    let is_with_person = columns.flag("is_with_person")?;
    let is_overtaken = columns.flag("is_overtaken")?;
    let is_answered = columns.flag("is_answered")?;
    let has_files = columns.flag("has_files")?;
    let replies_sent = columns.integer("replies")?;

    let settings = settings.first().map(Replies::of_row).transpose()?;
    let is_on = |replies: &Replies| replies.auto_reply.contains_key(&channel);
    let Some(replies) = settings.filter(is_on) else {
        return Ok(Verdict::Skip(Reason::Off));
    };
    let skipped = [
        (is_overtaken, Reason::Overtaken),
        (is_closed, Reason::Closed),
        (is_with_person, Reason::WithPerson),
        (is_answered, Reason::Answered),
        (is_automatic, Reason::Automatic),
        (is_unverified, Reason::UnverifiedSender),
    ];
    if let Some((_, reason)) = skipped.into_iter().find(|(is_so, _)| *is_so) {
        return Ok(Verdict::Skip(reason));
    }
    let age = now - claim.written_at.micros();
    let is_text = matches!(&*kind, "text" | "button" | "interactive" | "email");
    let handed_off = [
        (
            age > MAX_AGE_MICROS + SECOND || claim.is_worn_out(),
            Reason::Late,
        ),
        (replies_sent >= MAX_IN_AN_HOUR, Reason::TooMany),
        (
            has_files || !is_text || content.trim().is_empty(),
            Reason::NoText,
        ),
    ];
    if let Some((_, reason)) = handed_off.into_iter().find(|(is_so, _)| *is_so) {
        return Ok(Verdict::HandOff(reason));
    }
    // Also where nobody looks for them in all that customers write: nobody should have to argue with a program.
    let triggers = Triggers::of(&handoff_get(cx).await?.triggers);
    if triggers.matched(&content).is_some() {
        return Ok(Verdict::HandOff(Reason::Asked));
    }
    Ok(Verdict::Write(Box::new(replies)))
}
