use std::borrow::Cow;

/// A brace, as a template says it. It holds no `{%`, at which newer versions of Liquid cut tokens even
/// within a text.
const BRACE: &str = "{{ '{' }}";
/// A backtick that Chatwoot does not take for one.
const BACKTICK: &str = "{{ '%60' | url_decode }}";

/// A text that Chatwoot shows as it was written. What goes out there is a Liquid template, in which an
/// agent's `{{contact.email}}` would be replaced (chatwoot.md §4); only what stands between two backticks
/// is left as it is. Whatever Liquid could take for a tag or a variable is written so that it renders as
/// itself, so that nothing is ever replaced and no error of syntax can show the escapes.
///
/// The longest message, 150,000 characters, is counted by Chatwoot with the escapes in it.
#[must_use]
pub fn liquid_escaped(text: &str) -> Cow<'_, str> {
    if !["{{", "{%", "{`"].iter().any(|mark| text.contains(mark)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, quoted, after)) = next_pair(rest) {
        push_plain(&mut escaped, before, true);
        if ends_otherwise(quoted, after) {
            escaped.push_str(BACKTICK);
            push_plain(&mut escaped, quoted, true);
            escaped.push_str(BACKTICK);
        } else {
            for part in ["`", quoted, "`"] {
                escaped.push_str(part);
            }
        }
        rest = after;
    }
    push_plain(&mut escaped, rest, false);
    Cow::Owned(escaped)
}

/// What precedes the next two backticks, what they enclose, and what follows.
fn next_pair(text: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = text.split_once('`')?;
    let (quoted, after) = behind.split_once('`')?;
    Some((before, quoted, after))
}

/// Chatwoot puts `{% raw %}` and `{% endraw %}` around a pair. Whether what stands there could end that
/// early, or swallow the end: a variable that is open takes a brace behind the tag into its token.
fn ends_otherwise(quoted: &str, after: &str) -> bool {
    quoted.contains("endraw") || (quoted.contains("{{") && after.starts_with('}'))
}

/// Writes each brace that would open something as [`BRACE`], also one that a tag follows at once.
fn push_plain(to: &mut String, text: &str, is_before_tag: bool) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opens = match rest.peek() {
            Some(next) => matches!(next, '{' | '%'),
            None => is_before_tag,
        };
        match c {
            '{' if opens => to.push_str(BRACE),
            c => to.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
