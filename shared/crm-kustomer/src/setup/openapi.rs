//! The shapes of requests and answers for the OpenAPI document; those of the settings come from their
//! table.

use super::{Tested, WebhookMade};
use crate::{Kustomer, TABLE};
use crm::setup::{object_schema, schema_of};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::borrow::Cow;

/// What a `PUT` changes.
pub struct KustomerPatch;

/// What a test takes.
pub struct TestPatch;

/// A connection as it is shown.
#[derive(Serialize)]
pub struct KustomerIntegration;

macro_rules! from_table {
    ($type:ident, $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

from_table!(KustomerPatch, schema_of(&TABLE.request_schema()));
from_table!(TestPatch, schema_of(&TABLE.test_schema()));
from_table!(KustomerIntegration, object_schema(&Kustomer));

/// A connection, alone.
#[derive(Serialize, JsonSchema)]
pub struct OneIntegration {
    /// The connection.
    pub integration: KustomerIntegration,
}

/// A connection that is switched on.
#[derive(Serialize, JsonSchema)]
pub struct EnableAnswer {
    /// The connection.
    pub integration: KustomerIntegration,
    /// What the test said.
    pub test: Tested,
    /// What calls us.
    pub webhook: WebhookMade,
}
