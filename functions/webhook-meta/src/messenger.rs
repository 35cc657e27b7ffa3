//! What Messenger and Instagram deliver.

use crate::accounts::{Account, account_find};
use crate::secrets::SignedBy;
use channels_meta::messenger::{Part, parts};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::lenient::checked;
use common::json::raw;
use messaging::messages::{News, Received, receive_news};
use receivers::Receipt;

/// Takes in a delivery of Messenger or Instagram. `None` where it is for accounts of other secrets
/// alone.
///
/// # Errors
/// 400 for what is no JSON; 503 while the database is away.
pub(crate) async fn take_in(
    cx: &Context<'_>,
    signed_by: &SignedBy,
    body: &[u8],
) -> Result<Option<Receipt>, Error> {
    let json = checked(body).ok_or_else(|| {
        let message = "The body is not valid JSON.";
        Error::new(Kind::MalformedJson, message)
    })?;
    let (parts, ignored) = parts(&json);
    let mut receipt = Receipt {
        ignored,
        ..Receipt::default()
    };
    let mut forged = 0;
    for part in &parts {
        let accounts = account_find(cx.db, cx.now, part.kind, &part.address).await?;
        match Account::signed_by(&accounts, &signed_by.0) {
            Some(account) => {
                let (received, ignored) = take_in_part(cx, account, part).await?;
                receipt.received += received;
                receipt.ignored += ignored;
            }
            None if accounts.is_empty() => receipt.ignored += part.len(),
            None => forged += part.len(),
        }
    }
    if forged > 0 && receipt.received == 0 {
        return Ok(None);
    }
    receipt.ignored += forged;
    Ok(Some(receipt))
}

/// How many things of a part were taken in, and how many were nothing.
async fn take_in_part(
    cx: &Context<'_>,
    account: &Account,
    part: &Part<'_>,
) -> Result<(usize, usize), Error> {
    let settings = raw::object(&account.settings).unwrap_or_default();
    let stores_media = settings.text("store_media").as_deref() != Some("false");
    let happened = part.read(stores_media);
    if happened.is_empty() {
        return Ok((0, happened.ignored));
    }
    let business = cx.of_business(&account.business_id);
    let received = Received {
        channel_id: &account.channel_id,
        channel: part.kind,
        messages: &happened.messages,
        statuses: &happened.statuses,
    };
    let news = News {
        own: &happened.own,
        watermarks: &happened.watermarks,
        revisions: &happened.revisions,
    };
    receive_news(&business, received, news).await?;
    Ok((happened.len(), happened.ignored))
}
