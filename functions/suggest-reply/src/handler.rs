use crate::request::ReplyRequest;
use crate::settings::{self, ReplyAnswer, shown};
use crate::stream::SuggestionEvents;
use crate::suggestion::{SuggestRequest, Suggestion, sources_of};
use common::Context;
use common::http::{EVENT_STREAM, Error, Kind, Request, Response, Result, prefers};
use knowledge::context::{ContextRequest, CustomerContext, Subject, context};
use replies::prompt::SUGGESTION;
use replies::{Draft, Patience, Replies, ask, ask_streamed, prompt};

/// How much of what is known goes to the model, in characters.
const MAX_KNOWN: u32 = 12_000;

/// Drafts of replies, and who writes them.
///
/// - `POST /api-suggest-reply` (`conversations:read`) and `POST /embed/api/suggest-reply` (token of the inbox): see
///   [`suggest`].
/// - `GET /api/dashboard/replies` (session): 200 with what is set; null, where nobody writes drafts.
/// - `PUT /api/dashboard/replies` (session): sets all of it; a key that is absent or `***` stays, for the same
///   server. 422 for a server that may not be called.
/// - `DELETE /api/dashboard/replies` (session): 204, and nobody writes drafts any more.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "reply_suggest" | "inbox_suggest" => {
            let asked = SuggestRequest::read(request.text()?)?;
            suggest(cx, &asked).await
        }
        "reply_settings_get" => {
            let replies = Replies::get(cx).await?.map(shown);
            Ok(Response::json(200, &ReplyAnswer { replies }))
        }
        "reply_settings_put" => {
            let wanted = ReplyRequest::read(request.text()?)?;
            let replies = Some(shown(settings::put(cx, wanted).await?));
            Ok(Response::json(200, &ReplyAnswer { replies }))
        }
        "reply_settings_delete" => {
            settings::delete(cx).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// A draft of the reply to what the customer wrote last. Nothing is sent, and nothing is stored.
///
/// 1. Reads who writes drafts: 409 `not_set_up` where nobody does.
/// 2. Brings together what may be known when this customer is answered: 404 for a conversation that there is not or
///    that the caller may not see; 422 for one in which nothing was written.
/// 3. Where `accept` prefers `text/event-stream`: asks the server for a stream, with failures as in 4., and answers with
///    events once it begins: the records that the model was given, the text as it comes, then what 5. answers. What
///    fails from then on is an event. An `Idempotency-Key` asks for what can be repeated, and so for the whole.
/// 4. Asks the server, a second time where it asks for a short wait: 503 where it does not answer, 422
///    `provider_rejected` where it refuses.
/// 5. Answers with the text, and with the records that the model was given.
async fn suggest(cx: &Context<'_>, asked: &SuggestRequest) -> Result<Response> {
    // 1.
    let replies = Replies::get(cx).await?.ok_or_else(|| {
        let message = "Nobody writes drafts for this business. Set who does with `PUT /api/dashboard/replies`.";
        Error::new(Kind::NotSetUp, message)
    })?;

    // 2.
    let known = known(cx, asked).await?;

    // 3.
    if wants_events(cx) {
        let body = prompt::streamed(&SUGGESTION, &replies.settings, &known)?;
        let draft = ask_streamed(cx, &replies, body).await?;
        let events = SuggestionEvents::new(sources_of(known), replies.settings.model, draft);
        return Ok(Response::events(Box::new(events)));
    }

    // 4.
    let body = prompt::request(&SUGGESTION, &replies.settings, &known)?;
    let answered = ask(cx, &replies, body, Patience::AsksAgain).await?;
    let mut draft = Draft::of(&answered)?;
    if let Some(key) = replies.key(cx)? {
        draft.hide(&key);
    }

    // 5.
    let suggestion = Suggestion::of(draft, sources_of(known), replies.settings.model);
    Ok(Response::json(200, &suggestion))
}

fn wants_events(cx: &Context<'_>) -> bool {
    let accept = (cx.header)("accept").unwrap_or_default();
    prefers(&accept, EVENT_STREAM) && (cx.header)("idempotency-key").is_none()
}

async fn known(cx: &Context<'_>, asked: &SuggestRequest) -> Result<CustomerContext> {
    let request = ContextRequest {
        subject: Subject::Conversation(asked.conversation_id.clone()),
        channel: None,
        query: None,
        max_characters: MAX_KNOWN,
    };
    let known = context(cx, &request)
        .await
        .map_err(|error| match error.kind() {
            // Of a customer whom the caller may not see, it is not told that there is a conversation.
            Kind::NotFound => Error::new(Kind::NotFound, "There is no such conversation."),
            _ => error,
        })?;
    if known.history.is_empty() {
        let message = "Nothing was written in this conversation yet that could be answered.";
        return Err(Error::invalid("conversation_id", "has_messages", message));
    }
    Ok(known)
}
