use super::{doc, operations, resolved};
use crate::entry::{CSV, FORM_ENCODED};
use crate::errors::code_of;
use crate::intro::TAGS;
use crate::operations::{all, entry};
use crate::parameters::{PAGE_DEFAULT, PAGE_MAX, parameters_of, texts_without_a_row};
use common::events::{WEBHOOK_DISABLED, WEBHOOK_TEST};
use common::http::ledger::public_routes;
use common::http::{Body, Kind, Query, Scope};
use conversations_by_customer::query::ConversationsQuery;
use customer::{CustomerQuery, SyncOptions};
use messages_since::query::MessagesQuery;
use serde_json::Value;
use webhooks::SUBSCRIBABLE;

#[test]
fn every_row_has_an_entry_and_every_entry_has_a_row() {
    for route in public_routes() {
        assert!(
            entry(route.operation).is_some(),
            "{} has no entry",
            route.operation
        );
    }
    for (n, entry) in all().enumerate() {
        let is_row = public_routes().any(|route| route.operation == entry.operation);
        assert!(is_row, "{} has no row", entry.operation);
        let earlier = all()
            .take(n)
            .any(|other| other.operation == entry.operation);
        assert!(!earlier, "{} has two entries", entry.operation);
    }
}

#[test]
fn every_row_is_in_the_document_at_its_path_and_method() {
    let doc = doc();
    for route in public_routes() {
        let operation = &doc["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], route.operation);
    }
    assert_eq!(operations(&doc).len(), public_routes().count());
}

#[test]
fn every_query_parameter_has_a_description_and_no_description_is_left_over() {
    for route in public_routes() {
        let parameters = parameters_of(route).unwrap();
        for name in route.query {
            let described = parameters
                .iter()
                .find(|p| p.place == "query" && p.name == *name);
            assert!(
                described.is_some_and(|p| p.description.ends_with('.')),
                "{name}"
            );
        }
    }
    assert_eq!(texts_without_a_row(), Vec::<String>::new());
}

#[test]
fn a_body_is_described_where_the_row_takes_one_and_in_the_rows_media_type() {
    for route in public_routes() {
        let shape = entry(route.operation).unwrap().request.as_ref();
        let media = match route.body {
            Body::None => None,
            Body::Raw(_) if route.operation == "twilio_receive" => Some(FORM_ENCODED),
            Body::Raw(_) if route.operation == "crm_link_file_put" => Some(CSV),
            Body::Json(_) | Body::Raw(_) => Some("application/json"),
            Body::Form(_) => Some("multipart/form-data"),
        };
        let described = shape.map(|shape| shape.media);
        assert_eq!(described, media, "{}", route.operation);
    }
}

#[test]
fn the_table_of_events_names_those_that_there_are() {
    let text = TAGS.iter().find(|tag| tag.name == "Webhooks").unwrap();
    let (_, table) = text
        .description
        .split_once("| Event | Sent when |")
        .unwrap();
    let (table, _) = table.split_once("```").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .filter_map(|row| row.split('|').nth(1));
    let mut told: Vec<_> = rows
        .flat_map(|cell| cell.split(','))
        .map(|name| name.trim().trim_matches('`'))
        .filter(|name| !name.is_empty())
        .collect();
    let mut there: Vec<_> = SUBSCRIBABLE.iter().map(|event| event.as_str()).collect();
    there.extend([WEBHOOK_DISABLED.as_str(), WEBHOOK_TEST.as_str()]);
    told.sort_unstable();
    there.sort_unstable();
    assert_eq!(told, there);
}

#[test]
fn every_kind_of_failure_is_in_the_document() {
    let doc = doc();
    let codes = &doc["components"]["schemas"]["Error"]["properties"]["code"]["enum"];
    let all: Vec<_> = Kind::ALL.into_iter().map(code_of).collect();
    assert_eq!(*codes, serde_json::to_value(&all).unwrap());
    for kind in Kind::ALL {
        let (status, code) = kind.status_and_code();
        let uses = operations(&doc).into_iter().filter(|(.., operation)| {
            let response = resolved(&doc, &operation["responses"][status.to_string()]);
            response["content"]["application/json"]["examples"]
                .get(code)
                .is_some()
        });
        assert!(
            uses.count() > 0,
            "no operation says that it can give {code}"
        );
        let value = &doc["components"]["examples"][code]["value"];
        assert_eq!(value["code"], code);
    }
}

#[test]
fn the_scopes_of_the_schema_are_those_of_the_keys() {
    let names: Vec<_> = Scope::ALL.iter().map(|(_, name)| *name).collect();
    let schema = &doc()["components"]["schemas"]["Scope"]["enum"];
    assert_eq!(*schema, serde_json::to_value(names).unwrap());
}

#[test]
fn the_bounds_of_parameters_are_those_that_are_read() {
    let page = |query: &str| match CustomerQuery::from_query(&Query::parse(query), "IE") {
        Ok(CustomerQuery::Page { limit, .. }) => Some(limit),
        _ => None,
    };
    assert_eq!(page(""), Some(PAGE_DEFAULT));
    assert_eq!(page("limit=1"), Some(1));
    assert_eq!(page(&format!("limit={PAGE_MAX}")), Some(PAGE_MAX));
    assert_eq!(page(&format!("limit={}", PAGE_MAX + 1)), None);
    assert_eq!(page("limit=0"), None);

    let is_poll = |query: &str| {
        let query = format!("since=2026-11-20T09:00:00Z&{query}");
        MessagesQuery::from_query(&Query::parse(&query)).is_ok()
    };
    let is_threads = |query: &str| {
        let query = format!("external_id=1&{query}");
        ConversationsQuery::from_query(&Query::parse(&query), "IE").is_ok()
    };
    assert!(is_poll("limit=1") && is_poll("limit=1000"));
    assert!(!is_poll("limit=0") && !is_poll("limit=1001"));
    assert!(is_threads("limit=1") && is_threads("limit=100"));
    assert!(!is_threads("limit=0") && !is_threads("limit=101"));
    for channel in [
        "whatsapp",
        "facebook",
        "instagram",
        "sms",
        "email",
        "messenger",
    ] {
        assert!(is_poll(&format!("channel={channel}")));
    }

    let is_read = |query: &str| SyncOptions::from_query(&Query::parse(query)).is_ok();
    let route = public_routes()
        .find(|route| route.operation == "customers_sync")
        .unwrap();
    for parameter in parameters_of(route)
        .unwrap()
        .iter()
        .filter(|p| p.place == "query")
    {
        let schema = serde_json::to_value(&parameter.schema).unwrap();
        let booleans = vec![Value::from("true"), Value::from("false")];
        let choices = schema["enum"].as_array().unwrap_or(&booleans);
        for choice in choices {
            let query = format!("{}={}", parameter.name, choice.as_str().unwrap());
            assert!(is_read(&query), "{query}");
        }
        assert!(
            !is_read(&format!("{}=perhaps", parameter.name)),
            "{}",
            parameter.name
        );
    }
}
