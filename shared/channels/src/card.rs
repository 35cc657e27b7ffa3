//! The CRM card beside an account's conversations, as far as both its page and what answers it need it.

use crate::sql::CARD_ACCOUNT;
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::ChannelId;

/// The origin of the server whose pages show the card of an account, by the id of the token that came; `None`
/// where the account has no such card any more. Of a server whose address is none, it is empty: nobody shows it.
///
/// # Errors
/// 503 when the database is away.
pub async fn card_origin(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    token_id: &str,
) -> Result<Option<String>, Error> {
    let params = vec![cx.business_id().into(), channel_id.into(), token_id.into()];
    let rows = cx.db.rows(CARD_ACCOUNT.bind(params)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let base_url = Columns::of(row).text_or_null("base_url")?;
    Ok(Some(
        origin_of(&base_url.unwrap_or_default()).unwrap_or_default(),
    ))
}

/// The origin of a URL, which goes into a header: `None` where it has other characters than hosts have.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let is_part =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    let is_host = !host.is_empty() && host.bytes().all(is_part);
    (matches!(scheme, "https" | "http") && is_host).then(|| [scheme, "://", host].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_nothing_that_a_policy_could_take_for_more() {
        for (url, expected) in [
            (
                "https://chat.example.com/help",
                Some("https://chat.example.com"),
            ),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("https://[::1]:8/x", Some("https://[::1]:8")),
            ("https://a;script-src", None),
            ("https://a 'self'", None),
            ("https://*.example.com", None),
            ("ftp://a", None),
            ("https:///x", None),
            ("", None),
        ] {
            assert_eq!(origin_of(url).as_deref(), expected, "{url}");
        }
    }
}
