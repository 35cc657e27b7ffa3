use crate::signature::{
    Proof, Signer, address_check, handshake_answers, malformed, signature_check, signature_of,
    unread_count,
};
use crate::{messenger, whatsapp};
use channels_meta::parse;
use common::Context;
use common::http::ledger::META_BYTES;
use common::http::{Error, Kind, Method, Request, Response, Result};
use common::in_flight::hold;
use receivers::large::body_read_counted;
use receivers::{Receipt, parked};

/// Most parked deliveries that an invocation tries.
const MAX_BATCH: usize = 50;
/// Most of the others that a minute hands to the queue.
const MAX_WOKEN: usize = 200;

/// `GET /webhook-meta?hub.mode=subscribe&hub.verify_token=&hub.challenge=` (Meta's handshake)
///
/// 1. Looks whether the token is the deployment's or some account's: 200 with the bare challenge, else
///    403, and 429 for a sender whose tokens are refused time and again.
///
/// `POST /webhook-meta` (Meta; signed by the app secret of an account that the delivery names, or of the
/// deployment)
///
/// 1. Reads the body where `X-Hub-Signature-256` has the form of a signature: 401 otherwise. 429 for an
///    address whose deliveries are refused time and again, 503 where too many large ones are read.
///    Finds the accounts that the delivery names, and checks the signature over the bytes as they
///    came, with their secrets alone: 401, and 429 for a sender who is refused time and again. What is
///    only for accounts that nobody has here is counted and logged: 200, since Meta would repeat it for
///    days.
/// 2. Takes in what it holds for accounts of that secret, each message once: 200 with counts.
/// 3. With the database away, parks the delivery for later: 200. 503 where not even that succeeds,
///    so that Meta sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if request.route.method == Method::Get {
        return handshake(cx, &request).await;
    }
    let header = (cx.header)("x-hub-signature-256");
    let signature = header.as_deref().and_then(signature_of);
    let signature = signature.ok_or_else(refused)?;
    address_check(cx)?;
    let body = body_read_counted(cx, META_BYTES).await;
    let body = body.inspect_err(|error| unread_count(cx, error))?;
    let receipt = receive(cx, &signature, &body).await?;
    if receipt.ignored > 0 {
        let note = format!("{} not for us", receipt.ignored);
        cx.note(note);
    }
    Ok(Response::json(200, &receipt))
}

/// Answers the handshake.
async fn handshake(cx: &Context<'_>, request: &Request) -> Result<Response> {
    let query = |name| request.query.get(name);
    let given = (
        query("hub.mode"),
        query("hub.verify_token"),
        query("hub.challenge"),
    );
    // 1.
    if let (Some("subscribe"), Some(token), Some(challenge)) = given
        && handshake_answers(cx, token).await?
    {
        let challenge = challenge.to_owned();
        return Ok(Response::content(
            200,
            "text/plain; charset=utf-8",
            challenge,
        ));
    }
    let message = "This verify token is not that of any account.";
    Err(Error::new(Kind::InvalidVerifyToken, message))
}

fn refused() -> Error {
    let message = "The signature of `x-hub-signature-256` is not that of this body.";
    Error::new(Kind::InvalidSignature, message)
}

/// Takes a delivery in.
///
/// # Errors
/// 401 for a signature that no secret made of the accounts that the delivery is for; 400 for invalid
/// JSON; 429 for a sender who is refused time and again; 503 where nothing could take it.
pub async fn receive(cx: &Context<'_>, signature: &[u8; 32], body: &[u8]) -> Result<Receipt> {
    // 1.
    let signer = match signature_check(cx, signature, body).await? {
        Proof::Signed(signer) => signer,
        Proof::Nobody(accounts) => {
            return Ok(Receipt {
                ignored: accounts,
                ..Receipt::default()
            });
        }
        Proof::None => return Err(refused()),
    };
    // 2.
    match take_in(cx, &signer, body).await {
        Ok(receipt) => receipt.ok_or_else(refused),
        // 3.
        Err(error) if error.is_unavailable() => {
            let key = parked::park(cx, &format!("meta/{}", signer.secret_id), body).await?;
            parked::wake(cx, key);
            Ok(Receipt {
                kept: true,
                ..Receipt::default()
            })
        }
        Err(error) => Err(error),
    }
}

/// `None` where the delivery is for accounts of other secrets alone: its signature is a forgery of
/// somebody who has an account of his own.
async fn take_in(cx: &Context<'_>, signer: &Signer, body: &[u8]) -> Result<Option<Receipt>> {
    let delivery = parse(body).ok_or_else(malformed)?;
    match delivery.is_messaging {
        true => messenger::take_in(cx, signer, body).await,
        false => whatsapp::take_in(cx, signer, &delivery).await,
    }
}

/// Takes in a delivery that was parked; the queue's message is its key. Where the isolate has too many bytes of
/// others, the cron comes back to it.
pub async fn resume(cx: &Context<'_>, key: &str) -> Result<()> {
    let Ok(_held) = hold(META_BYTES, cx.time_now()) else {
        return Ok(());
    };
    let again = async |of: &str, body: &[u8]| take_in_again(cx, of, body).await;
    parked::replay_one(cx, key, &again).await
}

/// Takes in what is still parked, each minute. What is more than an invocation may do goes to the queue, each of
/// whose batches is an invocation of its own.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    let again = async |of: &str, body: &[u8]| take_in_again(cx, of, body).await;
    let left = parked::replay(cx, "meta", MAX_BATCH, again).await?;
    for key in left.into_iter().take(MAX_WOKEN) {
        parked::wake(cx, key);
    }
    Ok(())
}

/// `of` names the app secret that signed. What is for accounts that are gone by now was acknowledged all
/// the same, and stays in the list of those that failed.
async fn take_in_again(cx: &Context<'_>, of: &str, body: &[u8]) -> Result<()> {
    let signer = Signer {
        secret_id: of.strip_prefix("meta/").unwrap_or_default().to_owned(),
        was_parked: true,
    };
    let receipt = take_in(cx, &signer, body).await?.ok_or_else(refused)?;
    if receipt.received == 0 && receipt.ignored > 0 {
        let message = "The accounts that this delivery is for are gone.";
        return Err(Error::new(Kind::NotFound, message));
    }
    Ok(())
}
