//! Changes of an account.

use super::fields::KindFields;
use super::owner::{Asked, Claim, Verification};
use super::{
    Channel, Names, OneChannel, Stored, TRIES, dns_record, find, input, json, known_id, names_of,
    open, owner, reply_domain, taken, verify_at, write,
};
use crate::sql::{CHANNEL_UPDATE, CHANNEL_VERIFY, CHANNELS_TO_VERIFY, CHANNELS_VERIFIED_LATER};
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;

/// Most claims that a run of the cron asks about, each of which may wait for its provider.
const MAX_VERIFIED: i64 = 8;
/// Most of one business.
const MAX_VERIFIED_OF_ONE: i64 = 2;

/// Changes an account: its name, its status, what is known of it, any of its secrets.
///
/// # Errors
/// 404; 422 for a field that is unknown, wrong, or cannot change; 409 where the new app secret makes
/// it an account that is connected already.
pub async fn channel_update(cx: &Context<'_>, id: &str, body: &str) -> Result<OneChannel, Error> {
    let id = &known_id(id)?;
    for _ in 0..TRIES {
        let stored = find(cx, id).await?;
        let patch = input::patch(cx, stored.channel.kind, &stored.address, body)?;
        if let Some(channel) = patched(cx, stored, patch).await? {
            return Ok(OneChannel::of(channel));
        }
    }
    Err(Error::unavailable("an account changes all the time"))
}

/// The account as it was changed; `None` where another writer came between.
async fn patched(
    cx: &Context<'_>,
    stored: Stored,
    patch: input::Patch,
) -> Result<Option<Channel>, Error> {
    let Stored {
        mut channel,
        address,
        settings: before,
        credentials: sealed_before,
    } = stored;
    if let Some(name) = patch.name {
        channel.name = name;
    }
    if let Some(status) = patch.status {
        status.clone_into(&mut channel.status);
    }
    input::apply_settings(&mut channel.ids, patch.settings);
    let mut settings = channel.ids.clone();
    if let Some(address) = &KindFields::of(channel.kind).address {
        settings.remove(address.name);
    }
    let reply_error = reply_domain::place(cx, channel.kind, &mut settings, Some(&before)).await;
    let account = Account {
        address: &address,
        settings: &settings,
        was_routed: owner::is_routed(channel.kind, &before),
        sealed: sealed_before.as_deref(),
    };
    let Secrets {
        sealed,
        names,
        release,
    } = secrets_change(cx, &mut channel, account, patch.credentials).await?;
    let is_pending = channel.verification == Verification::Pending;
    let error = channel.verification_error.take();
    channel.verification_error = error.filter(|_| is_pending).or(reply_error);
    let update = CHANNEL_UPDATE.bind(vec![
        cx.business_id().into(),
        (&channel.id).into(),
        channel.updated_at.micros().into(),
        channel.name.as_str().into(),
        json(&settings)?.into(),
        sealed.into(),
        names.app_secret.into(),
        names.verify_token.into(),
        channel.status.as_str().into(),
        cx.now.micros().into(),
        names.second_secret.into(),
        channel.verification.as_str().into(),
        channel.verification_error.clone().into(),
        verify_at(cx, channel.verification_error.as_ref()).into(),
    ]);
    let rows = write(cx, release, update).await.map_err(taken)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    channel.status_reason = columns.text_or_null("status_reason")?;
    channel.updated_at = columns.time("updated_at")?;
    channel.dns_record = dns_record(cx, channel.kind, &settings);
    Ok(Some(channel))
}

/// What an account's secrets are changed by.
struct Account<'a> {
    address: &'a str,
    settings: &'a Fields<String>,
    was_routed: bool,
    sealed: Option<&'a str>,
}

/// What is written of an account's secrets; nothing where they stay.
#[derive(Default)]
struct Secrets {
    sealed: Option<String>,
    names: Names,
    /// See [`owner::Ownership`].
    release: Vec<Statement>,
}

/// Changes secrets, and finds out anew whose the address is, where these or the settings make that another
/// question. Secrets that cannot be opened do not keep an account from being renamed, or disabled.
async fn secrets_change(
    cx: &Context<'_>,
    channel: &mut Channel,
    account: Account<'_>,
    changes: input::Changes,
) -> Result<Secrets, Error> {
    let is_other_mailbox = owner::is_routed(channel.kind, account.settings) != account.was_routed;
    let mut secrets = Secrets::default();
    if changes.is_empty() && !is_other_mailbox {
        return Ok(secrets);
    }
    let mut credentials = open(cx, &channel.id, account.sealed)?;
    let had_app_secret = credentials.app_secret.is_some();
    if !changes.is_empty() {
        let mut chosen = changes.iter().filter(|(name, _)| *name == "webhook_secret");
        let chosen = chosen.next().and_then(|(_, value)| value.as_deref());
        input::check_chosen(account.settings, chosen)?;
        input::apply_credentials(&mut credentials, changes);
        secrets.names = names_of(cx, &credentials).await?;
        secrets.sealed = Some(credentials.seal(cx, &channel.id).await?);
    }
    let claim = Claim {
        channel_id: &channel.id,
        updated_at: channel.updated_at,
        kind: channel.kind,
        address: account.address,
        settings: account.settings,
        credentials: &credentials,
    };
    // The deployment's app signs for whoever has an address, an app of one's own for oneself.
    let is_of_the_deployments_app = had_app_secret && claim.credentials.app_secret.is_none();
    let is_new = is_other_mailbox || is_of_the_deployments_app;
    if is_new || channel.verification == Verification::Pending {
        let before = (!is_new).then_some(channel.verification);
        let ownership = claim.settle(cx, &claim.ask(cx).await, before).await?;
        channel.verification = ownership.verification;
        channel.verification_error = ownership.error;
        secrets.release = ownership.release;
    }
    Ok(secrets)
}

/// Asks anew whose an account's address is, and its reply domain; decides by the answers, takes the address
/// from who has not proven it, and stores what has changed.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn claim_refresh(cx: &Context<'_>, stored: &mut Stored) -> Result<Asked, Error> {
    let channel = &mut stored.channel;
    let mut settings = reply_domain::shown(&stored.settings);
    let reply_error =
        reply_domain::place(cx, channel.kind, &mut settings, Some(&stored.settings)).await;
    let credentials = open(cx, &channel.id, stored.credentials.as_deref())?;
    let claim = Claim {
        channel_id: &channel.id,
        updated_at: channel.updated_at,
        kind: channel.kind,
        address: &stored.address,
        settings: &settings,
        credentials: &credentials,
    };
    let asked = claim.ask(cx).await;
    let mut ownership = claim.settle(cx, &asked, Some(channel.verification)).await?;
    ownership.error = ownership.error.or(reply_error);
    let is_same = ownership.verification == channel.verification
        && ownership.error == channel.verification_error
        && settings == stored.settings;
    if !is_same {
        let verified = CHANNEL_VERIFY.bind(vec![
            cx.business_id().into(),
            (&channel.id).into(),
            channel.updated_at.micros().into(),
            ownership.verification.as_str().into(),
            ownership.error.clone().into(),
            json(&settings)?.into(),
            verify_at(cx, ownership.error.as_ref()).into(),
            cx.now.micros().into(),
        ]);
        match write(cx, ownership.release, verified).await {
            // Where another writer came between, the next one who asks decides.
            Ok(rows) if rows.is_empty() => return Ok(asked),
            Err(error) if error.is_race() => return Ok(asked),
            written => written?,
        };
        channel.verification = ownership.verification;
        channel.verification_error = ownership.error;
        stored.settings = settings;
    }
    Ok(asked)
}

/// Asks again about claims that are not proven yet: soon at first, later once a day; no more than two of a
/// business at once.
///
/// # Errors
/// 503 when the database is away.
pub async fn verify_pending(cx: &Context<'_>) -> Result<(), Error> {
    let (now, of_one) = (cx.now.micros(), MAX_VERIFIED_OF_ONE);
    let due = CHANNELS_TO_VERIFY.bind(vec![now.into(), MAX_VERIFIED.into(), of_one.into()]);
    let later = CHANNELS_VERIFIED_LATER.bind(vec![now.into(), of_one.into()]);
    let results = cx.db.batch(vec![due, later]).await?;
    for row in results.iter().take(1).flatten() {
        let mut columns = Columns::of(row);
        let business = cx.of_business(columns.str("business_id")?);
        let id: ChannelId = columns.id("id")?;
        if let Err(error) = verify_one(&business, &id).await {
            cx.note(format!(
                "account {id} could not be verified: {}",
                error.code()
            ));
        }
    }
    Ok(())
}

async fn verify_one(cx: &Context<'_>, id: &ChannelId) -> Result<(), Error> {
    let mut stored = find(cx, id).await?;
    claim_refresh(cx, &mut stored).await.map(|_| ())
}
