/// How far into a text a browser, or a server, looks for what it is.
const LOOKED_AT: usize = 1024;
/// As much of an XML document: its root may stand behind a long comment.
const LOOKED_AT_OF_XML: usize = 256 * 1024;

/// Beginnings by which browsers take a text for HTML (WHATWG MIME Sniffing §7.1), and by which
/// servers and shells take it for a program.
const STARTS: &[&str] = &[
    "<!doctype",
    "<!--",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a ",
    "<style",
    "<title",
    "<b>",
    "<body",
    "<br",
    "<p>",
    "<p ",
    "<svg",
    "<img",
    "<object",
    "<embed",
    "<form",
    "<link",
    "<meta",
    "<?php",
    "<?=",
    "<%",
    "@echo",
    "#!",
];

/// What makes a text dangerous also further on.
const ANYWHERE: &[&str] = &[
    "<!doctype html",
    "<html",
    "<svg",
    "<script",
    "<iframe",
    "<?php",
    "<?xml-stylesheet",
    "xmlns:xlink",
    "<!entity",
];

/// Whether this is text: UTF-8 or any of the Latin sets, which have no control characters but those
/// of lines, pages, tabs and terminals.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|b| !matches!(b, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
}

/// Whether a browser would render this text or a computer run it.
pub(super) fn is_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let is_xml = lower(text, 5) == "<?xml";
    let looked_at = if is_xml { LOOKED_AT_OF_XML } else { LOOKED_AT };
    let start = lower(text, looked_at);
    STARTS.iter().any(|mark| start.starts_with(mark))
        || ANYWHERE.iter().any(|mark| start.contains(mark))
}

fn lower(text: &[u8], max: usize) -> String {
    let start = text.get(..max).unwrap_or(text);
    String::from_utf8_lossy(start).to_ascii_lowercase()
}
