use super::{LogLine, Outcome, Platform, body_of, outcome, route_of, target_of};
use common::context::{Caller, Context};
use common::effects::Effects;
use common::http::ledger::{HEAD, is_embedded};
use common::http::{Access, Error, Incoming, Query, Request, Response};
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
    let is_shared = !is_embedded(&incoming.path);
    let is_head = incoming.method == HEAD;
    let answered = run(function, platform, incoming, handler, &mut log, &effects).await;
    outcome(answered, &request_id, is_shared, effects, log).of(is_head)
}

async fn run<H>(
    function: &str,
    platform: &Platform<'_>,
    incoming: Incoming<'_>,
    handler: H,
    log: &mut LogLine,
    effects: &Effects,
) -> Result<Response, Error>
where
    H: AsyncFn(&Context<'_>, Request) -> Result<Response, Error>,
{
    let (route, segments) = route_of(function, &incoming)?;
    let id = segments.id.map(str::to_owned);
    let connector = segments.connector.map(str::to_owned);
    log.routed(route);
    let query = Query::parse(&incoming.query);
    match route.access {
        Access::Provider => {}
        Access::Public => query.check(route)?,
        _ => return Err(Error::internal("this Worker cannot check its callers")),
    }
    let header = incoming.header;
    let target = target_of(&incoming);
    let body = body_of(route, incoming).await?;
    let cx = platform.context(header, effects, Caller::nobody());
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
