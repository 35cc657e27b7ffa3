//! What Messenger, Instagram and pages' posts deliver.

use crate::accounts::{Account, Owner};
use crate::comments as of_page;
use crate::signature::{Signer, malformed};
use channels::ChannelKind;
use channels_meta::comments;
use channels_meta::messenger::{Part, parts};
use common::context::Context;
use common::http::Error;
use common::json::tolerant::checked;
use messaging::messages::{Receipts, Received, receive_with_receipts};
use receivers::Receipt;

/// Ingests a delivery of Messenger, Instagram or comments. `None` if all of it is for accounts with other secrets.
///
/// # Errors
/// 400 for invalid JSON; 503 while the database is away.
pub(crate) async fn take_in(
    cx: &Context<'_>,
    signer: &Signer,
    body: &[u8],
) -> Result<Option<Receipt>, Error> {
    let json = checked(body).ok_or_else(malformed)?;
    let (parts, ignored) = parts(&json);
    let (pages, of_pages) = comments::parts(&json);
    let mut receipt = Receipt {
        ignored: ignored + of_pages,
        ..Receipt::default()
    };
    let mut forged = 0;
    for part in &parts {
        match signer.owner(cx, part.kind, &part.address).await? {
            Owner::Account(account) => {
                let (received, ignored) = take_in_part(cx, &account, part).await?;
                receipt.received += received;
                receipt.ignored += ignored;
            }
            Owner::Nobody => receipt.ignored += part.len(),
            Owner::Forged => forged += part.len(),
        }
    }
    for part in &pages {
        let kind = ChannelKind::FacebookComments;
        match signer.owner(cx, kind, &part.address).await? {
            Owner::Account(account) => {
                let (received, ignored) = of_page::take_in_part(cx, &account, part).await?;
                receipt.received += received;
                receipt.ignored += ignored;
            }
            Owner::Nobody => receipt.ignored += part.len(),
            Owner::Forged => forged += part.len(),
        }
    }
    if forged > 0 && receipt.received == 0 {
        return Ok(None);
    }
    receipt.ignored += forged;
    Ok(Some(receipt))
}

/// How many items of a part were ingested, and how many ignored.
async fn take_in_part(
    cx: &Context<'_>,
    account: &Account,
    part: &Part<'_>,
) -> Result<(usize, usize), Error> {
    let events = part.read(account.stores_media());
    if events.is_empty() {
        return Ok((0, events.ignored));
    }
    let business = cx.of_business(&account.business_id);
    let received = Received {
        channel_id: &account.channel_id,
        channel: part.kind,
        messages: &events.messages,
        statuses: &events.statuses,
    };
    let receipts = Receipts {
        own: &events.own,
        watermarks: &events.watermarks,
        revisions: &events.revisions,
    };
    receive_with_receipts(&business, received, receipts).await?;
    Ok((events.len(), events.ignored))
}
