//! What WhatsApp delivers.

use crate::accounts::Owner;
use crate::signature::Signer;
use channels_meta::{Delivery, DeliveryPart};
use common::context::Context;
use common::http::Error;
use messaging::messages::{Received, receive};
use receivers::Receipt;

/// Takes in a delivery of WhatsApp. `None` where it is for accounts of other secrets alone: its
/// signature is a forgery of somebody who has an account of his own.
///
/// # Errors
/// 503 while the database is away.
pub(crate) async fn take_in(
    cx: &Context<'_>,
    signer: &Signer,
    delivery: &Delivery,
) -> Result<Option<Receipt>, Error> {
    let mut receipt = Receipt {
        ignored: delivery.ignored,
        ..Receipt::default()
    };
    let mut forged = 0;
    for part in &delivery.parts {
        let items = part.messages.len() + part.statuses.len();
        match take_in_part(cx, signer, part).await? {
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

enum Taken {
    In,
    Unknown,
    Forged,
}

async fn take_in_part(
    cx: &Context<'_>,
    signer: &Signer,
    part: &DeliveryPart,
) -> Result<Taken, Error> {
    let account = match signer.owner(cx, part.kind, &part.address).await? {
        Owner::Account(account) => account,
        Owner::Nobody => return Ok(Taken::Unknown),
        Owner::Forged => return Ok(Taken::Forged),
    };
    let business = cx.of_business(&account.business_id);
    let received = Received {
        channel_id: &account.channel_id,
        channel: part.kind,
        messages: &part.messages,
        statuses: &part.statuses,
    };
    receive(&business, received).await?;
    Ok(Taken::In)
}
