use common::Context;
use common::http::{Request, Response, Result};
use messaging::conversations::{EscalationRequest, conversation_escalate};

/// `POST /api-escalate` `{conversation_id, reason?, priority?, team_id?, note?, notify?}`
/// (`conversations:write`)
///
/// 1. Reads what is asked: 400, 422.
/// 2. In one transaction: the conversation is open and as urgent as asked at least, the note is
///    written, and `conversation.escalated` raised. 404 for a conversation that the business does not
///    have, 409 where it is closed and another of the same customer and account is open. Within ten
///    minutes of an escalation of a conversation that is open, that one is given, `repeated`, and
///    nothing raised.
/// 3. Has send-message tell the customer, unless `notify` is false; once for an escalation. What
///    hinders that is `notice_error`.
/// 4. 200 with `{success, escalation, conversation, repeated, customer_notified, notice_error?}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let escalation = EscalationRequest::parse(request.text()?)?;
    conversation_escalate(cx, &escalation, request.recall.as_deref()).await
}
