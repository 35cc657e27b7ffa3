use super::entities::decoded;

/// Longest HTML that is read, in bytes; the rest is left out.
const MAX_BYTES: usize = 1024 * 1024;
/// Most attributes that are read of one tag.
const MAX_ATTRIBUTES: usize = 50;

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'h> {
    /// Text, its entities not yet read.
    Text(&'h str),
    /// The beginning of an element: its name in lower case, and what stands behind it.
    Open(String, &'h str),
    /// The end of one.
    Close(String),
}

/// Elements whose content is no HTML: it ends at their own end tag alone.
const RAW: [&str; 10] = [
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
];

/// Tokenises HTML. The caller rewrites the tokens, so that a browser never sees the original, which it
/// might parse differently.
pub(super) struct Tokens<'h> {
    rest: &'h str,
}

impl<'h> Tokens<'h> {
    pub(super) fn of(html: &'h str) -> Self {
        let end = html.floor_char_boundary(MAX_BYTES);
        Self {
            rest: html.get(..end).unwrap_or(html),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Past a comment, a doctype or a processing instruction.
    fn skip_markup(&mut self) {
        let end = match self.rest.strip_prefix("<!--") {
            // A browser ends it at the first of these as well.
            Some(comment) if comment.starts_with('>') => Some(5),
            Some(comment) if comment.starts_with("->") => Some(6),
            Some(comment) => comment.find("-->").map(|at| at + 7),
            None => self.rest.find('>').map(|at| at + 1),
        };
        self.skip(end.unwrap_or(self.rest.len()));
    }

    /// Past the content of an element that is no HTML, up to its end tag.
    fn skip_raw(&mut self, name: &str) {
        let mut at = 0;
        while let Some(found) = self.rest.get(at..).and_then(|rest| rest.find("</")) {
            let tag = at + found + 2;
            let is_it = self.rest.get(tag..tag + name.len());
            if is_it.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
                return self.skip(tag - 2);
            }
            at = tag;
        }
        self.rest = "";
    }

    fn tag(&mut self) -> Option<Token<'h>> {
        let inner = self.rest.get(1..)?;
        let is_close = inner.starts_with('/');
        let inner = inner.strip_prefix('/').unwrap_or(inner);
        if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let end = end_of_tag(inner);
        let tag = inner.get(..end)?;
        let length = self.rest.len() - inner.len() + end + 1;
        self.skip(length);
        let name_end = tag
            .find(|c: char| c.is_ascii_whitespace() || c == '/')
            .unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        let name = name.to_ascii_lowercase();
        if is_close {
            return Some(Token::Close(name));
        }
        if RAW.contains(&name.as_str()) {
            self.skip_raw(&name);
        }
        Some(Token::Open(name, attributes))
    }
}

impl<'h> Iterator for Tokens<'h> {
    type Item = Token<'h>;

    fn next(&mut self) -> Option<Token<'h>> {
        while !self.rest.is_empty() {
            if !self.rest.starts_with('<') {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let text = self.rest.get(..end)?;
                self.skip(end);
                return Some(Token::Text(text));
            }
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                self.skip_markup();
                continue;
            }
            if let Some(tag) = self.tag() {
                return Some(tag);
            }
            // A bracket that begins nothing is text.
            let text = self.rest.get(..1)?;
            self.skip(1);
            return Some(Token::Text(text));
        }
        None
    }
}

/// Where a tag ends, outside of its attributes' quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    let mut is_value = false;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (Some(q), b) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return at,
            (None, b'"' | b'\'') if is_value => quote = Some(byte),
            (None, b'=') => is_value = true,
            (None, b) if !b.is_ascii_whitespace() => is_value = false,
            _ => {}
        }
    }
    tag.len()
}

/// The attributes of a tag, their names in lower case, their values read.
pub(super) fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    let is_space = |c: char| c.is_ascii_whitespace() || c == '/';
    while found.len() < MAX_ATTRIBUTES {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            break;
        }
        let end = rest
            .find(|c: char| is_space(c) || c == '=')
            .unwrap_or(rest.len());
        // An equals sign that stands where a name should is part of it.
        let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
        let (name, after) = rest.split_at(end);
        rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = after.get(1..).unwrap_or_default();
                    inner.split_once(quote).unwrap_or((inner, ""))
                }
                _ => {
                    let end = after.find(|c: char| c.is_ascii_whitespace());
                    after.split_at(end.unwrap_or(after.len()))
                }
            };
        }
        found.push((name.to_ascii_lowercase(), decoded(value)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(html: &str) -> String {
        let shown = Tokens::of(html).map(|token| match token {
            Token::Text(text) => format!("[{text}]"),
            Token::Open(name, attributes) => format!("<{name}|{}>", attributes.trim()),
            Token::Close(name) => format!("</{name}>"),
        });
        shown.collect()
    }

    #[test]
    fn html_is_taken_apart() {
        assert_eq!(
            tokens("a<B class=x>b</b ><br/>c"),
            "[a]<b|class=x>[b]</b><br|/>[c]"
        );
        assert_eq!(
            tokens("<a title='>' href=\"a>b\">x</a>"),
            "<a|title='>' href=\"a>b\">[x]</a>"
        );
        assert_eq!(tokens("<!DOCTYPE html><!-- <b> --><?xml ?>x"), "[x]");
        assert_eq!(tokens("1 < 2 <3"), "[1 ][<][ 2 ][<][3]");
        assert_eq!(tokens("<p"), "<p|>");
        assert_eq!(tokens("<p title=\"x"), "<p|title=\"x>");
        assert_eq!(tokens("<!-->x<!--->y<!-- z"), "[x][y]");
    }

    #[test]
    fn what_is_no_html_inside_an_element_is_no_html_here() {
        assert_eq!(
            tokens("<script>if (a<b) '</p>'</SCRIPT>x"),
            "<script|></script>[x]"
        );
        assert_eq!(tokens("<style><b></style>x"), "<style|></style>[x]");
        assert_eq!(tokens("<title><b>"), "<title|>");
    }

    #[test]
    fn attributes_are_read_in_every_form() {
        let read = |text: &str| {
            let all = attributes(text).into_iter();
            all.map(|(name, value)| format!("{name}={value};"))
                .collect::<String>()
        };
        assert_eq!(
            read(" HREF = \"a b\" x='&amp;' y=z/ w"),
            "href=a b;x=&;y=z/;w=;"
        );
        assert_eq!(read("/onclick=x =y=1 a='"), "onclick=x;==;y=1;a=;");
        assert_eq!(attributes(&"a ".repeat(1000)).len(), 50);
    }
}
