use crate::claim::{Claim, claim};
use crate::sql::LINKS_DUE;
use crate::{file, preview, pushes, run};
use common::Context;
use common::db::Columns;
use common::http::{Error, Request, Response, Result};
use common::ids::LinkId;
use common::ports::Queue;
use knowledge::link::link_message;
use knowledge::link::request::LinkRequest;

/// What a source would give, with a session.
///
/// - `POST /api/dashboard/crm-links/preview`: fetches a page of a link that is not added, and shows what would be stored
///   of it; 422 for a link that could not be added either. A source that fails is an answer of 200 that says why.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let wanted = LinkRequest::read(request.text()?)?;
    Ok(Response::json(200, &preview::preview(cx, wanted).await?))
}

/// Looks after one link, which the message names with its business.
///
/// 1. Claims the link, if something of it is due. Whoever claims it works alone until the lease ends.
/// 2. Of a link that was deleted, removes what is searched, and then the link.
/// 3. Puts in what was pushed, in the order in which it was sent.
/// 4. Fetches what is due, slice by slice, and puts it in the place of what was there, at once. What an invocation
///    has no time or statements for goes on in the next.
///
/// 503 when a database is away: the lease ends, and the cron begins anew.
pub async fn refresh(cx: &Context<'_>, message: &str) -> Result<()> {
    let parts = message.split_once(' ');
    let named = parts.and_then(|(business, id)| Some((business, LinkId::parse(id)?)));
    let (business, id) = named.ok_or_else(|| Error::internal("the message names no link"))?;
    let cx = &cx.of_business(business);
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

/// Wakes what is due, of all businesses, the longest due first, and removes uploaded files that nothing uses.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    let due = LINKS_DUE.bind(vec![cx.now.micros().into()]);
    for row in cx.db.rows(due).await? {
        let mut columns = Columns::of(&row);
        let business = columns.str("business_id")?;
        let id: LinkId = columns.id("id")?;
        cx.wake(Queue::Links, link_message(business, &id));
    }
    file::sweep(cx).await
}
