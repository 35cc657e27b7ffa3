use crate::answer::{id_of, succeeded};
use crate::errors::failed_in_messaging;
use crate::graph::Graph;
use channels::ChannelKind;
use channels::outbound::{
    Adapter, Answered, Content, Media, MediaKind, Outgoing, Passed, Passing, Recipient,
    SEND_TIMEOUT_MS, SendOutcome, SendingAccount,
};
use common::json::raw::object;
use common::json::written::Written;
use common::outside::{OutboundRequest, Outside};

/// Messenger's Send API (channels.md §3.2).
pub static FACEBOOK: Messaging = Messaging(ChannelKind::Facebook);
/// Instagram's (channels.md §4.3).
pub static INSTAGRAM: Messaging = Messaging(ChannelKind::Instagram);

/// The Send API, which takes text or one file in a message, never both.
pub struct Messaging(ChannelKind);

impl Adapter for Messaging {
    fn passing(&self) -> Passing {
        Passing::Linked
    }

    fn shape(
        &self,
        outside: &Outside<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let is_page = self.0 == ChannelKind::Facebook;
        let outbound = outgoing.outbound;
        let (Recipient::User(to) | Recipient::Number(to) | Recipient::Email(to)) = &outbound.to;
        let recipient = Written::default().text("id", to).finish();
        let body = Written::default().json("recipient", &recipient);
        let body = match outgoing.is_late {
            // Within seven days, by a person, where Meta has approved that (channels.md §3.3).
            true => body
                .text("messaging_type", "MESSAGE_TAG")
                .text("tag", "HUMAN_AGENT"),
            false if is_page => body.text("messaging_type", "RESPONSE"),
            false => body,
        };
        let message = message(&outbound.content, outgoing.passed.first());
        // Messenger's echoes bring it back; Instagram knows no such field.
        let message = match is_page {
            true => message.text("metadata", outgoing.message_id),
            false => message,
        };
        let body = body.json("message", &message.finish());
        let body = match &outbound.reply_to {
            Some(mid) => body.json("reply_to", &Written::default().text("mid", mid).finish()),
            None => body,
        };
        // An Instagram account is called by its token: by the login of Facebook its address there is
        // the Page's, which we need not know.
        let node = if is_page { &account.address } else { "me" };
        let path = [node, "/messages"].concat();
        let json = body.finish().into_bytes();
        Graph::of_login(outside, account.setting("login")).post(
            &path,
            account.access_token(),
            json,
            SEND_TIMEOUT_MS,
        )
    }

    fn classify(&self, _: &SendingAccount, answered: &Answered) -> SendOutcome {
        let id = succeeded(answered).and_then(|answer| id_of(object(answer)?.get("message_id")?));
        match id {
            Some(provider_id) => SendOutcome::Sent { provider_id },
            None => failed_in_messaging(answered),
        }
    }
}

fn message(content: &Content, passed: Option<&Passed>) -> Written {
    match content {
        Content::Text(text) => Written::default().text("text", text),
        Content::Media(media) => {
            let attachment = attachment(media, passed).finish();
            Written::default().json("attachment", &attachment)
        }
        // Never planned for these channels; their text is what can be said.
        Content::Compound(compound) => Written::default().text("text", &compound.text),
        Content::Template(template) => Written::default().text("text", &template.name),
    }
}

fn attachment(media: &Media, passed: Option<&Passed>) -> Written {
    let kind = match media.kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::Document | MediaKind::Sticker => "file",
    };
    let payload = match passed {
        Some(Passed::Link(url)) => Written::default().text("url", url),
        Some(Passed::Id(id)) => Written::default().text("attachment_id", id),
        Some(Passed::Bytes(_)) | None => Written::default(),
    };
    Written::default()
        .text("type", kind)
        .json("payload", &payload.finish())
}

#[cfg(test)]
mod tests;
