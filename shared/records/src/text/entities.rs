//! Character references of XML and HTML.

/// The names that a text needs; others stay as they are written.
const NAMES: [(&str, char); 30] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("euro", '€'),
    ("pound", '£'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bull", '•'),
    ("middot", '·'),
    ("times", '×'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
];
/// Longest reference looked at, in bytes.
const MAX_LENGTH: usize = 12;

/// The character of a reference that stands at the start of a text, and how long it is written.
pub(crate) fn one(text: &str) -> Option<(char, usize)> {
    let window = super::within_bytes(text, MAX_LENGTH);
    let (name, _) = window.strip_prefix('&')?.split_once(';')?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None => NAMES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, name.len() + 2))
}

/// The text with its references as characters, each once: `&amp;lt;` is `&lt;`. Nothing is ever defined by a document.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = one(reference).unwrap_or(('&', 1));
        out.push(c);
        rest = reference.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_once_and_unknown_ones_stay() {
        assert_eq!(
            decoded("a &lt;b&gt; &amp;lt; &#65;&#x20ac; &nbsp;&lol; & &#xffffffff; &#1114112; é&"),
            "a <b> &lt; A€  &lol; & &#xffffffff; &#1114112; é&"
        );
    }
}
