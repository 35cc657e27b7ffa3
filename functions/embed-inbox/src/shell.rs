use crate::files::VERSION;

/// The page; `{{…}}` stands for what is filled in.
pub const PAGE: &str = include_str!("page/inbox.html");
/// The page of a token that opens nothing.
pub const OVER: &str = include_str!("page/over.html");

/// The page of the CRM card.
pub const CARD: &str = include_str!("page/crm-card.html");

/// The page that opens another one with the token of its address's fragment. It has nothing itself.
pub const ENTER: &str = include_str!("page/enter.html");

/// A template with its places filled, each once; what is filled in is not looked at again. Texts are
/// escaped but for `bootstrap`, which is JSON made for HTML.
pub fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut html = String::with_capacity(template.len() + 4096);
    let mut rest = template;
    while let Some((before, name, after)) = next_place(rest) {
        html.push_str(before);
        match name {
            "assets" => html.push_str(&format!("/embed/assets/{VERSION:016x}")),
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

/// What the page may load and do: its own files, what its own origin gives, and nothing inline.
/// `ancestors` may frame it, and its forms go to `forms`.
pub fn policy(ancestors: &str, forms: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
         media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; \
         base-uri 'none'; form-action {forms}; frame-ancestors {ancestors}"
    )
}
