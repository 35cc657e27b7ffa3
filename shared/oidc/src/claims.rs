use crate::{Issuer, Trouble};
use common::email::Email;
use common::json::raw::{self, Object};
use common::signatures::equal;
use common::time::{SECOND, Timestamp};
use std::borrow::Cow;

/// By how much a provider's clock may differ from ours, in seconds.
const LEEWAY: i64 = 60;

/// What an ID token has to say for a visit.
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a Issuer,
    /// For whom.
    pub client_id: &'a str,
    /// What the visit was begun with.
    pub nonce: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What an ID token says that was made for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom the issuer means: the same for a person at all times, and another's never.
    pub subject: String,
    /// What it says of them, where it says so here.
    pub identity: Option<Identity>,
    /// The domain of the organization whose account it is, as Google says it (openid-connect.md §4).
    pub hosted_domain: Option<String>,
}

/// What a provider says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The address, in lower case.
    pub email: String,
    /// What they are called.
    pub name: Option<String>,
}

impl Claims {
    /// Checks the claims of a signed token (openid-connect.md §3).
    ///
    /// # Errors
    /// The first that is not as it has to be. Of an address, that it was not found to be the person's.
    pub fn check(json: &str, expected: &Expected<'_>) -> Result<Self, Trouble> {
        let claims = raw::object(json)
            .ok_or_else(|| Trouble::token("What the ID token says is no object of JSON."))?;
        let refused = |message: &'static str| Err(Trouble::token(message));
        if claims.text("iss").as_deref() != Some(expected.issuer.as_str()) {
            return refused("The ID token is of another issuer (`iss`).");
        }
        let audience = audience_of(&claims);
        if !audience.iter().any(|one| one == expected.client_id) {
            return refused("The ID token is for another client (`aud`).");
        }
        let party = claims.get("azp").map(|json| raw::text(json));
        let is_ours = match &party {
            Some(party) => party.as_deref() == Some(expected.client_id),
            None => audience.len() == 1,
        };
        if !is_ours {
            return refused("The ID token was given to another client (`azp`).");
        }
        let now = expected.now.micros().div_euclid(SECOND);
        let time = |name: &str| claims.get(name).map(|json| seconds(json));
        if time("exp")
            .flatten()
            .is_none_or(|until| until <= now - LEEWAY)
        {
            return refused("The ID token has expired (`exp`). Check the provider's clock.");
        }
        let is_to_come = |time: Option<i64>| time.is_none_or(|time| time > now + LEEWAY);
        if is_to_come(time("iat").flatten()) {
            return refused(
                "The ID token is of a time to come (`iat`). Check the provider's clock.",
            );
        }
        if time("nbf").is_some_and(is_to_come) {
            return refused("The ID token is not valid yet (`nbf`). Check the provider's clock.");
        }
        let nonce = claims.text("nonce").unwrap_or_default();
        if !equal(&nonce, expected.nonce) {
            return refused("The ID token was not made for this visit (`nonce`). Begin again.");
        }
        let subject = claims.text("sub").filter(|subject| !subject.is_empty());
        let Some(subject) = subject else {
            return refused("The ID token does not say of whom it is (`sub`).");
        };
        Ok(Self {
            subject,
            identity: identity(&claims, expected.issuer)?,
            hosted_domain: claims.text("hd"),
        })
    }
}

/// What claims say of a person; `None` where they have no address, or do not say whether it is theirs.
///
/// # Errors
/// For an address of which they say that it was not found to be the person's, and for what is no address.
pub(crate) fn identity(claims: &Object<'_>, issuer: &Issuer) -> Result<Option<Identity>, Trouble> {
    let Some(given) = claims.text("email") else {
        return Ok(None);
    };
    let is_verified = match claims.get("email_verified") {
        // Some say it as a text.
        Some(&json) => Some(matches!(json, "true" | "\"true\"")),
        None if issuer.is_entra() => claims
            .get("xms_edov")
            .map(|&json| matches!(json, "true" | "1" | "\"1\"" | "\"true\"")),
        None => None,
    };
    match is_verified {
        None => return Ok(None),
        Some(false) => {
            let message = "The provider says that your address was not verified. Verify it there, and begin again.";
            return Err(Trouble::new("email_unverified", message));
        }
        Some(true) => {}
    }
    let is_ascii = given.is_ascii();
    let email = Email::parse(Cow::Owned(given));
    // Beyond ASCII there are letters that become another's in lower case.
    let email = email.filter(|email| email.as_str().is_ascii() == is_ascii);
    let email = email.ok_or_else(|| {
        Trouble::new(
            "email_missing",
            "What the provider says is your address is none.",
        )
    })?;
    Ok(Some(Identity {
        email: email.as_str().to_owned(),
        name: claims.text("name"),
    }))
}

/// One, or several.
fn audience_of(claims: &Object<'_>) -> Vec<String> {
    let Some(&json) = claims.get("aud") else {
        return Vec::new();
    };
    match raw::text(json) {
        Some(one) => vec![one],
        None => raw::items(json)
            .into_iter()
            .map(|one| raw::text(one).unwrap_or_default())
            .collect(),
    }
}

/// A time in seconds, of which fractions are cut off; `None` for what is none (RFC 7519 §2).
fn seconds(json: &str) -> Option<i64> {
    let (whole, fraction) = json.split_once('.').unwrap_or((json, "0"));
    let is_fraction = fraction.bytes().all(|b| b.is_ascii_digit());
    raw::integer(whole).filter(|_| is_fraction)?.parse().ok()
}
