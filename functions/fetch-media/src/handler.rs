use crate::account::Account;
use crate::bytes::{self, Ready};
use crate::claim::{Claimed, claim};
use crate::fetch_error::MediaError;
use crate::job::{Job, MediaJob, ProfileJob};
use crate::profile::{customer_name, profile_fetch, subject_find};
use crate::settle::settle;
use common::Context;
use common::http::Result;
use common::ports::Queue;

/// After how many tries a fetch is given up even where none came to an end.
const MAX_TRIES: i64 = 12;

/// A message of the queue `tieline-media`: `{business_id, message_id}` for the media of a message, or
/// `{business_id, channel_id, profile_of}` for the name of a sender of Messenger or Instagram. 500 for
/// any other.
pub async fn fetch(cx: &Context<'_>, message: &str) -> Result<()> {
    match Job::parse(message)? {
        Job::Media(job) => media_fetch(cx, &job).await,
        Job::Profile(job) => sender_name(cx, &job).await,
    }
}

/// Fetches what is due of a message's attachments.
///
/// 1. Claims them for a minute, so that nobody else fetches them meanwhile.
/// 2. Asks the provider for the address, and the address for the bytes, with the account's token, and
///    stores the bytes.
/// 3. Says so in the attachment's row, with the event in the same transaction: the event that the
///    message was received goes out at once if it still waits, else one that the message changed.
///    What did not come is due again, later and later, and fails in the end.
/// 4. Deletes at Twilio what is stored now, where the account wants that.
///
/// 503 when the database is away. What was claimed then is due again after a minute, which fan-out's
/// cron finds.
async fn media_fetch(cx: &Context<'_>, job: &MediaJob) -> Result<()> {
    // 1.
    let business = cx.of_business(&job.business_id);
    let (claimed, accounts) = claim(&business, job).await?;
    if claimed.is_empty() {
        return Ok(());
    }

    // 2.
    let mut fetched = Vec::new();
    for one in &claimed {
        fetched.push(fetch_one(&business, one, one.account(&accounts)).await);
    }

    // 3.
    let stored: Vec<bool> = fetched.iter().map(std::result::Result::is_ok).collect();
    settle(&business, job, &claimed, fetched).await?;

    // 4.
    for (one, _) in claimed.iter().zip(stored).filter(|(_, stored)| *stored) {
        let account = one.account(&accounts);
        if let Some(account) = account.filter(|account| account.deletes_media) {
            bytes::delete(&business, account, one).await;
        }
    }
    Ok(())
}

/// Fetches one attachment, unless that is known to fail.
async fn fetch_one(
    cx: &Context<'_>,
    one: &Claimed,
    account: Option<&Account>,
) -> std::result::Result<Ready, MediaError> {
    match account {
        _ if one.tries > MAX_TRIES => Err(MediaError::permanent("It was tried too often.")),
        Some(account) if account.is_opened => bytes::fetch(cx, account, one).await,
        Some(_) => Err(MediaError::transient(
            "The account's secrets cannot be opened.",
        )),
        None => Err(MediaError::permanent("The account is no longer connected.")),
    }
}

/// Fetches the name of a sender.
///
/// 1. Finds the customer, who has no name yet, and the account by which Meta is asked.
/// 2. Asks Meta. It may refuse, before the person has consented (channels.md §3.5): then there is no
///    name. 500 for secrets that cannot be opened.
/// 3. Names the customer, with the event in the same transaction; keeps the username beside the id.
async fn sender_name(cx: &Context<'_>, job: &ProfileJob) -> Result<()> {
    // 1.
    let business = cx.of_business(&job.business_id);
    let Some(subject) = subject_find(&business, job).await? else {
        return Ok(());
    };

    // 2.
    let Some(profile) = profile_fetch(&business, job, &subject).await? else {
        cx.note("a profile tells no name");
        return Ok(());
    };

    // 3.
    customer_name(&business, job, &subject, profile).await?;
    cx.wake(Queue::Events, business.business_id());
    Ok(())
}
