//! Connecting an account.

use super::owner::{Claim, Ownership};
use super::{
    Channel, OneChannel, TRIES, connected, dns_record, ids_of, input, json, names_of, reply_domain,
    taken, verify_at, webhook_url, write,
};
use crate::sql::CHANNEL_INSERT;
use access::quota::{Quota, quota_check};
use common::context::Context;
use common::db::Statement;
use common::http::Error;
use common::ids::ChannelId;

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
    let sealed = new.credentials.seal(cx, &id).await?;
    let reply_error = reply_domain::place(cx, new.kind, &mut new.settings, None).await;
    let claim = Claim {
        channel_id: &id,
        updated_at: cx.now,
        kind: new.kind,
        address: &new.address,
        settings: &new.settings,
        credentials: &new.credentials,
    };
    let asked = claim.ask(cx).await;
    let mut tries = TRIES;
    let ownership = loop {
        let mut ownership = claim.settle(cx, &asked, None).await?;
        ownership.error = ownership.error.or_else(|| reply_error.clone());
        let insert = insert(cx, &id, &new, &sealed, &ownership).await?;
        tries -= 1;
        let mut before = vec![Quota::Channels.guard(cx, 1)];
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
    let channel = Channel {
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
    Ok(OneChannel { channel })
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
