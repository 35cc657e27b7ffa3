use super::entities::{decoded, escape};
use super::tokens::{Token, Tokens, attributes};

/// Longest address of a link that is written behind its words, in bytes.
const MAX_LINK_BYTES: usize = 200;
/// Deepest quote that is marked.
const MAX_DEPTH: usize = 10;

/// Elements that begin a line.
const BLOCKS: [&str; 30] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
    "main",
];
/// Those with an empty line around them.
const PARAGRAPHS: [&str; 9] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"];
/// Those that nobody is meant to read.
const UNREAD: [&str; 12] = [
    "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript", "xmp",
    "head", "svg", "math",
];

/// HTML as plain text: lines where it has lines, quotes marked by `>`, links behind their words.
#[must_use]
pub fn text_of(html: &str) -> String {
    let mut out = Plain::default();
    let mut unread: Option<String> = None;
    for token in Tokens::of(html) {
        match (token, &unread) {
            (Token::Close(name), Some(until)) if name == *until => unread = None,
            (Token::Open(name, _), None) if UNREAD.contains(&name.as_str()) => unread = Some(name),
            // A head that is never closed must not swallow the mail.
            (Token::Open(name, _), Some(until)) if until == "head" && name == "body" => {
                unread = None
            }
            (_, Some(_)) => {}
            (Token::Text(text), None) => out.text(&decoded(text)),
            (Token::Open(name, rest), None) => out.open(&name, rest),
            (Token::Close(name), None) => out.close(&name),
        }
    }
    out.finish()
}

/// Plain text as HTML, for a mail that has both.
#[must_use]
pub fn html_of(text: &str) -> String {
    let mut html = String::from("<div dir=\"auto\">");
    let text = text.replace("\r\n", "\n");
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            html.push_str("<br>\n");
        }
        escape(line, &mut html);
    }
    html.push_str("</div>");
    html
}

#[derive(Default)]
struct Plain {
    done: String,
    line: String,
    /// How many empty lines there may be before the next words.
    gap: usize,
    depth: usize,
    is_pre: bool,
    link: Option<(String, usize)>,
}

impl Plain {
    fn text(&mut self, text: &str) {
        if self.is_pre {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.end_line(true);
                }
                self.line.push_str(line.trim_end_matches('\r'));
            }
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() {
                if !self.line.is_empty() && !self.line.ends_with(' ') {
                    self.line.push(' ');
                }
            } else if !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}') {
                self.line.push(c);
            }
        }
    }

    fn end_line(&mut self, is_wanted: bool) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_end();
        if let Some((_, at)) = &mut self.link {
            *at = 0;
        }
        if line.is_empty() {
            self.gap += usize::from(is_wanted);
            return;
        }
        if !self.done.is_empty() {
            for _ in 0..=self.gap.min(1) {
                self.done.push('\n');
            }
        }
        self.gap = 0;
        for _ in 0..self.depth.min(MAX_DEPTH) {
            self.done.push_str("> ");
        }
        self.done.push_str(line);
    }

    fn open(&mut self, name: &str, rest: &str) {
        if BLOCKS.contains(&name) {
            self.end_line(false);
        }
        if PARAGRAPHS.contains(&name) {
            self.gap += 1;
        }
        match name {
            "br" => self.end_line(true),
            "blockquote" => self.depth += 1,
            "pre" => self.is_pre = true,
            "li" => self.line.push_str("- "),
            "td" | "th" if !self.line.is_empty() => self.text(" "),
            "a" => self.link = href_of(rest).map(|href| (href, self.line.len())),
            "img" => {
                let alt = attributes(rest).into_iter().find(|(name, _)| name == "alt");
                if let Some((_, alt)) = alt.filter(|(_, alt)| !alt.trim().is_empty()) {
                    self.text(&alt);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "a"
            && let Some((href, at)) = self.link.take()
        {
            let words = self.line.get(at..).unwrap_or_default().trim();
            let bare = href.trim_start_matches("mailto:").trim_end_matches('/');
            if !words.is_empty() && !words.contains(bare) && !bare.ends_with(words) {
                let link = format!(" ({href})");
                self.text(&link);
            }
        }
        if BLOCKS.contains(&name) {
            self.end_line(false);
        }
        if PARAGRAPHS.contains(&name) {
            self.gap += 1;
        }
        match name {
            "blockquote" => self.depth = self.depth.saturating_sub(1),
            "pre" => self.is_pre = false,
            _ => {}
        }
    }

    fn finish(mut self) -> String {
        self.end_line(false);
        self.done.trim().to_owned()
    }
}

fn href_of(rest: &str) -> Option<String> {
    let (_, href) = attributes(rest)
        .into_iter()
        .find(|(name, _)| name == "href")?;
    let href = href.trim();
    let is_shown = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| href.starts_with(scheme));
    let is_plain = !href.chars().any(|c| c.is_whitespace() || c.is_control());
    (is_shown && is_plain && href.len() <= MAX_LINK_BYTES).then(|| href.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(text_of(html), expected);
    }

    #[test]
    fn html_reads_as_people_see_it() {
        check(
            "<html><head><title>T</title><style>p{}</style></head><body><p>Hello&nbsp;<b>you</b>,</p><p>bye\n  now</p></body></html>",
            "Hello you,\n\nbye now",
        );
        check("a<br>b<br><br>c<div>d</div>e", "a\nb\n\nc\nd\ne");
        check("<ul><li>one<li>two</ul>", "- one\n- two");
        check(
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a b\nc",
        );
        check("<pre>a\n  b</pre>", "a\n  b");
        check("<img alt='Logo' src=x> hi", "Logo hi");
    }

    #[test]
    fn links_stand_behind_their_words() {
        check(
            "See <a href='https://a.example/b'>here</a>.",
            "See here (https://a.example/b).",
        );
        check(
            "<a href='https://a.example/'>https://a.example</a>",
            "https://a.example",
        );
        check(
            "<a href='mailto:a@b.example'>a@b.example</a>",
            "a@b.example",
        );
        check("<a href='javascript:alert(1)'>x</a>", "x");
    }

    #[test]
    fn quotes_are_marked_so_that_they_can_be_left_out() {
        check(
            "Yes<div class=gmail_quote><div>On 3 Nov 2025 A &lt;a@b.example&gt; wrote:</div><blockquote>Shall<br>we?</blockquote></div>",
            "Yes\nOn 3 Nov 2025 A <a@b.example> wrote:\n> Shall\n> we?",
        );
    }

    #[test]
    fn what_nobody_is_to_read_is_left_out() {
        check(
            "a<script>alert('</p>')</script><svg><text>x</text></svg>b",
            "ab",
        );
        check("<head><meta><body>text", "text");
        check("<svg>never closed", "");
        let deep = format!("{}x", "<blockquote>".repeat(10_000));
        assert!(text_of(&deep).len() < 100);
    }

    #[test]
    fn text_becomes_html_that_says_the_same() {
        assert_eq!(
            html_of("a <b>\r\n& c"),
            "<div dir=\"auto\">a &lt;b&gt;<br>\n&amp; c</div>"
        );
    }
}
