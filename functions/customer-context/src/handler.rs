use crate::request::{of_body, of_query};
use common::Context;
use common::http::{Request, Response, Result, Scope};
use knowledge::context::{Subject, context};

/// `GET|POST /api-customer-context` (`customers:read`, and `conversations:read` for a conversation)
///
/// 1. Reads about whom and what is asked: 422 for nobody, and for two at once.
/// 2. Finds the customer, and the conversation: 404.
/// 3. Takes their own records, what answers the question of what is for all and of what is theirs, and the end of the
///    conversation; no record that carries the identity of somebody else.
/// 4. Answers 200 with as much of it as the size asked for holds, as JSON and as a text for a prompt.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let asked = match request.route.operation {
        "customer_context_get" => of_query(&request.query)?,
        _ => of_body(request.text()?)?,
    };
    if matches!(asked.subject, Subject::Conversation(_)) {
        cx.caller.require(Scope::ConversationsRead)?;
    }

    // 2., 3., 4.
    Ok(Response::json(200, &context(cx, &asked).await?))
}
