//! What pages' posts deliver: comments.

use crate::accounts::Account;
use crate::sql::COMMENT_THREADS;
use channels::ChannelKind;
use channels_meta::comments::{Comments, Part};
use common::context::Context;
use common::db::{Columns, json_arrays};
use common::http::Error;
use common::json::raw;
use common::json::writer::quoted;
use messaging::messages::Received;
use messaging::messages::receipts::receive_comments;
use std::collections::HashMap;

/// Ingests what a delivery holds of comments for one page: how many items were ingested, and how many ignored.
///
/// # Errors
/// 503 while the database is away.
pub(crate) async fn take_in_part(
    cx: &Context<'_>,
    account: &Account,
    part: &Part<'_>,
) -> Result<(usize, usize), Error> {
    let settings = raw::object(&account.settings).unwrap_or_default();
    let stores_media = settings.text("store_media").as_deref() != Some("false");
    let comments = part.read(stores_media);
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

/// The threads of the comments that others answer, of those that are here.
async fn threads_read(
    cx: &Context<'_>,
    account: &Account,
    comments: &Comments,
) -> Result<HashMap<String, String>, Error> {
    let mut threads = HashMap::new();
    for array in json_arrays(comments.parents().into_iter().map(quoted)) {
        let params = vec![
            cx.business_id().into(),
            (&account.channel_id).into(),
            array.text.into(),
        ];
        for row in cx.db.rows(COMMENT_THREADS.bind(params)).await? {
            let mut columns = Columns::of(&row);
            threads.insert(columns.text("provider_id")?, columns.text("thread")?);
        }
    }
    Ok(threads)
}
