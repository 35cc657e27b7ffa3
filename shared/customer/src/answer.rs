//! What a sync and an import answer.

use super::sync::{Action, RecordResult};
use common::ids::CustomerId;
use common::json::writer::quoted;
use serde::Serialize;

/// The response of `customers-sync`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncResponse {
    /// Whether the request was processed; single records may still have failed.
    pub success: bool,
    /// The results.
    pub results: SyncResults,
}

/// The results of the records.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncResults {
    /// The number of records in the request.
    pub total: usize,
    /// The number of records that created a customer.
    pub created: usize,
    /// The number of records that matched a customer, changed or not.
    pub updated: usize,
    /// How many failed.
    pub failed: usize,
    /// Each record, in the request's order.
    pub details: Vec<RecordResult>,
}

impl SyncResponse {
    /// The answer for these results.
    #[must_use]
    pub fn of(details: Vec<RecordResult>) -> Self {
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

impl SyncResponse {
    /// What serde would write. Records of which there is nothing unusual to say are written at once, in a third of the time.
    #[must_use]
    pub fn to_json(&self) -> String {
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
        json.reserve(USUAL_BYTES * details.len());
        for (n, detail) in details.iter().enumerate() {
            if n > 0 {
                json.push(',');
            }
            write_detail(detail, &mut json);
        }
        json.push_str("]}}");
        json
    }
}

/// More than the result of most records takes.
const USUAL_BYTES: usize = 192;

fn write_detail(detail: &RecordResult, json: &mut String) {
    if detail.error.is_some() || !detail.ignored_fields.is_empty() {
        return json.push_str(&serde_json::to_string(detail).unwrap_or_default());
    }
    let id = match &detail.external_id {
        Some(id) => &quoted(id),
        None => "null",
    };
    let text = |text: Option<&str>| text.map_or("null".into(), |text| ["\"", text, "\""].concat());
    for part in [
        "{\"index\":",
        &detail.index.to_string(),
        ",\"external_id\":",
        id,
        ",\"customer_id\":",
        &text(detail.customer_id.as_ref().map(CustomerId::as_str)),
        ",\"action\":\"",
        detail.action.as_str(),
        "\",\"matched_by\":",
        &text(detail.matched_by),
        ",\"changed\":",
        if detail.changed { "true}" } else { "false}" },
    ] {
        json.push_str(part);
    }
}

/// The response of `customers-bulk-create`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkCreateResponse {
    /// Whether the request was processed; single records may still have failed.
    pub success: bool,
    /// The number of records that created a customer.
    pub created: usize,
    /// The number of records that matched a customer, changed or not.
    pub updated: usize,
    /// How many failed.
    pub failed: usize,
    /// The records that failed.
    pub errors: Vec<ImportError>,
    /// The records that succeeded: the mapping for your CRM.
    pub customers: Vec<ImportedCustomer>,
}

/// A record that failed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportError {
    /// Its position in the request.
    pub index: usize,
    /// Its external id, as sent.
    pub external_id: Option<String>,
    /// Why, for people.
    pub error: String,
    /// Why: `invalid_record` or `identity_conflict`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["invalid_record", "identity_conflict"])))]
    pub code: &'static str,
}

/// A record and its customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportedCustomer {
    /// The record's position in the request.
    pub index: usize,
    /// Its external id, as sent.
    pub external_id: Option<String>,
    /// The customer; null for one that a dry run would create.
    pub customer_id: Option<CustomerId>,
    /// `created` or `updated`.
    pub action: Action,
    /// Fields of the record that a customer does not have; they were not stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_fields: Vec<String>,
}

impl BulkCreateResponse {
    /// The answer for these results.
    #[must_use]
    pub fn of(results: Vec<RecordResult>) -> Self {
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

fn count(results: &[RecordResult], action: Action) -> usize {
    results
        .iter()
        .filter(|result| result.action == action)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_answered_as_serde_would_write_it() {
        let usual = RecordResult {
            index: 0,
            external_id: Some("a\"b\u{1}é".into()),
            customer_id: Some(CustomerId::unchecked(
                "018f0000-0000-7000-8000-000000000001",
            )),
            action: Action::Updated,
            matched_by: Some("external_id"),
            changed: false,
            error: None,
            code: None,
            ignored_fields: Vec::new(),
        };
        let created = RecordResult {
            index: 1,
            external_id: None,
            customer_id: None,
            action: Action::Created,
            matched_by: None,
            changed: true,
            ..usual.clone()
        };
        let failed = RecordResult {
            index: 2,
            action: Action::Failed,
            error: Some("It is none.".into()),
            code: Some("invalid_record"),
            ..usual.clone()
        };
        let misspelt = RecordResult {
            index: 3,
            ignored_fields: vec!["emial".into()],
            ..usual.clone()
        };
        for details in [
            vec![],
            vec![usual.clone()],
            vec![usual, created, failed, misspelt],
        ] {
            let response = SyncResponse::of(details);
            assert_eq!(
                response.to_json(),
                serde_json::to_string(&response).unwrap()
            );
        }
    }
}
