//! Bytes as text.

use std::borrow::Cow;

/// What Windows-1252 has at 0x80 to 0x9f (WHATWG Encoding); spreadsheets still write it.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// What stands in the place of what is no character.
const REPLACED: char = char::REPLACEMENT_CHARACTER;

/// The text of a body, without its byte order mark. UTF-8 is borrowed; UTF-16 is known by its mark; what has no valid
/// character beyond ASCII is Windows-1252; anything else is UTF-8 with faults, which are replaced.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return Cow::Owned(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return Cow::Owned(utf16(rest, u16::from_be_bytes));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(length(bytes));
            match has_utf8_beyond_ascii(bytes) {
                true => bytes.utf8_chunks().for_each(|chunk| {
                    text.push_str(chunk.valid());
                    text.extend((!chunk.invalid().is_empty()).then_some(REPLACED));
                }),
                false => text.extend(bytes.iter().map(|byte| windows(*byte))),
            }
            Cow::Owned(text)
        }
    }
}

/// How many bytes the text of a body has at most: more than the body where that is no UTF-8.
pub(crate) fn length(bytes: &[u8]) -> usize {
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return bytes.len() / 2 * 3;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.len(),
        Err(_) if has_utf8_beyond_ascii(bytes) => bytes
            .utf8_chunks()
            .map(|chunk| chunk.valid().len() + if chunk.invalid().is_empty() { 0 } else { 3 })
            .sum(),
        Err(_) => bytes.iter().map(|byte| windows(*byte).len_utf8()).sum(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len() / 2 * 3);
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(REPLACED)));
    text
}

fn has_utf8_beyond_ascii(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS
            .get(usize::from(byte - 0x80))
            .copied()
            .unwrap_or(REPLACED),
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_and_old_encodings_read() {
        for (bytes, text) in [
            (&b"\xef\xbb\xbfa"[..], "a"),
            (b"\xff\xfea\0\xac\x20", "a€"),
            (b"\xfe\xff\0a\x20\xac", "a€"),
            (b"M\xfcller \x80", "Müller €"),
            (b"M\xc3\xbcller \xff", "Müller \u{fffd}"),
            (b"\xff\xfea", ""),
            (b"", ""),
        ] {
            assert_eq!(text_of(bytes), text);
            assert!((text.len()..=3 * bytes.len()).contains(&length(bytes)));
        }
    }
}
