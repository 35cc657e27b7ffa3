use crate::files::FILES;

/// The page; `{{…}}` stands for what is filled in.
pub const PAGE: &str = include_str!("page/inbox.html");
/// The page of a token that opens nothing.
pub const OVER: &str = include_str!("page/over.html");

/// The page of the CRM card.
pub const CARD: &str = include_str!("page/crm-card.html");

/// The page that opens another one with the token of its address's fragment. It has nothing itself.
pub const ENTER: &str = include_str!("page/enter.html");

/// A template with its places filled.
pub fn filled(template: &str, values: &[(&str, &str)]) -> String {
    pages::filled(template, &FILES, values)
}
