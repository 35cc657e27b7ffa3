use crate::proof::Proof;
use crate::sql::{LINK_BY_ID, LINK_PUSHED, PUSH_INSERT};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::LinkId;
use common::json::raw;
use common::ports::Queue;
use knowledge::link::{link_message, opened};
use serde::Serialize;

/// What was taken.
#[derive(Debug, Serialize)]
pub struct Taken {
    /// That it is stored, and is searched within moments.
    pub received: bool,
}

/// `POST /api/webhooks/crm-links/{id}` (the other side of a link of type `webhook`): `{"records": […], "remove": [keys]}`,
/// or a record, or a list of records.
///
/// 1. Reads how the push is proven: 401 without a signature of Standard Webhooks or a token.
/// 2. Finds the link: 404 for one that there is not, or to which nothing is pushed.
/// 3. Reads the body and checks it: 401 for what the link's secret did not sign, or not within five minutes; 400 for
///    what is no JSON, 422 for JSON that is neither a list nor an object.
/// 4. Stores the push, once for each id, and wakes refresh-crm-links: 202. What is pushed to a link that is off is
///    stored as well, and is searched once it is on. 503 with the database away, so that it is sent again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let proof = Proof::of(cx)?;

    // 2.
    let id = request.id.as_deref().and_then(LinkId::parse);
    let id = id.ok_or_else(missing)?;
    let rows = cx.db.rows(LINK_BY_ID.bind(vec![(&id).into()])).await?;
    let mut columns = Columns::of(rows.first().ok_or_else(missing)?);
    let business = columns.text("business_id")?;
    let cx = &cx.of_business(&business);
    let credentials = columns.text("credentials")?;

    // 3.
    let body = cx.read_body(request.route).await?;
    let proven = proof.check(cx, &opened(cx, &id, &credentials)?, &body)?;
    let body = String::from_utf8(body).map_err(|_| not_json())?;
    let is_object = raw::checked_object(&body)
        .map_err(|_| not_json())?
        .is_some();
    if !is_object && raw::list(&body).is_none() {
        let message =
            "A push is a record, a list of records, or an object with `records` and `remove`.";
        return Err(Error::invalid("body", "records", message));
    }

    // 4.
    let push_id = proven.id.unwrap_or_else(|| cx.ids.next());
    let now = cx.now.micros();
    let statements = vec![
        PUSH_INSERT.bind(vec![
            cx.business_id().into(),
            (&id).into(),
            push_id.into(),
            body.into(),
            proven.sent_at.micros().into(),
            now.into(),
        ]),
        LINK_PUSHED.bind(vec![cx.business_id().into(), (&id).into(), now.into()]),
    ];
    cx.db.batch(statements).await?;
    cx.wake(Queue::Links, link_message(cx.business_id(), &id));
    Ok(Response::json(202, &Taken { received: true }))
}

fn missing() -> Error {
    Error::new(
        Kind::NotFound,
        "There is no such CRM link, or nothing is pushed to it.",
    )
}

fn not_json() -> Error {
    Error::new(Kind::MalformedJson, "The push is not valid JSON.")
}
