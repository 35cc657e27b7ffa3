//! What a person sees who comes back from another site: a page without scripts, styles and anything that the address
//! says.

use super::Response;

/// Nothing is loaded, nothing is sent, and nobody frames it.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page with a title and a sentence.
#[must_use]
pub fn page(status: u16, title: &str, message: &str) -> Response {
    page_with_link(status, title, message, None)
}

/// As [`page`], with a link behind it: where it leads, and its text.
#[must_use]
pub fn page_with_link(
    status: u16,
    title: &str,
    message: &str,
    link: Option<(&str, &str)>,
) -> Response {
    let link = link.map(|(to, text)| {
        let (to, text) = (escaped(to), escaped(text));
        ["<p><a href=\"", &to, "\">", &text, "</a></p>"].concat()
    });
    let mut html = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    for part in [
        "<meta name=\"viewport\" content=\"width=device-width\"><title>",
        title,
        "</title><h1>",
        title,
        "</h1><p>",
        &escaped(message),
        "</p>",
        link.as_deref().unwrap_or_default(),
        "</html>",
    ] {
        html.push_str(part);
    }
    Response::content(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", POLICY)
        // The address has the code in it.
        .with_header("referrer-policy", "no-referrer")
        .with_header("cross-origin-opener-policy", "same-origin")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_message_is_markup() {
        let link = Some(("/a?b=\"c&d", "<b>"));
        let page = page_with_link(400, "No", "<script>\"&", link);
        let html = String::from_utf8_lossy(page.body());
        assert!(html.contains("<p>&lt;script&gt;&quot;&amp;</p>"), "{html}");
        assert!(html.contains("<a href=\"/a?b=&quot;c&amp;d\">&lt;b&gt;</a>"));
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"));
    }
}
