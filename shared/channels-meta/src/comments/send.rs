use super::actions;
use crate::answer::{id_of, succeeded};
use crate::errors::failed_in_messaging;
use crate::graph::Graph;
use channels::outbound::{
    Adapter, Content, FetchResult, Media, MediaRef, MediaTransfer, Outbound, Outgoing, Recipient,
    SEND_TIMEOUT_MS, SendOutcome, SendingAccount,
};
use common::json::raw::object;
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, Ports};

/// Answers to comments, public ones and private ones (channels.md §3.7).
pub static COMMENTS: CommentReplies = CommentReplies;

/// See [`COMMENTS`].
pub struct CommentReplies;

impl Adapter for CommentReplies {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Linked
    }

    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let outbound = outgoing.outbound;
        let words = text_of(&outbound.content);
        let (path, body) = match &outbound.to {
            Recipient::Comment(comment) => {
                let recipient = JsonWriter::default().text("comment_id", comment);
                let message = JsonWriter::default().text("text", words);
                let body = JsonWriter::default()
                    .json("recipient", &recipient.finish())
                    .text("messaging_type", "RESPONSE")
                    .json("message", &message.finish());
                ([&account.address, "/messages"].concat(), body)
            }
            _ => {
                let mut body = JsonWriter::default();
                if !words.is_empty() {
                    body = body.text("message", words);
                }
                if let Some(MediaRef::Link(url)) = outgoing.media_refs.first() {
                    body = body.text("attachment_url", url);
                }
                ([answered(outbound), "/comments"].concat(), body)
            }
        };
        let json = body.finish().into_bytes();
        Graph::of(ports).post(&path, account.access_token(), json, SEND_TIMEOUT_MS)
    }

    fn classify(&self, _: &SendingAccount, answered: &FetchResult) -> SendOutcome {
        let id = succeeded(answered).and_then(|answer| {
            let answer = object(answer)?;
            // A private answer is a message of Messenger, a public one a comment.
            let id = answer.get("message_id").or_else(|| answer.get("id"))?;
            id_of(id)
        });
        match id {
            Some(provider_id) => SendOutcome::Sent { provider_id },
            None => failed_in_messaging(answered),
        }
    }
}

/// The comment that is answered: the one that was named, else the person's latest.
fn answered(outbound: &Outbound) -> &str {
    let named = outbound
        .reply_to
        .as_deref()
        .filter(|id| actions::is_comment(id));
    named.unwrap_or_else(|| outbound.to.value())
}

fn text_of(content: &Content) -> &str {
    match content {
        Content::Text(text) => text,
        Content::Media(Media { caption, .. }) => caption.as_deref().unwrap_or_default(),
        // Never planned for this channel.
        Content::Compound(compound) => &compound.text,
        Content::Template(template) => &template.name,
    }
}
