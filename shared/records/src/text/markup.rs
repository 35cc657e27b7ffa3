//! HTML as text: for a value that holds some, in one go; for a page, as Markdown with its headings.

use super::entities;

/// Elements of which nothing is shown.
const SILENT: [&str; 9] = [
    "script", "style", "head", "noscript", "template", "svg", "iframe", "nav", "footer",
];
/// Elements that begin and end a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "tr",
    "ul",
    "ol",
    "table",
    "section",
    "article",
    "header",
    "main",
    "aside",
    "blockquote",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
    "form",
    "fieldset",
    "figure",
    "address",
    "details",
    "summary",
];

/// How many times an end is looked for in vain; a text in which more is missing is no HTML from there on.
const MAX_FAILURES: usize = 50;

/// A page of so many bytes may become larger as Markdown than it was.
const SMALL_PAGE: usize = 1024 * 1024;
/// More bytes than any tag becomes.
const LONGEST_TAG: usize = 16;

/// The text without its markup where it has any: tags become spaces, references characters.
pub(crate) fn without_markup(text: &str) -> Option<String> {
    let is_tag = |(at, _): (usize, &str)| tag(text.get(at..).unwrap_or_default()).is_some();
    let has_tags = text.match_indices('<').take(MAX_FAILURES).any(is_tag);
    let has_references = text
        .match_indices('&')
        .any(|(at, _)| entities::one(text.get(at..).unwrap_or_default()).is_some());
    match (has_tags, has_references) {
        (false, false) => None,
        (false, true) => Some(entities::decoded(text)),
        (true, _) => Some(html_as_markdown(text)),
    }
}

/// A tag that stands at the start of a text: its name in lower case (`/p` for one that ends), and its length.
/// A comment or a declaration is a tag without a name. What never ends is no tag.
fn tag(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some((String::new(), 4 + comment.find("-->")? + 3));
    }
    let first = inner.strip_prefix('/').unwrap_or(inner).chars().next()?;
    if !first.is_ascii_alphabetic() && first != '!' && first != '?' {
        return None;
    }
    let name = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '/');
    let name = name.take(1).collect::<String>().to_ascii_lowercase();
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some((name.trim_end_matches('/').to_owned(), at + 1)),
            _ => {}
        }
    }
    None
}

/// A page as Markdown: headings as `#`, items as `- `, cells between bars; no links, no pictures, nothing of scripts,
/// styles and menus. What never ends is looked for [`MAX_FAILURES`] times, so the work grows as the page does. Of a page
/// of more tags than text the end is left out, where the result would be larger than the page.
pub(crate) fn html_as_markdown(html: &str) -> String {
    let most = html.len().max(SMALL_PAGE);
    let mut out = String::with_capacity(html.len() + LONGEST_TAG);
    let mut rest = html;
    let mut failures = 0;
    while let Some(at) = rest.find(['<', '&']) {
        if out.len() + at > most {
            return out;
        }
        let (before, markup) = rest.split_at(at);
        push_text(&mut out, before);
        let length = match markup.strip_prefix('&') {
            Some(_) => {
                let (c, length) = entities::one(markup).unwrap_or(('&', 1));
                push_text(&mut out, c.encode_utf8(&mut [0; 4]));
                length
            }
            None if failures >= MAX_FAILURES => {
                out.push('<');
                1
            }
            None => match tag(markup) {
                Some((name, length)) if SILENT.contains(&name.as_str()) => {
                    let end = end_of_element(markup, &name, length);
                    failures += usize::from(end.is_none());
                    end.unwrap_or(length)
                }
                Some((name, length)) => {
                    push_tag(&mut out, &name);
                    length
                }
                None => {
                    failures += 1;
                    out.push('<');
                    1
                }
            },
        };
        rest = markup.get(length..).unwrap_or_default();
    }
    if out.len() + rest.len() <= most {
        push_text(&mut out, rest);
    }
    out
}

/// Where an element ends: behind its end tag, if it has one.
fn end_of_element(markup: &str, name: &str, start: usize) -> Option<usize> {
    let mut from = start;
    while let Some(at) = markup.get(from..).and_then(|rest| rest.find("</")) {
        let end = markup.get(from + at..).unwrap_or_default();
        let is_its = end
            .get(2..2 + name.len())
            .is_some_and(|its| its.eq_ignore_ascii_case(name));
        if is_its {
            return Some(from + at + end.find('>').map_or(end.len(), |close| close + 1));
        }
        from += at + 2;
    }
    None
}

fn push_tag(out: &mut String, name: &str) {
    let (is_end, bare) = match name.strip_prefix('/') {
        Some(bare) => (true, bare),
        None => (false, name),
    };
    let heading = bare.strip_prefix('h').and_then(|level| level.parse().ok());
    match (heading, bare) {
        (Some(1..=6_usize), _) if is_end => out.push_str("\n\n"),
        (Some(level @ 1..=6), _) => {
            out.push_str("\n\n");
            out.extend(std::iter::repeat_n('#', level));
            out.push(' ');
        }
        (_, "p" | "table" | "section" | "article") => out.push_str("\n\n"),
        (_, "li") if !is_end => out.push_str("\n- "),
        (_, "td" | "th") if is_end => out.push_str(" | "),
        (_, bare) if BLOCKS.contains(&bare) => out.push('\n'),
        (_, "td" | "th" | "li") => {}
        (
            _,
            "b" | "i" | "em" | "strong" | "span" | "a" | "u" | "code" | "sup" | "sub" | "small",
        ) => {}
        _ => out.push(' '),
    }
}

/// Line breaks of the source mean nothing in HTML.
fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        let c = if matches!(c, '\n' | '\r' | '\t') {
            ' '
        } else {
            c
        };
        if !(c == ' ' && (out.is_empty() || out.ends_with([' ', '\n']))) {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_headings_and_lines() {
        let html = "<!doctype html><html><head><title>x</title></head><body><nav><a>Menu</a></nav>\
            <h1>Returns &amp; refunds</h1>\n<p>Send it <b>back</b>\nin 30 days.</p>\
            <script>if (a < b) { alert('</p>') }</script><ul><li>Shoes</li><li>Hats</li></ul>\
            <!-- a > b --><table><tr><td>EU</td><td>free</td></tr></table></body></html>";
        let text = html_as_markdown(html);
        let lines: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(
            lines,
            [
                "# Returns & refunds",
                "Send it back in 30 days.",
                "- Shoes",
                "- Hats",
                "EU | free |"
            ]
        );
    }

    #[test]
    fn only_markup_is_taken_out_of_a_value() {
        assert_eq!(
            without_markup("<p>Soft <em>cotton</em>.</p>").map(|text| text.trim().to_owned()),
            Some("Soft cotton.".to_owned())
        );
        assert_eq!(
            without_markup("Tom &amp; Ann").as_deref(),
            Some("Tom & Ann")
        );
        for plain in ["5 < 6 and 7 > 3", "a & b", "<3", "x <- y", ""] {
            assert_eq!(without_markup(plain), None, "{plain}");
        }
    }

    #[test]
    fn what_never_ends_takes_no_time() {
        for part in [
            "<", "<a ", "<script>", "</", "<!--", "&", "<nav></", "<a '>",
        ] {
            let long = part.repeat(200_000 / part.len());
            assert!(html_as_markdown(&long).len() <= 2 * long.len());
        }
    }
}
