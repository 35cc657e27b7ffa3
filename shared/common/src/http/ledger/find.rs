use super::{BASE_PATH, Method, ROUTES, Route};

/// What the ledger says of a method and a path.
#[derive(Debug)]
pub enum Found<'p> {
    /// This route, with what stood for `{id}` or `{path}`.
    Route(&'static Route, Option<&'p str>),
    /// The path exists, for these methods.
    WrongMethod(Vec<Method>),
    /// There is no such path.
    Nothing,
}

/// Whether a path is the embedded inbox's, which no page of another origin may call: it runs in a
/// frame of ours.
#[must_use]
pub fn is_embedded(path: &str) -> bool {
    below_base(path).starts_with("/embed/")
}

/// A path without [`BASE_PATH`].
fn below_base(path: &str) -> &str {
    match path.strip_prefix(BASE_PATH) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Finds the route of a request's path, with or without [`BASE_PATH`].
#[must_use]
pub fn find<'p>(method: &str, path: &'p str) -> Found<'p> {
    let path = below_base(path);
    let mut methods = Vec::new();
    for route in ROUTES {
        if let Some(id) = match_path(route.path, path) {
            if route.method.as_str() == method {
                return Found::Route(route, id);
            }
            methods.push(route.method);
        }
    }
    if methods.is_empty() {
        Found::Nothing
    } else {
        Found::WrongMethod(methods)
    }
}

/// `Some(segment)` where the path fits the pattern.
fn match_path<'p>(pattern: &str, path: &'p str) -> Option<Option<&'p str>> {
    if let Some(before) = pattern.strip_suffix("{path}") {
        let rest = path.strip_prefix(before)?;
        return (!rest.is_empty()).then_some(Some(rest));
    }
    let Some((before, after)) = pattern.split_once("{id}") else {
        return (pattern == path).then_some(None);
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    (!id.is_empty() && !id.contains('/')).then_some(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ledger::CALL_PATH;

    fn found(method: &str, path: &str) -> String {
        match find(method, path) {
            Found::Route(route, id) => format!("{} {id:?}", route.operation),
            Found::WrongMethod(methods) => format!("{methods:?}"),
            Found::Nothing => "nothing".into(),
        }
    }

    #[test]
    fn a_route_is_found_below_the_base_and_below_the_root() {
        for base in ["", "/functions/v1"] {
            assert_eq!(
                found("GET", &format!("{base}/api-customers")),
                "customer_get None"
            );
            let key = format!("{base}/api/dashboard/api-keys/k1");
            assert_eq!(found("DELETE", &key), "key_revoke Some(\"k1\")");
        }
    }

    #[test]
    fn further_segments_and_empty_ids_are_nothing() {
        for path in [
            "/api-customers/1",
            "/api-customers/",
            "//api-customers",
            "/functions/v1",
            "/",
            "/functions/v1api-customers",
            "/api/dashboard/api-keys/",
            "/api/dashboard/api-keys/a/b",
            "/functions/v1/functions/v1/api-customers",
        ] {
            assert_eq!(found("GET", path), "nothing", "{path}");
        }
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        assert_eq!(found("PUT", "/api-customers"), "[Get, Delete]");
    }

    #[test]
    fn no_request_is_taken_for_a_call_of_another_function() {
        for path in [CALL_PATH, "/functions/v1/", "/functions/v1//", "//"] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                assert_eq!(found(method, path), "nothing", "{method} {path}");
            }
        }
    }

    #[test]
    fn no_two_rows_are_the_same_operation_or_the_same_request() {
        for (n, a) in ROUTES.iter().enumerate() {
            for b in &ROUTES[n + 1..] {
                assert_ne!(a.operation, b.operation);
                assert!(a.method != b.method || a.path != b.path, "{}", a.operation);
            }
        }
    }
}
