//! What Kustomer posts to us: verified, kept as jobs, and done by and by.

use super::Kustomer;
use super::api::{Envelope, Resource, org_of, verified};
use super::settings::WEBHOOK_TOKEN;
use common::context::Context;
use common::http::{Error, Kind, Request, Response};
use common::json::tolerant::checked_text;
use common::json::writer::JsonWriter;
use common::ports::{Async, Queue};
use crm::table::Draft;
use crm::{Connector, NewJob, Receive, integrations_of_org, jobs_add, stream_of_remote};

/// Most of a record's attributes, and of its relationships, that is kept with a job. As a text within
/// JSON it may be twice as long, and D1 takes values of 2 MB.
const MAX_PART_BYTES: usize = 256 * 1024;

impl Receive for Kustomer {
    fn receive<'a>(
        &'a self,
        cx: &'a Context<'a>,
        request: &'a Request,
    ) -> Async<'a, Result<Response, Error>> {
        Box::pin(async move {
            let signature = (cx.header)("x-kustomer-webhook-signature");
            event_receive(cx, signature.as_deref(), &request.body).await?;
            let taken = r#"{"success":true}"#;
            Ok(Response::content(200, "application/json", taken))
        })
    }
}

/// Takes in an event, once: its signature is checked over the bytes as they came, by the tokens of
/// all businesses that are connected to the organisation it names.
///
/// # Errors
/// 400 for invalid JSON; 401 where no token fits, which a body that names no known organisation is, too;
/// 503 when the database is away, so that Kustomer sends it again.
async fn event_receive(
    cx: &Context<'_>,
    signature: Option<&str>,
    body: &[u8],
) -> Result<(), Error> {
    let refused = || {
        Error::new(
            Kind::InvalidSignature,
            "The signature does not fit the body.",
        )
    };
    if signature.is_none() {
        return Err(refused());
    }
    if checked_text(body).is_none() {
        let message = "The body is not valid JSON.";
        return Err(Error::new(Kind::MalformedJson, message));
    }
    // All that is read before the signature is checked is whose it should be.
    let org = org_of(body).ok_or_else(refused)?;
    let candidates = integrations_of_org(cx, Kustomer.name(), &org).await?;
    // Two businesses may share an organisation, and then its webhook.
    let mut own = Vec::new();
    for (business_id, integration) in candidates {
        let business = cx.of_business(&business_id);
        let draft = Draft::stored(&business, &integration).unwrap_or_default();
        if let Some(token) = draft.secrets.get(WEBHOOK_TOKEN)
            && verified(signature, body, &[token]).is_some()
        {
            own.push(business);
        }
    }
    if own.is_empty() {
        return Err(refused());
    }
    let Some(event) = Envelope::parse(body) else {
        cx.note("an event that cannot be read");
        return Ok(());
    };
    let is_known = matches!(
        event.data.kind.as_str(),
        "message" | "conversation" | "customer"
    );
    if !is_known {
        return Ok(());
    }
    let (conversation, customer) = subject_of(&event.data);
    let stored_part = JsonWriter::default()
        .text("id", &event.id)
        .text("name", &event.name)
        .text("org", &event.org)
        .json("data", &resource_json(&event.data))
        .finish();
    for business in own {
        let stream = stream_of_remote(
            &business,
            Kustomer.name(),
            conversation.as_deref(),
            customer.as_deref(),
        );
        let stream = stream.await?;
        let job = job_of(
            &event.data,
            &event.id,
            stream,
            stored_part.clone(),
            cx.now.micros(),
        );
        cx.db
            .batch(jobs_add(&business, Kustomer.name(), &[job])?)
            .await?;
        cx.wake(Queue::Crm, business.business_id());
    }
    Ok(())
}

/// The remote conversation and customer of a remote record.
pub(super) fn subject_of(remote: &Resource) -> (Option<String>, Option<String>) {
    let own = |kind: &str| (remote.kind == kind).then(|| remote.id.clone());
    (
        own("conversation").or_else(|| remote.related("conversation")),
        own("customer").or_else(|| remote.related("customer")),
    )
}

/// The job of a remote record: one for each revision, whether a webhook, a repeat of it or a search
/// reports it. A record without a revision is keyed by the event.
pub(super) fn job_of(
    remote: &Resource,
    event_id: &str,
    stream: String,
    event: String,
    now: i64,
) -> NewJob {
    let revision = match remote.rev {
        Some(rev) => rev.to_string(),
        None => ["event:", event_id].concat(),
    };
    NewJob {
        kind: "remote",
        subject: [&remote.kind, ":", &remote.id, ":", &revision].concat(),
        stream,
        detail: Some(event),
        priority: 0,
        ordered_at: now,
    }
}

/// A resource as JSON; what is too large to be kept is left out of it.
pub(super) fn resource_json(remote: &Resource) -> String {
    JsonWriter::default()
        .text("type", &remote.kind)
        .text("id", &remote.id)
        .json("attributes", stored_part(&remote.attributes))
        .json("relationships", stored_part(&remote.relationships))
        .finish()
}

fn stored_part(part: &str) -> &str {
    match part.len() <= MAX_PART_BYTES {
        true => part,
        false => "{}",
    }
}
