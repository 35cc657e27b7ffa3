use super::card::card_ensure;
use super::change::claim_refresh;
use super::chatwoot::{Called, chatwoot_test, webhook_ensure};
use super::owner::Verification;
use super::twilio::twilio_test;
use super::{Stored, find, known_id, open, probe_email};
use channels::{AccountKind, Credentials};
use channels_meta::graph::{Graph, GraphError};
use common::context::Context;
use common::http::Error;
use common::json::Fields;
use common::json::raw::{object, text};
use common::json::tolerant;
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

/// Asks the provider about an account; and whose its address is, unless that is known.
///
/// # Errors
/// 404. What is wrong with the account is no error but the answer.
pub async fn channel_test(cx: &Context<'_>, id: &str) -> Result<ChannelTest, Error> {
    let id = &known_id(id)?;
    let mut stored = find(cx, id).await?;
    let kind = stored.channel.kind;
    if kind == AccountKind::Chatwoot {
        return source_test(cx, stored).await;
    }
    let is_known =
        kind == AccountKind::Sms && stored.channel.verification == Verification::Verified;
    if !is_known {
        let asked = claim_refresh(cx, &mut stored).await?;
        if let Some(why) = stored.channel.verification_error {
            return Ok(failed(&why));
        }
        if let Some(test) = asked.test {
            return Ok(test);
        }
    }
    let credentials = open(cx, id, stored.credentials.as_deref())?;
    Ok(match kind {
        AccountKind::Sms => twilio_test(cx, &stored.channel.ids, &credentials).await,
        _ => probe_email::test(cx, &stored.channel.ids, &credentials).await,
    })
}

/// Asks a source of conversations about an account, and makes or finds its webhook.
async fn source_test(cx: &Context<'_>, mut stored: Stored) -> Result<ChannelTest, Error> {
    let asked = claim_refresh(cx, &mut stored).await?;
    if let Some(why) = stored.channel.verification_error {
        return Ok(failed(&why));
    }
    let mut test = asked.test.unwrap_or_else(|| failed("Nobody was asked."));
    if !test.ok {
        return Ok(test);
    }
    // It may have been changed just now.
    let stored = find(cx, &stored.channel.id).await?;
    let mut credentials = open(cx, &stored.channel.id, stored.credentials.as_deref())?;
    let called = Called {
        id: &stored.channel.id,
        settings: &stored.settings,
        url: &stored.channel.webhook_url,
        updated_at: stored.channel.updated_at,
    };
    let (webhook, updated_at) = webhook_ensure(cx, &called, &mut credentials).await?;
    let said = |error: Option<String>| error.unwrap_or_else(|| "created".to_owned());
    test.detail.insert("webhook", said(webhook.error));
    let called = Called {
        updated_at: updated_at.unwrap_or(called.updated_at),
        ..called
    };
    if let Some(card) = card_ensure(cx, &called, &credentials).await? {
        test.detail.insert("crm_card", said(card.error));
        if let Some(url) = card.url {
            test.detail.insert("crm_card_url", url);
        }
    }
    Ok(test)
}

/// What a provider says of an account.
pub(super) struct ProviderAnswer {
    pub(super) test: ChannelTest,
    /// Whether it says for certain that the token is not one of the account's, or no longer.
    pub(super) is_refusal: bool,
}

impl From<ChannelTest> for ProviderAnswer {
    /// One that leaves open whose the account is.
    fn from(test: ChannelTest) -> Self {
        Self {
            test,
            is_refusal: false,
        }
    }
}

/// Asks the provider that knows whose an account is.
pub(super) async fn owner_test(
    cx: &Context<'_>,
    kind: AccountKind,
    address: &str,
    settings: &Fields<String>,
    credentials: &Credentials,
) -> ProviderAnswer {
    match kind {
        AccountKind::Chatwoot => chatwoot_test(cx, settings, credentials).await,
        _ => meta_test(cx, kind, address, settings, credentials).await,
    }
}

/// Asks Meta about an account. Whoever reads an account of WhatsApp's or Instagram's by its id has it; a page
/// is read by anybody, so its token says which page it is, as does that of an account that logs in at
/// Instagram, which has another id for each app there (channels.md §8.1).
async fn meta_test(
    cx: &Context<'_>,
    kind: AccountKind,
    address: &str,
    settings: &Fields<String>,
    credentials: &Credentials,
) -> ProviderAnswer {
    let login = settings.get("login").map(String::as_str);
    let (node, id, fields): (_, _, &[&str]) = match (kind, login) {
        (AccountKind::Facebook | AccountKind::FacebookComments, _) => ("me", "id", &["name"]),
        (AccountKind::Instagram, Some("instagram")) => ("me", "user_id", &["username", "user_id"]),
        (AccountKind::Instagram, _) => (address, "id", &["username"]),
        _ => (
            address,
            "id",
            &["display_phone_number", "verified_name", "quality_rating"],
        ),
    };
    let token = credentials.access_token.as_deref().unwrap_or_default();
    let path = format!("{node}?fields={}", fields.join(","));
    let question = Graph::of_login(&cx.ports, login).get(&path, token, TIMEOUT_MS);
    match cx.ports.http.fetch(question).await {
        Ok(answer) if answer.status == 200 => known(&answer, id, address, fields),
        Ok(answer) => refused(&answer, token),
        Err(FetchError::NotSent(_)) => failed("Meta could not be reached.").into(),
        Err(FetchError::Unsure(_)) => failed("Meta did not answer within 10 seconds.").into(),
    }
}

fn known(answer: &OutboundResponse, id: &str, address: &str, fields: &[&str]) -> ProviderAnswer {
    let said = std::str::from_utf8(&answer.body).ok().and_then(object);
    let Some(said) = said else {
        return failed("Meta gave an answer that cannot be read.").into();
    };
    let known = tolerant::text(&said, id);
    if known.as_deref() != Some(address) {
        return ProviderAnswer {
            test: failed("The access token is that of another account."),
            is_refusal: known.is_some(),
        };
    }
    let mut detail = Fields::new();
    for name in fields {
        if let Some(value) = said.get(name).copied().and_then(text) {
            detail.insert(name, value);
        }
    }
    passed(detail).into()
}

fn refused(answer: &OutboundResponse, token: &str) -> ProviderAnswer {
    let error = GraphError::parse(&answer.body).unwrap_or_default();
    let is_dead = error.is_dead_token() || answer.status == 401;
    let (is_of_token, what) = match error.code {
        _ if is_dead => (
            true,
            "The access token is dead. Make a new one at Meta and replace it here.".to_owned(),
        ),
        10 | 200..=299 => (
            true,
            "The access token lacks a permission for this account.".to_owned(),
        ),
        100 => (
            true,
            "Meta does not know this account, or not by this token.".to_owned(),
        ),
        _ => (
            false,
            format!("Meta refused with status {}.", answer.status),
        ),
    };
    ProviderAnswer {
        test: failed(&format!("{what}{}", quoted(&error, token))),
        is_refusal: is_of_token && answer.status < 500 && !error.is_transient,
    }
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

pub(super) fn passed(detail: Fields<String>) -> ChannelTest {
    ChannelTest {
        ok: true,
        detail,
        error: None,
    }
}

pub(super) fn failed(error: &str) -> ChannelTest {
    ChannelTest {
        ok: false,
        detail: Fields::new(),
        error: Some(error.to_owned()),
    }
}
