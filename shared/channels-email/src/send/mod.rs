//! Mail that goes out.

mod postmark;
mod resend;

pub use postmark::base_url as postmark_base;
pub use resend::{authorization as resend_authorization, base_url as resend_base};

use super::address::named;
use super::html::html_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::outbound::{
    Adapter, Compound, Content, FetchResult, Media, MediaRef, MediaSource, MediaTransfer, Outgoing,
    SendOutcome, SendingAccount,
};
use channels::outcomes::{SOON_SECONDS, again, refused, unanswered};
use common::ids::MessageId;
use common::json::Fields;
use common::json::raw::{Object, part};
use common::ports::{FetchError, OutboundRequest, OutboundResponse, Ports};

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// What a mail is about that does not say, and answers none.
const NO_SUBJECT: &str = "(no subject)";

/// The provider that sends an account's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSender {
    /// Resend.
    Resend,
    /// Postmark.
    Postmark,
}

impl MailSender {
    /// By an account's settings: its provider; where that only receives, as Cloudflare's routing
    /// does, the one that `sends_by` names. `None` where nothing can be sent.
    #[must_use]
    pub fn of(settings: &Fields<String>) -> Option<Self> {
        let named = |name: &str| settings.get(name).map(String::as_str);
        let by = match named("provider") {
            Some("cloudflare") => named("sends_by"),
            provider => provider,
        };
        match by {
            Some("resend") => Some(Self::Resend),
            Some("postmark") => Some(Self::Postmark),
            _ => None,
        }
    }
}

/// Email, by whichever provider the account has.
pub struct Email;

impl Adapter for Email {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Inline
    }

    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let email = OutboundEmail::of(account, outgoing);
        match MailSender::of(&account.settings) {
            Some(MailSender::Postmark) => postmark::shape(ports, account, &email),
            // An account without a key cannot send, and the caller gets that error.
            Some(MailSender::Resend) | None => resend::shape(ports, account, &email),
        }
    }

    fn classify(&self, account: &SendingAccount, answered: &FetchResult) -> SendOutcome {
        match MailSender::of(&account.settings) {
            Some(MailSender::Postmark) => postmark::classify(answered),
            Some(MailSender::Resend) => resend::classify(answered),
            None => refused(
                "receives_only",
                "The account only receives. Set `sends_by` and an `api_key`.",
                true,
            ),
        }
    }
}

/// A mail as any provider wants it.
struct OutboundEmail<'a> {
    message_id: &'a MessageId,
    from: String,
    to: &'a str,
    reply_to: Option<&'a str>,
    subject: &'a str,
    text: &'a str,
    html: String,
    /// `In-Reply-To` and `References`.
    threading: Option<(&'a str, String)>,
    files: Vec<File<'a>>,
}

struct File<'a> {
    name: String,
    mime_type: &'a str,
    content: FileContent<'a>,
}

enum FileContent<'a> {
    /// In base64.
    Inline(String),
    /// Where the provider finds it.
    At(&'a str),
}

impl<'a> OutboundEmail<'a> {
    fn of(account: &SendingAccount, outgoing: &Outgoing<'a>) -> Self {
        let outbound = outgoing.outbound;
        let (compound, text) = match &outbound.content {
            Content::Compound(compound) => (Some(compound), compound.text.as_str()),
            Content::Text(text) => (None, text.as_str()),
            // Never planned for this channel.
            Content::Media(media) => (None, media.caption.as_deref().unwrap_or_default()),
            Content::Template(_) => (None, ""),
        };
        let references: &[String] = compound.map_or(&[], |compound| &compound.references);
        let threading = references
            .last()
            .map(|parent| (parent.as_str(), references.join(" ")));
        let part =
            |of: fn(&'a Compound) -> Option<&'a String>| compound.and_then(of).map(String::as_str);
        let media = outbound.content.media().iter().zip(outgoing.media_refs);
        Self {
            message_id: outgoing.message_id,
            from: named(account.setting("from_name"), &account.address),
            to: outbound.to.value(),
            reply_to: part(|compound| compound.reply_address.as_ref()),
            subject: part(|compound| compound.subject.as_ref()).unwrap_or(NO_SUBJECT),
            text,
            html: html_of(text),
            threading,
            files: media
                .filter_map(|(media, media_ref)| file(media, media_ref))
                .collect(),
        }
    }

    /// The headers that providers do not make themselves.
    fn headers(&self) -> Vec<(&'static str, &str)> {
        let threading = self.threading.as_ref().map(|(parent, references)| {
            [
                ("In-Reply-To", *parent),
                ("References", references.as_str()),
            ]
        });
        threading.into_iter().flatten().collect()
    }
}

fn file<'a>(media: &'a Media, media_ref: &'a MediaRef) -> Option<File<'a>> {
    let content = match media_ref {
        MediaRef::Bytes(bytes) => FileContent::Inline(STANDARD.encode(bytes)),
        MediaRef::Link(url) => FileContent::At(url),
        MediaRef::Id(_) => return None,
    };
    let mime_type = match &media.source {
        MediaSource::Stored { mime_type, .. } => mime_type,
        MediaSource::Link(_) => "application/octet-stream",
    };
    Some(File {
        // Providers write it into a header.
        name: media.quotable_filename(),
        mime_type,
        content,
    })
}

/// The JSON of an answer, whatever its status.
fn json_of(response: &OutboundResponse) -> Object<'_> {
    let body = std::str::from_utf8(&response.body).unwrap_or_default();
    let is_json = common::json::raw::object(body).is_some();
    if is_json {
        part(body.trim_start())
    } else {
        Object::default()
    }
}

const fn is_success(response: &OutboundResponse) -> bool {
    matches!(response.status, 200..=299)
}

/// What came of a request that had no answer, where sending it again does no harm.
fn repeatable(no_answer: &FetchError) -> SendOutcome {
    match no_answer {
        FetchError::NotSent(_) => unanswered(no_answer),
        FetchError::Unsure(_) => again(
            SOON_SECONDS,
            None,
            "no_answer",
            "The provider did not answer.",
        ),
    }
}

#[cfg(test)]
mod tests;
