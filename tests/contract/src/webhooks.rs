//! What is posted to endpoints, for programs that make types of the document.

use crate::Result;
use crate::json::{Json, Map};
use crate::openapi::{Example, Media, Parameter, RequestBody, Response, Webhook};
use crate::schemas::{SchemaOf, Schemas};
use crate::shapes::WebhookEvent;
use schemars::SchemaGenerator;
use serde_json::json;

/// The schema of every event.
pub const EVENT: SchemaOf = SchemaGenerator::subschema_for::<WebhookEvent>;

/// The event that the family's text shows.
///
/// # Errors
/// When it shows none.
pub fn example() -> Result<Json> {
    let text = include_str!("intro/webhooks.md");
    let block = text.split_once("```json").and_then(|(_, rest)| {
        let (_, block) = rest.split_once('\n')?;
        block.split("```").next()
    });
    Ok(serde_json::from_str(block.unwrap_or_default())?)
}

/// The one webhook: whatever happened, it has this shape.
///
/// # Errors
/// When there is no example.
pub fn webhooks(schemas: &mut Schemas) -> Result<Map<Map<Webhook>>> {
    let example = Example {
        reference: None,
        summary: "A message".into(),
        value: Some(example()?),
    };
    let media = Media {
        schema: schemas.answer(EVENT),
        examples: [("message".to_owned(), example)].into(),
    };
    let webhook = Webhook {
        operation_id: "event",
        summary: "An event",
        description: "An event, posted to each endpoint that subscribes to it. Verify the \
                      signature, respond with any 2xx within 10 seconds, and process each id once.",
        tags: vec!["Webhooks"],
        security: Vec::new(),
        parameters: headers(),
        request_body: RequestBody {
            description: "JSON of at most 96 KiB.".into(),
            required: true,
            content: [("application/json".to_owned(), media)].into(),
        },
        responses: [
            ("2XX", "Delivered."),
            ("410", "Gone: the endpoint is disabled."),
            ("4XX", "Failed. Only 429 is retried."),
            (
                "5XX",
                "Retried as the endpoint's `retries` says, or after a longer `Retry-After`.",
            ),
        ]
        .map(|(status, description)| {
            let response = Response {
                description: description.into(),
                headers: Map::new(),
                content: Map::new(),
            };
            (status.to_owned(), response)
        })
        .into(),
    };
    let methods = [("post".to_owned(), webhook)].into();
    Ok([("event".to_owned(), methods)].into())
}

fn headers() -> Vec<Parameter> {
    let text = || json!({ "type": "string" });
    let seconds = || json!({ "type": "string", "pattern": "^[0-9]+$" });
    [
        ("X-Webhook-Event", "The event's name.", text()),
        ("X-Webhook-Id", "The event's id.", text()),
        (
            "X-Webhook-Timestamp",
            "The time of the attempt, in Unix seconds.",
            seconds(),
        ),
        (
            "X-Webhook-Signature",
            "HMAC-SHA256 of `<timestamp>.<body>` in hexadecimal, keyed by the whole secret.",
            text(),
        ),
        ("webhook-id", "The event's id.", text()),
        (
            "webhook-timestamp",
            "The time of the attempt, in Unix seconds.",
            seconds(),
        ),
        (
            "webhook-signature",
            "Standard Webhooks signatures, separated by spaces.",
            text(),
        ),
    ]
    .map(|(name, description, schema)| Parameter {
        name,
        place: "header",
        required: true,
        description,
        schema: schema.into(),
        example: None,
    })
    .into()
}
