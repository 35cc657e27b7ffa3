//! Statuses of outbound messages, as providers report them.

use sql::{
    STATUS_APPLY, STATUS_DONE, STATUS_EVENT, STATUS_FORGET, STATUS_GUESS, STATUS_SETTLE,
    STATUS_STORE,
};
pub mod sql;

use channels::{MessageStatus, StatusUpdate};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::Error;
use common::ids::{ChannelId, Ids};
use common::time::{DAY, Timestamp};
use serde::Serialize;
use std::collections::HashMap;

/// How long a status waits for its message, and a message whose sending is unsure for its status.
const PATIENCE_MICROS: i64 = DAY;

/// The statements by which a provider's statuses move the messages of one account. They may come in
/// any order and more than once; a message never goes back.
///
/// # Errors
/// None in practice: what is stored is text and numbers.
pub fn status_statements(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    updates: &[StatusUpdate],
) -> Result<Vec<Statement>, Error> {
    let mut statements = Vec::new();
    if updates.is_empty() {
        return Ok(statements);
    }
    let business = || Value::from(cx.business_id());
    let channel = || Value::from(channel_id);
    let now = || Value::from(cx.now.micros());
    let long_ago = || Value::from(cx.now.plus(-PATIENCE_MICROS).micros());
    let settled = updates.iter().filter_map(|update| {
        let id = update.message_id.as_ref()?;
        Some(json(&(id, &update.provider_id)))
    });
    for array in json_arrays(settled) {
        statements.push(STATUS_SETTLE.bind(vec![business(), array.text.into(), channel()]));
    }
    let guessed = updates.iter().filter(|update| update.message_id.is_none());
    let guessed = guessed.filter_map(|update| {
        let to = update.recipient.as_ref()?;
        Some(json(&(to.kind.as_str(), &to.value, &update.provider_id)))
    });
    for array in json_arrays(guessed) {
        let params = vec![business(), array.text.into(), channel(), long_ago()];
        statements.push(STATUS_GUESS.bind(params));
    }
    for array in json_arrays(summaries(updates)) {
        let ids = Ids::new(cx.now, cx.entropy);
        let (text, prefix) = (array.text, ids.shared_prefix());
        statements.push(STATUS_EVENT.bind(vec![
            business(),
            text.as_str().into(),
            channel(),
            now(),
            prefix.into(),
        ]));
        statements.push(STATUS_APPLY.bind(vec![business(), text.into(), channel(), now()]));
    }
    let names = updates.iter().map(|update| json(&update.provider_id));
    for array in json_arrays(names) {
        statements.push(STATUS_DONE.bind(vec![business(), array.text.into(), channel()]));
    }
    let each = updates.iter().map(|update| {
        let at = update.at.map(Timestamp::micros);
        json(&(
            &update.provider_id,
            update.status.as_str(),
            at,
            error_json(update),
        ))
    });
    for array in json_arrays(each) {
        statements.push(STATUS_STORE.bind(vec![business(), array.text.into(), channel(), now()]));
    }
    statements.push(STATUS_FORGET.bind(vec![business(), long_ago()]));
    Ok(statements)
}

fn json(value: &impl Serialize) -> String {
    // Texts and numbers, which cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Why a message failed, as its row keeps it.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    message: &'a str,
}

fn error_json(update: &StatusUpdate) -> Option<String> {
    let (code, message) = update.error.as_ref()?;
    Some(json(&Failure { code, message }))
}

/// What the updates say of each message together: the highest status, every time, the error.
fn summaries(updates: &[StatusUpdate]) -> Vec<String> {
    let mut order: Vec<&str> = Vec::new();
    let mut of: HashMap<&str, Vec<&StatusUpdate>> = HashMap::new();
    for update in updates {
        let all = of.entry(&update.provider_id).or_default();
        if all.is_empty() {
            order.push(&update.provider_id);
        }
        all.push(update);
    }
    let summary = |id: &&str| {
        let all = of.get(id)?;
        let top = all.iter().map(|update| update.status).max()?;
        let at = |status: MessageStatus| {
            let of_status = all.iter().filter(|update| update.status == status);
            of_status
                .filter_map(|update| update.at)
                .min()
                .map(Timestamp::micros)
        };
        let error = all.iter().find_map(|update| error_json(update));
        Some(json(&(
            id,
            top.as_str(),
            at(MessageStatus::Sent),
            at(MessageStatus::Delivered),
            at(MessageStatus::Read),
            at(MessageStatus::Failed),
            error,
        )))
    };
    order.iter().filter_map(summary).collect()
}
