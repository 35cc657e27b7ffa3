//! Connecting an account.

use super::card::card_ensure;
use super::chatwoot::{Called, new_token, webhook_ensure};
use super::owner::{Asked, Claim, Ownership};
use super::{
    Channel, OneChannel, TRIES, connected, dns_record, ids_of, input, json, names_of, reply_domain,
    taken, verify_at, webhook_url, write,
};
use crate::sql::{CHANNEL_INSERT, SOURCE_CONNECT, SOURCE_SYSTEM_GUARD, SOURCE_SYSTEMS};
use access::quota::{Quota, quota_check};
use channels::AccountKind;
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::ids::ChannelId;
use secrets::INTEGRATION_CREDENTIALS;

/// Connects an account. An address that is not proven to be the business's is connected, too, and receives
/// nothing until it is.
///
/// # Errors
/// 422 for a field that is missing, unknown or wrong; 403 where the quota of accounts is used up; 409 for an
/// account that is connected already.
pub async fn channel_create(cx: &Context<'_>, body: &str) -> Result<OneChannel, Error> {
    let mut new = input::new_channel(cx, body)?;
    quota_check(cx, Quota::Channels, 1).await?;
    let id = ChannelId::new(&cx.ids);
    cx.audits(id.as_str());
    let is_source = new.kind == AccountKind::Chatwoot;
    if is_source && new.credentials.webhook_token.is_none() {
        new.credentials.webhook_token = Some(new_token(cx));
    }
    let sealed = new.credentials.seal(cx, &id).await?;
    let reply_error = reply_domain::place(cx, new.kind, &mut new.settings, None).await;
    let asked = claim(cx, &id, &new).ask(cx).await;
    if is_source {
        check_source(&asked)?;
    }
    let mut tries = TRIES;
    let ownership = loop {
        let mut before = vec![Quota::Channels.guard(cx, 1)];
        if is_source {
            before.extend(source_statements(cx, &id, &mut new).await?);
        }
        let mut ownership = claim(cx, &id, &new).settle(cx, &asked, None).await?;
        if is_source && ownership.error.is_some() {
            return Err(connected());
        }
        ownership.error = ownership.error.or_else(|| reply_error.clone());
        let insert = insert(cx, &id, &new, &sealed, &ownership).await?;
        tries -= 1;
        before.extend(ownership.release.iter().cloned());
        match write(cx, before, insert).await {
            Ok(rows) if rows.is_empty() => return Err(connected()),
            Ok(_) => break ownership,
            // Another has proven the same meanwhile, or others have used up the quota.
            Err(error) if error.is_race() && tries > 0 => {
                quota_check(cx, Quota::Channels, 1).await?;
            }
            Err(error) => return Err(taken(error)),
        }
    };
    let mut channel = Channel {
        webhook_url: webhook_url(&cx.ports.public_origin()?, new.kind, &id),
        id,
        kind: new.kind,
        name: new.name,
        ids: ids_of(new.kind, &new.address, &new.settings),
        status: "active".to_owned(),
        status_reason: None,
        verification: ownership.verification,
        verification_error: ownership.error,
        dns_record: dns_record(cx, new.kind, &new.settings),
        created_at: cx.now,
        updated_at: cx.now,
    };
    let (mut webhook, mut crm_card) = (None, None);
    if is_source {
        let called = Called {
            id: &channel.id,
            settings: &new.settings,
            url: &channel.webhook_url,
            updated_at: channel.updated_at,
        };
        let (made, updated_at) = webhook_ensure(cx, &called, &mut new.credentials).await?;
        channel.updated_at = updated_at.unwrap_or(channel.updated_at);
        webhook = Some(made);
        let called = Called {
            updated_at: channel.updated_at,
            ..called
        };
        crm_card = card_ensure(cx, &called, &new.credentials).await?;
    }
    Ok(OneChannel {
        channel,
        webhook,
        crm_card,
    })
}

fn claim<'a>(cx: &Context<'_>, id: &'a ChannelId, new: &'a input::NewChannel) -> Claim<'a> {
    Claim {
        channel_id: id,
        updated_at: cx.now,
        kind: new.kind,
        address: &new.address,
        settings: &new.settings,
        credentials: &new.credentials,
    }
}

/// Refuses an account of a source that does not know it: nothing would come from there, and nobody would be
/// told.
fn check_source(asked: &Asked) -> Result<(), Error> {
    let Some(why) = asked.missing() else {
        return Ok(());
    };
    let (path, rule) = match asked.is_refusal {
        true => ("credentials.access_token", "accepted"),
        false => ("base_url", "reachable"),
    };
    Err(Error::invalid(path, rule, why.to_owned()))
}

/// Chooses by what the ids of its contacts are told apart from those of other accounts, and gives the
/// statements before an account of a source.
async fn source_statements(
    cx: &Context<'_>,
    id: &ChannelId,
    new: &mut input::NewChannel,
) -> Result<Vec<Statement>, Error> {
    let kind = new.kind.as_str();
    let business = || cx.business_id().into();
    let rows = cx
        .db
        .rows(SOURCE_SYSTEMS.bind(vec![business(), kind.into()]));
    let mut known = Vec::new();
    for row in rows.await? {
        let mut columns = Columns::of(&row);
        let address = columns.text("address")?;
        known.push((address, columns.text_or_null("system")?));
    }
    let same = known.iter().find(|(address, _)| *address == new.address);
    let is_taken = known
        .iter()
        .any(|(_, system)| system.as_deref() == Some(kind));
    let system = match same.and_then(|(_, system)| system.clone()) {
        Some(system) => system,
        None if is_taken => format!("{kind}:{id}"),
        None => kind.to_owned(),
    };
    new.settings.insert("external_system", system.clone());
    let context = INTEGRATION_CREDENTIALS.context(cx.business_id(), kind);
    let none = secrets::seal(cx, &context, "{}").await?;
    Ok(vec![
        SOURCE_SYSTEM_GUARD.bind(vec![
            business(),
            kind.into(),
            new.address.as_str().into(),
            system.into(),
        ]),
        SOURCE_CONNECT.bind(vec![
            business(),
            kind.into(),
            none.into(),
            cx.now.micros().into(),
        ]),
    ])
}

async fn insert(
    cx: &Context<'_>,
    id: &ChannelId,
    new: &input::NewChannel,
    sealed: &str,
    ownership: &Ownership,
) -> Result<Statement, Error> {
    let names = names_of(cx, &new.credentials).await?;
    Ok(CHANNEL_INSERT.bind(vec![
        cx.business_id().into(),
        id.into(),
        new.kind.as_str().into(),
        new.name.as_str().into(),
        new.address.as_str().into(),
        json(&new.settings)?.into(),
        sealed.into(),
        names.app_secret.into(),
        names.verify_token.into(),
        cx.now.micros().into(),
        names.second_secret.into(),
        ownership.verification.as_str().into(),
        ownership.error.clone().into(),
        verify_at(cx, ownership.error.as_ref()).into(),
    ]))
}
