use common::Context;
use common::http::{Request, Response, Result};
use crm::connector::not_found;
use crm::{Receive, connector_of};

/// `POST /api/webhooks/{connector}[/…]` (a CRM, which proves itself as its connector wants it)
///
/// 1. Finds the connector: 404, also where the path goes on and the connector has nothing there.
/// 2. The connector finds the businesses that the event is for, and checks by whom it comes: 401 where
///    nobody vouches for it, also for an organisation that nobody is connected to; 400 for what cannot be
///    read.
/// 3. It keeps the event as a job, once for each revision of its record, wakes sync-crm, and answers as
///    its CRM wants it: 200. What is of no interest is taken, and nothing is done. 503 with the database
///    away, so that the CRM sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    handle_with(connectors::RECEIVE, cx, request).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Receive],
    cx: &Context<'_>,
    mut request: Request,
) -> Result<Response> {
    // 1.
    let connector = connector_of(connectors, request.connector.as_deref())?;
    if request.id.is_some() && !connector.has_path() {
        return Err(not_found());
    }

    // 2., 3.
    request.body = cx.read_body(request.route).await?;
    connector.receive(cx, &request).await
}
