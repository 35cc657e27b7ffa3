//! What a sync and an import answer.

use super::sync::{Action, RecordResult};
use common::ids::CustomerId;
use common::json::writer::push_escaped;
use serde::Serialize;
use std::borrow::Cow;

/// The response of `customers-sync`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncResponse<'a> {
    /// Whether the request was processed; single records may still have failed.
    pub success: bool,
    /// The results.
    pub results: SyncResults<'a>,
}

/// The results of the records.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncResults<'a> {
    /// The number of records in the request.
    pub total: usize,
    /// The number of records that created a customer.
    pub created: usize,
    /// The number of records that matched a customer, changed or not.
    pub updated: usize,
    /// How many failed.
    pub failed: usize,
    /// Each record, in the request's order.
    pub details: Vec<RecordResult<'a>>,
}

impl<'a> SyncResponse<'a> {
    /// The answer for these results.
    #[must_use]
    pub fn of(details: Vec<RecordResult<'a>>) -> Self {
        let results = SyncResults {
            total: details.len(),
            created: count(&details, Action::Created),
            updated: count(&details, Action::Updated),
            failed: count(&details, Action::Failed),
            details,
        };
        Self {
            success: true,
            results,
        }
    }
}

impl SyncResponse<'_> {
    /// As [`Serialize`] writes it. That looks through the name of each field for what must be escaped, a thousand times.
    ///
    /// # Errors
    /// None in practice: of serde_json.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let SyncResults {
            total,
            created,
            updated,
            failed,
            details,
        } = &self.results;
        let mut json = format!(
            "{{\"success\":{},\"results\":{{\"total\":{total},\"created\":{created},\"updated\":{updated},\
             \"failed\":{failed},\"details\":[",
            self.success
        );
        json.reserve(details.len() * USUAL_BYTES);
        let mut digits = itoa::Buffer::new();
        for (n, one) in details.iter().enumerate() {
            if n > 0 {
                json.push(',');
            }
            if one.error.is_some() || !one.ignored_fields.is_empty() {
                json.push_str(&serde_json::to_string(one)?);
                continue;
            }
            json.push_str("{\"index\":");
            json.push_str(digits.format(one.index));
            json.push_str(",\"external_id\":");
            match one.external_id.as_deref() {
                None => json.push_str("null"),
                Some(id) => {
                    json.push('"');
                    push_escaped(&mut json, id);
                    json.push('"');
                }
            }
            let id = one.customer_id.as_ref().map(CustomerId::as_str);
            push_plain(&mut json, ",\"customer_id\":", id);
            push_plain(&mut json, ",\"action\":", Some(one.action.name()));
            push_plain(&mut json, ",\"matched_by\":", one.matched_by);
            json.push_str(if one.changed {
                ",\"changed\":true}"
            } else {
                ",\"changed\":false}"
            });
        }
        json.push_str("]}}");
        Ok(json)
    }
}

/// Bytes that most results take up.
const USUAL_BYTES: usize = 160;

/// Writes a field, by its name with all that stands around it, whose text has nothing to escape.
fn push_plain(json: &mut String, name: &str, value: Option<&str>) {
    json.push_str(name);
    match value {
        None => json.push_str("null"),
        Some(value) => {
            for part in ["\"", value, "\""] {
                json.push_str(part);
            }
        }
    }
}

/// The response of `customers-bulk-create`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkCreateResponse<'a> {
    /// Whether the request was processed; single records may still have failed.
    pub success: bool,
    /// The number of records that created a customer.
    pub created: usize,
    /// The number of records that matched a customer, changed or not.
    pub updated: usize,
    /// How many failed.
    pub failed: usize,
    /// The records that failed.
    pub errors: Vec<ImportError<'a>>,
    /// The records that succeeded: the mapping for your CRM.
    pub customers: Vec<ImportedCustomer<'a>>,
}

/// A record that failed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportError<'a> {
    /// Its position in the request.
    pub index: usize,
    /// Its external id, as sent.
    pub external_id: Option<Cow<'a, str>>,
    /// Why, for people.
    pub error: String,
    /// Why: `invalid_record` or `identity_conflict`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["invalid_record", "identity_conflict"])))]
    pub code: &'static str,
}

/// A record and its customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportedCustomer<'a> {
    /// The record's position in the request.
    pub index: usize,
    /// Its external id, as sent.
    pub external_id: Option<Cow<'a, str>>,
    /// The customer; null for one that a dry run would create.
    pub customer_id: Option<CustomerId>,
    /// `created` or `updated`.
    pub action: Action,
    /// Fields of the record that a customer does not have; they were not stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_fields: Vec<String>,
}

impl<'a> BulkCreateResponse<'a> {
    /// The answer for these results.
    #[must_use]
    pub fn of(results: Vec<RecordResult<'a>>) -> Self {
        let (created, updated) = (
            count(&results, Action::Created),
            count(&results, Action::Updated),
        );
        let (mut errors, mut customers) = (Vec::new(), Vec::new());
        for result in results {
            let RecordResult {
                index,
                external_id,
                customer_id,
                action,
                ignored_fields,
                ..
            } = result;
            match (result.error, result.code) {
                (Some(error), Some(code)) => {
                    errors.push(ImportError {
                        index,
                        external_id,
                        error,
                        code,
                    });
                }
                _ => customers.push(ImportedCustomer {
                    index,
                    external_id,
                    customer_id,
                    action,
                    ignored_fields,
                }),
            }
        }
        Self {
            success: true,
            created,
            updated,
            failed: errors.len(),
            errors,
            customers,
        }
    }
}

fn count(results: &[RecordResult<'_>], action: Action) -> usize {
    results
        .iter()
        .filter(|result| result.action == action)
        .count()
}
