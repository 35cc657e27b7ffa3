//! Messenger and Instagram, in a function of their own: with WhatsApp they would be larger than a
//! Worker may be. Meta's one callback verifies, and hands on what is theirs.

use super::meta::Receipt;
use channels_meta::messenger::{Part, parts};
use channels_meta::{Account, account_find};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::lenient::checked;
use common::json::raw;
use messaging::messages::{News, Received, receive_news};

/// The function that takes in what is of Messenger and Instagram.
pub const MESSAGING: &str = "webhook-meta-messaging";

/// Takes in a delivery whose signature this app secret made (its id, as [`SignedBy`] has it); the
/// [`Receipt`] as JSON.
///
/// [`SignedBy`]: channels_meta::SignedBy
///
/// # Errors
/// 400 for what is no JSON; 401 where the delivery is for accounts of other secrets alone; 503 while
/// the database is away.
pub async fn messaging_take_in(
    cx: &Context<'_>,
    signed_by: &str,
    body: &[u8],
) -> Result<String, Error> {
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
        match Account::signed_by(&accounts, signed_by) {
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
        let message = "The signature is that of another account.";
        return Err(Error::new(Kind::InvalidSignature, message));
    }
    receipt.ignored += forged;
    serde_json::to_string(&receipt).map_err(Error::internal)
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
    cx.wake_also(business.wakes.take());
    Ok((happened.len(), happened.ignored))
}
