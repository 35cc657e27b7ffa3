use super::sql::{
    ITEM_REVISE, REVISION_APPLY, REVISION_BYTES, REVISION_EVENT, REVISION_FORGET,
    REVISION_FORGET_BODIES, REVISION_FORGET_MEDIA, REVISION_STORE,
};
use crate::attachments::{blob_key, bytes_delete, size_of};
use crate::messages::ingest::cut_content;
use channels::{Change, Revision};
use common::context::Context;
use common::db::{Columns, Statement, Value, json_arrays};
use common::http::Error;
use common::ids::{ChannelId, Ids};
use common::json::writer::quoted;
use common::time::DAY;

/// How long a revision waits for its message.
const PATIENCE_MICROS: i64 = DAY;

/// Removes the bytes of what was deleted, before the rows go that name them: so that a repetition
/// finds what is left.
pub(super) async fn bytes_erase(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    revisions: &[Revision],
) -> Result<(), Error> {
    let deleted = revisions.iter().filter(|r| r.change == Change::Deleted);
    for array in json_arrays(deleted.map(|revision| quoted(&revision.provider_id))) {
        let params = vec![
            cx.business_id().into(),
            array.text.into(),
            channel_id.into(),
        ];
        for row in cx.db.rows(REVISION_BYTES.bind(params)).await? {
            let mut columns = Columns::of(&row);
            let key = blob_key(cx.business_id(), columns.str("id")?);
            let size = size_of(columns.integer_or_null("size")?);
            bytes_delete(cx, &key, size).await?;
        }
    }
    Ok(())
}

/// What items become by revisions that came before them.
pub(super) fn items_statement(cx: &Context<'_>) -> Statement {
    ITEM_REVISE.bind(vec![cx.business_id().into()])
}

/// The statements that apply edits and deletions in any order: the highest edit wins, and a deleted
/// message stays deleted.
pub(super) fn revision_statements(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    revisions: &[Revision],
) -> Vec<Statement> {
    let mut statements = Vec::new();
    for array in json_arrays(merged(revisions).into_iter().map(row)) {
        let params = || -> Vec<Value> {
            vec![
                cx.business_id().into(),
                array.text.as_str().into(),
                channel_id.into(),
            ]
        };
        let timed = || {
            let mut params = params();
            params.push(cx.now.micros().into());
            params
        };
        let mut event = timed();
        event.push(Ids::new(cx.now, cx.entropy).shared_prefix().into());
        statements.extend([
            // First, since the event of the change is to have a body.
            REVISION_FORGET_BODIES.bind(params()),
            REVISION_EVENT.bind(event),
            REVISION_FORGET_MEDIA.bind(params()),
            REVISION_APPLY.bind(timed()),
            REVISION_STORE.bind(timed()),
        ]);
    }
    statements
}

/// What was said in a message that never comes is not kept for ever.
pub(super) fn forget_statement(cx: &Context<'_>) -> Statement {
    let long_ago = cx.now.plus(-PATIENCE_MICROS).micros();
    REVISION_FORGET.bind(vec![cx.business_id().into(), long_ago.into()])
}

/// What counts of each message's revisions.
fn merged(revisions: &[Revision]) -> Vec<&Revision> {
    let weight = |revision: &Revision| match revision.change {
        Change::Edited { number, .. } => number,
        Change::Deleted => i64::MAX,
    };
    let mut all: Vec<_> = revisions.iter().collect();
    all.sort_by(|a, b| {
        let by_id = a.provider_id.cmp(&b.provider_id);
        by_id.then_with(|| weight(b).cmp(&weight(a)))
    });
    all.dedup_by(|later, first| later.provider_id == first.provider_id);
    all
}

fn row(revision: &Revision) -> String {
    let (number, text, is_deleted) = match &revision.change {
        Change::Edited { number, text } => (*number, cut_content(text), "0"),
        Change::Deleted => (0, "", "1"),
    };
    // Above what any provider counts to, and below what JavaScript can count.
    let number = number.clamp(0, (1 << 53) - 1).to_string();
    let (id, text) = (quoted(&revision.provider_id), quoted(text));
    ["[", &id, ",", &number, ",", &text, ",", is_deleted, "]"].concat()
}
