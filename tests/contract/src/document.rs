//! Puts the document together.

use crate::components::components;
use crate::entry::{CSV, Entry, FORM, FORM_ENCODED, JSON, Shape};
use crate::json::{Json, Map};
use crate::openapi::{
    Document, Example, Info, License, Media, Operation, RequestBody, Server, ServerVariable, Tag,
};
use crate::operations::{all, entry};
use crate::order::Order;
use crate::parameters::parameters_of;
use crate::schemas::Schemas;
use crate::shapes::Envelope;
use crate::webhooks::{EVENT, webhooks};
use crate::{Result, curl, intro, responses};
use common::http::ledger::{BASE_PATH, public_routes};
use common::http::{Access, Body, Role, Route};
use schemars::SchemaGenerator;

/// The document.
///
/// # Errors
/// When a row of the ledger or a parameter has no text, or an example is no JSON.
pub fn document() -> Result<Document> {
    let mut schemas = Schemas::default();
    let mut paths: Map<Map<Operation>> = Map::new();
    for route in public_routes() {
        let entry = entry(route.operation)
            .ok_or_else(|| format!("operations has no entry for {}", route.operation))?;
        let operation = operation(route, entry, &mut schemas)?;
        let methods = paths.entry(route.path.to_owned()).or_default();
        methods.insert(route.method.as_str().to_ascii_lowercase(), operation);
    }
    schemas.answer(SchemaGenerator::subschema_for::<Envelope>);
    let webhooks = webhooks(&mut schemas)?;
    Ok(Document {
        openapi: "3.1.0",
        info: Info {
            title: "Tieline",
            version: env!("CARGO_PKG_VERSION"),
            summary: "Connects customer conversations to the CRMs that businesses already use.",
            description: intro::text(),
            license: License {
                name: "MIT",
                identifier: "MIT",
            },
        },
        servers: vec![server()],
        tags: intro::TAGS
            .iter()
            .map(|tag| Tag {
                name: tag.name,
                description: tag.description,
            })
            .collect(),
        components: components(&paths, in_order(schemas.finish()?)?)?,
        paths,
        webhooks,
    })
}

fn server() -> Server {
    let origin = ServerVariable {
        default: curl::ORIGIN,
        description: "The gateway's origin. `scripts/dev` starts one here.",
    };
    Server {
        url: format!("{{origin}}{BASE_PATH}"),
        description: "A deployment of Tieline. Every path is also served without the prefix.",
        variables: [("origin".to_owned(), origin)].into(),
    }
}

fn operation(
    route: &'static Route,
    entry: &'static Entry,
    schemas: &mut Schemas,
) -> Result<Operation> {
    Ok(Operation {
        operation_id: route.operation,
        summary: entry.summary,
        description: entry.description,
        tags: intro::tag_of(route.operation).into_iter().collect(),
        security: security(route.access),
        without_security: without_security(route),
        parameters: parameters_of(route)?,
        request_body: entry
            .request
            .as_ref()
            .map(|shape| request_body(route, shape, schemas))
            .transpose()?,
        responses: responses::responses(route, entry, schemas)?,
        required_role: required_role(route.access),
        code_samples: vec![curl::sample(route, entry)?],
    })
}

/// The least role that passes.
fn required_role(access: Access) -> Option<&'static str> {
    let role = match access {
        Access::Session(role) => Some(role),
        Access::Key(scope) => Role::ALL
            .into_iter()
            .find(|role| role.scopes().allow(scope)),
        _ => None,
    };
    role.map(Role::name)
}

fn request_body(route: &Route, shape: &Shape, schemas: &mut Schemas) -> Result<RequestBody> {
    let description = match route.body {
        Body::Json(cap) if shape.is_optional => {
            format!("JSON of at most {}. May be left out.", size(cap))
        }
        Body::Raw(cap) if shape.media == CSV => format!("A file of at most {}.", size(cap)),
        Body::Json(cap) | Body::Raw(cap) => format!("JSON of at most {}.", size(cap)),
        Body::Form(cap) => format!("A form of at most {}.", size(cap)),
        Body::None => return Err(format!("{} takes no body", route.operation).into()),
    };
    let schema = schemas.request(shape.schema);
    let content = [(
        shape.media.to_owned(),
        Media {
            schema,
            examples: examples(&[shape])?,
        },
    )]
    .into();
    Ok(RequestBody {
        description,
        required: !shape.is_optional,
        content,
    })
}

fn size(bytes: usize) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    }
}

/// The examples of shapes, by name.
pub(crate) fn examples(shapes: &[&Shape]) -> Result<Map<Example>> {
    let one = |shape: &&Shape| -> Result<(String, Example)> {
        let value = Some(example(shape)?);
        Ok((
            shape.name.into(),
            Example {
                reference: None,
                summary: shape.summary.into(),
                value,
            },
        ))
    };
    shapes.iter().map(one).collect()
}

/// The example of a shape as a value.
pub(crate) fn example(shape: &Shape) -> Result<Json> {
    if ![JSON, FORM, FORM_ENCODED].contains(&shape.media) {
        return Ok(shape.example.into());
    }
    let parsed = serde_json::from_str(shape.example);
    parsed.map_err(|error| format!("the example {} is no JSON: {error}", shape.name).into())
}

fn in_order(mut schemas: Map<Json>) -> Result<Map<Json>> {
    let mut order = Order::default();
    for entry in all() {
        for shape in entry
            .request
            .iter()
            .chain(entry.answers.iter().flat_map(|a| a.shapes))
        {
            let schema = Schemas::default().answer(shape.schema);
            order.learn(&schemas, &schema, &example(shape)?);
        }
    }
    let event = Schemas::default().answer(EVENT);
    order.learn(&schemas, &event, &crate::webhooks::example()?);
    order.apply(&mut schemas);
    Ok(schemas)
}

fn security(access: Access) -> Vec<Map<Vec<&'static str>>> {
    let (name, scopes) = match access {
        Access::Public | Access::Provider => return Vec::new(),
        Access::Key(scope) => ("apiKey", vec![scope.name()]),
        Access::Session(_) => ("session", Vec::new()),
        Access::Platform => ("platformToken", Vec::new()),
        // No route of the document has it.
        Access::Inbox => return Vec::new(),
    };
    vec![[(name.to_owned(), scopes)].into()]
}

/// What stands on the page where there is no scheme. The operation's description says it, too.
fn without_security(route: &Route) -> Option<&'static str> {
    match (route.access, route.operation) {
        (Access::Provider, _) => Some("Signed by the provider"),
        (Access::Public, "attachment_download") => Some("Anyone with the signed link"),
        _ => None,
    }
}
