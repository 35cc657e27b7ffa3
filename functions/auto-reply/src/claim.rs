//! What is to be replied to, and who does it.

use crate::reason::Reason;
use crate::sql::{REPLY_CLAIM, REPLY_OVERTAKEN};
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::ids::{ConversationId, MessageId};
use common::time::{SECOND, Timestamp};

/// How old a message may be that is replied to: ten minutes.
pub const MAX_AGE_MICROS: i64 = 600 * SECOND;
/// Most replies in a conversation within an hour. Two programs that answer each other end there.
pub const MAX_IN_AN_HOUR: i64 = 10;
/// How often a message is begun.
pub const MAX_TRIES: i64 = 4;
/// How long whoever claims a message has it: longer than the platform lets a job go on (30 s).
const LEASE_MICROS: i64 = 40 * SECOND;
/// After how many seconds a message is begun again.
const WAITS: [u32; 3] = [3, 15, 45];

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was done, or a model was asked.
    Waiting,
    /// Its reply may have been sent.
    Sending,
    /// It is being handed to a person.
    HandingOff(Reason),
}

/// A message to which one job replies.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) conversation_id: ConversationId,
    pub(crate) message_id: MessageId,
    pub(crate) state: State,
    /// When the message was stored, as the order of messages has it.
    pub(crate) written_at: Timestamp,
    /// The message by which it was replied to.
    pub(crate) reply_id: Option<MessageId>,
    /// Until when nobody else works on it; names the claim.
    pub(crate) until: i64,
    tries: i64,
}

impl Claim {
    /// Claims the newest message of a conversation that is due; `None` where nothing is.
    pub(crate) async fn take(
        cx: &Context<'_>,
        conversation_id: ConversationId,
    ) -> Result<Option<Self>> {
        let now = cx.now.micros();
        let until = now + LEASE_MICROS;
        let of = || {
            vec![
                cx.business_id().into(),
                (&conversation_id).into(),
                now.into(),
            ]
        };
        let mut claim = of();
        claim.push(until.into());
        let statements = vec![REPLY_OVERTAKEN.bind(of()), REPLY_CLAIM.bind(claim)];
        let results = cx.db.batch(statements).await?;
        let Some(row) = results.last().and_then(|rows| rows.first()) else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        let message_id = columns.id("message_id")?;
        let state = columns.text("state")?;
        let reason = columns.text_or_null("reason")?;
        let state = match (&*state, reason.as_deref().and_then(Reason::parse)) {
            ("waiting", _) => State::Waiting,
            ("sending", _) => State::Sending,
            ("handing_off", Some(reason)) => State::HandingOff(reason),
            _ => return Err(Error::internal("a reply is in no state")),
        };
        Ok(Some(Self {
            message_id,
            state,
            tries: columns.integer("tries")?,
            written_at: columns.time("written_at")?,
            reply_id: columns.id_or_null("reply_id")?,
            conversation_id,
            until,
        }))
    }

    /// The key of its reply, by which a second one is not sent.
    pub(crate) fn key(&self) -> String {
        ["auto_reply:", self.message_id.as_str()].concat()
    }

    /// Whether it may be begun once more.
    pub(crate) fn may_try_again(&self) -> bool {
        self.tries < MAX_TRIES
    }

    /// Whether it was begun too often: each time something cut the job off.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.tries > MAX_TRIES
    }

    /// In how many seconds it is begun again.
    pub(crate) fn wait(&self) -> u32 {
        let n = usize::try_from(self.tries - 1).unwrap_or_default();
        WAITS.get(n).copied().unwrap_or(60)
    }
}
