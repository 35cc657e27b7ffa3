//! Webhooks of connectors, whose URLs may have something of the connector's own at their end.

use super::{Access, Route, Segments};

/// The segments of a path that goes on behind the `{connector}` of a webhook; what stands there is the
/// `id`.
pub(super) fn below_webhook<'p>(route: &Route, path: &'p str) -> Option<Segments<'p>> {
    let before = route.path.strip_suffix("{connector}")?;
    let (connector, rest) = path.strip_prefix(before)?.split_once('/')?;
    let is_one = route.access == Access::Provider && !connector.is_empty() && !rest.is_empty();
    is_one.then_some(Segments {
        id: Some(rest),
        connector: Some(connector),
    })
}

#[cfg(test)]
mod tests {
    use crate::http::ledger::{Found, Segments, find};

    fn segments<'p>(method: &str, path: &'p str) -> Option<Segments<'p>> {
        match find(method, path) {
            Found::Route(_, segments) => Some(segments),
            Found::WrongMethod(_) | Found::Nothing => None,
        }
    }

    #[test]
    fn a_webhook_of_a_connector_may_go_on() {
        for (path, id) in [
            ("/api/webhooks/acme", None),
            ("/api/webhooks/acme/h1", Some("h1")),
            ("/functions/v1/api/webhooks/acme/h1/x", Some("h1/x")),
        ] {
            let connector = Some("acme");
            let expected = Some(Segments { id, connector });
            assert_eq!(segments("POST", path), expected, "{path}");
        }
        for (method, path) in [
            ("POST", "/api/webhooks/acme/"),
            ("POST", "/api/webhooks//h1"),
            ("GET", "/api/dashboard/integrations/acme/h1"),
        ] {
            assert_eq!(segments(method, path), None, "{path}");
        }
    }
}
