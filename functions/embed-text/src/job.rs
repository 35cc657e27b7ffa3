//! What is to be embedded in the background, of one business after the other.

use crate::backlog::{Came, Stopped, Used, work_off};
use crate::models::{begin, models, sweep, switch};
use crate::removals::removed;
use crate::server::Trouble;
use crate::sql::{EMBEDDING_CLAIM, EMBEDDING_FORGET, EMBEDDING_SETTLE};
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::time::SECOND;
use knowledge::embedder::MODEL;
use knowledge::index::compact;

/// How long nobody else works for a business. An invocation begins no request after 20 seconds, and the texts that a
/// server refuses may take some more.
const LEASE: i64 = 300 * SECOND;
/// How long the first failure is waited out; each further one takes twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: i64 = 60 * SECOND;
/// The longest wait; also that for what somebody has to mend. What is set anew is tried at once.
const LONGEST_WAIT: i64 = 3600 * SECOND;

/// How soon what is gone is removed from Vectorize.
const REMOVALS_WAIT: i64 = 300 * SECOND;

/// A business for which nobody else works.
struct Claimed {
    model: String,
    wakes: i64,
    attempts: u32,
    failing_since: Option<i64>,
    set_at: i64,
    lease: i64,
}

/// What is to be done next.
#[derive(Default)]
struct Next {
    /// When; nothing is to be done, where absent.
    due_at: Option<i64>,
    attempts: u32,
    error: Option<String>,
    failing_since: Option<i64>,
}

/// Does what is due for the caller's business, as far as the invocation goes. Nothing, if somebody else does.
pub(crate) async fn work(cx: &Context<'_>, used: &mut Used) -> Result<()> {
    let Some(claimed) = claim(cx).await? else {
        return Ok(());
    };
    // What was set and could not be begun. What there is goes on meanwhile.
    let begun = begin(cx, &claimed.model).await;
    let next = match embedded(cx, &claimed, used).await {
        Ok(Left::Nothing | Left::Removals) if let Err(stopped) = begun => match stopped {
            Stopped::Theirs(trouble) => after(cx, &claimed, trouble),
            Stopped::Ours(error) => return Err(error),
        },
        Ok(Left::Nothing) => Next::default(),
        Ok(Left::Removals) => Next {
            due_at: Some(cx.time_now().micros() + REMOVALS_WAIT),
            ..Next::default()
        },
        Ok(Left::More) => Next {
            due_at: Some(cx.time_now().micros()),
            ..Next::default()
        },
        Err(Stopped::Theirs(trouble)) => after(cx, &claimed, trouble),
        Err(Stopped::Ours(error)) => return Err(error),
    };
    settle(cx, &claimed, &next).await
}

/// What is left to be done.
enum Left {
    /// Nothing, until something is put in.
    Nothing,
    /// What goes from now on is to be removed from Vectorize, too: nobody says when.
    Removals,
    /// More than this invocation could do.
    More,
}

/// Embeds what has no vector, has the next model searched when nothing is left, and removes what is left of the one
/// before. Says what is left.
async fn embedded(cx: &Context<'_>, claimed: &Claimed, used: &mut Used) -> Result<Left, Stopped> {
    let Some(mut known) = models(cx).await? else {
        return Ok(Left::Nothing);
    };
    // What is new meanwhile is found by the model that is searched, too; its trouble keeps no other from taking its place.
    let searched = match known.searched == MODEL {
        true => Ok(Came::ToTheEnd),
        false => work_off(cx, &known.searched, claimed.attempts, used).await,
    };
    let mut is_all = match searched {
        Ok(Came::ToTheEnd) => true,
        Ok(Came::OnlySoFar) => false,
        Err(stopped) if known.next.is_none() => return Err(stopped),
        Err(Stopped::Theirs(_)) => true,
        Err(ours) => return Err(ours),
    };
    if let Some(next) = known.next.clone() {
        is_all = match work_off(cx, &next, claimed.attempts, used).await? {
            Came::ToTheEnd => switch(cx, &next).await?,
            Came::OnlySoFar => false,
        };
        if is_all {
            known.searched = next;
            known.next = None;
        }
    }
    let is_swept = sweep(cx, &known).await?;
    if is_all && known.searched != MODEL {
        compact(cx).await?;
    }
    let is_removed = removed(cx, used).await?;
    Ok(match is_all && is_swept && is_removed {
        false => Left::More,
        true if known.are_in_vectorize() => Left::Removals,
        true => Left::Nothing,
    })
}

async fn claim(cx: &Context<'_>) -> Result<Option<Claimed>> {
    let now = cx.time_now().micros();
    let lease = now + LEASE;
    let claim = EMBEDDING_CLAIM.bind(vec![cx.business_id().into(), now.into(), lease.into()]);
    let rows = cx.db.rows(claim).await?;
    let read = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        Ok(Claimed {
            model: columns.text("model")?,
            wakes: columns.integer("wakes")?,
            attempts: u32::try_from(columns.integer("attempts")?).unwrap_or_default(),
            failing_since: columns.time_or_null("failing_since")?.map(|at| at.micros()),
            set_at: columns.integer("set_at")?,
            lease,
        })
    };
    rows.first().map(read).transpose()
}

/// When it is tried again after trouble.
fn after(cx: &Context<'_>, claimed: &Claimed, trouble: Trouble) -> Next {
    let now = cx.time_now().micros();
    let doubled = (FIRST_WAIT << claimed.attempts.min(10)).min(LONGEST_WAIT);
    let asked = trouble.retry_after.map(|wait| i64::from(wait) * SECOND);
    let wait = match trouble.is_passing {
        true => asked.unwrap_or(doubled),
        false => LONGEST_WAIT,
    };
    Next {
        due_at: Some(now + wait),
        attempts: claimed.attempts.saturating_add(1),
        error: Some(trouble.message),
        failing_since: claimed.failing_since.or(Some(now)),
    }
}

async fn settle(cx: &Context<'_>, claimed: &Claimed, next: &Next) -> Result<()> {
    let mut statements = vec![EMBEDDING_SETTLE.bind(vec![
        cx.business_id().into(),
        claimed.lease.into(),
        claimed.set_at.into(),
        claimed.wakes.into(),
        next.due_at.into(),
        cx.time_now().micros().into(),
        i64::from(next.attempts).into(),
        next.error.as_deref().into(),
        next.failing_since.into(),
    ])];
    if next.due_at.is_none() && claimed.model == MODEL {
        let params = vec![cx.business_id().into(), claimed.wakes.into(), MODEL.into()];
        statements.push(EMBEDDING_FORGET.bind(params));
    }
    cx.db.batch(statements).await?;
    Ok(())
}
