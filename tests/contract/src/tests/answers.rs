//! Values of the response types, printed as the API prints them, against their schemas.

use super::{check, strict_doc};
use crate::errors::{sample, sample_request_id};
use common::http::Kind;
use common::ids::CustomerId;
use common::time::Timestamp;
use customer::{Action, BulkCreateResponse, Customer, ExternalId, RecordResult, SyncResponse};
use dashboard::business::{Business, CreatedBusiness};
use dashboard::keys::{CreatedKey, Key, KeyList};
use dashboard::sessions::CreatedSession;
use gateway::health::Health;
use serde::Serialize;
use serde_json::{Value, json};

const ID: &str = "01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000";

/// Checks a value against the named schema.
fn fits(name: &str, value: &impl Serialize) {
    let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
    check(
        &strict_doc(),
        &schema,
        &serde_json::to_value(value).unwrap(),
        name,
    );
}

fn results() -> Vec<RecordResult<'static>> {
    let found = RecordResult {
        index: 0,
        external_id: Some("CRM-1".into()),
        customer_id: Some(CustomerId::unchecked(ID)),
        action: Action::Updated,
        matched_by: Some("whatsapp_number"),
        changed: true,
        error: None,
        code: None,
        ignored_fields: vec!["emial".into()],
    };
    let made = RecordResult {
        action: Action::Created,
        matched_by: None,
        ..found.clone()
    };
    let dry = RecordResult {
        customer_id: None,
        ignored_fields: Vec::new(),
        ..made.clone()
    };
    let failed = |code| RecordResult {
        external_id: None,
        customer_id: None,
        action: Action::Failed,
        changed: false,
        error: Some("Why.".into()),
        code: Some(code),
        ..made.clone()
    };
    vec![
        found,
        dry,
        failed("invalid_record"),
        failed("identity_conflict"),
        made,
    ]
}

#[test]
fn what_a_sync_answers_is_what_its_type_says() {
    let quoted = RecordResult {
        external_id: Some("a\"\\\n\u{2028}é".into()),
        ..results().remove(1)
    };
    for results in [results(), vec![quoted], Vec::new()] {
        let answer = SyncResponse::of(results);
        let json = answer.to_json().unwrap();
        assert_eq!(json, serde_json::to_string(&answer).unwrap());
    }
}

#[test]
fn what_a_sync_and_an_import_answer_fits() {
    fits("SyncResponse", &SyncResponse::of(results()));
    fits("SyncResponse", &SyncResponse::of(Vec::new()));
    fits("BulkCreateResponse", &BulkCreateResponse::of(results()));
    fits(
        "ErasedCustomer",
        &customers::erasure::ErasedCustomer {
            status: customers::erasure::ErasureStatus::Done,
            success: true,
            customer_id: CustomerId::unchecked(ID),
        },
    );
}

#[test]
fn a_full_and_an_empty_customer_fit() {
    let text = |text: &str| Some(text.to_owned());
    let full = Customer {
        id: CustomerId::unchecked(ID),
        external_id: text("CRM-1"),
        external_system: text("salesforce"),
        other_external_ids: vec![ExternalId {
            external_id: "9".into(),
            external_system: "".into(),
        }],
        name: text("A"),
        first_name: text("B"),
        last_name: text("C"),
        email: text("d@e.example"),
        phone: text("+353871234567"),
        whatsapp_number: text("+1234567"),
        address: text("F"),
        notes: text("G"),
        tags: vec!["vip".into()],
        custom_fields: json!({ "any": [1, 1.5, null, {}] })
            .as_object()
            .unwrap()
            .clone(),
        crm_ids: text("example:person:1|example:lead:2"),
        created_at: Timestamp::from_micros(1_763_706_000_000_120).to_string(),
        updated_at: Timestamp::from_micros(1_763_706_000_000_120).to_string(),
    };
    fits("Customer", &full);
    let none = || None::<String>;
    let empty = Customer {
        external_id: none(),
        external_system: none(),
        other_external_ids: Vec::new(),
        name: none(),
        first_name: none(),
        last_name: none(),
        email: none(),
        phone: none(),
        whatsapp_number: none(),
        address: none(),
        notes: none(),
        tags: Vec::new(),
        custom_fields: serde_json::Map::new(),
        crm_ids: none(),
        ..full.clone()
    };
    fits("Customer", &empty);
    fits(
        "CustomerPage",
        &json!({ "customers": [full], "has_more": true, "next_cursor": "x" }),
    );
    fits(
        "CustomerPage",
        &json!({ "customers": [], "has_more": false, "next_cursor": null }),
    );
}

#[test]
fn what_the_settings_answer_fits() {
    let time = Timestamp::from_micros(1_763_706_000_000_120);
    let key = |time: Option<Timestamp>, scopes: &[&str]| Key {
        id: "5aa1b2c3d4e5f60718aa".into(),
        name: "A key".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        created_at: Timestamp::from_micros(0),
        expires_at: time,
        last_used_at: time,
        revoked_at: time,
    };
    let every: Vec<_> = common::http::Scope::ALL
        .iter()
        .map(|(_, name)| *name)
        .collect();
    fits(
        "KeyList",
        &KeyList {
            keys: vec![key(None, &["admin"]), key(Some(time), &every)],
        },
    );
    let made = CreatedKey {
        key: key(None, &["sso:write"]),
        api_key: "tl_a_b".into(),
    };
    fits("CreatedKey", &made);
    fits(
        "CreatedSession",
        &CreatedSession {
            token: "tls_a_b".into(),
            expires_at: time,
        },
    );
    let business = Business {
        id: ID.into(),
        name: "A business".into(),
        default_region: "IE".into(),
        created_at: time,
    };
    let keys = |name: &str| format!("tl_{name}");
    let made = CreatedBusiness {
        business,
        key: key(None, &["customers:read"]),
        api_key: keys("a"),
        admin_key: keys("b"),
    };
    fits("CreatedBusiness", &made);
}

#[test]
fn health_fits_in_every_state() {
    for (status, told) in [("ok", "ok"), ("degraded", "down")] {
        let functions = common::http::ledger::functions()
            .map(|function| (function, told))
            .collect();
        fits(
            "Health",
            &Health {
                status,
                database: told,
                functions,
                part: 1,
                parts: 2,
            },
        );
    }
}

#[test]
fn every_failure_fits_the_envelope() {
    for kind in Kind::ALL {
        let response = sample(kind).to_response(&sample_request_id());
        fits(
            "Error",
            &serde_json::from_slice::<Value>(response.body()).unwrap(),
        );
    }
}
