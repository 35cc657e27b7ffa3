use super::webhook::below_webhook;
use super::{BASE_PATH, Method, ROUTES, Route};

/// The method that asks for the headers of an answer to GET.
pub const HEAD: &str = "HEAD";

/// What the ledger says of a method and a path.
#[derive(Debug)]
pub enum Found<'p> {
    /// This route, with what stood for its named segments.
    Route(&'static Route, Segments<'p>),
    /// The path exists, for these methods.
    WrongMethod(Vec<Method>),
    /// There is no such path.
    Nothing,
}

/// What stood for the named segments of a route's path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Segments<'p> {
    /// For `{id}` or `{path}`.
    pub id: Option<&'p str>,
    /// For `{connector}`.
    pub connector: Option<&'p str>,
}

/// Whether a path is a page's of ours, or is called by one alone: what no page of another origin may call.
#[must_use]
pub fn is_of_pages(path: &str) -> bool {
    let path = below_base(path);
    path.starts_with("/embed/") || path == "/dashboard" || path.starts_with("/dashboard/")
}

/// Whether pages of other origins may call what is at this path, by any method.
#[must_use]
pub fn is_shared_in(routes: &[Route], path: &str) -> bool {
    let path = below_base(path);
    let mut shared = routes.iter().filter(|route| route.cors);
    shared.any(|route| match_path(route.path, path).is_some())
}

/// A path without [`BASE_PATH`].
fn below_base(path: &str) -> &str {
    match path.strip_prefix(BASE_PATH) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Finds the route of a request's path, with or without [`BASE_PATH`]. HEAD is answered by what answers
/// GET (RFC 9110 §9.1).
#[must_use]
pub fn find<'p>(method: &str, path: &'p str) -> Found<'p> {
    find_in(ROUTES, method, path)
}

/// As [`find`], among these rows alone.
#[must_use]
pub fn find_in<'p>(routes: &'static [Route], method: &str, path: &'p str) -> Found<'p> {
    let path = below_base(path);
    let method = match method {
        HEAD => Method::Get.as_str(),
        method => method,
    };
    let mut methods = Vec::new();
    for route in routes {
        let segments = match_path(route.path, path).or_else(|| below_webhook(route, path));
        if let Some(segments) = segments {
            if route.method.as_str() == method {
                return Found::Route(route, segments);
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

/// The named segments where the path fits the pattern.
fn match_path<'p>(mut pattern: &str, mut path: &'p str) -> Option<Segments<'p>> {
    let mut found = Segments::default();
    while let Some((before, rest)) = pattern.split_once('{') {
        let (name, after) = rest.split_once('}')?;
        path = path.strip_prefix(before)?;
        let end = match name {
            "path" => path.len(),
            _ => path.find('/').unwrap_or(path.len()),
        };
        let (segment, behind) = path.split_at_checked(end)?;
        if segment.is_empty() {
            return None;
        }
        match name {
            "connector" => found.connector = Some(segment),
            _ => found.id = Some(segment),
        }
        (pattern, path) = (after, behind);
    }
    (pattern == path).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ledger::CALL_PATH;

    fn found(method: &str, path: &str) -> String {
        match find(method, path) {
            Found::Route(route, segments) => {
                let connector = segments.connector.map(|name| format!(" of {name}"));
                let id = segments.id;
                format!(
                    "{} {id:?}{}",
                    route.operation,
                    connector.unwrap_or_default()
                )
            }
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
    fn a_connector_and_an_id_are_told_apart() {
        let integrations = "/api/dashboard/integrations";
        for (path, expected) in [
            ("", "integration_list None"),
            ("/acme", "integration_get None of acme"),
            ("/acme/jobs/j1", "crm_job_get Some(\"j1\") of acme"),
            ("/acme/jobs/", "nothing"),
        ] {
            let path = format!("{integrations}{path}");
            assert_eq!(found("GET", &path), expected, "{path}");
        }
        let hook = found("POST", "/api/webhooks/acme");
        assert_eq!(hook, "crm_event_receive None of acme");
        // A source of conversations stands beside the CRMs, whose row fits its path, too.
        let hook = found("POST", "/api/webhooks/chatwoot/c1/t1");
        assert_eq!(hook, "chatwoot_receive Some(\"c1/t1\")");
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
    fn head_finds_what_get_finds_and_nothing_else() {
        assert_eq!(
            found("HEAD", "/api-customers"),
            found("GET", "/api-customers")
        );
        assert_eq!(found("HEAD", "/api-customers-sync"), "[Post]");
        assert_eq!(found("head", "/api-customers"), "[Get, Delete]");
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        assert_eq!(found("PUT", "/api-customers"), "[Get, Delete]");
    }

    #[test]
    fn pages_of_other_origins_may_call_the_crm_api_and_nothing_else() {
        for path in ["/api-customers", "/functions/v1/api-send-message"] {
            assert!(is_shared_in(ROUTES, path), "{path}");
        }
        for path in [
            "/api/dashboard/sessions",
            "/api/dashboard/channels/c1",
            "/embed/api/conversations",
            "/webhook-meta",
            "/healthz",
            "/nothing",
        ] {
            assert!(!is_shared_in(ROUTES, path), "{path}");
        }
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
