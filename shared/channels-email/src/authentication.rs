//! Whether a mail's sender is who `From` says, by what the receiving provider found (channels.md §6.6).

use super::mail::Mail;
use common::json::Fields;

/// What the provider found of the domain of `From`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SenderVerified {
    /// The domain authenticated the mail (DMARC).
    Pass,
    /// It did not, or authenticated it for another author.
    Fail,
    /// Nobody knows: no policy, no result, or a result that does not say whom it is about.
    #[default]
    None,
}

impl SenderVerified {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::None => "none",
        }
    }
}

/// Whose finding counts. No other server's does, since whoever sends a mail can write one into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verifier {
    /// The topmost `Authentication-Results`, if this server wrote it (RFC 8601 §2.5).
    Server(String),
    /// Every `Authentication-Results` of this server, which have to agree: the provider does not say
    /// in which order it lists a header that came twice.
    ServerUnordered(String),
    /// What Postmark's own spam filter found, in the headers that Postmark put above the mail.
    Postmark,
}

impl Verifier {
    /// The verifier of an account whose mail this provider delivers. `authserv_id` of its settings
    /// names another server that all of its mail passes.
    #[must_use]
    pub fn of(provider: &str, settings: &Fields<String>) -> Self {
        let is_own = settings.get("provider").is_some_and(|own| own == provider);
        let server = settings.get("authserv_id").filter(|_| is_own).cloned();
        match (provider, server) {
            ("resend", server) => {
                Self::ServerUnordered(server.unwrap_or_else(|| "amazonses.com".to_owned()))
            }
            ("postmark", None) => Self::Postmark,
            (_, server) => Self::Server(server.unwrap_or_else(|| "mx.cloudflare.net".to_owned())),
        }
    }

    /// What was found of a mail's sender.
    #[must_use]
    pub fn verdict(&self, mail: &Mail) -> SenderVerified {
        let Some((_, domain)) = mail
            .from
            .as_ref()
            .and_then(|from| from.email.split_once('@'))
        else {
            return SenderVerified::None;
        };
        let found = match self {
            Self::Server(server) => {
                let topmost = mail.header("authentication-results");
                topmost.and_then(|value| dmarc(value, server, domain))
            }
            Self::ServerUnordered(server) => {
                let all = mail.headers_named("authentication-results");
                let all = all.filter_map(|value| dmarc(value, server, domain));
                all.reduce(agreed)
            }
            Self::Postmark => spam_tests(mail),
        };
        match found.unwrap_or_default() {
            SenderVerified::Pass if mail.has_many_authors => SenderVerified::None,
            found => found,
        }
    }
}

/// What two results say together.
fn agreed(one: SenderVerified, other: SenderVerified) -> SenderVerified {
    match (one, other) {
        (SenderVerified::Fail, _) | (_, SenderVerified::Fail) => SenderVerified::Fail,
        (one, other) if one == other => one,
        _ => SenderVerified::None,
    }
}

/// What an `Authentication-Results` says of a domain by DMARC; `None` where another server wrote it.
fn dmarc(value: &str, server: &str, domain: &str) -> Option<SenderVerified> {
    let plain = without_comments(value);
    let mut parts = plain.split(';');
    let id = parts.next().unwrap_or_default();
    let id = id.split_whitespace().next().unwrap_or_default();
    if !id.eq_ignore_ascii_case(server) {
        return None;
    }
    let results = parts.filter_map(|part| dmarc_result(part, domain));
    Some(results.reduce(agreed).unwrap_or_default())
}

/// `dmarc=pass header.from=example.com`: the method first, then what it was about.
fn dmarc_result(part: &str, domain: &str) -> Option<SenderVerified> {
    let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
    let part = part.replace(" =", "=").replace("= ", "=");
    let mut words = part.split(' ').map(|word| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        (name.to_ascii_lowercase(), value.to_ascii_lowercase())
    });
    let (method, result) = words.next()?;
    // A method may name its version: `dmarc/1`.
    if method.split('/').next() != Some("dmarc") {
        return None;
    }
    let mut about = words.filter(|(name, _)| name == "header.from");
    let about = about.next().map(|(_, value)| value);
    Some(match (result.as_str(), about) {
        ("fail", _) => SenderVerified::Fail,
        ("pass", Some(about)) => is_about(&about, domain),
        _ => SenderVerified::None,
    })
}

/// A pass for a domain: that of the sender, or of somebody else.
fn is_about(about: &str, domain: &str) -> SenderVerified {
    let about = about.rsplit('@').next().unwrap_or_default();
    let about = about.trim_end_matches('.');
    if about.eq_ignore_ascii_case(domain) {
        return SenderVerified::Pass;
    }
    // One of them may be written in its ASCII form (IDNA), which is not compared here.
    match domain.is_ascii() && !domain.contains("xn--") && !about.is_empty() {
        true => SenderVerified::Fail,
        false => SenderVerified::None,
    }
}

/// A header's value without its comments, and with nothing in its quoted texts that would separate
/// (RFC 5322 §3.2.2).
fn without_comments(value: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0_usize);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in value.chars() {
        let was_escaped = std::mem::take(&mut is_escaped);
        match c {
            '\\' if !was_escaped && (is_quoted || depth > 0) => is_escaped = true,
            '"' if !was_escaped && depth == 0 => is_quoted = !is_quoted,
            '(' if !was_escaped && !is_quoted => depth += 1,
            ')' if !was_escaped && !is_quoted && depth > 0 => {
                depth -= 1;
                plain.push(' ');
            }
            _ if depth > 0 => {}
            c if is_quoted && (c.is_whitespace() || matches!(c, ';' | '=')) => plain.push('_'),
            c => plain.push(c),
        }
    }
    plain
}

/// What Postmark's SpamAssassin found: a valid signature by the author's own domain, or that the server
/// may not send for it and nobody signed. Postmark writes it above the `Received` by which it got the
/// mail; what stands below is the sender's.
fn spam_tests(mail: &Mail) -> Option<SenderVerified> {
    let is_arrival = |(name, value): &&(String, String)| {
        name == "received" && value.trim_start().to_ascii_lowercase().starts_with("from ")
    };
    let end = mail.headers.iter().position(|header| is_arrival(&header))?;
    let mut own = mail.headers.get(..end)?.iter();
    let (_, tests) = own.find(|(name, _)| name == "x-spam-tests")?;
    let has = |test: &str| tests.split([',', ' ', '\t']).any(|one| one == test);
    Some(if has("DKIM_VALID_AU") {
        SenderVerified::Pass
    } else if has("SPF_FAIL") && !has("DKIM_VALID") {
        SenderVerified::Fail
    } else {
        SenderVerified::None
    })
}

#[cfg(test)]
mod tests;
