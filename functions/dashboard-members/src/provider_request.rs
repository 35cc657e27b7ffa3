//! What is asked of the provider by which members sign in.

use crate::provider::HIDDEN;
use access::name::checked_name;
use common::email::Email;
use common::http::input::{Expected, Input, text_or_null, texts};
use common::http::{Error, Result, Role};
use common::json::raw;
use std::borrow::Cow;

/// Most domains whose people become members.
pub const MAX_DOMAINS: usize = 10;
/// Longest id and longest secret of a client, in characters.
pub const MAX_CLIENT: usize = 1_000;
/// Where anybody may have an address: whoever asks for one would be a member.
const ANYBODYS: [&str; 16] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.ru",
];

/// Sets by what provider members sign in; all of it at once.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ProviderRequest {
    /// What it is called where people sign in, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// Its issuer, to the last character: `https://…`, before `/.well-known/openid-configuration`.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub issuer: String,
    /// The id of the client that is registered there for Tieline.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_CLIENT)))]
    pub client_id: String,
    /// The client's secret. Absent or `***`: that which is set stays, for the same client. Null: it has none.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>", length(max = MAX_CLIENT)))]
    pub client_secret: Option<Option<String>>,
    /// The domains whose people become members when they sign in first, at most 10. None by default: who signs in was
    /// invited.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_DOMAINS)))]
    pub allowed_domains: Vec<String>,
    /// What these may do: `viewer`, `agent` or `admin`; `viewer` by default.
    #[cfg_attr(feature = "schema", schemars(default = "least"))]
    pub default_role: Role,
}

#[cfg(feature = "schema")]
fn least() -> &'static str {
    Role::Viewer.name()
}

const FIELDS: [&str; 6] = [
    "name",
    "issuer",
    "client_id",
    "client_secret",
    "allowed_domains",
    "default_role",
];

impl ProviderRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, no domain, one where anybody may have an address, and an owner's role.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &FIELDS)?;
        let name = input.required("name", Expected::TEXT, raw::text)?;
        let issuer = input.required("issuer", Expected::TEXT, raw::text)?;
        let client_id = input.required("client_id", Expected::TEXT, raw::text)?;
        let secret = input.optional("client_secret", Expected::TEXT_OR_NULL, text_or_null)?;
        let domains = input.optional("allowed_domains", Expected::TEXTS, texts)?;
        let role = Expected::new("role", "viewer, agent or admin");
        let role = input.optional("default_role", role, |json| {
            Role::named(&raw::text(json)?).filter(|role| *role < Role::Owner)
        })?;
        Ok(Self {
            name: checked_name(&name)?,
            issuer: issuer.trim().to_owned(),
            client_id: word("client_id", client_id)?,
            client_secret: match secret {
                Some(Some(secret)) if secret == HIDDEN => None,
                Some(Some(secret)) => Some(Some(word("client_secret", secret)?)),
                other => other,
            },
            allowed_domains: checked_domains(&domains.unwrap_or_default())?,
            default_role: role.unwrap_or(Role::Viewer),
        })
    }
}

/// What a provider gave: one word, as it was copied.
fn word(field: &'static str, given: String) -> Result<String> {
    let given = given.trim();
    let is_one = !given.is_empty()
        && given.len() <= MAX_CLIENT
        && given.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if is_one {
        return Ok(given.to_owned());
    }
    let message = format!("`{field}` must have 1 to 1,000 characters of ASCII.");
    Err(Error::invalid(field, "1_to_1000_characters", message))
}

/// Domains in lower case, each once.
fn checked_domains(given: &[String]) -> Result<Vec<String>> {
    if given.len() > MAX_DOMAINS {
        let message = "`allowed_domains` has at most 10 domains.";
        return Err(Error::invalid("allowed_domains", "at_most_10", message));
    }
    let mut domains: Vec<String> = Vec::new();
    for (n, given) in given.iter().enumerate() {
        let path = format!("allowed_domains[{n}]");
        let domain = domain_of(given).ok_or_else(|| {
            let message =
                "A domain is what stands behind the @ of an address, such as example.com.";
            Error::invalid(path.clone(), "domain", message)
        })?;
        if ANYBODYS.contains(&&*domain) {
            let message = format!(
                "Anybody may have an address of {domain}, and would be a member. Invite people instead."
            );
            return Err(Error::invalid(path, "own_domain", message));
        }
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// A domain, also where it was given with its @.
fn domain_of(given: &str) -> Option<String> {
    let given = given.trim();
    let given = given.strip_prefix('@').unwrap_or(given);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    if !given.bytes().all(is_plain) {
        return None;
    }
    let email = Email::parse(Cow::Owned(["a@", given].concat()))?;
    let (_, domain) = email.as_str().split_once('@')?;
    Some(domain.to_owned())
}
