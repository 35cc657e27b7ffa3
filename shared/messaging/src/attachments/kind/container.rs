use super::sniff::Content;

/// Word since 2007.
pub(super) const DOCX: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Excel since 2007.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// PowerPoint since 2007.
pub(super) const PPTX: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";
/// OpenDocument's texts.
pub(super) const ODT: &str = "application/vnd.oasis.opendocument.text";
/// OpenDocument's tables.
pub(super) const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
/// OpenDocument's slides.
pub(super) const ODP: &str = "application/vnd.oasis.opendocument.presentation";
/// Word before.
pub(super) const DOC: &str = "application/msword";
/// Excel before.
pub(super) const XLS: &str = "application/vnd.ms-excel";
/// PowerPoint before.
pub(super) const PPT: &str = "application/vnd.ms-powerpoint";

/// The streams by which the old types differ.
const OLE_STREAMS: &[(&str, &str)] = &[
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
];

const ZIP: Content = Content::Other(Some("application/zip"));
/// Most entries of a zip that are looked at.
const MAX_ENTRIES: usize = 10_000;
/// The end record of a zip has 22 bytes and a comment of up to 64 KiB.
const END_BYTES: usize = 22 + 65_535;

/// What a zip holds: the office document that it is, or any archive. One with macros or with
/// Java's or Android's classes is a program.
pub(super) fn inside_zip(bytes: &[u8]) -> Content {
    if let Some(found) = open_document(bytes) {
        return Content::Allowed(found);
    }
    let Some(names) = entry_names(bytes) else {
        return Content::Other(None);
    };
    let has = |start: &[u8]| names.iter().any(|name| name.starts_with(start));
    let runs = |name: &&[u8]| {
        name.ends_with(b"vbaProject.bin") || name.ends_with(b".class") || name.ends_with(b".dex")
    };
    if names.iter().any(runs) {
        return Content::Dangerous;
    }
    if !has(b"[Content_Types].xml") {
        return ZIP;
    }
    let parts: [(&[u8], &str); 3] = [(b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX)];
    let part = parts.iter().find(|(start, _)| has(start));
    part.map_or(ZIP, |(_, media_type)| Content::Allowed(media_type))
}

/// An OpenDocument begins with its type, neither packed nor preceded by anything.
fn open_document(bytes: &[u8]) -> Option<&'static str> {
    let stored = bytes.get(30..)?.strip_prefix(b"mimetype")?;
    [ODT, ODS, ODP].into_iter().find(|media_type| {
        let after = stored.strip_prefix(media_type.as_bytes());
        // A template's or a formula's type goes on where a document's ends.
        after.is_some_and(|after| after.starts_with(b"PK"))
    })
}

/// The names in the central directory, which is what programs go by.
fn entry_names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let tail_start = bytes.len().saturating_sub(END_BYTES);
    let tail = bytes.get(tail_start..)?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let record = tail.get(end..)?;
    let mut at = usize::try_from(u32_at(record, 16)?).ok()?;
    let mut names = Vec::new();
    while names.len() < MAX_ENTRIES {
        let Some(entry) = bytes.get(at..).filter(|e| e.starts_with(b"PK\x01\x02")) else {
            break;
        };
        let [name, extra, comment] = [28, 30, 32].map(|offset| u16_at(entry, offset));
        let name_end = 46 + usize::from(name?);
        names.push(entry.get(46..name_end)?);
        at += name_end + usize::from(extra?) + usize::from(comment?);
    }
    (!names.is_empty()).then_some(names)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(two))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(four))
}

/// What an OLE file holds, by the names of its streams: entries of its directory have 128 bytes, and
/// lie at a multiple of that (MS-CFB 2.6.1). Windows's installers are such files too.
pub(super) fn inside_ole(bytes: &[u8]) -> Content {
    let named = |entry: &[u8]| {
        let found = OLE_STREAMS.iter().find(|(name, _)| {
            let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u16::try_from(utf16.len() + 2).ok();
            entry.starts_with(&utf16) && u16_at(entry, 64) == length
        });
        found.map(|(_, media_type)| *media_type)
    };
    let starts_like_a_name = |entry: &&[u8]| matches!(entry, [b'W' | b'B' | b'P', 0, ..]);
    let mut entries = bytes.chunks_exact(128).filter(starts_like_a_name);
    entries
        .find_map(named)
        .map_or(Content::Dangerous, Content::Allowed)
}
