use crate::begin::{authorize, link_of, verifier};
use crate::sql::{LINK_DUE, SESSION_OPEN, STATE_TAKE};
use common::Context;
use common::db::Columns;
use common::http::page::page;
use common::http::{Error, Query, Request, Response, Result};
use common::ids::LinkId;
use common::ports::Queue;
use common::signatures::sha256_hex;
use common::time::Timestamp;
use knowledge::link::link_message;
use knowledge::source::Place;
use knowledge::source::oauth::{Consent, authorized, client_digest, redirect_uri};

/// - `POST /api/dashboard/crm-links/{id}/authorize` (session): where to send a person.
/// - `GET /oauth/callback/crm-links/{id}` (a browser that comes back; the id is the business's): a page.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "crm_link_authorize" => Ok(Response::json(200, &authorize(cx, id).await?)),
        "crm_link_authorized" => come_back(&cx.of_business(id), &request.query).await,
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// A person who comes back sees a page: 200 where the link is connected, 400 where it is not, with the reason.
async fn come_back(cx: &Context<'_>, query: &Query) -> Result<Response> {
    Ok(match connect(cx, query).await? {
        Ok(()) => page(
            200,
            "Connected",
            "The CRM link is connected, and is fetched now. You can close this page.",
        ),
        Err(reason) => page(400, "Not connected", &reason),
    })
}

/// Takes what a person brings back.
///
/// 1. Takes the state, which then is used: one that this business never gave, that was used, or is older than ten
///    minutes is refused.
/// 2. Refuses where the person or the system said no, and where the session that asked is over, or the link is gone or
///    set to something else since.
/// 3. Redeems the code and stores the tokens, sealed.
/// 4. Has the link fetched. 503 with the database away.
async fn connect(cx: &Context<'_>, query: &Query) -> Result<Result<(), String>> {
    let no = |reason: &str| Ok(Err(reason.to_owned()));
    // 1.
    let state = query.get("state").unwrap_or_default();
    let take = STATE_TAKE.bind(vec![
        cx.business_id().into(),
        sha256_hex(state.as_bytes()).into(),
    ]);
    let rows = cx.db.rows(take).await?;
    const STALE: &str = "This visit was not begun here, was used already, or took longer than ten minutes. Begin again \
                         from the settings.";
    let Some(row) = rows.first() else {
        return no(STALE);
    };
    let mut columns = Columns::of(row);
    let id: LinkId = columns.id("link_id")?;
    let session = columns.text_or_null("state_session")?;
    let client = columns.text_or_null("state_client")?;
    let until: Option<Timestamp> = columns.time_or_null("state_until")?;
    if until.is_none_or(|until| until <= cx.now) {
        return no(STALE);
    }

    // 2.
    match (query.get("error"), query.get("code")) {
        (Some("access_denied"), _) => return no("The access was denied there. Nothing is stored."),
        (None, Some(code)) if !code.is_empty() => {}
        _ => {
            return no(
                "The system did not give access. Check the client's id, the scope and the redirect URI there.",
            );
        }
    }
    let open = SESSION_OPEN.bind(vec![
        cx.business_id().into(),
        session.into(),
        cx.now.micros().into(),
    ]);
    if cx.db.rows(open).await?.is_empty() {
        return no("The session in which this was begun is over. Sign in, and begin again.");
    }
    let Some(link) = link_of(cx, &id).await? else {
        return no("The CRM link was deleted.");
    };
    if client.is_none() || client_digest(&link.settings) != client {
        return no("The settings of the CRM link were changed meanwhile. Begin again.");
    }

    // 3.
    let secrets = link.open(cx)?;
    let place = Place {
        link: Some(&id),
        kind: link.kind,
        url: &link.url,
        settings: &link.settings,
        secrets: &secrets,
    };
    let consent = Consent {
        code: query.get("code").unwrap_or_default(),
        verifier: &verifier(cx, state)?,
        redirect_uri: &redirect_uri(cx)?,
    };
    if let Err(trouble) = authorized(cx, &place, &consent).await {
        return Ok(Err(trouble.message));
    }

    // 4.
    let due = vec![
        cx.business_id().into(),
        (&id).into(),
        cx.now.micros().into(),
    ];
    if !cx.db.rows(LINK_DUE.bind(due)).await?.is_empty() {
        cx.wake(Queue::Links, link_message(cx.business_id(), &id));
    }
    Ok(Ok(()))
}
