use crate::jobs::{contact_in, conversation_in, messages_in};
use crate::proof::Proof;
use channels::{
    AccountKind, ReceivingAccount, parked_account_find, receiving_account_check,
    receiving_account_find,
};
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use receivers::{Receipt, parked};
use source_chatwoot::webhook::{Delivery, Event};
use source_chatwoot::{Account, Ingested, ingest};

/// What parked deliveries are of, before the account's id.
const OF: &str = "chatwoot/";
/// Most parked deliveries that one run of the cron tries.
const MAX_RESUMED: usize = 50;

/// `POST /api/webhooks/chatwoot/{channel id}[/{token}]` (Chatwoot, for the account `channel id`)
///
/// 1. Finds the account where the headers have the form of a signature, or the path goes on with a token: 401
///    otherwise; 404 for an account that nobody has, or that is disabled, and 429 for a sender who names too many
///    of them.
/// 2. Reads the body. Checks `X-Chatwoot-Signature` over `X-Chatwoot-Timestamp` and the bytes as they came, not
///    more than five minutes from now; of an account without a secret, the token. 401; so also for a delivery of
///    another account at Chatwoot. 400 for what is no JSON. What the cached account refuses is checked once more
///    with the account as it is now.
/// 3. Takes in a message or a note, once, or what became of one. Has a contact or a conversation that changed
///    read by a job, since the webhook may be older than another that came before it; so also the conversation of
///    a note that is not here yet. Anything else, what is in inboxes that are left out, and what only keeps
///    Chatwoot's books changes nothing. 200 with counts.
/// 4. With the database away, parks the delivery for later: 200, since Chatwoot sends nothing twice. 503 where not
///    even that succeeds.
pub async fn handle(cx: &Context<'_>, mut request: Request) -> Result<Response> {
    // 1.
    let path = request.id.clone().unwrap_or_default();
    let (id, token) = match path.split_once('/') {
        Some((id, token)) => (id, Some(token)),
        None => (path.as_str(), None),
    };
    let proof = Proof::expect(cx, token)?;
    let account = receiving_account_find(cx, AccountKind::Chatwoot, id).await?;
    let account = account.ok_or_else(missing)?;

    // 2.
    request.body = cx.read_body(request.route).await?;
    let body = &request.body;
    let check = |account: &ReceivingAccount| {
        proof.check(cx, account, body)?;
        read(account, body)
    };
    let checked = receiving_account_check(cx, account, check).await?;
    let (account, delivery) = checked.ok_or_else(missing)?;

    // 3.
    let receipt = match take_in(cx, &account, delivery).await {
        Ok(taken) => Receipt {
            received: taken.taken,
            ignored: taken.ignored,
            kept: false,
        },
        Err(error) if !error.is_unavailable() => return Err(error),
        // 4.
        Err(_) => {
            parked::park(cx, &format!("{OF}{}", account.channel_id), body).await?;
            Receipt {
                kept: true,
                ..Receipt::default()
            }
        }
    };
    Ok(Response::json(200, &receipt))
}

fn missing() -> Error {
    let message = "There is no such account, or it is disabled.";
    Error::new(Kind::NotFound, message)
}

/// The delivery of this account.
fn read(account: &ReceivingAccount, body: &[u8]) -> Result<Delivery> {
    let malformed = || Error::new(Kind::MalformedJson, "The body is not a JSON object.");
    let delivery = Delivery::parse(body).ok_or_else(malformed)?;
    let of = delivery.account_id.as_deref();
    match of.is_none_or(|id| Account::of(account).is(id)) {
        true => Ok(delivery),
        false => {
            let message = "The delivery is of another account at Chatwoot.";
            Err(Error::new(Kind::InvalidSignature, message))
        }
    }
}

/// Takes in what happened.
async fn take_in(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    delivery: Delivery,
) -> Result<Ingested> {
    let business = cx.of_business(&account.business_id);
    let account = Account::of(account);
    let (taken, ignored) = (
        Ingested {
            taken: 1,
            ..Ingested::default()
        },
        Ingested {
            ignored: 1,
            ..Ingested::default()
        },
    );
    match delivery.event {
        Event::Message(event) => {
            let conversation = event.conversation.clone();
            let done = ingest(&business, &account, vec![*event]).await?;
            if done.notes_left == 0 {
                return Ok(done);
            }
            messages_in(&business, &account, &conversation).await?;
            return Ok(taken);
        }
        Event::Contact(event) if !event.is_bookkeeping => {
            contact_in(&business, &account, &event).await?;
            return Ok(taken);
        }
        Event::Conversation(event) if account.takes(event.conversation.inbox_id.as_deref()) => {
            conversation_in(&business, &account, &event.conversation).await?;
            return Ok(taken);
        }
        Event::Contact(_) | Event::Conversation(_) => {}
        Event::Ignored => cx.note(format!("not for us: {}", name_of(&delivery.name))),
    }
    Ok(ignored)
}

/// As much of an event's name as the log needs.
fn name_of(event: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    event.chars().filter(is_plain).take(60).collect()
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
        let account = parked_account_find(cx, AccountKind::Chatwoot, channel_id).await?;
        let account = account.ok_or_else(missing)?;

        // 2.
        let delivery = read(&account, body)?;
        take_in(cx, &account, delivery).await?;
        Ok(())
    })
    .await?;
    Ok(())
}
