//! The objects of OpenAPI 3.1 that the document has, in the order in which it prints them.

use crate::json::{Json, Map};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The whole document.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Document {
    pub openapi: &'static str,
    pub info: Info,
    pub servers: Vec<Server>,
    pub tags: Vec<Tag>,
    /// By path, then by method in lower case.
    pub paths: Map<Map<Operation>>,
    /// What is called elsewhere: by name, then by method in lower case.
    pub webhooks: Map<Map<Webhook>>,
    pub components: Components,
}

impl Document {
    /// The operations of a tag in the ledger's order: path, method in lower case, operation.
    pub fn operations_of(&self, tag: &str) -> impl Iterator<Item = (&str, &str, &Operation)> {
        let all = self.paths.iter().flat_map(|(path, methods)| {
            methods
                .iter()
                .map(|(method, operation)| (path.as_str(), method.as_str(), operation))
        });
        all.filter(move |(_, _, operation)| operation.tags.contains(&tag))
    }

    /// What an operation can answer, by status.
    pub fn responses_of<'d>(
        &'d self,
        operation: &'d Operation,
    ) -> impl Iterator<Item = (&'d str, &'d Response)> {
        operation
            .responses
            .iter()
            .filter_map(|(status, answered)| match answered {
                Answered::Own(response) => Some((status.as_str(), response)),
                Answered::Shared(name) => {
                    let name = name.reference.rsplit('/').next()?;
                    Some((status.as_str(), self.components.responses.get(name)?))
                }
            })
    }
}

/// What the API is.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Info {
    pub title: &'static str,
    pub version: &'static str,
    pub summary: &'static str,
    pub description: String,
    pub license: License,
}

/// The licence.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct License {
    pub name: &'static str,
    pub identifier: &'static str,
}

/// Where the API is.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Server {
    pub url: String,
    pub description: &'static str,
    pub variables: Map<ServerVariable>,
}

/// A part of a server's URL.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct ServerVariable {
    pub default: &'static str,
    pub description: &'static str,
}

/// A family of operations.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Tag {
    pub name: &'static str,
    pub description: &'static str,
}

/// One row of the ledger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Operation {
    pub operation_id: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub tags: Vec<&'static str>,
    pub security: Vec<Map<Vec<&'static str>>>,
    /// How callers prove themselves where none of the schemes fits.
    #[serde(skip)]
    pub without_security: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_body: Option<RequestBody>,
    /// By status.
    pub responses: Map<Answered>,
    /// The least role of a member who may call it; none where members' sessions do not count.
    #[serde(rename = "x-required-role", skip_serializing_if = "Option::is_none")]
    pub required_role: Option<&'static str>,
    /// A call that can be pasted; many renderers of OpenAPI show these.
    #[serde(rename = "x-codeSamples")]
    pub code_samples: Vec<CodeSample>,
}

/// A call that is made of others.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Webhook {
    pub operation_id: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub tags: Vec<&'static str>,
    pub security: Vec<Map<Vec<&'static str>>>,
    pub parameters: Vec<Parameter>,
    pub request_body: RequestBody,
    /// By status, or by class of statuses.
    pub responses: Map<Response>,
}

/// Something sent beside the body.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Parameter {
    pub name: &'static str,
    #[serde(rename = "in")]
    pub place: &'static str,
    pub required: bool,
    pub description: &'static str,
    pub schema: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Json>,
}

/// What is sent.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct RequestBody {
    pub description: String,
    pub required: bool,
    /// By media type.
    pub content: Map<Media>,
}

/// A body in one media type.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Media {
    pub schema: Json,
    pub examples: Map<Example>,
}

/// An example, or the name of a shared one, which is printed without the summary: the response's
/// description says the same.
#[derive(Debug)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Example {
    pub reference: Option<String>,
    pub summary: String,
    pub value: Option<Json>,
}

impl Serialize for Example {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        match &self.reference {
            Some(reference) => fields.serialize_entry("$ref", reference)?,
            None => {
                fields.serialize_entry("summary", &self.summary)?;
                fields.serialize_entry("value", &self.value)?;
            }
        }
        fields.end()
    }
}

/// What comes back, or the name of what many operations give.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "as the type says")]
pub enum Answered {
    Shared(Reference),
    Own(Response),
}

/// What comes back.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Response {
    pub description: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub headers: Map<Reference>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub content: Map<Media>,
}

/// The name of a component.
#[derive(Debug, Serialize)]
pub struct Reference {
    /// Its JSON pointer, behind a `#`.
    #[serde(rename = "$ref")]
    pub reference: String,
}

/// A header of a response.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Header {
    pub description: &'static str,
    pub required: bool,
    pub schema: Json,
    pub example: Json,
}

/// What operations share.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct Components {
    pub schemas: Map<Json>,
    pub responses: Map<Response>,
    pub headers: Map<Header>,
    pub examples: Map<Example>,
    pub security_schemes: Map<SecurityScheme>,
}

/// A way to say who calls.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct SecurityScheme {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<&'static str>,
    pub description: &'static str,
}

/// A call, ready to paste.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "named and explained by OpenAPI 3.1")]
pub struct CodeSample {
    pub lang: &'static str,
    pub label: &'static str,
    pub source: String,
}
