use super::{FoundRoute, LogLine, Named, Outcome, Platform, body_of, outcome, route_of, target_of};
use common::context::{Caller, Context};
use common::effects::Effects;
use common::http::ledger::HEAD;
use common::http::{Access, Error, Incoming, Query, Request, Response, Unread};
use common::ids::RequestId;

/// As [`answer`](super::answer), for functions whose every route is [`Access::Public`] or
/// [`Access::Provider`]: without what checks keys and repeats answers, which is half of what a small
/// receiver would weigh.
pub async fn answer_public<H>(
    function: &str,
    platform: &Platform<'_>,
    incoming: Incoming<'_>,
    handler: H,
) -> Outcome
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response, Error>,
{
    let request_id = RequestId::new(platform.entropy);
    let mut log = LogLine::new(function, &request_id, &incoming.method);
    let effects = Effects::default();
    let (found, is_shared) = route_of(function, platform.routes, &incoming);
    let is_head = incoming.method == HEAD;
    let answered = run(
        found,
        platform,
        &request_id,
        incoming,
        handler,
        &mut log,
        &effects,
    )
    .await;
    outcome(answered, &request_id, is_shared, effects, log).of(is_head)
}

async fn run<H>(
    found: FoundRoute,
    platform: &Platform<'_>,
    request_id: &RequestId,
    incoming: Incoming<'_>,
    handler: H,
    log: &mut LogLine,
    effects: &Effects,
) -> Result<Response, Error>
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response, Error>,
{
    let (route, Named { id, connector }) = found?;
    log.routed(route);
    let query = Query::parse(&incoming.query);
    match route.access {
        Access::Provider => {}
        Access::Public => query.check(route)?,
        _ => return Err(Error::internal("this Worker cannot check its callers")),
    }
    let header = incoming.header;
    let target = target_of(&incoming);
    let unread = Unread::of(incoming.body);
    let body = body_of(route, header, &unread).await?;
    let cx = platform.context(request_id, header, &unread, effects, Caller::nobody());
    let request = Request {
        route,
        id,
        connector,
        query,
        target,
        body,
        recall: None,
    };
    handler(&cx, request).await
}
