/// The names of the characters from U+00A0 to U+00FF, in order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
    macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
    iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute \
    Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
    THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
    uuml yacute thorn yuml";
/// Others that mail programs write.
const OTHERS: [(&str, char); 26] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("euro", '€'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("bull", '•'),
    ("trade", '™'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("rarr", '→'),
    ("larr", '←'),
];
/// Longest entity that is looked for, in bytes.
const MAX_ENTITY: usize = 12;

/// A text with its entities read; one that nobody knows stays as it is written.
pub(super) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (plain, entity) = rest.split_at(at);
        out.push_str(plain);
        let inner = entity.get(1..).unwrap_or_default();
        match character(inner) {
            Some((c, length)) => {
                out.push(c);
                rest = inner.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that an entity names, and how long the entity is behind its ampersand.
fn character(inner: &str) -> Option<(char, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let end = inner.find(|c| !is_part(c)).unwrap_or(inner.len());
    let name = inner
        .get(..end)
        .filter(|name| (1..=MAX_ENTITY).contains(&name.len()))?;
    let ends = usize::from(inner.get(end..).is_some_and(|rest| rest.starts_with(';')));
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        let c = char::from_u32(code)
            .filter(|c| *c != '\0')
            .unwrap_or('\u{fffd}');
        return Some((c, end + ends));
    }
    // A browser reads a known name without its semicolon in text alone; here nothing hangs on it.
    let others = OTHERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, c)| *c);
    let latin = || {
        let n = LATIN_1
            .split_ascii_whitespace()
            .position(|known| known == name)?;
        char::from_u32(0xa0 + u32::try_from(n).ok()?)
    };
    let c = others.or_else(latin)?;
    Some((c, end + ends))
}

/// A text as it stands in HTML, also between quotes.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_read() {
        for (text, expected) in [
            ("a &amp;&lt;&gt;&quot;&apos; b", "a &<>\"' b"),
            ("&uuml;&szlig;&nbsp;&yuml;&Agrave;&copy", "üß\u{a0}ÿÀ©"),
            ("&#65;&#x42;&#X43;&#128512;&#68", "ABC😀D"),
            ("&euro;&hellip;&#0;&#xd800;", "€…\u{fffd}\u{fffd}"),
            ("&", "&"),
            ("&&", "&&"),
            ("&; &unknown; &#; &#x;", "&; &unknown; &#; &#x;"),
            ("a&b=c", "a&b=c"),
            ("&ä", "&ä"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
        let mut out = String::new();
        escape("<a href=\"'&", &mut out);
        assert_eq!(out, "&lt;a href=&quot;&#39;&amp;");
    }
}
