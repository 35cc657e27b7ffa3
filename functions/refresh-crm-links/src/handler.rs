use crate::claim::{Claim, claim};
use crate::kept::sql::LINKS_REMAKE;
use crate::sql::{ERASURES_DUE, LINKS_DUE};
use crate::{erase, file, preview, pushes, run};
use common::Context;
use common::calls;
use common::db::Columns;
use common::http::{Error, Result};
use common::ids::{CustomerId, LinkId};
use common::ports::Queue;
use knowledge::erasure::{erased_customer, erasure_message};
use knowledge::index;
use knowledge::link::link_message;
use knowledge::preview::PreviewLink;

/// Fetches the first page of a link that is not added, for [`PreviewLink`]; no request from outside gets here. It stores
/// nothing.
///
/// 1. Reads what is asked for: 400 for another version or shape.
/// 2. Fetches, and shows what would be stored. A source that fails is an answer that says why.
///
/// 503 when a database is away.
pub async fn answer(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    // 1.
    let asked: PreviewLink = calls::read(body)?;

    // 2.
    let cx = &cx.of_business(&asked.business_id);
    calls::answer::<PreviewLink>(&preview::preview(cx, &asked).await?)
}

/// Looks after one link, which the message names with its business, or has an erased customer's records go
/// ([`erase`](crate::erase)).
///
/// 1. Claims the link, if something of it is due. Whoever claims it works alone until the lease ends.
/// 2. Of a link that was deleted, removes what is searched, and then the link.
/// 3. Makes what was pushed before again, where that is due, and puts in what was pushed, in the order in which it was
///    sent.
/// 4. Fetches what is due, slice by slice, and puts it in the place of what was there, at once. What an invocation
///    has no time or statements for goes on in the next.
///
/// 503 when a database is away: the lease ends, and the cron begins anew.
pub async fn refresh(cx: &Context<'_>, message: &str) -> Result<()> {
    let (business, named) = message.split_once(' ').ok_or_else(nothing)?;
    let cx = &cx.of_business(business);
    if let Some(customer) = erased_customer(named) {
        return erase::erase(cx, &customer).await;
    }
    let id = LinkId::parse(named).ok_or_else(nothing)?;
    // 1.
    let Some(claim) = claim(cx, &id).await? else {
        return Ok(());
    };
    match claim {
        // 2.
        Claim::Deleted => run::remove(cx, &id).await,
        // 3.
        Claim::Pushed(claimed) => pushes::apply(cx, *claimed).await,
        // 4.
        Claim::Due(claimed) => run::fetch(cx, *claimed).await,
    }
}

fn nothing() -> Error {
    Error::internal("the message names no link")
}

/// Wakes what is due, of all businesses.
///
/// 1. Links, the longest due first, and erasures.
/// 2. Where the second database is new, has what was pushed made again: it is due from then on.
/// 3. Removes uploaded files that nothing uses.
///
/// 503 when a database is away.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    let now = || vec![cx.now.micros().into()];
    let due = vec![LINKS_DUE.bind(now()), ERASURES_DUE.bind(now())];
    let mut results = cx.db.batch(due).await?.into_iter();
    for row in results.next().unwrap_or_default() {
        let mut columns = Columns::of(&row);
        let business = columns.str("business_id")?;
        let id: LinkId = columns.id("id")?;
        cx.wake(Queue::Links, link_message(business, &id));
    }
    for row in results.next().unwrap_or_default() {
        let mut columns = Columns::of(&row);
        let business = columns.str("business_id")?;
        let customer: CustomerId = columns.id("customer_id")?;
        cx.wake(Queue::Links, erasure_message(business, &customer));
    }

    // 2.
    if !index::is_built(cx).await? {
        cx.db.rows(LINKS_REMAKE.bind(now())).await?;
        index::begin(cx).await?;
    }

    // 3.
    file::sweep(cx).await
}
