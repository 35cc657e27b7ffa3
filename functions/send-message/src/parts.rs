use super::media::{Reference, filename_of, type_by_name};
use super::read::{Found, StoredAttachment};
use super::request::Draft;
use super::text::split;
use crate::sending::not_found;
use channels::outbound::{Compound, Content, Media, MediaSource, Outbound};
use channels::{AccountKind, Capabilities, ChannelKind, MediaRule, segments};
use common::context::Context;
use common::http::Error;
use common::ids::MessageId;
use messaging::attachments::size_of;

/// One message that the request makes.
pub(super) struct Planned {
    pub(super) message_id: MessageId,
    /// As readers see it.
    pub(super) kind: &'static str,
    /// The text that readers see.
    pub(super) content: String,
    pub(super) outbound: Outbound,
    /// Of a text by SMS.
    pub(super) segments: Option<u32>,
    /// Our attachment, for each of its files.
    pub(super) attachments: Vec<Option<StoredAttachment>>,
}

/// A file, and our attachment of it.
type Medium = (Media, Option<StoredAttachment>);

/// The messages that the request makes, in order: one where the channel takes all together, else
/// the text first, in as many as it needs, unless it fits below the first medium.
///
/// # Errors
/// 404 for an attachment that the business does not have; 422 for one that the channel does not
/// take, or that is not ready.
pub(super) fn planned(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
) -> Result<Vec<Planned>, Error> {
    let takes = Capabilities::of(found.account.kind);
    let mut plan = Plan {
        cx,
        found,
        takes,
        parts: Vec::new(),
    };
    if let Some(template) = &draft.template {
        let body = Content::Template(template.clone());
        plan.add("template", draft.content.clone(), body, vec![]);
        return Ok(plan.parts);
    }
    let mut media = Vec::with_capacity(draft.attachments.len());
    for (n, reference) in draft.attachments.iter().enumerate() {
        media.push(medium(takes, n, reference, &found.attachments)?);
    }
    check_total(takes, &media)?;
    if takes.is_compound() {
        plan.compound(draft, media);
    } else {
        plan.one_by_one(draft, media);
    }
    Ok(plan.parts)
}

struct Plan<'a> {
    cx: &'a Context<'a>,
    found: &'a Found,
    /// What the account takes.
    takes: &'static Capabilities,
    parts: Vec<Planned>,
}

impl Plan<'_> {
    fn add(
        &mut self,
        kind: &'static str,
        content: String,
        body: Content,
        attachments: Vec<Option<StoredAttachment>>,
    ) {
        let answered = self.found.reply_to.as_ref();
        let answered = answered.filter(|_| self.parts.is_empty());
        self.parts.push(Planned {
            message_id: MessageId::new(&self.cx.ids),
            kind,
            segments: segments_of(self.found.account.kind, &body),
            content,
            outbound: Outbound {
                to: self.found.to.clone(),
                reply_to: answered.map(|(_, provider_id)| provider_id.clone()),
                content: body,
            },
            attachments,
        });
    }

    fn compound(&mut self, draft: &Draft, media: Vec<Medium>) {
        let (media, attachments): (Vec<_>, _) = media.into_iter().unzip();
        let kind = match (draft.kind, media.first()) {
            (ChannelKind::Email, _) => "email",
            (_, Some(medium)) => medium.kind.as_str(),
            (_, None) => "text",
        };
        let mail = self.found.mail.as_ref();
        let body = Content::Compound(Compound {
            subject: mail.map(|mail| mail.subject.clone()),
            text: draft.content.clone(),
            media,
            references: mail.map(|mail| mail.references.clone()).unwrap_or_default(),
            reply_address: mail.and_then(|mail| mail.reply_address.clone()),
        });
        self.add(kind, draft.content.clone(), body, attachments);
    }

    fn one_by_one(&mut self, draft: &Draft, mut media: Vec<Medium>) {
        let mut text = draft.content.as_str();
        let fits = text.chars().count() <= self.takes.caption_chars;
        if let Some((first, _)) = media.first_mut()
            && first.kind.takes_caption()
            && fits
            && !text.trim().is_empty()
        {
            first.caption = Some(std::mem::take(&mut text).to_owned());
        }
        if !text.trim().is_empty() {
            for part in split(text, self.takes.text) {
                self.add("text", part.to_owned(), Content::Text(part.into()), vec![]);
            }
        }
        for (medium, attachment) in media {
            let content = medium.caption.clone().unwrap_or_default();
            let kind = medium.kind.as_str();
            self.add(kind, content, Content::Media(medium), vec![attachment]);
        }
    }
}

/// A message with files has no segments.
fn segments_of(kind: AccountKind, body: &Content) -> Option<u32> {
    match body {
        Content::Compound(compound) if kind == AccountKind::Sms && compound.media.is_empty() => {
            Some(segments(&compound.text).count)
        }
        _ => None,
    }
}

fn check_total(takes: &Capabilities, media: &[Medium]) -> Result<(), Error> {
    let sizes = media
        .iter()
        .filter_map(|(_, attachment)| attachment.as_ref());
    let total: i64 = sizes.filter_map(|attachment| attachment.size).sum();
    let Some(max) = takes.total_bytes.filter(|max| total > *max) else {
        return Ok(());
    };
    let message = format!("{} takes {max} bytes of attachments in all.", takes.name);
    Err(Error::invalid(
        "attachments",
        format!("at_most_{max}_bytes"),
        message,
    ))
}

fn medium(
    takes: &Capabilities,
    n: usize,
    reference: &Reference,
    stored: &[StoredAttachment],
) -> Result<Medium, Error> {
    let path = format!("attachments[{n}]");
    let id = match reference {
        Reference::Link(url) => {
            let rule = rule_of(takes, type_by_name(url), &path)?;
            let media = Media {
                kind: rule.kind,
                source: MediaSource::Link(url.clone()),
                filename: filename_of(url).to_owned(),
                caption: None,
            };
            return Ok((media, None));
        }
        Reference::Stored(id) => id,
    };
    let attachment = stored.iter().find(|attachment| attachment.id == *id);
    let attachment = attachment.ok_or_else(|| {
        not_found("There is no such attachment.", "attachments").with_detail(path.clone(), "known")
    })?;
    if !attachment.is_ready {
        let message = "The attachment's bytes are not there yet, or never came.";
        return Err(Error::invalid(path, "ready", message));
    }
    let rule = rule_of(takes, &attachment.mime_type, &path)?;
    if attachment.size.is_some_and(|size| size > rule.max_bytes) {
        let message = format!(
            "{} takes this type of media up to {} bytes.",
            takes.name, rule.max_bytes
        );
        let rule = format!("at_most_{}_bytes", rule.max_bytes);
        return Err(Error::invalid(path, rule, message));
    }
    let media = Media {
        kind: rule.kind,
        source: MediaSource::Stored {
            attachment_id: attachment.id.clone(),
            mime_type: rule.sent_as.to_owned(),
            size: size_of(attachment.size),
        },
        filename: attachment.filename.clone(),
        caption: None,
    };
    Ok((media, Some(attachment.clone())))
}

fn rule_of(takes: &Capabilities, mime_type: &str, path: &str) -> Result<&'static MediaRule, Error> {
    // A parameter such as `codecs=opus` says nothing that the rules go by.
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    takes.media_rule(essence).ok_or_else(|| {
        let message = format!("{} does not take files of this type.", takes.name);
        Error::invalid(path.to_owned(), "media_type", message)
    })
}
