//! Accounts of Chatwoot: what it says of one, and the webhook that it calls us by.

use super::probe::{MAX_QUOTED_CHARS, ProviderAnswer, failed, passed};
use super::{Stored, open};
use crate::sql::CHANNEL_WEBHOOK;
use channels::Credentials;
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::ports::OutboundRequest;
use common::signatures::sha256_hex;
use common::time::Timestamp;
use serde::Serialize;
use source_chatwoot::api::{Api, EVENTS, Failed, Member, Webhook, answer, inbox_labels};

/// What a webhook of ours is called there.
const NAME: &str = "Tieline";
/// The setting that has Chatwoot's id of the webhook.
const WEBHOOK_ID: &str = "webhook_id";
/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;

/// The webhook of an account whose events come by one.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceWebhook {
    /// Whether it was made there.
    pub created: bool,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The URL to enter there, if it was not. Its end is a secret, which is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The events to choose there, if it was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<&'static str>,
}

/// A token that no one guesses.
pub(super) fn new_token(cx: &Context<'_>) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    (cx.entropy)(&mut bytes);
    sha256_hex(&bytes)
}

pub(super) async fn ask(cx: &Context<'_>, question: OutboundRequest) -> Result<String, Failed> {
    let answered = cx.ports.http.fetch(question).await;
    answer(&answered).map(str::to_owned)
}

/// Asks Chatwoot who the token is, whether the account is theirs, and which inboxes it has.
pub(super) async fn chatwoot_test(
    cx: &Context<'_>,
    settings: &Fields<String>,
    credentials: &Credentials,
) -> ProviderAnswer {
    let api = Api::of(settings, credentials);
    let profile = match ask(cx, api.profile()).await {
        Ok(profile) => profile,
        Err(why) => return refused(&why, credentials),
    };
    let account_id = settings.get("account_id").map(String::as_str);
    let Some(member) = Member::of(&profile, account_id.unwrap_or_default()) else {
        return ProviderAnswer {
            test: failed("The user whose token it is does not belong to this account."),
            is_refusal: true,
        };
    };
    let inboxes = match ask(cx, api.inboxes()).await {
        Ok(listed) => inbox_labels(&listed).join(", "),
        Err(why) => return refused(&why, credentials),
    };
    let mut detail = Fields::new();
    let shown = [
        ("account", member.account),
        ("user", member.email),
        ("role", member.role),
        ("inboxes", Some(inboxes)),
    ];
    for (name, value) in shown {
        if let Some(value) = value {
            detail.insert(name, value);
        }
    }
    passed(detail).into()
}

fn refused(why: &Failed, credentials: &Credentials) -> ProviderAnswer {
    ProviderAnswer {
        test: failed(&sentence(why, credentials)),
        is_refusal: matches!(
            why,
            Failed::BadToken | Failed::Forbidden { .. } | Failed::NotYours
        ),
    }
}

/// What is wrong, for people. Should Chatwoot's own words ever repeat the token, it is left out.
pub(super) fn sentence(why: &Failed, credentials: &Credentials) -> String {
    let quoted = |message: &str| {
        let token = credentials.access_token.as_deref().unwrap_or_default();
        let said = match token {
            "" => message.to_owned(),
            token => message.replace(token, "…"),
        };
        let said: String = said.chars().take(MAX_QUOTED_CHARS).collect();
        format!("Chatwoot says: {said}")
    };
    match why {
        Failed::Unreached => "Chatwoot could not be reached.".to_owned(),
        Failed::Unclear => "Chatwoot did not answer in time.".to_owned(),
        Failed::BadToken => {
            "Chatwoot refuses the access token. Replace it; or a proxy in front of \
                             it drops the header `Api-Access-Token`."
                .to_owned()
        }
        Failed::Forbidden { message } | Failed::Invalid { message, .. } => quoted(message),
        Failed::NotYours => "Only an administrator's token may do that.".to_owned(),
        Failed::NotFound => "Chatwoot does not know this account.".to_owned(),
        Failed::Throttled { .. } => "Chatwoot takes no more requests just now.".to_owned(),
        Failed::Faulted { status } => format!("Chatwoot answered with status {status}."),
        Failed::NotAnApi { status } => {
            format!("What answers at `base_url` is not Chatwoot's API ({status}).")
        }
    }
}

/// An account whose webhook is looked after.
pub(super) struct Called<'a> {
    pub(super) id: &'a ChannelId,
    pub(super) settings: &'a Fields<String>,
    /// Its URL, without a token.
    pub(super) url: &'a str,
    /// When the account was last changed.
    pub(super) updated_at: Timestamp,
}

/// Makes the webhook, or finds the one of this URL, and stores what signs for it. Where the token is not an
/// administrator's, people can do the same. Gives when the account was changed by that.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn webhook_ensure(
    cx: &Context<'_>,
    called: &Called<'_>,
    credentials: &mut Credentials,
) -> Result<(SourceWebhook, Option<Timestamp>), Error> {
    let token = credentials.webhook_token.clone().unwrap_or_default();
    let by_token = [called.url, "/", &token].concat();
    let api = Api::of(called.settings, credentials);
    let webhook = match made(cx, &api, called.url, &by_token).await {
        Ok(webhook) => webhook,
        Err(why) => {
            let answer = SourceWebhook {
                created: false,
                error: Some(sentence(&why, credentials)),
                url: Some(by_token),
                events: EVENTS.to_vec(),
            };
            return Ok((answer, None));
        }
    };
    let is_known = called.settings.get(WEBHOOK_ID) == Some(&webhook.id)
        && credentials.webhook_secret == webhook.secret;
    let mut updated_at = None;
    if !is_known {
        credentials.webhook_secret = webhook.secret;
        let sealed = credentials.seal(cx, called.id).await?;
        let rows = cx.db.rows(CHANNEL_WEBHOOK.bind(vec![
            cx.business_id().into(),
            called.id.into(),
            called.updated_at.micros().into(),
            sealed.into(),
            webhook.id.into(),
            cx.now.micros().into(),
        ]));
        // Where another writer came between, the next test finds the webhook again.
        if let Some(row) = rows.await?.first() {
            updated_at = Some(Columns::of(row).time("updated_at")?);
        }
    }
    let answer = SourceWebhook {
        created: true,
        error: None,
        url: None,
        events: Vec::new(),
    };
    Ok((answer, updated_at))
}

/// The webhook of a URL. A server that signs nothing is given the one with the token.
async fn made(cx: &Context<'_>, api: &Api, url: &str, by_token: &str) -> Result<Webhook, Failed> {
    let listed = Webhook::listed(&ask(cx, api.webhooks()).await?);
    let is_ours = |one: &&Webhook| one.url == url || one.url == by_token;
    let webhook = match listed.iter().find(is_ours) {
        Some(known) => ask(cx, api.webhook_update(&known.id, &known.url)).await?,
        None => match ask(cx, api.webhook_create(url, Some(NAME))).await {
            // Old servers know no names of webhooks.
            Err(Failed::Invalid { .. }) => ask(cx, api.webhook_create(url, None)).await?,
            made => made?,
        },
    };
    let webhook = Webhook::of(&webhook).ok_or(Failed::NotAnApi { status: 200 })?;
    let is_signed = webhook.secret.is_some();
    let fits = match is_signed {
        true => url,
        false => by_token,
    };
    if webhook.url == fits {
        return Ok(webhook);
    }
    let changed = ask(cx, api.webhook_update(&webhook.id, fits)).await?;
    Webhook::of(&changed).ok_or(Failed::NotAnApi { status: 200 })
}

/// Takes the webhook of an account away that was removed here. Should that fail, what comes by it is refused.
pub(super) async fn webhook_remove(cx: &Context<'_>, stored: &Stored) {
    let (settings, id) = (&stored.settings, &stored.channel.id);
    let Some(webhook_id) = settings.get(WEBHOOK_ID) else {
        return;
    };
    let Ok(credentials) = open(cx, id, stored.credentials.as_deref()) else {
        return;
    };
    let delete = Api::of(settings, &credentials).webhook_delete(webhook_id);
    match ask(cx, delete).await {
        Ok(_) | Err(Failed::NotFound) => {}
        Err(why) => cx.note(format!(
            "the webhook {webhook_id} of account {id} stays at Chatwoot: {}",
            sentence(&why, &credentials)
        )),
    }
}
