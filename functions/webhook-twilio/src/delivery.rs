//! Twilio's webhook of one account: messages, and statuses of ours.

use channels::{ChannelKind, ReceivingAccount, receiving_account_find};
use channels_twilio::webhook::{Delivery, parse};
use common::context::Context;
use common::form;
use common::http::{Error, Kind, Request};
use common::ids::is_id;
use common::json::lenient::checked;
use common::json::raw::{integer, object, text};
use common::signatures::equal;
use common::signatures::twilio::{Algorithm, SharedKey, body_hash_holds, is_signed};
use common::time::Timestamp;
use messaging::messages::{Received, receive_with};
use receivers::parked;

/// Most parked deliveries that a minute tries.
const MOST_AT_ONCE: usize = 50;
/// What deliveries that were kept are kept for, before the account's id.
const OF: &str = "twilio/";

/// Takes a delivery in.
///
/// # Errors
/// 404 for an account that nobody has; 401 for a signature that is not the account's, or a delivery
/// of another account; 400 for what is no JSON where it should be; 503 where nothing could take it.
pub async fn delivery_receive(cx: &Context<'_>, request: &Request) -> Result<(), Error> {
    let id = request.id.as_deref().unwrap_or_default();
    let found = receiving_account_find(cx, ChannelKind::Sms, id).await?;
    let account = found.ok_or_else(|| {
        let message = "There is no such account, or it is disabled.";
        Error::new(Kind::NotFound, message)
    })?;
    let params = verified(cx, &account, request)?;
    let message_id = request.query.get("message_id").filter(|id| is_id(id));
    let delivery = parse(&params, message_id, cx.now);
    if !is_of(&account, &delivery) {
        let message = "The delivery is of another account at Twilio.";
        return Err(Error::new(Kind::InvalidSignature, message));
    }
    match take_in(cx, &account, &delivery).await {
        Err(error) if error.status() == 503 => {
            let params = params.iter().map(|(name, value)| (&**name, &**value));
            let form = form::encoded(params);
            let message_id = message_id.unwrap_or("-");
            let kept = format!("{} {message_id}\n{form}", cx.now.micros());
            let of = format!("{OF}{}", account.channel_id);
            parked::park(cx, &of, kept.as_bytes()).await?;
            Ok(())
        }
        taken => taken,
    }
}

/// Takes in what is parked.
///
/// # Errors
/// 503 while the database or KV is away.
pub async fn deliveries_resume(cx: &Context<'_>) -> Result<(), Error> {
    let receiver = OF.trim_end_matches('/');
    parked::replay(cx, receiver, MOST_AT_ONCE, async |of, body| {
        let channel_id = of.strip_prefix(OF).unwrap_or_default();
        let account = receiving_account_find(cx, ChannelKind::Sms, channel_id).await?;
        let gone = || Error::new(Kind::NotFound, "Its channel account is gone.");
        let account = account.ok_or_else(gone)?;
        let delivery = delivery_of(body);
        let delivery = delivery.ok_or_else(|| Error::internal("its bytes are unreadable"))?;
        take_in(cx, &account, &delivery).await
    })
    .await
}

/// Reads what was kept: when it came, the message that its address names, its parameters.
fn delivery_of(kept: &[u8]) -> Option<Delivery> {
    let (head, form) = std::str::from_utf8(kept).ok()?.split_once('\n')?;
    let (at, message_id) = head.split_once(' ')?;
    let at = Timestamp::from_micros(at.parse().ok()?);
    let message_id = Some(message_id).filter(|id| is_id(id));
    Some(parse(&form::pairs(form), message_id, at))
}

/// A token signs for all numbers of its account, so that the account is what has to be right.
fn is_of(account: &ReceivingAccount, delivery: &Delivery) -> bool {
    let known = account.settings.get("account_sid");
    delivery.account_sid.is_none() || delivery.account_sid.as_ref() == known
}

async fn take_in(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    delivery: &Delivery,
) -> Result<(), Error> {
    if delivery.message.is_none() && delivery.status.is_none() {
        cx.note.replace(Some("not for us".to_owned()));
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
    cx.wake_also(business.wakes.take());
    Ok(())
}

/// The parameters of a delivery, once its signature is checked.
fn verified(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    request: &Request,
) -> Result<Vec<(String, String)>, Error> {
    let refused = || {
        let message = "The signature of `x-twilio-signature` is not that of this request.";
        Error::new(Kind::InvalidSignature, message)
    };
    let signature = (cx.header)("x-twilio-signature").ok_or_else(refused)?;
    let (secret, algorithm) = signer(cx, account).ok_or_else(refused)?;
    let urls = urls(cx, &request.target);
    let is_signed = |params: &[_]| is_signed(secret, algorithm, &signature, &urls, params);
    // What is no form is signed by the hash that the address carries.
    if let Some(hash) = request.query.get("bodySHA256") {
        if !is_signed(&[]) || !body_hash_holds(hash, &request.body) {
            return Err(refused());
        }
        return json_params(&request.body);
    }
    let params = form::pairs(&String::from_utf8_lossy(&request.body));
    match is_signed(&params) {
        true => Ok(params),
        false => Err(refused()),
    }
}

/// What signs: the auth token, unless the request names a shared key that the account has.
fn signer<'a>(cx: &Context<'_>, account: &'a ReceivingAccount) -> Option<(&'a str, Algorithm)> {
    let credentials = &account.credentials;
    match (cx.header)("x-twilio-webhooks-signature-settings") {
        None => Some((credentials.auth_token.as_deref()?, Algorithm::HmacSha1)),
        Some(header) => {
            let key = SharedKey::parse(&header)?;
            let known = account.settings.get("webhook_key_id")?;
            let secret = credentials.webhook_secret.as_deref()?;
            equal(&key.id, known).then_some((secret, key.algorithm))
        }
    }
}

/// The addresses that Twilio may have been given: the deployment's, and the one requested, by the
/// name that a proxy before us was called by and the one that we were.
fn urls(cx: &Context<'_>, target: &str) -> Vec<String> {
    let mut urls = Vec::new();
    if let Ok(origin) = cx.outside.public_origin() {
        urls.push(format!("{origin}{target}"));
    }
    for name in ["x-forwarded-host", "host"] {
        if let Some(host) = (cx.header)(name) {
            let host = host.split(',').next().unwrap_or_default().trim();
            // By which of them we were called no header tells for sure.
            urls.push(format!("https://{host}{target}"));
            urls.push(format!("http://{host}{target}"));
        }
    }
    urls
}

/// The texts and numbers of a body in JSON.
fn json_params(body: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let malformed = || Error::new(Kind::MalformedJson, "The body is not a JSON object.");
    let json = checked(body).ok_or_else(malformed)?;
    let fields = object(&json).ok_or_else(malformed)?;
    let read = |(name, value): (&str, &&str)| {
        let value = text(value).or_else(|| integer(value).map(str::to_owned));
        Some((name.to_owned(), value?))
    };
    Ok(fields.iter().filter_map(read).collect())
}
