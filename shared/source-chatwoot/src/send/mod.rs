//! What goes out through Chatwoot (chatwoot.md §4).

mod listing;

use crate::api::{Api, Failed, File, NewMessage, answer, form};
use channels::StatusUpdate;
use channels::outbound::{
    Adapter, Content, FetchResult, Media, MediaRef, MediaSource, MediaTransfer, Outbound, Outgoing,
    SendOutcome, SendingAccount,
};
use channels::outcomes::{again, refused, unanswered, uncertain, unclear};
use common::json::raw::object;
use common::json::tolerant::text;
use common::ports::{FetchError, OutboundRequest, Ports};
use common::time::Timestamp;

/// How long to leave a server alone that says nothing about it, in seconds. Limits are of a minute.
const LATER_SECONDS: u32 = 30;

/// Conversations at Chatwoot, whatever channel they are on. The recipient is the conversation's number.
pub struct Chatwoot;

impl Adapter for Chatwoot {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Inline
    }

    fn shape(
        &self,
        _: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let message = NewMessage {
            id: outgoing.message_id.as_str(),
            text: text_of(&outgoing.outbound.content),
            is_private: false,
            in_reply_to: outgoing.outbound.reply_to.as_deref(),
        };
        let names: Vec<_> = outgoing.outbound.content.media().iter().collect();
        let names: Vec<_> = names
            .into_iter()
            .map(|media| (media.quotable_filename(), mime_type_of(media)))
            .collect();
        let files = names.iter().zip(outgoing.media_refs);
        let files: Vec<_> = files
            .filter_map(|((name, mime_type), media_ref)| match media_ref {
                MediaRef::Bytes(bytes) => Some(File {
                    name,
                    mime_type,
                    bytes,
                }),
                // Never given: what is sent here holds its files.
                MediaRef::Id(_) | MediaRef::Link(_) => None,
            })
            .collect();
        let (content_type, body) = match files.is_empty() {
            true => ("application/json".to_owned(), message.json().into_bytes()),
            false => form(&message, &files),
        };
        let api = Api::of(&account.settings, &account.credentials);
        api.message_create(thread_of(outgoing.outbound), (&content_type, body))
    }

    fn classify(&self, _: &SendingAccount, answered: &FetchResult) -> SendOutcome {
        let answer = match answer(answered) {
            Ok(answer) => answer,
            Err(failed) => return outcome(failed),
        };
        match object(answer).and_then(|answer| text(&answer, "id")) {
            Some(provider_id) => SendOutcome::Sent { provider_id },
            None => uncertain("Chatwoot took the message and gave no id."),
        }
    }

    fn look_up(
        &self,
        _: &Ports<'_>,
        account: &SendingAccount,
        outbound: &Outbound,
        _: Timestamp,
    ) -> Option<OutboundRequest> {
        let api = Api::of(&account.settings, &account.credentials);
        Some(api.messages(thread_of(outbound), None))
    }

    fn looked_up(
        &self,
        outbound: &Outbound,
        tried_at: Timestamp,
        answered: &FetchResult,
    ) -> Option<Vec<StatusUpdate>> {
        listing::candidates(outbound, tried_at, answered)
    }
}

fn thread_of(outbound: &Outbound) -> &str {
    outbound.to.value()
}

/// The text of a message.
fn text_of(content: &Content) -> &str {
    match content {
        Content::Text(text) => text,
        Content::Compound(compound) => &compound.text,
        Content::Media(media) => media.caption.as_deref().unwrap_or_default(),
        // Never planned for this channel.
        Content::Template(template) => &template.name,
    }
}

fn mime_type_of(media: &Media) -> &str {
    match &media.source {
        MediaSource::Stored { mime_type, .. } => mime_type,
        MediaSource::Link(_) => "application/octet-stream",
    }
}

fn outcome(failed: Failed) -> SendOutcome {
    match failed {
        Failed::Unreached => unanswered(&FetchError::NotSent(String::new())),
        Failed::Unclear => unanswered(&FetchError::Unsure(String::new())),
        Failed::BadToken => refused(
            "bad_key",
            "Chatwoot refuses the token of the account.",
            true,
        ),
        Failed::Forbidden { message } => refused("forbidden", &message, true),
        Failed::NotYours => refused(
            "forbidden",
            "The agent whose token it is does not see the inbox of the conversation.",
            false,
        ),
        Failed::NotFound => refused("not_found", "Chatwoot has no such conversation.", false),
        Failed::Invalid { message, .. } => refused("invalid", &message, false),
        Failed::Throttled { seconds } => again(
            seconds.unwrap_or(LATER_SECONDS),
            None,
            "throttled",
            "Chatwoot takes no more messages at the moment.",
        ),
        Failed::Faulted { status } => unclear(status),
        // A page with 200 may stand in front of what took the message.
        Failed::NotAnApi {
            status: status @ 200..=299,
        } => unclear(status),
        Failed::NotAnApi { status } => refused(
            "not_an_api",
            &format!("What answers at the account's address is not Chatwoot's API ({status})."),
            true,
        ),
    }
}

#[cfg(test)]
mod tests;
