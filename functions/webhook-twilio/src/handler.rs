use crate::codec;
use crate::signature::{expect_signed, verified};
use channels::{
    AccountKind, ChannelKind, ReceivingAccount, parked_account_find, receiving_account_check,
    receiving_account_find,
};
use channels_twilio::webhook::{Delivery, parse};
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::MessageId;
use messaging::messages::{Received, receive_with};
use receivers::parked;

/// What Twilio takes as: nothing is to be answered.
const NO_REPLY: &str = "<Response/>";
/// What parked deliveries are of, before the account's id.
const OF: &str = "twilio/";
/// Most parked deliveries that one run of the cron tries.
const MAX_RESUMED: usize = 50;

/// `POST /webhook-twilio/{channel id}` (Twilio; signed by the account's auth token, or a shared key)
///
/// 1. Finds the account where `X-Twilio-Signature` has the form of a signature: 401 otherwise; 404 for an
///    account that nobody has, or that is disabled, and 429 for a sender who names too many of them.
/// 2. Reads the body. Checks `X-Twilio-Signature` over the address, as it is configured or as it was
///    requested, and the form as it came; of a body in JSON over the address with its SHA-256: 401. So
///    also for a delivery of another `AccountSid`. 400 for what should be JSON and is not. What the
///    cached account refuses is checked once more with the account as it is now.
/// 3. Takes in a message, once, with STOP and START noted in the same transaction, or moves a
///    message of ours by its status: 200 with an empty answer in TwiML. What is neither is logged.
/// 4. With the database away, parks the delivery for later: 200. 503 where not even that succeeds.
pub async fn handle(cx: &Context<'_>, mut request: Request) -> Result<Response> {
    // 1.
    expect_signed(cx)?;
    let id = request.id.as_deref().unwrap_or_default();
    let account = receiving_account_find(cx, AccountKind::Sms, id).await?;
    let account = account.ok_or_else(missing)?;

    // 2.
    request.body = cx.read_body(request.route).await?;
    let message_id = request.query.get("message_id").and_then(MessageId::parse);
    let check = |account: &ReceivingAccount| {
        let params = verified(cx, account, &request)?;
        let delivery = parse(&params, message_id.as_ref(), cx.now);
        if !is_of(account, &delivery) {
            let message = "The delivery is of another account at Twilio.";
            return Err(Error::new(Kind::InvalidSignature, message));
        }
        Ok((params, delivery))
    };
    let checked = receiving_account_check(cx, account, check).await?;
    let (account, (params, delivery)) = checked.ok_or_else(missing)?;

    // 3.
    match take_in(cx, &account, &delivery).await {
        // 4.
        Err(error) if error.is_unavailable() => {
            let delivery = codec::encode(cx.now, message_id.as_ref(), &params);
            let of = format!("{OF}{}", account.channel_id);
            parked::park(cx, &of, &delivery).await?;
        }
        taken => taken?,
    }
    Ok(Response::content(200, "text/xml; charset=utf-8", NO_REPLY))
}

fn missing() -> Error {
    let message = "There is no such account, or it is disabled.";
    Error::new(Kind::NotFound, message)
}

/// A token signs for all numbers of its account, so that the account is what has to be right.
fn is_of(account: &ReceivingAccount, delivery: &Delivery) -> bool {
    let known = account.settings.get("account_sid");
    delivery.account_sid.is_none() || delivery.account_sid.as_ref() == known
}

/// Takes a message, or the status of one, in.
async fn take_in(cx: &Context<'_>, account: &ReceivingAccount, delivery: &Delivery) -> Result<()> {
    if delivery.message.is_none() && delivery.status.is_none() {
        cx.note("not for us");
        return Ok(());
    }
    let business = cx.of_business(&account.business_id);
    let opt_out = delivery.opt_out.as_ref();
    let before = opt_out.map(|change| change.statement(&business, &account.channel_id));
    let received = Received {
        channel_id: &account.channel_id,
        channel: ChannelKind::Sms,
        messages: delivery.message.as_slice(),
        statuses: delivery.status.as_slice(),
    };
    receive_with(&business, received, before.into_iter().collect()).await?;
    Ok(())
}

/// Takes in what is still parked, each minute. 503 while the database is still away.
///
/// 1. Finds the account of a delivery, which may be disabled by now: 404 where it is gone.
/// 2. Takes the delivery in as above.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    let receiver = OF.trim_end_matches('/');
    parked::replay(cx, receiver, MAX_RESUMED, async |of, body| {
        // 1.
        let channel_id = of.strip_prefix(OF).unwrap_or_default();
        let account = parked_account_find(cx, AccountKind::Sms, channel_id).await?;
        let account = account.ok_or_else(missing)?;

        // 2.
        let unreadable = || Error::internal("a parked delivery is unreadable");
        let delivery = codec::decode(body).ok_or_else(unreadable)?;
        take_in(cx, &account, &delivery).await
    })
    .await?;
    Ok(())
}
