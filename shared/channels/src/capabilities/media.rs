//! Which files a provider takes.

use crate::outbound::MediaKind;

/// How a channel takes a type of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaRule {
    /// The type that we found the file to be.
    pub mime_type: &'static str,
    /// What the provider calls it.
    pub sent_as: &'static str,
    /// What it is to the provider.
    pub kind: MediaKind,
    /// How large at most, in bytes.
    pub max_bytes: i64,
}

pub(super) const MIB: i64 = 1024 * 1024;
pub(super) const DOCX: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const PPTX: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

pub(super) const fn rule(
    mime_type: &'static str,
    sent_as: &'static str,
    kind: MediaKind,
    max_bytes: i64,
) -> MediaRule {
    MediaRule {
        mime_type,
        sent_as,
        kind,
        max_bytes,
    }
}

pub(super) const fn image(mime_type: &'static str, max_bytes: i64) -> MediaRule {
    rule(mime_type, mime_type, MediaKind::Image, max_bytes)
}

pub(super) const fn video(mime_type: &'static str, max_bytes: i64) -> MediaRule {
    rule(mime_type, mime_type, MediaKind::Video, max_bytes)
}

pub(super) const fn audio(
    mime_type: &'static str,
    sent_as: &'static str,
    max_bytes: i64,
) -> MediaRule {
    rule(mime_type, sent_as, MediaKind::Audio, max_bytes)
}

pub(super) const fn document(mime_type: &'static str, max_bytes: i64) -> MediaRule {
    rule(mime_type, mime_type, MediaKind::Document, max_bytes)
}

/// Every type of file that we store, as large as this.
pub(super) const fn every_type(max_bytes: i64) -> [MediaRule; 24] {
    [
        image("image/jpeg", max_bytes),
        image("image/png", max_bytes),
        image("image/gif", max_bytes),
        image("image/webp", max_bytes),
        video("video/mp4", max_bytes),
        video("video/3gpp", max_bytes),
        video("video/quicktime", max_bytes),
        video("video/webm", max_bytes),
        audio("audio/aac", "audio/aac", max_bytes),
        audio("audio/amr", "audio/amr", max_bytes),
        audio("audio/mpeg", "audio/mpeg", max_bytes),
        audio("audio/mp4", "audio/mp4", max_bytes),
        audio("audio/ogg", "audio/ogg", max_bytes),
        audio("audio/wav", "audio/wav", max_bytes),
        document("text/plain", max_bytes),
        document("text/csv", max_bytes),
        document("text/vcard", max_bytes),
        document("application/pdf", max_bytes),
        document("application/msword", max_bytes),
        document("application/vnd.ms-excel", max_bytes),
        document("application/vnd.ms-powerpoint", max_bytes),
        document(DOCX, max_bytes),
        document(XLSX, max_bytes),
        document(PPTX, max_bytes),
    ]
}
