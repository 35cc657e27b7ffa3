use crate::Files;
use common::http::Response;

/// What the head of every page begins with.
const HEAD: &str = include_str!("head.html");
/// The icons that several pages show, as symbols of a sprite.
const ICONS: &str = include_str!("icons.html");

/// A template with its places filled, each once; what is filled in is not looked at again. `{{assets}}` is the address
/// of the files, `{{head}}` what each head begins with, `{{icons}}` the shared icons, `{{dir}}` the direction of writing.
/// Texts are escaped but for `bootstrap`, which is JSON made for HTML.
#[must_use]
pub fn filled(template: &str, files: &Files, values: &[(&str, &str)]) -> String {
    let mut html = String::with_capacity(template.len() + 8192);
    let mut rest = template;
    while let Some((before, name, after)) = next_place(rest) {
        html.push_str(before);
        match name {
            "assets" => html.push_str(&files.address()),
            "head" => html.push_str(&HEAD.replace("{{assets}}", &files.address())),
            "icons" => html.push_str(ICONS),
            "dir" => html.push_str("ltr"),
            name => {
                let value = values.iter().find(|(known, _)| *known == name);
                let value = value.map_or("", |(_, value)| value);
                match name {
                    "bootstrap" => html.push_str(value),
                    _ => html.push_str(&escaped(value)),
                }
            }
        }
        rest = after;
    }
    html.push_str(rest);
    html
}

fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = text.split_once("{{")?;
    let (name, after) = behind.split_once("}}")?;
    Some((before, name, after))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// A page that nothing keeps or indexes. It may load its own files and what its own origin gives, and nothing inline.
/// `ancestors` may frame it, and its forms go to `forms`.
#[must_use]
pub fn html(status: u16, html: String, ancestors: &str, forms: &str) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
         media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; \
         base-uri 'none'; form-action {forms}; frame-ancestors {ancestors}"
    );
    Response::content(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", policy)
        .with_header("referrer-policy", "no-referrer")
        .with_header("cache-control", "no-store")
        .with_header("x-robots-tag", "noindex")
}
