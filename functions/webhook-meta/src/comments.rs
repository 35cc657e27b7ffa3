//! What pages' posts deliver: comments.

use crate::accounts::Account;
use crate::sql::{COMMENT_THREADS, OWN_THREADS};
use channels::ChannelKind;
use channels_meta::comments::{Comments, Part};
use common::context::Context;
use common::db::{Columns, Value, json_arrays};
use common::http::Error;
use common::json::writer::quoted;
use common::time::DAY;
use messaging::messages::Received;
use messaging::messages::receipts::receive_comments;
use std::collections::HashMap;

/// How long an answer of which Meta's id is not known waits for its webhook.
const PATIENCE_MICROS: i64 = DAY;

/// Ingests what a delivery holds of comments for one page: how many items were ingested, and how many ignored.
///
/// # Errors
/// 503 while the database is away.
pub(crate) async fn take_in_part(
    cx: &Context<'_>,
    account: &Account,
    part: &Part<'_>,
) -> Result<(usize, usize), Error> {
    let comments = part.read(account.stores_media());
    if comments.is_empty() {
        return Ok((0, comments.ignored));
    }
    let business = cx.of_business(&account.business_id);
    let known = threads_read(&business, account, &comments).await?;
    let (messages, left_out) = comments.threaded(known);
    let received = Received {
        channel_id: &account.channel_id,
        channel: ChannelKind::FacebookComments,
        messages: &messages,
        statuses: &[],
    };
    receive_comments(
        &business,
        received,
        &comments.revisions,
        &comments.visibility,
    )
    .await?;
    Ok((comments.len() - left_out, comments.ignored + left_out))
}

/// The threads of the comments that others answer, of those that are here; and of the page's own comments those
/// of our answers that they may be: Facebook puts an answer to an answer below the first comment, of whoever that
/// is.
async fn threads_read(
    cx: &Context<'_>,
    account: &Account,
    comments: &Comments,
) -> Result<HashMap<String, String>, Error> {
    let account = || -> Vec<Value> { vec![cx.business_id().into(), (&account.channel_id).into()] };
    let mut statements = Vec::new();
    for array in json_arrays(comments.parents().into_iter().map(quoted)) {
        let mut params = account();
        params.push(array.text.into());
        statements.push(COMMENT_THREADS.bind(params));
    }
    let since = cx.now.plus(-PATIENCE_MICROS).micros();
    let own = comments.own().map(|(id, thread, text)| {
        let texts = [id, &thread, text].map(quoted);
        ["[", &texts.join(","), "]"].concat()
    });
    for array in json_arrays(own) {
        let mut params = account();
        params.extend([array.text.into(), since.into()]);
        statements.push(OWN_THREADS.bind(params));
    }
    let mut threads = HashMap::new();
    if statements.is_empty() {
        return Ok(threads);
    }
    for row in cx.db.batch(statements).await?.into_iter().flatten() {
        let mut columns = Columns::of(&row);
        threads.insert(columns.text("provider_id")?, columns.text("thread")?);
    }
    Ok(threads)
}
