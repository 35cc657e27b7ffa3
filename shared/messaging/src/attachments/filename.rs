use super::kind::{extension_for, is_dangerous_name};
use std::fmt::Write;

/// Longest name of a file, in bytes: what file systems take.
pub const MAX_FILENAME_BYTES: usize = 255;

/// A name that is safe to store a file under: no folders, no control characters, nothing that turns
/// the direction of writing (and so hides an ending), and never an ending that would run, whatever
/// the file's type. A name of which nothing is left is `file`.
#[must_use]
pub fn clean_filename(name: &str, media_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let is_edge = |c: char| c.is_whitespace() || c == '.';
    clean = clean.trim_matches(is_edge).to_owned();
    if clean.is_empty() {
        "file".clone_into(&mut clean);
        add_extension(&mut clean, media_type);
    } else if is_dangerous_name(&clean) {
        add_extension(&mut clean, media_type);
    }
    shortened(&clean)
}

fn add_extension(name: &mut String, media_type: &str) {
    name.push('.');
    name.push_str(extension_for(media_type).unwrap_or("bin"));
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Cut at a character, the ending kept.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_FILENAME_BYTES {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 16 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let mut room = MAX_FILENAME_BYTES - ending.len();
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    let stem = stem.get(..room).unwrap_or_default();
    format!("{stem}{ending}")
}

/// The header by which a browser saves a file under its name instead of showing it (RFC 6266): once
/// in plain ASCII, and once whole as RFC 5987 encodes it.
#[must_use]
pub fn content_disposition(filename: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' | '%' => '_',
        c if c.is_ascii_graphic() || c == ' ' => c,
        _ => '_',
    };
    let ascii: String = filename.chars().map(plain).collect();
    let mut whole = String::new();
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _written = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folders_no_control_characters_and_no_disguise() {
        let cases = [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\photo.jpg", "photo.jpg"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/", "file.jpg"),
            ("..", "file.jpg"),
            ("", "file.jpg"),
            (" . ", "file.jpg"),
            ("a\0b\r\nc.jpg", "abc.jpg"),
            ("photo\u{202e}gpj.exe", "photogpj.exe.jpg"),
            ("page.html", "page.html.jpg"),
            ("page.HTML. ", "page.HTML.jpg"),
            ("Rechnung für \"Ü\".pdf", "Rechnung für \"Ü\".pdf"),
        ];
        for (given, clean) in cases {
            assert_eq!(clean_filename(given, "image/jpeg"), clean, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_at_a_character_and_keeps_its_ending() {
        let long = format!("{}.pdf", "ü".repeat(300));
        let clean = clean_filename(&long, "application/pdf");
        assert!(clean.len() <= MAX_FILENAME_BYTES && clean.len() > 250);
        assert!(clean.starts_with("üü") && clean.ends_with("ü.pdf"));
        assert_eq!(clean_filename(&"n".repeat(999), "text/plain").len(), 255);
    }

    #[test]
    fn a_name_goes_into_a_header_whole_and_harmless() {
        assert_eq!(
            content_disposition("a b.pdf"),
            "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"
        );
        assert_eq!(
            content_disposition("\"ü\"\\%.pdf"),
            "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%22%C3%BC%22%5C%25.pdf"
        );
    }
}
