use crate::channels::outbound::{MediaKind, MediaRule};

const MIB: i64 = 1024 * 1024;
/// What is taken, what it is called there, as what, and how large (channels.md §2.9).
#[rustfmt::skip]
const MEDIA: &[(&str, &str, MediaKind, i64)] = &[
    ("image/jpeg", "image/jpeg", MediaKind::Image, 5 * MIB),
    ("image/png", "image/png", MediaKind::Image, 5 * MIB),
    ("image/webp", "image/webp", MediaKind::Sticker, 500 * 1024),
    ("audio/aac", "audio/aac", MediaKind::Audio, 16 * MIB),
    ("audio/amr", "audio/amr", MediaKind::Audio, 16 * MIB),
    ("audio/mpeg", "audio/mpeg", MediaKind::Audio, 16 * MIB),
    ("audio/mp3", "audio/mpeg", MediaKind::Audio, 16 * MIB),
    ("audio/mp4", "audio/mp4", MediaKind::Audio, 16 * MIB),
    ("audio/m4a", "audio/mp4", MediaKind::Audio, 16 * MIB),
    ("audio/x-m4a", "audio/mp4", MediaKind::Audio, 16 * MIB),
    ("audio/ogg", "audio/ogg", MediaKind::Audio, 16 * MIB),
    ("audio/opus", "audio/ogg", MediaKind::Audio, 16 * MIB),
    ("video/mp4", "video/mp4", MediaKind::Video, 16 * MIB),
    ("video/3gpp", "video/3gpp", MediaKind::Video, 16 * MIB),
    ("text/plain", "text/plain", MediaKind::Document, 100 * MIB),
    ("application/pdf", "application/pdf", MediaKind::Document, 100 * MIB),
    ("application/msword", "application/msword", MediaKind::Document, 100 * MIB),
    ("application/vnd.ms-excel", "application/vnd.ms-excel", MediaKind::Document, 100 * MIB),
    ("application/vnd.ms-powerpoint", "application/vnd.ms-powerpoint", MediaKind::Document, 100 * MIB),
    (DOCX, DOCX, MediaKind::Document, 100 * MIB),
    (XLSX, XLSX, MediaKind::Document, 100 * MIB),
    (PPTX, PPTX, MediaKind::Document, 100 * MIB),
];
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// How WhatsApp takes a type of media; `None` where it does not.
pub(super) fn media_rule(mime_type: &str) -> Option<MediaRule> {
    let found = MEDIA.iter().find(|(taken, ..)| *taken == mime_type);
    found.map(|&(_, mime_type, kind, max_bytes)| MediaRule {
        kind,
        mime_type,
        max_bytes,
    })
}
