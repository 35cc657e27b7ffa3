//! What operations share.

use crate::Result;
use crate::errors::{code_of, meaning, sample, sample_request_id};
use crate::json::{Json, Map};
use crate::openapi::{Answered, Components, Example, Header, Operation, Response, SecurityScheme};
use crate::responses::failure;
use common::http::Kind;
use serde_json::json;

/// The components for these operations and schemas.
pub(crate) fn components(paths: &Map<Map<Operation>>, schemas: Map<Json>) -> Result<Components> {
    Ok(Components {
        schemas,
        responses: shared_failures(paths),
        headers: headers(),
        examples: error_examples()?,
        security_schemes: security_schemes(),
    })
}

fn shared_failures(paths: &Map<Map<Operation>>) -> Map<Response> {
    let is_named = |kind: Kind| {
        let operations = paths.values().flat_map(|methods| methods.values());
        let mut answers = operations.flat_map(|operation| operation.responses.values());
        let end = format!("/{}", code_of(kind));
        answers.any(|a| matches!(a, Answered::Shared(name) if name.reference.ends_with(&end)))
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| is_named(*kind));
    kinds
        .map(|kind| (code_of(kind).to_owned(), failure(&[(kind, meaning(kind))])))
        .collect()
}

fn security_schemes() -> Map<SecurityScheme> {
    let bearer = |description| SecurityScheme {
        kind: "http",
        name: None,
        place: None,
        scheme: Some("bearer"),
        description,
    };
    let key = SecurityScheme {
        kind: "apiKey",
        name: Some("x-api-key"),
        place: Some("header"),
        scheme: None,
        description: "A business's API key with the operation's scope, or with `admin`.",
    };
    let session = bearer("A session token, which `session_create` returns for an admin key.");
    let platform = bearer("The deployment's platform token, set when it was deployed.");
    [
        ("apiKey", key),
        ("session", session),
        ("platformToken", platform),
    ]
    .map(|(name, scheme)| (name.to_owned(), scheme))
    .into()
}

fn headers() -> Map<Header> {
    let whole = || json!({ "type": "integer", "minimum": 1 });
    let text = || json!({ "type": "string" });
    [
        (
            "x-request-id",
            "The id of this request. Quote it when you ask for help.",
            true,
            json!({ "type": "string", "pattern": "^req_[0-9a-f]{24}$" }),
            json!(sample_request_id().to_string()),
        ),
        (
            "retry-after",
            "Seconds to wait before a retry.",
            true,
            whole(),
            json!(30),
        ),
        (
            "location",
            "Where the browser goes on.",
            true,
            json!({ "type": "string", "format": "uri-reference" }),
            json!("/dashboard"),
        ),
        (
            "allow",
            "The methods that the path supports.",
            true,
            text(),
            json!("GET, DELETE"),
        ),
        (
            "idempotent-replayed",
            "Set if this is the stored response of an earlier call with the same \
             `Idempotency-Key`.",
            false,
            json!({ "type": "string", "enum": ["true"] }),
            json!("true"),
        ),
        (
            "etag",
            "The SHA-256 of the whole file, quoted.",
            true,
            text(),
            json!("\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
        ),
        (
            "content-disposition",
            "Always `attachment`, with the file's name.",
            true,
            text(),
            json!("attachment; filename=\"receipt.pdf\"; filename*=UTF-8''receipt.pdf"),
        ),
        (
            "content-range",
            "The range of the file that follows.",
            true,
            text(),
            json!("bytes 0-1023/48213"),
        ),
    ]
    .map(|(name, description, required, schema, example)| {
        let header = Header {
            description,
            required,
            schema: schema.into(),
            example: example.into(),
        };
        (name.to_owned(), header)
    })
    .into()
}

fn error_examples() -> Result<Map<Example>> {
    let one = |kind: Kind| -> Result<(String, Example)> {
        let response = sample(kind).to_response(&sample_request_id());
        let value = serde_json::from_slice(response.body())?;
        let summary = meaning(kind).to_owned();
        Ok((
            code_of(kind).to_owned(),
            Example {
                reference: None,
                summary,
                value: Some(value),
            },
        ))
    };
    Kind::ALL.into_iter().map(one).collect()
}
