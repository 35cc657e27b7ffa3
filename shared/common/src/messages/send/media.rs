use super::parts::Planned;
use super::url::check_public_url;
use crate::channels::outbound::{Content, MediaSource};
use crate::context::Context;
use crate::http::Error;
use crate::ids::is_id;

/// What an entry of `attachments` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// An attachment that was uploaded.
    Stored(String),
    /// A file elsewhere.
    Link(String),
}

/// The path of an attachment's `file_url` and `download_url`; their query names it.
const DOWNLOAD_PATH: &str = "/download-media";

/// # Errors
/// 422 for what is neither an id nor a public URL.
pub(super) fn references(cx: &Context<'_>, given: &[String]) -> Result<Vec<Reference>, Error> {
    let origin = cx.outside.public_origin().unwrap_or_default();
    let mut references: Vec<Reference> = Vec::with_capacity(given.len());
    for (n, text) in given.iter().enumerate() {
        let text = text.trim();
        let path = format!("attachments[{n}]");
        let id = if is_id(text) {
            Some(text)
        } else {
            own_file(&origin, text)
        };
        let reference = match id {
            Some(id) => Reference::Stored(id.to_ascii_lowercase()),
            None if text.contains("://") => {
                check_public_url(cx, &path, text)?;
                Reference::Link(text.to_owned())
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

/// The id in a URL that we gave for an attachment.
fn own_file<'u>(origin: &str, url: &'u str) -> Option<&'u str> {
    let path = url.strip_prefix(origin).filter(|_| !origin.is_empty())?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !path.starts_with('/') || !path.contains(DOWNLOAD_PATH) {
        return None;
    }
    let last = path.rsplit('/').next();
    let named = query.split('&').find_map(|pair| pair.strip_prefix("id="));
    named.or(last).filter(|id| is_id(id))
}

/// Gives attachments that an earlier message carries already new rows and bytes of their own, so
/// that each message keeps its own.
///
/// # Errors
/// 503 when the stored bytes are away, or not yet everywhere.
pub(super) async fn copied(
    cx: &Context<'_>,
    mut planned: Vec<Planned>,
) -> Result<Vec<Planned>, Error> {
    for part in &mut planned {
        let Content::Media(media) = &mut part.outbound.content else {
            continue;
        };
        let MediaSource::Stored { attachment_id, .. } = &mut media.source else {
            continue;
        };
        let Some(attachment) = part.attachment.as_mut().filter(|a| a.is_taken) else {
            continue;
        };
        let original = key_of(cx, attachment_id);
        let bytes = cx.outside.blobs.get(&original).await?;
        let bytes = bytes.ok_or_else(|| Error::unavailable("an attachment's bytes are missing"))?;
        let copy = cx.ids.next();
        cx.outside
            .blobs
            .put(&key_of(cx, &copy), &bytes, None)
            .await?;
        attachment.copy_of = Some(std::mem::replace(attachment_id, copy.clone()));
        attachment.id = copy;
    }
    Ok(planned)
}

/// Where an attachment's bytes lie.
pub(super) fn key_of(cx: &Context<'_>, attachment_id: &str) -> String {
    format!("{}/{attachment_id}", cx.business_id())
}

/// The type of a file elsewhere, by its name: nobody has looked at its bytes.
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

    const ID: &str = "019a9d8e-1c20-7000-8000-000000000001";

    #[test]
    fn our_own_urls_name_an_attachment_and_others_do_not() {
        let origin = "https://t.example";
        for url in [
            format!("{origin}/api/download-media?id={ID}"),
            format!("{origin}/functions/v1/api/download-media?expires=1&id={ID}&signature=x"),
            format!("{origin}/api/download-media/{ID}"),
        ] {
            assert_eq!(own_file(origin, &url), Some(ID), "{url}");
        }
        for url in [
            format!("https://t.example.evil/api/download-media?id={ID}"),
            format!("https://u.example/api/download-media?id={ID}"),
            format!("{origin}/other?id={ID}"),
            format!("{origin}/api/download-media?id=1"),
        ] {
            assert_eq!(own_file(origin, &url), None, "{url}");
        }
    }

    #[test]
    fn a_file_elsewhere_is_named_and_typed_by_its_path() {
        assert_eq!(filename_of("https://a.example/x/y.PNG?z=1"), "y.PNG");
        assert_eq!(filename_of("https://a.example"), "file");
        assert_eq!(filename_of("https://a.example/"), "file");
        assert_eq!(type_by_name("https://a.example/x/y.PNG?z=1"), "image/png");
        assert_eq!(type_by_name("https://a.png/file"), "application/pdf");
    }
}
