//! What the parameters mean. The ledger says which operation takes which query parameter.

mod texts;

use crate::curl::CONNECTOR;
use crate::errors::takes_idempotency_key;
use crate::json::Json;
use crate::openapi::Parameter;
use access::idempotency::MAX_KEY_CHARS;
use common::http::Route;
use common::http::ledger::public_routes;
use serde_json::{Value, json};
use texts::{BESIDE, TEXTS};

pub use texts::{PAGE_DEFAULT, PAGE_MAX};

/// A parameter as one operation, or several, take it.
struct Text {
    name: &'static str,
    place: &'static str,
    operations: &'static [&'static str],
    required: bool,
    description: &'static str,
    schema: fn() -> Value,
    example: Option<&'static str>,
}

impl Text {
    fn parameter(&self) -> Parameter {
        Parameter {
            name: self.name,
            place: self.place,
            required: self.required,
            description: self.description,
            schema: (self.schema)().into(),
            example: self.example.map(Json::from),
        }
    }
}

/// What `{id}` is, by the path before it.
const IDS: &[(&str, &str)] = &[
    (
        "/api/dashboard/api-keys/",
        "The key's id: the part between its first two underscores.",
    ),
    (
        "/api/dashboard/sessions/",
        "The session's id: the part between the first two underscores of its token. `current` for the \
         session that asks.",
    ),
    ("/api/dashboard/members/", "The member's id."),
    ("/api/operator/businesses/", "The business's id."),
    ("/api/dashboard/alerts/", "The alert's id."),
    (
        "/api/dashboard/alerts/destinations/",
        "The destination's id.",
    ),
    ("/api/dashboard/channels/", "The account's id."),
    (
        "/api/dashboard/integrations/{connector}/jobs/",
        "The job's id.",
    ),
    ("/api/dashboard/crm-links/", "The link's id."),
    ("/api/dashboard/webhooks/", "The endpoint's id."),
    ("/api/dashboard/deliveries/", "The delivery's id."),
    ("/api/webhooks/crm-links/", "The link's id."),
    ("/oauth/callback/crm-links/", "The business's id."),
    (
        "/api/dashboard/messages/",
        "The comment: the id of its message.",
    ),
    ("/webhook-email/", "The account's id."),
    ("/webhook-twilio/", "The account's id."),
];

fn id_of(route: &Route) -> crate::Result<Option<Parameter>> {
    let Some((before, _)) = route.path.split_once("{id}") else {
        return Ok(None);
    };
    let (_, description) = IDS
        .iter()
        .find(|(path, _)| *path == before)
        .ok_or_else(|| format!("the id of {} has no description", route.path))?;
    let (schema, example) = match before.ends_with("/api-keys/") || before.ends_with("/sessions/") {
        true => (json!({ "type": "string" }), "5aa1b2c3d4e5f60718aa"),
        false => (
            json!({ "type": "string", "format": "uuid" }),
            "01a1f84a-9b02-7d11-a2c8-1f6e0b9d0000",
        ),
    };
    Ok(Some(Parameter {
        name: "id",
        place: "path",
        required: true,
        description,
        schema: schema.into(),
        example: Some(example.into()),
    }))
}

fn rest_of(route: &Route) -> Option<Parameter> {
    route.path.contains("{path}").then(|| Parameter {
        name: "path",
        place: "path",
        required: true,
        description: "The account's id. For servers before 4.11.2, which sign nothing, a slash and the account's \
                      token follow.",
        schema: json!({ "type": "string" }).into(),
        example: Some("01a1f84a-9b02-7d11-a2c8-1f6e0b9d0000".into()),
    })
}

fn connector_of(route: &Route) -> Option<Parameter> {
    route.path.contains("{connector}").then(|| Parameter {
        name: "connector",
        place: "path",
        required: true,
        description: "The connector's name.",
        schema: json!({ "type": "string" }).into(),
        example: Some(CONNECTOR.into()),
    })
}

/// Everything that an operation takes beside its body.
///
/// # Errors
/// When the ledger has a parameter that no text describes.
pub fn parameters_of(route: &'static Route) -> crate::Result<Vec<Parameter>> {
    let mut parameters: Vec<_> = connector_of(route).into_iter().collect();
    parameters.extend(id_of(route)?);
    parameters.extend(rest_of(route));
    for name in route.query {
        let mut texts = TEXTS.iter().filter(|text| text.name == *name);
        let text = texts
            .find(|text| text.operations.contains(&route.operation))
            .ok_or_else(|| {
                format!(
                    "the parameter {name} of {} has no description in parameters.rs",
                    route.operation
                )
            })?;
        parameters.push(text.parameter());
    }
    let beside = BESIDE
        .iter()
        .filter(|text| text.operations.contains(&route.operation));
    parameters.extend(beside.map(Text::parameter));
    if takes_idempotency_key(route) {
        parameters.push(Parameter {
            name: "Idempotency-Key",
            place: "header",
            required: false,
            description: "Makes the call safe to retry: within 24 hours, the same key and body \
                          return the first response. Visible ASCII, ideally a fresh UUID.",
            schema: json!({
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_KEY_CHARS,
                "pattern": "^[!-~]+$",
            })
            .into(),
            example: Some("9f3c1e52-7d0b-4a86-b1f4-6c2e8d5a9b70".into()),
        });
    }
    Ok(parameters)
}

/// The texts whose operation does not take the parameter, or does not exist.
#[must_use]
pub fn texts_without_a_row() -> Vec<String> {
    let row = |operation: &str| public_routes().find(|row| row.operation == operation);
    let mut left_over = Vec::new();
    for (texts, in_ledger) in [(TEXTS, true), (BESIDE, false)] {
        for text in texts {
            for of in text.operations {
                let is_known =
                    row(of).is_some_and(|row| !in_ledger || row.query.contains(&text.name));
                if !is_known {
                    left_over.push(format!("{of} {}", text.name));
                }
            }
        }
    }
    left_over
}
