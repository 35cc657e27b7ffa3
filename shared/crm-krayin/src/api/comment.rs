/// Longest comment that is sent, in bytes: 65,535 are stored, and what is longer is cut without a word.
pub const MAX_COMMENT_BYTES: usize = 60_000;
/// What of that the links at the end may take.
const MAX_TAIL_BYTES: usize = 20_000;

/// What an activity says, as HTML in which nothing that people wrote has a meaning of its own.
#[derive(Debug, Clone, Default)]
pub struct Comment {
    html: String,
    tail: String,
}

impl Comment {
    /// A text, line breaks and all.
    pub fn text(&mut self, text: &str) {
        let mut was_return = false;
        for c in text.chars() {
            match c {
                '\n' if was_return => {}
                '\n' | '\r' => self.html.push_str("<br>"),
                c => escape(c, &mut self.html),
            }
            was_return = c == '\r';
        }
    }

    /// A line with a name: `Status: open`.
    pub fn line(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(&[name, ": ", value, "\n"].concat());
        }
    }

    /// A link, at the end.
    pub fn link(&mut self, url: &str, text: &str) {
        let mut link = "<br><a href=\"".to_owned();
        url.chars().for_each(|c| escape(c, &mut link));
        link.push_str("\" target=\"_blank\" rel=\"noopener\">");
        text.chars().for_each(|c| escape(c, &mut link));
        link.push_str("</a>");
        if self.tail.len() + link.len() <= MAX_TAIL_BYTES {
            self.tail.push_str(&link);
        }
    }

    /// The whole. A text that is too long ends between two characters, and says that there is more: at
    /// `more`, where that is known.
    #[must_use]
    pub fn finish(mut self, more: Option<&str>) -> String {
        let room = MAX_COMMENT_BYTES - self.tail.len();
        if self.html.len() <= room {
            self.html.push_str(&self.tail);
            return self.html;
        }
        let mut rest = Self::default();
        rest.text("…\n[The rest is in the inbox.]");
        if let Some(url) = more {
            rest.link(url, "The rest");
        }
        let mark = [rest.html, rest.tail].concat();
        let room = room.saturating_sub(mark.len());
        let mut html = beginning(&self.html, room).to_owned();
        html.push_str(&mark);
        html.push_str(&self.tail);
        html
    }
}

fn escape(c: char, to: &mut String) {
    match c {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        '"' => to.push_str("&quot;"),
        '\'' => to.push_str("&#39;"),
        c => to.push(c),
    }
}

/// As much of escaped text as fits, without half a character, entity or tag.
fn beginning(html: &str, max: usize) -> &str {
    let mut end = max.min(html.len());
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let whole = html.get(..end).unwrap_or_default();
    let opened = whole.rfind(['<', '&']);
    let closes = |at: usize| {
        let rest = whole.get(at..).unwrap_or_default();
        let end = if rest.starts_with('<') { '>' } else { ';' };
        rest.contains(end)
    };
    match opened {
        Some(at) if !closes(at) => whole.get(..at).unwrap_or_default(),
        _ => whole,
    }
}

/// What HTML that people wrote there says: tags are dropped, breaks and entities are read.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, behind) = rest.split_at(at);
        text.push_str(before);
        let (what, length) = match behind.starts_with('<') {
            true => tag(behind),
            false => entity(behind),
        };
        text.push_str(&what);
        rest = behind.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// What a tag stands for, and how long it is written; one that does not end is a text.
fn tag(html: &str) -> (String, usize) {
    let named = html
        .chars()
        .nth(1)
        .is_some_and(|c| c.is_ascii_alphabetic() || "/!".contains(c));
    let Some(end) = html.find('>').filter(|_| named) else {
        return ("<".to_owned(), 1);
    };
    let inner = html.get(1..end).unwrap_or_default().trim_start_matches('/');
    let name = inner.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let is_break =
        name == "br" || html.starts_with("</") && matches!(name.as_str(), "p" | "div" | "li");
    let what = if is_break { "\n" } else { "" };
    (what.to_owned(), end + 1)
}

fn entity(html: &str) -> (String, usize) {
    const KNOWN: [(&str, &str); 8] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#039;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
    ];
    let known = KNOWN.iter().find(|(written, _)| html.starts_with(written));
    match known {
        Some((written, meant)) => ((*meant).to_owned(), written.len()),
        None => ("&".to_owned(), 1),
    }
}
