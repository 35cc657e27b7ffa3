use crate::answer::{id_of, succeeded};
use crate::errors::failed_in_messaging;
use crate::graph::Graph;
use channels::ChannelKind;
use channels::outbound::{
    Adapter, Content, FetchResult, Media, MediaKind, MediaRef, MediaTransfer, Outgoing,
    SEND_TIMEOUT_MS, SendOutcome, SendingAccount,
};
use common::json::raw::object;
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, Ports};

/// Messenger's Send API (channels.md §3.2).
pub static FACEBOOK: Messaging = Messaging(ChannelKind::Facebook);
/// Instagram's (channels.md §4.3).
pub static INSTAGRAM: Messaging = Messaging(ChannelKind::Instagram);

/// The Send API, which takes text or one file in a message, never both.
pub struct Messaging(ChannelKind);

impl Adapter for Messaging {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Linked
    }

    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let is_page = self.0 == ChannelKind::Facebook;
        let outbound = outgoing.outbound;
        let recipient = JsonWriter::default().text("id", outbound.to.value());
        let recipient = recipient.finish();
        let body = JsonWriter::default().json("recipient", &recipient);
        let body = match outgoing.is_late {
            // Within seven days, by a person, where Meta has approved that (channels.md §3.3).
            true => body
                .text("messaging_type", "MESSAGE_TAG")
                .text("tag", "HUMAN_AGENT"),
            false if is_page => body.text("messaging_type", "RESPONSE"),
            false => body,
        };
        let message = message(&outbound.content, outgoing.media_refs.first());
        // Messenger's echoes bring it back; Instagram knows no such field.
        let message = match is_page {
            true => message.text("metadata", outgoing.message_id.as_str()),
            false => message,
        };
        let body = body.json("message", &message.finish());
        let body = match &outbound.reply_to {
            Some(mid) => body.json("reply_to", &JsonWriter::default().text("mid", mid).finish()),
            None => body,
        };
        // An Instagram account is called by its token: by the login of Facebook its address there is
        // the Page's, which we need not know.
        let node = if is_page { &account.address } else { "me" };
        let path = [node, "/messages"].concat();
        let json = body.finish().into_bytes();
        Graph::of_login(ports, account.setting("login")).post(
            &path,
            account.access_token(),
            json,
            SEND_TIMEOUT_MS,
        )
    }

    fn classify(&self, _: &SendingAccount, answered: &FetchResult) -> SendOutcome {
        let id = succeeded(answered).and_then(|answer| id_of(object(answer)?.get("message_id")?));
        match id {
            Some(provider_id) => SendOutcome::Sent { provider_id },
            None => failed_in_messaging(answered),
        }
    }
}

fn message(content: &Content, media_ref: Option<&MediaRef>) -> JsonWriter {
    match content {
        Content::Text(text) => JsonWriter::default().text("text", text),
        Content::Media(media) => {
            let attachment = attachment(media, media_ref).finish();
            JsonWriter::default().json("attachment", &attachment)
        }
        // Never planned for these channels; their text is what can be said.
        Content::Compound(compound) => JsonWriter::default().text("text", &compound.text),
        Content::Template(template) => JsonWriter::default().text("text", &template.name),
    }
}

fn attachment(media: &Media, media_ref: Option<&MediaRef>) -> JsonWriter {
    let kind = match media.kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::Document | MediaKind::Sticker => "file",
    };
    let payload = match media_ref {
        Some(MediaRef::Link(url)) => JsonWriter::default().text("url", url),
        Some(MediaRef::Id(id)) => JsonWriter::default().text("attachment_id", id),
        Some(MediaRef::Bytes(_)) | None => JsonWriter::default(),
    };
    JsonWriter::default()
        .text("type", kind)
        .json("payload", &payload.finish())
}

#[cfg(test)]
mod tests;
