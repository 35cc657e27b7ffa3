//! A message that may have been sent is looked for at the provider, where that has a list of what it
//! sent. What is found is sent; what is not stays uncertain, and is never sent again.

use super::adapters::adapter;
use super::outcome::{Subject, record, wake_message};
use crate::sql::{SEND_CHECK_CLAIM, SEND_CHECK_LATER, SEND_DONE, SEND_FOUND, SEND_UNCLAIMED};

use super::due::Loaded;
use crate::sending::later;
use channels::StatusUpdate;
use channels::outbound::SendOutcome;
use common::context::Context;
use common::db::{Columns, Row, Value};
use common::http::Error;
use common::ids::MessageId;
use common::json::writer::JsonWriter;
use common::ports::Queue;
use common::time::SECOND;

/// After how many seconds it is looked for, one after the other: a list may take a while to show
/// what is new.
const CHECK_SECONDS: [u32; 3] = [10, 60, 300];
/// How long one look may take before another takes over.
const LEASE_MICROS: i64 = 60 * SECOND;

/// When an unsure message is looked for first.
pub(super) fn first_check(cx: &Context<'_>) -> i64 {
    let [first, ..] = CHECK_SECONDS;
    later(cx).plus(i64::from(first) * SECOND).micros()
}

/// Whether a row of SEND_UNSURE or SEND_EXPIRE_DONE says that the message will be looked for.
pub(super) fn is_checked(row: &Row) -> Result<bool, Error> {
    Ok(Columns::of(row).str("state")? == "checking")
}

/// Has a message looked for once more, after so many looks.
pub(super) fn wake_for_check(cx: &Context<'_>, message_id: &MessageId, looks: usize) {
    if let Some(seconds) = CHECK_SECONDS.get(looks) {
        let wake = wake_message(cx.business_id(), message_id);
        cx.wake_after(Queue::Sends, wake, *seconds);
    }
}

/// Looks for a message once, if that is due.
///
/// # Errors
/// 503 when the database is away; another look takes over then.
pub(super) async fn check(
    cx: &Context<'_>,
    message_id: &MessageId,
    loaded: &Loaded,
) -> Result<(), Error> {
    let named = || vec![Value::from(cx.business_id()), message_id.into()];
    let now = later(cx);
    let mut claim = named();
    claim.extend([now.micros().into(), now.plus(LEASE_MICROS).micros().into()]);
    let claimed = cx.db.rows(SEND_CHECK_CLAIM.bind(claim)).await?;
    let Some(claimed) = claimed.first() else {
        return Ok(());
    };
    let looks = Columns::of(claimed).integer("tries")?;
    let channel_id = &loaded.channel_id;
    match found(cx, loaded).await? {
        LookUp::Found(update) => {
            let subject = Subject {
                message_id,
                channel_id,
                kind: None,
                began: loaded.stored_at,
                tries: 0,
                stored_at: loaded.stored_at,
                segments: None,
            };
            // It waits for the message to know its provider's id, as one that comes too early does.
            let error = update.error.map(|(code, message)| {
                let error = JsonWriter::default().text("code", &code);
                error.text("message", &message).finish()
            });
            let early = SEND_FOUND.bind(vec![
                cx.business_id().into(),
                channel_id.into(),
                update.provider_id.as_str().into(),
                update.status.as_str().into(),
                update.at.unwrap_or(now).micros().into(),
                error.into(),
                now.micros().into(),
            ]);
            cx.db.batch(vec![early]).await?;
            let provider_id = update.provider_id;
            record(cx, &subject, SendOutcome::Sent { provider_id }).await;
        }
        LookUp::NotYet => {
            let looks = usize::try_from(looks).unwrap_or_default();
            let Some(seconds) = CHECK_SECONDS.get(looks) else {
                return done(cx, named()).await;
            };
            let mut params = named();
            params.push(now.plus(i64::from(*seconds) * SECOND).micros().into());
            cx.db.batch(vec![SEND_CHECK_LATER.bind(params)]).await?;
            wake_for_check(cx, message_id, looks);
        }
        LookUp::Never => done(cx, named()).await?,
    }
    Ok(())
}

async fn done(cx: &Context<'_>, named: Vec<Value>) -> Result<(), Error> {
    cx.db.batch(vec![SEND_DONE.bind(named)]).await?;
    Ok(())
}

/// What one look gave.
enum LookUp {
    Found(StatusUpdate),
    NotYet,
    /// It cannot be looked for.
    Never,
}

async fn found(cx: &Context<'_>, loaded: &Loaded) -> Result<LookUp, Error> {
    let tried_at = loaded.tried_at;
    let Some((outbound, account)) = loaded.stored() else {
        return Ok(LookUp::Never);
    };
    let Some(adapter) = adapter(account.kind) else {
        return Ok(LookUp::Never);
    };
    let Ok(account) = account.opened(cx) else {
        return Ok(LookUp::Never);
    };
    let question = adapter.look_up(&cx.ports, &account, &outbound, tried_at);
    let Some(question) = question else {
        return Ok(LookUp::Never);
    };
    let answered = cx.ports.http.fetch(question).await;
    let Some(mut candidates) = adapter.looked_up(&outbound, tried_at, &answered) else {
        return Ok(LookUp::NotYet);
    };
    let ids: Vec<_> = candidates.iter().map(|one| &one.provider_id).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let params = vec![
        cx.business_id().into(),
        ids.into(),
        (&loaded.channel_id).into(),
    ];
    let unclaimed = cx.db.rows(SEND_UNCLAIMED.bind(params)).await?;
    let Some(unclaimed) = unclaimed.first() else {
        return Ok(LookUp::NotYet);
    };
    let id = Columns::of(unclaimed).str("provider_id")?;
    candidates.retain(|one| one.provider_id == id);
    Ok(candidates.pop().map_or(LookUp::NotYet, LookUp::Found))
}
