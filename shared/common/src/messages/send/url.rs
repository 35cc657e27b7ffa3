use crate::context::Context;
use crate::http::{Error, Kind};

/// Longest URL that is taken, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// Checks that a URL may be handed to a provider to fetch: https, a public name.
///
/// # Errors
/// 422 `unsafe_url`, naming the field.
pub fn check_public_url(cx: &Context<'_>, path: &str, url: &str) -> Result<(), Error> {
    let refused = |rule: &'static str, message: &'static str| {
        Err(Error::new(Kind::UnsafeUrl, message).with_detail(path.to_owned(), rule))
    };
    if url.len() > MAX_URL_BYTES || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return refused(
            "url",
            "The URL is not well formed or has more than 2048 bytes.",
        );
    }
    let insecure = cx.outside.is_on("ALLOW_INSECURE_URLS");
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if insecure => rest,
        _ => return refused("https", "The URL must begin with https://."),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if insecure && (host == "localhost" || host == "127.0.0.1") {
        return Ok(());
    }
    // A name with a top level in letters is no address in any of its spellings.
    let top = host.rsplit('.').next().unwrap_or_default();
    let is_name = host.contains('.')
        && !authority.contains(['@', '['])
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["local", "localhost", "internal", "lan", "home"].contains(&top);
    if !is_name {
        return refused("public_address", "The URL must name a public host.");
    }
    Ok(())
}
