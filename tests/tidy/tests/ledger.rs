//! The ledger, the functions, the wrangler files and the OpenAPI document say the same.

use common::http::Access;
use common::http::ledger::{ROUTES, functions, public_routes};
use std::collections::BTreeSet;
use tidy::{files, names, read, toml};

#[test]
fn every_function_has_a_folder_and_every_folder_is_in_the_ledger() {
    let mut ledger: Vec<_> = functions().map(str::to_owned).collect();
    ledger.sort();
    assert_eq!(names("functions"), ledger);
    for function in ledger {
        let package = toml(&format!("functions/{function}/Cargo.toml"));
        assert_eq!(package["package"]["name"].as_str(), Some(function.as_str()));
    }
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let document: serde_json::Value =
        serde_json::from_str(&read("functions/gateway/assets/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(m, o)| (path, m, o))
        })
        .filter(|(_, method, _)| {
            ["get", "post", "put", "patch", "delete"].contains(&method.as_str())
        })
        .map(|(path, method, o)| {
            (
                path.clone(),
                method.to_uppercase(),
                o["operationId"].to_string(),
            )
        })
        .collect();
    let routes: BTreeSet<_> = public_routes()
        .map(|r| {
            (
                r.path.to_owned(),
                r.method.to_string(),
                format!("\"{}\"", r.operation),
            )
        })
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn every_route_has_its_tests() {
    for route in ROUTES {
        let sources = files(&[&format!("functions/{}/src", route.function)], ".rs");
        let tests: String = sources.iter().map(|path| read(path)).collect();
        let mut wanted = vec!["answers", "refuses_invalid_input"];
        if route.access != Access::Public {
            wanted.push("refuses_callers");
        }
        for what in wanted {
            let name = format!("fn {}_{what}", route.operation);
            assert!(
                tests.contains(&name),
                "functions/{}/src/tests.rs has no `{name}…`",
                route.function
            );
        }
    }
}

#[test]
fn a_function_carries_what_checks_keys_where_a_route_needs_it_and_only_there() {
    for function in functions().filter(|function| *function != "gateway") {
        let mut routes = ROUTES.iter().filter(|route| route.function == function);
        let entry = read(&format!("functions/{function}/src/lib.rs"));
        let is_public =
            routes.all(|route| matches!(route.access, Access::Public | Access::Provider));
        // One that no request reaches has neither.
        assert!(!is_public || !entry.contains("edge::serve("), "{function}");
        assert!(
            is_public || !entry.contains("edge::serve_public("),
            "{function}"
        );
    }
}
