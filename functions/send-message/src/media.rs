use super::parts::Planned;
use channels::outbound::MediaSource;
use common::context::Context;
use common::http::Error;
use common::ids::AttachmentId;
use common::in_flight::hold;
use common::ports::PublicUrl;
use messaging::attachments::{MAX_MEDIA_BYTES, attachment_id_of, blob_key, bytes_get, bytes_put};

/// What an entry of `attachments` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// An attachment that was uploaded.
    Stored(AttachmentId),
    /// A file elsewhere.
    Link(String),
}

/// What the entries of a request's `attachments` name, each once.
///
/// # Errors
/// 422 for what is neither an id nor a public URL.
pub(super) fn references(cx: &Context<'_>, given: &[String]) -> Result<Vec<Reference>, Error> {
    let origin = cx.ports.public_origin()?;
    let mut references: Vec<Reference> = Vec::with_capacity(given.len());
    for (n, text) in given.iter().enumerate() {
        let text = text.trim();
        let path = format!("attachments[{n}]");
        let reference = match attachment_id_of(text, &origin) {
            Some(id) => Reference::Stored(id),
            None if text.contains("://") => {
                let url = PublicUrl::parse(&cx.ports, &path, text)?;
                Reference::Link(url.as_str().to_owned())
            }
            None => {
                let message = "An attachment is an id, a `file_url`, or an https URL.";
                return Err(Error::invalid(path, "id_or_url", message));
            }
        };
        if references.contains(&reference) {
            let message = "This attachment is given twice.";
            return Err(Error::invalid(path, "once", message));
        }
        references.push(reference);
    }
    Ok(references)
}

/// Gives attachments that an earlier message carries already new rows and bytes of their own, so
/// that each message keeps its own.
///
/// # Errors
/// 503 when the stored bytes are away, or not yet everywhere, or are too many for the isolate now.
pub(super) async fn copied(
    cx: &Context<'_>,
    mut planned: Vec<Planned>,
) -> Result<Vec<Planned>, Error> {
    for part in &mut planned {
        let media = part.outbound.content.media_mut().iter_mut();
        for (media, attachment) in media.zip(&mut part.attachments) {
            let MediaSource::Stored {
                attachment_id,
                size,
                ..
            } = &mut media.source
            else {
                continue;
            };
            let Some(attachment) = attachment.as_mut().filter(|a| a.is_taken) else {
                continue;
            };
            let original = key_of(cx, attachment_id);
            let _held = hold(size.unwrap_or(MAX_MEDIA_BYTES), cx.now)?;
            let bytes = bytes_get(cx, &original, *size).await?;
            let bytes =
                bytes.ok_or_else(|| Error::unavailable("an attachment's bytes are missing"))?;
            let copy = AttachmentId::new(&cx.ids);
            bytes_put(cx, &key_of(cx, &copy), &bytes).await?;
            attachment.copy_of = Some(std::mem::replace(attachment_id, copy.clone()));
            attachment.id = copy;
        }
    }
    Ok(planned)
}

/// Where an attachment's bytes lie.
pub(super) fn key_of(cx: &Context<'_>, attachment_id: &AttachmentId) -> String {
    blob_key(cx.business_id(), attachment_id.as_str())
}

/// The type of a remote file by its name, since its bytes are unknown.
pub(super) fn type_by_name(url: &str) -> &'static str {
    match filename_of(url)
        .rsplit('.')
        .next()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("mp4") => "video/mp4",
        Some("3gp") => "video/3gpp",
        Some("mp3") => "audio/mpeg",
        Some("m4a") => "audio/mp4",
        Some("aac") => "audio/aac",
        Some("amr") => "audio/amr",
        Some("ogg" | "opus") => "audio/ogg",
        Some("txt") => "text/plain",
        // The provider looks at the file itself and has the last word.
        _ => "application/pdf",
    }
}

/// The last segment of a URL's path.
pub(super) fn filename_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    match path.split('/').skip(1).last() {
        Some(name) if !name.is_empty() => name,
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_elsewhere_is_named_and_typed_by_its_path() {
        assert_eq!(filename_of("https://a.example/x/y.PNG?z=1"), "y.PNG");
        assert_eq!(filename_of("https://a.example"), "file");
        assert_eq!(filename_of("https://a.example/"), "file");
        assert_eq!(type_by_name("https://a.example/x/y.PNG?z=1"), "image/png");
        assert_eq!(type_by_name("https://a.png/file"), "application/pdf");
    }
}
