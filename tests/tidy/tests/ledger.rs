//! The ledger, the functions, the wrangler files and the OpenAPI document say the same.

use common::http::Access;
use common::http::ledger::{ROUTES, functions, public_routes, service_binding};
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
fn every_function_has_a_wrangler_file_with_its_name_the_database_and_the_limit() {
    let gateway = toml("wrangler.toml");
    let database = |file: &toml::Table| file["d1_databases"][0].as_table().unwrap().clone();
    for function in functions().filter(|function| *function != "gateway") {
        let file = toml(&format!("functions/{function}/wrangler.toml"));
        assert_eq!(
            file["name"].as_str(),
            Some(format!("tieline-{function}").as_str())
        );
        assert_eq!(file["main"].as_str(), Some("build/index.js"), "{function}");
        assert_eq!(
            file["workers_dev"].as_bool(),
            Some(false),
            "only the gateway is public"
        );
        assert_eq!(
            file["compatibility_date"], gateway["compatibility_date"],
            "{function}"
        );
        assert_eq!(
            file["ratelimits"][0]["name"].as_str(),
            Some("RATE_LIMITER"),
            "{function}"
        );
        for key in ["binding", "database_name", "database_id"] {
            assert_eq!(
                database(&file)[key],
                database(&gateway)[key],
                "{function}: {key}"
            );
        }
    }
}

#[test]
fn the_gateway_is_bound_to_every_function_and_to_nothing_else() {
    let file = toml("wrangler.toml");
    let text =
        |service: &toml::Value, key: &str| service[key].as_str().unwrap_or_default().to_owned();
    let services = file["services"].as_array().unwrap();
    let bound: BTreeSet<_> = services
        .iter()
        .map(|s| (text(s, "binding"), text(s, "service")))
        .collect();
    let expected: BTreeSet<_> = functions()
        .filter(|function| *function != "gateway")
        .map(|function| (service_binding(function), format!("tieline-{function}")))
        .collect();
    assert_eq!(bound, expected);
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let document: serde_json::Value =
        serde_json::from_str(&read("functions/gateway/openapi.json")).unwrap();
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
fn every_route_is_in_the_readme() {
    let readme = read("README.md");
    for route in public_routes() {
        let path = route.path.replace("{connector}", "kustomer");
        let path = path.split("{id}").next().unwrap_or_default();
        assert!(
            readme.contains(path),
            "README.md does not mention {}",
            route.path
        );
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
