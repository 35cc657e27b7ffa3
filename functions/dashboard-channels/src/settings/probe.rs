use super::change::verify;
use super::owner::{Evidence, Verification};
use super::twilio::twilio_test;
use super::{Channel, find, known_id, open, probe_email};
use channels::ChannelKind;
use channels_meta::graph::{Graph, GraphError};
use common::context::Context;
use common::http::Error;
use common::json::Fields;
use common::json::raw::{object, text};
use common::ports::{FetchError, OutboundResponse};
use serde::Serialize;

/// How long the provider may take to answer.
pub(super) const TIMEOUT_MS: u32 = 10_000;
/// Most of the provider's own sentence that is repeated.
pub(super) const MAX_QUOTED_CHARS: usize = 300;

/// Whether an account works.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelTest {
    /// Whether the provider knows the account and accepts its token.
    pub ok: bool,
    /// The provider's data of the account.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "std::collections::BTreeMap<String, String>")
    )]
    pub detail: Fields<String>,
    /// What is wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Asks the provider about an account.
///
/// # Errors
/// 404. What is wrong with the account is no error but the answer.
pub async fn channel_test(cx: &Context<'_>, id: &str) -> Result<ChannelTest, Error> {
    let id = &known_id(id)?;
    let mut stored = find(cx, id).await?;
    let is_routed = stored.channel.dns_record.is_some();
    if is_routed || stored.channel.verification == Verification::Pending {
        let evidence = verify(cx, &mut stored).await?;
        if let Some(error) = unproven(&stored.channel, &evidence) {
            return Ok(failed(&error));
        }
    }
    let fields: &[&str] = match stored.channel.kind {
        ChannelKind::WhatsApp => &["display_phone_number", "verified_name", "quality_rating"],
        ChannelKind::Facebook => &["name"],
        ChannelKind::Instagram => &["username"],
        ChannelKind::Sms => {
            let credentials = open(cx, id, stored.credentials.as_deref())?;
            return Ok(twilio_test(cx, &stored.channel.ids, &credentials).await);
        }
        ChannelKind::Email => {
            let credentials = open(cx, id, stored.credentials.as_deref())?;
            return Ok(probe_email::test(cx, &stored.channel.ids, &credentials).await);
        }
    };
    let credentials = open(cx, id, stored.credentials.as_deref())?;
    let token = credentials.access_token.unwrap_or_default();
    let path = format!("{}?fields={}", stored.address, fields.join(","));
    let login = stored.channel.ids.get("login").map(String::as_str);
    let question = Graph::of_login(&cx.ports, login).get(&path, &token, TIMEOUT_MS);
    Ok(match cx.ports.http.fetch(question).await {
        Ok(answer) if answer.status == 200 => known(&answer, fields),
        Ok(answer) => refused(&answer, &token),
        Err(FetchError::NotSent(_)) => failed("Meta could not be reached."),
        Err(FetchError::Unsure(_)) => failed("Meta did not answer within 10 seconds."),
    })
}

/// Why an account does not receive, whatever its provider says of it.
fn unproven(channel: &Channel, evidence: &Evidence) -> Option<String> {
    if channel.verification != Verification::Pending && *evidence != Evidence::Unknown {
        return None;
    }
    let is_proven = *evidence == Evidence::Proven;
    Some(match (&channel.dns_record, evidence) {
        (Some(_), Evidence::Unknown) => {
            "The resolver did not tell the domain's records.".to_owned()
        }
        (Some(_), _) if is_proven => {
            "Another business has the address, and its record, too.".to_owned()
        }
        (Some(record), _) => {
            format!("The address's domain lacks the TXT record `{record}`, so nothing is received.")
        }
        (None, Evidence::Unknown) => "The provider did not say whose the address is.".to_owned(),
        (None, _) if is_proven => "Another business has connected this account.".to_owned(),
        (None, _) => "The provider says that the address is not this account's.".to_owned(),
    })
}

fn known(answer: &OutboundResponse, fields: &[&str]) -> ChannelTest {
    let said = std::str::from_utf8(&answer.body).ok().and_then(object);
    let Some(said) = said else {
        return failed("Meta gave an answer that cannot be read.");
    };
    let mut detail = Fields::new();
    for name in fields {
        if let Some(value) = said.get(name).copied().and_then(text) {
            detail.insert(name, value);
        }
    }
    ChannelTest {
        ok: true,
        detail,
        error: None,
    }
}

fn refused(answer: &OutboundResponse, token: &str) -> ChannelTest {
    let error = GraphError::parse(&answer.body).unwrap_or_default();
    if error.is_dead_token() || answer.status == 401 {
        let what = "The access token is dead. Make a new one at Meta and replace it here.";
        return failed(&format!("{what}{}", quoted(&error, token)));
    }
    let what = match error.code {
        10 | 200..=299 => "The access token lacks a permission for this account.".to_owned(),
        100 => "Meta does not know this account, or not by this token.".to_owned(),
        _ => format!("Meta refused with status {}.", answer.status),
    };
    failed(&format!("{what}{}", quoted(&error, token)))
}

/// Meta's own words. Should they ever repeat the token, it is left out.
fn quoted(error: &GraphError, token: &str) -> String {
    if error.message.is_empty() {
        return String::new();
    }
    let said = match token {
        "" => error.message.clone(),
        token => error.message.replace(token, "…"),
    };
    let said: String = said.chars().take(MAX_QUOTED_CHARS).collect();
    format!(" Meta says: {said}")
}

pub(super) fn failed(error: &str) -> ChannelTest {
    ChannelTest {
        ok: false,
        detail: Fields::new(),
        error: Some(error.to_owned()),
    }
}
