use super::answer::SendState;
use super::check::{first_check, is_checked, wake_for_check};
use crate::sending::later;
use crate::sql::{
    SEND_ACCOUNT_HEALTHY, SEND_ACCOUNT_UNHEALTHY, SEND_DONE, SEND_OPTED_OUT, SEND_REQUEUE,
    SEND_SEGMENTS, SEND_SENT, SEND_SENT_EVENT, SEND_UNMATCHED_APPLY, SEND_UNMATCHED_DELETE,
    SEND_UNMATCHED_EVENT, SEND_UNSENT, SEND_UNSENT_EVENT, SEND_UNSURE,
};
use channels::AccountKind;
use channels::opt_outs::OPTED_OUT;
use channels::outbound::SendOutcome;
use common::context::Context;
use common::db::{Sql, Statement, Value};
use common::events::{MESSAGE_SENT, MESSAGE_STATUS_CHANGED};
use common::ids::{ChannelId, Ids, MessageId};
use common::json::writer::JsonWriter;
use common::ports::Queue;
use common::time::{DAY, SECOND, Timestamp};
use messaging::messages::receipts::catch_up_statements;

/// Waits between tries: 5 s, 30 s, 2 min, 10 min, 30 min, then an hour each time.
const BACKOFF_SECONDS: [u32; 6] = [5, 30, 120, 600, 1800, 3600];
/// How long a message is tried in all.
const GIVE_UP_MICROS: i64 = DAY;
/// How often the outcome is written, should the database not answer.
const WRITES: usize = 3;

/// The message that an outcome is of.
pub(super) struct Subject<'a> {
    pub(super) message_id: &'a MessageId,
    pub(super) channel_id: &'a ChannelId,
    pub(super) kind: Option<AccountKind>,
    /// The time before the request was sent, which the provider's time of the message cannot precede.
    pub(super) began: Timestamp,
    /// Tries before this one.
    pub(super) tries: i64,
    pub(super) stored_at: Timestamp,
    /// How many segments the provider counted.
    pub(super) segments: Option<u32>,
}

/// Records the outcome of a send, and returns the message's state. If that fails, the log line says so;
/// the message then becomes `uncertain`, and is not sent again.
pub(super) async fn record(
    cx: &Context<'_>,
    subject: &Subject<'_>,
    outcome: SendOutcome,
) -> SendState {
    let outcome = given_up(cx, subject, outcome);
    let (statements, state, wait) = recorded(cx, subject, outcome);
    for n in 1..=WRITES {
        match cx.db.batch(statements.clone()).await {
            Ok(results) => {
                let row = results.last().and_then(|rows| rows.first());
                match row.map(is_checked).transpose() {
                    Ok(Some(true)) => wake_for_check(cx, subject.message_id, 0),
                    Ok(_) => {}
                    Err(error) => cx.note(error.cause().unwrap_or_default()),
                }
                let has_changed = row.is_some();
                return woken(cx, subject, state, wait.filter(|_| has_changed));
            }
            Err(error) if n < WRITES && (error.is_outage() || error.is_race()) => {}
            Err(error) => {
                let note = format!("what came of a sent message was not stored: {error}");
                cx.note(note);
                return state;
            }
        }
    }
    state
}

/// Wakes whoever goes on with it. A message that was to wait, but was declared uncertain meanwhile,
/// is that.
fn woken(
    cx: &Context<'_>,
    subject: &Subject<'_>,
    state: SendState,
    wait: Option<u32>,
) -> SendState {
    if !state.is_queued() {
        cx.wake(Queue::Events, cx.business_id());
        return state;
    }
    let Some(seconds) = wait else {
        return SendState::uncertain("The provider took too long to answer.".into());
    };
    cx.wake_after(
        Queue::Sends,
        wake_message(cx.business_id(), subject.message_id),
        seconds,
    );
    state
}

/// What the queue `Sends` carries.
pub(super) fn wake_message(business_id: &str, message_id: &MessageId) -> String {
    let wake = JsonWriter::default().text("business_id", business_id);
    wake.text("message_id", message_id.as_str()).finish()
}

/// A message is not tried for ever.
fn given_up(cx: &Context<'_>, subject: &Subject<'_>, outcome: SendOutcome) -> SendOutcome {
    let SendOutcome::Again {
        max_tries,
        code,
        message,
        ..
    } = &outcome
    else {
        return outcome;
    };
    let tried_enough = max_tries.is_some_and(|max| subject.tries + 1 >= max);
    let is_late = later(cx).micros() - subject.stored_at.micros() >= GIVE_UP_MICROS;
    if tried_enough || is_late {
        return SendOutcome::Refused {
            code: code.clone(),
            message: format!("Given up after {} tries: {message}", subject.tries + 1),
            is_of_account: false,
        };
    }
    outcome
}

fn recorded(
    cx: &Context<'_>,
    subject: &Subject<'_>,
    outcome: SendOutcome,
) -> (Vec<Statement>, SendState, Option<u32>) {
    match outcome {
        SendOutcome::Sent { provider_id } => {
            let statements = sent(cx, subject, &provider_id);
            let state = SendState {
                segments: subject.segments,
                ..SendState::sent(provider_id)
            };
            (statements, state, None)
        }
        SendOutcome::Refused {
            code,
            message,
            is_of_account,
        } => {
            let mut statements = Vec::new();
            if code == OPTED_OUT {
                let mut params = of_message(cx, subject);
                params.push(later(cx).micros().into());
                statements.push(SEND_OPTED_OUT.bind(params));
            }
            let state = SendState::failed(code, message);
            statements.extend(unsent(cx, subject, &state));
            statements.push(SEND_DONE.bind(of_message(cx, subject)));
            if is_of_account {
                statements.push(account(
                    &SEND_ACCOUNT_UNHEALTHY,
                    cx,
                    subject,
                    state.reason(),
                ));
            }
            (statements, state, None)
        }
        SendOutcome::Uncertain { message } => {
            let state = SendState::uncertain(message);
            let mut statements = unsent(cx, subject, &state);
            let mut unsure = of_message(cx, subject);
            unsure.push(first_check(cx).into());
            statements.push(SEND_UNSURE.bind(unsure));
            (statements, state, None)
        }
        SendOutcome::Again { after_seconds, .. } => {
            let step = usize::try_from(subject.tries).unwrap_or_default();
            let [.., longest] = BACKOFF_SECONDS;
            let backoff = BACKOFF_SECONDS.get(step).copied().unwrap_or(longest);
            let wait = after_seconds.max(backoff);
            let due_at = later(cx).plus(i64::from(wait) * SECOND);
            let mut params = of_message(cx, subject);
            params.extend([due_at.micros().into(), (subject.tries + 1).into()]);
            let requeue = SEND_REQUEUE.bind(params);
            (vec![requeue], SendState::queued(), Some(wait))
        }
    }
}

fn of_message(cx: &Context<'_>, subject: &Subject<'_>) -> Vec<Value> {
    vec![cx.business_id().into(), subject.message_id.into()]
}

fn account(
    sql: &'static Sql,
    cx: &Context<'_>,
    subject: &Subject<'_>,
    reason: Option<String>,
) -> Statement {
    sql.bind(vec![
        cx.business_id().into(),
        subject.channel_id.into(),
        cx.now.micros().into(),
        reason.into(),
    ])
}

fn sent(cx: &Context<'_>, subject: &Subject<'_>, provider_id: &str) -> Vec<Statement> {
    let now = || Value::from(later(cx).micros());
    let ids = Ids::new(cx.now, cx.entropy);
    let with = |more: Vec<Value>| {
        let mut params = of_message(cx, subject);
        params.extend(more);
        params
    };
    let event = |name: &str| with(vec![ids.next().into(), name.into(), now()]);
    let mut statements = Vec::with_capacity(8);
    if let Some(count) = subject.segments {
        statements.push(SEND_SEGMENTS.bind(with(vec![i64::from(count).into()])));
    }
    statements.extend([
        SEND_SENT_EVENT.bind(event(MESSAGE_SENT.as_str())),
        SEND_SENT.bind(with(vec![
            provider_id.into(),
            now(),
            subject.began.micros().into(),
        ])),
    ]);
    if let Some(AccountKind::Facebook | AccountKind::Instagram) = subject.kind {
        let ids = std::iter::once(provider_id);
        statements.extend(catch_up_statements(cx, subject.channel_id, ids));
    }
    statements.extend([
        SEND_UNMATCHED_EVENT.bind(event(MESSAGE_STATUS_CHANGED.as_str())),
        SEND_UNMATCHED_APPLY.bind(with(vec![now()])),
        SEND_UNMATCHED_DELETE.bind(with(vec![])),
        SEND_ACCOUNT_HEALTHY.bind(vec![
            cx.business_id().into(),
            subject.channel_id.into(),
            now(),
        ]),
        SEND_DONE.bind(of_message(cx, subject)),
    ]);
    statements
}

fn unsent(cx: &Context<'_>, subject: &Subject<'_>, state: &SendState) -> Vec<Statement> {
    let ids = Ids::new(cx.now, cx.entropy);
    let mut params = of_message(cx, subject);
    params.extend([
        Value::from(state.status.as_str()),
        state.error_json().into(),
        later(cx).micros().into(),
    ]);
    let mut event = params.clone();
    event.extend([ids.next().into(), MESSAGE_STATUS_CHANGED.as_str().into()]);
    vec![SEND_UNSENT_EVENT.bind(event), SEND_UNSENT.bind(params)]
}
