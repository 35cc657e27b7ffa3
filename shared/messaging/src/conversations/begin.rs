//! Conversations that the business begins before anything is said in them, as an agent does at a CRM.

use super::sql::{BEGIN_ACCOUNT, BEGIN_EVENT, BEGIN_FIND, BEGIN_INSERT};
use common::context::Context;
use common::db::{Columns, Value, next_rows};
use common::events::CONVERSATION_CREATED;
use common::http::Error;
use common::ids::{ConversationId, CustomerId};
use common::ports::Queue;

/// The conversation with a customer on a channel: the one that goes on, else a new one, on the account
/// where they were last talked to, else on the oldest. `None` where the business has no such account.
///
/// # Errors
/// 503 when the database is away.
pub async fn conversation_begin(
    cx: &Context<'_>,
    customer_id: &CustomerId,
    channel: &str,
) -> Result<Option<ConversationId>, Error> {
    let business = || Value::from(cx.business_id());
    let account = vec![business(), customer_id.into(), channel.into()];
    let rows = cx.db.rows(BEGIN_ACCOUNT.bind(account)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let account = Columns::of(row).text("id")?;
    let id = cx.ids.next();
    let of_account = || vec![business(), customer_id.into(), account.as_str().into()];
    let mut event = of_account();
    event.extend([
        id.as_str().into(),
        cx.ids.next().into(),
        CONVERSATION_CREATED.as_str().into(),
        cx.now.micros().into(),
    ]);
    let mut begin = of_account();
    begin.extend([id.as_str().into(), channel.into(), cx.now.micros().into()]);
    let statements = vec![
        BEGIN_EVENT.bind(event),
        BEGIN_INSERT.bind(begin),
        BEGIN_FIND.bind(of_account()),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter().skip(2);
    let found = next_rows(&mut results)?;
    let row = found.first();
    let row = row.ok_or_else(|| Error::internal("a conversation that was begun is gone"))?;
    cx.wake(Queue::Events, cx.business_id());
    Ok(Some(Columns::of(row).id("id")?))
}
