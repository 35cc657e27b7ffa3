//! Meta's one callback, for all accounts of all businesses.

use super::kept;
use super::messaging::MESSAGING;
use crate::channels::meta::{
    Account, Delivery, DeliveryPart, SignedBy, account_find, handshake_answers, parse,
    signature_find,
};
use crate::context::Context;
use crate::http::{Error, Kind};
use crate::json::raw::{integer, object};
use crate::messages::{Received, receive};
use serde::Serialize;

/// The result of a delivery.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Messages and statuses that were stored, including duplicates.
    pub received: usize,
    /// Events of accounts that are not connected, and of types that are not processed.
    pub ignored: usize,
    /// Whether the delivery was parked until the database is back.
    pub kept: bool,
}

/// Answers the handshake: the challenge, where the token is some account's.
///
/// # Errors
/// 403 for another mode or token, 503 when the database is away.
pub async fn handshake(
    cx: &Context<'_>,
    mode: Option<&str>,
    token: Option<&str>,
    challenge: Option<&str>,
) -> Result<String, Error> {
    let refused = || {
        let message = "This verify token is not that of any account.";
        Error::new(Kind::InvalidVerifyToken, message)
    };
    let (Some("subscribe"), Some(token), Some(challenge)) = (mode, token, challenge) else {
        return Err(refused());
    };
    match handshake_answers(cx, token).await? {
        true => Ok(challenge.to_owned()),
        false => Err(refused()),
    }
}

/// Takes a delivery in.
///
/// # Errors
/// 401 for a signature that no account's secret made, or that of another account than those that
/// the delivery is for; 400 for what is no JSON; 503 where nothing could take it.
pub async fn delivery_receive(
    cx: &Context<'_>,
    signature: Option<&str>,
    body: &[u8],
) -> Result<Receipt, Error> {
    let refused = || {
        let message = "The signature of `x-hub-signature-256` is not that of this body.";
        Error::new(Kind::InvalidSignature, message)
    };
    let signed_by = signature_find(cx, signature, body)
        .await?
        .ok_or_else(refused)?;
    let taken = take_in(cx, &signed_by, body).await;
    let receipt = match taken {
        Ok(Some(receipt)) => receipt,
        Ok(None) => return Err(refused()),
        Err(error) if error.status() == 503 => {
            let key = kept::keep(cx, &format!("meta/{}", signed_by.0), body).await?;
            kept::wake(cx, key);
            cx.note
                .replace(Some("kept, to be taken in later".to_owned()));
            Receipt {
                kept: true,
                ..Receipt::default()
            }
        }
        Err(error) => return Err(error),
    };
    if receipt.ignored > 0 {
        cx.note
            .replace(Some(format!("{} not for us", receipt.ignored)));
    }
    Ok(receipt)
}

/// Takes in a delivery that was kept; the queue's message is its key.
///
/// # Errors
/// 503 while the database is still away.
pub async fn delivery_resume(cx: &Context<'_>, key: &str) -> Result<(), Error> {
    let Some((of, body)) = kept::load(cx, key).await? else {
        return Ok(());
    };
    let secret = of.strip_prefix("meta/").unwrap_or_default();
    match take_in(cx, &SignedBy(secret.to_owned()), &body).await {
        Ok(_) => {}
        Err(error) if error.status() >= 500 => return Err(error),
        Err(error) => {
            cx.note.replace(Some(format!(
                "a kept delivery was dropped: {}",
                error.message()
            )));
        }
    }
    cx.outside.blobs.delete(key).await
}

/// Takes in whatever is kept.
///
/// # Errors
/// 503 while the database is still away.
pub async fn deliveries_resume(cx: &Context<'_>) -> Result<(), Error> {
    for key in kept::keys(cx, "meta").await? {
        delivery_resume(cx, &key).await?;
    }
    Ok(())
}

/// `None` where the delivery is for accounts of other secrets alone: its signature is a forgery of
/// somebody who has an account of his own.
async fn take_in(
    cx: &Context<'_>,
    signed_by: &SignedBy,
    body: &[u8],
) -> Result<Option<Receipt>, Error> {
    let malformed = || Error::new(Kind::MalformedJson, "The body is not valid JSON.");
    let Delivery {
        parts,
        ignored,
        is_messaging,
    } = parse(body).ok_or_else(malformed)?;
    if is_messaging {
        return hand_on(cx, signed_by, body).await;
    }
    let mut receipt = Receipt {
        ignored,
        ..Receipt::default()
    };
    let mut forged = 0;
    for part in &parts {
        let items = part.messages.len() + part.statuses.len();
        match take_in_part(cx, signed_by, part).await? {
            Taken::In => receipt.received += items,
            Taken::Unknown => receipt.ignored += items.max(1),
            Taken::Forged => forged += items.max(1),
        }
    }
    if forged > 0 && receipt.received == 0 {
        return Ok(None);
    }
    receipt.ignored += forged;
    Ok(Some(receipt))
}

/// Has the function of Messenger and Instagram take a delivery in.
async fn hand_on(
    cx: &Context<'_>,
    signed_by: &SignedBy,
    body: &[u8],
) -> Result<Option<Receipt>, Error> {
    let services = cx.outside.services;
    let answered = services.call(MESSAGING, &signed_by.0, body).await?;
    let told = std::str::from_utf8(&answered.body).ok().and_then(object);
    match (answered.status, told) {
        (200, Some(told)) => {
            let count = |field: &str| integer(told.get(field)?)?.parse().ok();
            Ok(Some(Receipt {
                received: count("received").unwrap_or_default(),
                ignored: count("ignored").unwrap_or_default(),
                kept: false,
            }))
        }
        (401, _) => Ok(None),
        (503, _) => Err(Error::unavailable("the function of Messenger is away")),
        _ => Err(Error::internal("the function of Messenger failed")),
    }
}

enum Taken {
    In,
    Unknown,
    Forged,
}

async fn take_in_part(
    cx: &Context<'_>,
    signed_by: &SignedBy,
    part: &DeliveryPart,
) -> Result<Taken, Error> {
    let accounts = account_find(cx.db, cx.now, part.kind, &part.address).await?;
    let Some(account) = Account::signed_by(&accounts, &signed_by.0) else {
        return Ok(match accounts.is_empty() {
            true => Taken::Unknown,
            false => Taken::Forged,
        });
    };
    let business = cx.of_business(&account.business_id);
    let received = Received {
        channel_id: &account.channel_id,
        channel: part.kind,
        messages: &part.messages,
        statuses: &part.statuses,
    };
    receive(&business, received).await?;
    cx.wake_also(business.wakes.take());
    Ok(Taken::In)
}
