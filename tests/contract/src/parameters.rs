//! What the parameters mean. The ledger says which operation takes which.

use crate::errors::takes_idempotency_key;
use crate::json::Json;
use crate::openapi::Parameter;
use common::access::idempotency::MAX_KEY_CHARS;
use common::customers::model::{MAX_EXTERNAL_ID_CHARS, MAX_SYSTEM_CHARS};
use common::http::Route;
use serde_json::{Value, json};

/// Customers on a page, where the request does not say.
pub const PAGE_DEFAULT: u32 = 100;
/// Most customers on a page.
pub const PAGE_MAX: u32 = 1000;

/// A query parameter as one operation, or several, take it.
struct Text {
    name: &'static str,
    operations: &'static [&'static str],
    required: bool,
    description: &'static str,
    schema: fn() -> Value,
    example: Option<&'static str>,
}

const IMPORTS: &[&str] = &["customers_bulk_create", "customers_sync"];
const GET: &[&str] = &["customer_get"];

const fn optional(
    name: &'static str,
    operations: &'static [&'static str],
    description: &'static str,
    schema: fn() -> Value,
    example: Option<&'static str>,
) -> Text {
    Text {
        name,
        operations,
        required: false,
        description,
        schema,
        example,
    }
}

#[rustfmt::skip]
static TEXTS: &[Text] = &[
    optional("id", GET, "Our id of the customer.", || json!({ "type": "string", "format": "uuid" }), None),
    optional("external_id", GET, "The CRM's id of the customer.", || json!({ "type": "string", "maxLength": MAX_EXTERNAL_ID_CHARS }), Some("CRM-12345")),
    optional("external_system", GET, "The system of `external_id`. Without it the id may be of any system.", || json!({ "type": "string", "maxLength": MAX_SYSTEM_CHARS }), Some("salesforce")),
    optional("email", GET, "An email address of the customer, in any case.", || json!({ "type": "string" }), None),
    optional("phone", GET, "A phone number of the customer: international (encode the `+` as `%2B`), or as dialled in the business's region.", || json!({ "type": "string" }), None),
    optional("limit", GET, "How many customers a page has. For pages only.", || json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT }), None),
    optional("cursor", GET, "The `next_cursor` of the page before. For pages only.", || json!({ "type": "string" }), None),
    Text {
        name: "id",
        operations: &["customer_erase"],
        required: true,
        description: "Our id of the customer to erase.",
        schema: || json!({ "type": "string", "format": "uuid" }),
        example: Some("01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000"),
    },
    optional("dry_run", IMPORTS, "Answer what would happen, and write nothing.", || json!({ "type": "boolean", "default": false }), None),
    optional("on_conflict", IMPORTS, "What to do with a record that is found by email or phone while its customer has another `external_id` of the same system: `fail` the record with `identity_conflict`, or `adopt` the record's id for the customer.", || json!({ "type": "string", "enum": ["fail", "adopt"], "default": "fail" }), None),
];

/// Everything that an operation takes beside its body.
///
/// # Errors
/// When the ledger has a parameter that no text describes.
pub fn parameters_of(route: &'static Route) -> crate::Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(Parameter {
            name: "id",
            place: "path",
            required: true,
            description: "The key's id: what stands between its first two underscores.",
            schema: json!({ "type": "string" }).into(),
            example: Some("5aa1b2c3d4e5f60718aa".into()),
        });
    }
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
        parameters.push(Parameter {
            name: text.name,
            place: "query",
            required: text.required,
            description: text.description,
            schema: (text.schema)().into(),
            example: text.example.map(Json::from),
        });
    }
    if takes_idempotency_key(route) {
        parameters.push(Parameter {
            name: "Idempotency-Key",
            place: "header",
            required: false,
            description: "Makes the call safe to repeat: within 24 hours the same key and body get \
                          the first call's answer. Visible ASCII, best a fresh UUID.",
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
    let is_taken = |operation: &str, name: &str| {
        let mut rows = common::http::ledger::ROUTES.iter();
        rows.any(|row| row.operation == operation && row.query.contains(&name))
    };
    let named = TEXTS
        .iter()
        .flat_map(|text| text.operations.iter().map(|of| (*of, text.name)));
    named
        .filter(|(of, name)| !is_taken(of, name))
        .map(|(of, name)| format!("{of} {name}"))
        .collect()
}
