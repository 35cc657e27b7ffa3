//! What Meta does to a comment for the page.

use crate::comment::Comment;
use channels::outbound::SendOutcome;
use channels::{Change, Revision, Visibility};
use channels_meta::comments::actions::Action;
use common::context::Context;
use common::http::{Error, Kind};
use messaging::messages::receipts::messages_revise;

/// Has Meta do it, and stores that it was done.
///
/// # Errors
/// 422 `provider_rejected` where Meta refuses, and for hiding what the page itself wrote; 503 where Meta or
/// the database does not answer: it may then have been done, and may be repeated.
pub(crate) async fn act(cx: &Context<'_>, comment: &Comment, action: Action) -> Result<(), Error> {
    if !comment.is_inbound && action != Action::Delete {
        let message = "The page's own comments cannot be hidden, only deleted.";
        return Err(Error::invalid("id", "inbound", message));
    }
    let account = comment.account(cx)?;
    let request = action.request(&cx.ports, &account, &comment.provider_id);
    let answered = cx.ports.http.fetch(request).await;
    action.done(&answered).map_err(refused)?;
    let provider_id = comment.provider_id.clone();
    let (mut revisions, mut visibility) = (Vec::new(), Vec::new());
    match action {
        Action::Delete => revisions.push(Revision {
            provider_id,
            change: Change::Deleted,
        }),
        Action::Hide | Action::Unhide => visibility.push(Visibility {
            provider_id,
            is_hidden: action == Action::Hide,
            at: cx.now,
        }),
    }
    messages_revise(cx, &comment.channel_id, &revisions, &visibility).await
}

fn refused(outcome: SendOutcome) -> Error {
    match outcome {
        SendOutcome::Refused { code, message, .. } => {
            let message = format!("Meta refused: {message}");
            Error::new(Kind::ProviderRejected, message).with_detail("provider", code)
        }
        SendOutcome::Again { message, .. } | SendOutcome::Uncertain { message } => {
            Error::unavailable(format!("Meta did not do it: {message}"))
        }
        SendOutcome::Sent { .. } => Error::internal("an action was sent"),
    }
}
