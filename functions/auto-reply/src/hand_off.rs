//! A conversation goes to a person.

use crate::claim::Claim;
use crate::reason::Reason;
use crate::settle::{again, moved, settle};
use common::Context;
use common::http::Result;
use messaging::conversations::Priority;
use messaging::conversations::escalate::{
    EscalationRequest, Notice, Source, escalate_and, notice_give,
};

/// Longest reason, in characters (as `POST /api-escalate` has it).
const MAX_REASON: usize = 1_000;

/// Hands a conversation to a person, says why, and tells the customer. What breaks off is done again and comes to the
/// same: the escalation is found by the time of the message, the notice by the escalation.
///
/// # Errors
/// 503 where the database is away.
pub(crate) async fn hand_off(
    cx: &Context<'_>,
    claim: &Claim,
    reason: Reason,
    words: Option<&str>,
) -> Result<()> {
    let told = [reason.sentence(), " ", words.unwrap_or_default()].concat();
    let request = EscalationRequest {
        conversation_id: claim.conversation_id.clone(),
        reason: Some(told.trim().chars().take(MAX_REASON).collect()),
        priority: Priority::High,
        team_id: None,
        note: None,
        notify: true,
    };
    let begun = moved(
        cx,
        claim,
        Some("handing_off"),
        Some(reason),
        Some(claim.until),
    );
    let source = Source::AutoReply(claim.written_at);
    let escalated = match escalate_and(cx, &request, source, Some(begun)).await {
        Ok(escalated) => escalated,
        // Somebody has seen to it, and closed the conversation.
        Err(error) if error.class().is_refusal() => {
            return settle(cx, claim, "skipped", Some(Reason::Closed)).await;
        }
        Err(error) => return Err(error),
    };
    match notice_give(cx, &escalated).await {
        Notice::Given => {}
        Notice::Refused(code, _) => cx.note(format!("a customer was not told: {code}")),
        Notice::Failed(error) => {
            cx.note(format!("a customer was not told: {}", error.code()));
            if claim.may_try_again() {
                return again(cx, claim).await;
            }
        }
    }
    settle(cx, claim, "handed_off", Some(reason)).await
}
