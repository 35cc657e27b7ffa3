use super::media::{Reference, filename_of, type_by_name};
use super::not_found;
use super::read::{Found, StoredAttachment};
use super::request::Draft;
use crate::channels::outbound::{Adapter, Content, Media, MediaRule, MediaSource, Outbound};
use crate::context::Context;
use crate::http::Error;

/// One message that the request makes.
pub(super) struct Planned {
    pub(super) message_id: String,
    /// As readers see it.
    pub(super) kind: &'static str,
    /// The text that readers see.
    pub(super) content: String,
    pub(super) outbound: Outbound,
    /// What it carries of ours.
    pub(super) attachment: Option<StoredAttachment>,
}

/// The messages that the request makes, in order: the text first, unless it fits below the first
/// medium.
///
/// # Errors
/// 404 for an attachment that the business does not have; 422 for one that the channel does not
/// take, or that is not ready.
pub(super) fn planned(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
) -> Result<Vec<Planned>, Error> {
    let plan = |kind, content: String, body, attachment, is_first: bool| Planned {
        message_id: cx.ids.next(),
        kind,
        content,
        outbound: Outbound {
            to: found.to.clone(),
            reply_to: found
                .reply_to
                .as_ref()
                .filter(|_| is_first)
                .map(|(_, provider_id)| provider_id.clone()),
            content: body,
        },
        attachment,
    };
    if let Some(template) = &draft.template {
        let body = Content::Template(template.clone());
        return Ok(vec![plan(
            "template",
            draft.content.clone(),
            body,
            None,
            true,
        )]);
    }
    let mut media = Vec::with_capacity(draft.attachments.len());
    for (n, reference) in draft.attachments.iter().enumerate() {
        media.push(medium(draft.adapter, n, reference, &found.attachments)?);
    }
    let mut text = draft.content.as_str();
    let mut parts = Vec::with_capacity(media.len() + 1);
    let fits = text.chars().count() <= draft.adapter.limits().caption_chars;
    if let Some((first, _)) = media.first_mut()
        && first.kind.takes_caption()
        && fits
        && !text.trim().is_empty()
    {
        first.caption = Some(std::mem::take(&mut text).to_owned());
    }
    if !text.trim().is_empty() {
        let body = Content::Text(text.to_owned());
        parts.push(plan("text", text.to_owned(), body, None, true));
    }
    for (medium, attachment) in media {
        let content = medium.caption.clone().unwrap_or_default();
        let (kind, is_first) = (medium.kind.as_str(), parts.is_empty());
        parts.push(plan(
            kind,
            content,
            Content::Media(medium),
            attachment,
            is_first,
        ));
    }
    Ok(parts)
}

fn medium(
    adapter: &dyn Adapter,
    n: usize,
    reference: &Reference,
    stored: &[StoredAttachment],
) -> Result<(Media, Option<StoredAttachment>), Error> {
    let path = format!("attachments[{n}]");
    let id = match reference {
        Reference::Link(url) => {
            let rule = rule_of(adapter, type_by_name(url), &path)?;
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
    let rule = rule_of(adapter, &attachment.mime_type, &path)?;
    if attachment.size > rule.max_bytes {
        let message = format!(
            "{} takes this type of media up to {} bytes.",
            adapter.name(),
            rule.max_bytes
        );
        let rule = format!("at_most_{}_bytes", rule.max_bytes);
        return Err(Error::invalid(path, rule, message));
    }
    let media = Media {
        kind: rule.kind,
        source: MediaSource::Stored {
            attachment_id: attachment.id.clone(),
            mime_type: rule.mime_type.to_owned(),
        },
        filename: attachment.filename.clone(),
        caption: None,
    };
    Ok((media, Some(attachment.clone())))
}

fn rule_of(adapter: &dyn Adapter, mime_type: &str, path: &str) -> Result<MediaRule, Error> {
    // A parameter such as `codecs=opus` says nothing that the rules go by.
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    adapter.media_rule(essence).ok_or_else(|| {
        let message = format!("{} does not take files of this type.", adapter.name());
        Error::invalid(path.to_owned(), "media_type", message)
    })
}
