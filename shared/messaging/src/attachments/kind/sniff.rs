use super::container::{inside_ole, inside_zip};
use super::text::{is_markup, is_text};

/// What a file's content says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing.
    Empty,
    /// A type of the allow-list.
    Allowed(&'static str),
    /// Text without markup, whose type follows from its name.
    Text,
    /// What a computer or a browser would run.
    Dangerous,
    /// Anything else, by its type where that is known.
    Other(Option<&'static str>),
}

/// Magic numbers that identify a type.
const ALLOWED: &[(&[u8], &str)] = &[
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    (b"{\\rtf", "application/rtf"),
    (b"BEGIN:VCARD", "text/vcard"),
];

/// Beginnings of what runs: scripts, and programs for Linux, macOS, Java, the browser, Android,
/// and Windows's links, help and cabinets. Windows's own programs are told in [`sniff`].
const DANGEROUS: &[&[u8]] = &[
    b"#!",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"dex\n",
    b"L\0\0\0\x01\x14\x02\0",
    b"ITSF",
    b"MSCF",
    b"FWS",
    b"CWS",
    b"ZWS",
    b"%!PS",
];

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const EBML: &[u8] = b"\x1a\x45\xdf\xa3";
/// How far into a file its second signature may lie: Matroska's type, Ogg's codec.
const SIGNATURE_BYTES: usize = 128;

/// Tells a file by its content.
pub(super) fn sniff(bytes: &[u8]) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    let known = ALLOWED.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, media_type)) = known {
        return Content::Allowed(media_type);
    }
    if DANGEROUS.iter().any(|start| bytes.starts_with(start)) {
        return Content::Dangerous;
    }
    // Two letters are few: a program has zeros behind them, a list of countries has not.
    if bytes.starts_with(b"MZ") && !is_text(bytes) {
        return Content::Dangerous;
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return inside_zip(bytes);
    }
    if bytes.starts_with(OLE) {
        return inside_ole(bytes);
    }
    if let Some(media_type) = audio_or_video(bytes) {
        return Content::Allowed(media_type);
    }
    if is_text(bytes) {
        return if is_markup(bytes) {
            Content::Dangerous
        } else {
            Content::Text
        };
    }
    Content::Other(other(bytes))
}

fn audio_or_video(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..SIGNATURE_BYTES).unwrap_or(bytes);
    let mentions = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    if bytes.starts_with(EBML) {
        return Some(match mentions(b"webm") {
            true => "video/webm",
            false => "video/x-matroska",
        });
    }
    if bytes.starts_with(b"OggS") {
        return Some(match mentions(b"theora") {
            true => "video/ogg",
            false => "audio/ogg",
        });
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12)? {
            b"M4A " | b"M4B " => Some("audio/mp4"),
            b"qt  " => Some("video/quicktime"),
            [b'3', b'g', ..] => Some("video/3gpp"),
            b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" | b"avif" | b"avis" => None,
            _ => Some("video/mp4"),
        };
    }
    match (bytes.get(..4)?, bytes.get(8..12)) {
        (b"RIFF", Some(b"WEBP")) => Some("image/webp"),
        (b"RIFF", Some(b"WAVE")) => Some("audio/wav"),
        (b"RIFF", Some(b"AVI ")) => Some("video/x-msvideo"),
        (b"FORM", Some(b"AIFF" | b"AIFC")) => Some("audio/aiff"),
        ([0xff, flags, rate, _], _) => mpeg_frame(*flags, *rate),
        _ => None,
    }
}

/// The header of a frame without a tag before it: eleven set bits, then version and layer (ISO
/// 11172-3; ISO 13818-7 for AAC, whose layer is zero).
fn mpeg_frame(flags: u8, rate: u8) -> Option<&'static str> {
    let is_sync = flags & 0xe0 == 0xe0;
    if is_sync && flags & 0xf6 == 0xf0 {
        return Some("audio/aac");
    }
    let has_version = flags & 0x18 != 0x08;
    let is_layer_2_or_3 = matches!(flags & 0x06, 0x02 | 0x04);
    let has_rate = rate & 0xf0 != 0xf0 && rate & 0x0c != 0x0c;
    (is_sync && has_version && is_layer_2_or_3 && has_rate).then_some("audio/mpeg")
}

/// Types that are not on the allow-list and do no harm, for what customers send.
fn other(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..12) {
        Some([b'f', b't', b'y', b'p', b'a', b'v', b'i', _]) => return Some("image/avif"),
        Some([b'f', b't', b'y', b'p', b'h' | b'm', ..]) => return Some("image/heic"),
        _ => {}
    }
    let known: &[(&[u8], &str)] = &[
        (b"BM", "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\x1f\x8b", "application/gzip"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"Rar!\x1a\x07", "application/vnd.rar"),
    ];
    let found = known.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, media_type)| *media_type)
}
