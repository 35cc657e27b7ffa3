//! Which paths of a zone may go straight to a function, past the gateway: Workers routes, of the
//! ledger (docs/deploy.md).
//!
//! A pattern is a prefix of a path and a `*`: the platform knows no wildcard within, and without one at
//! the end a pattern fits no URL with a query. Of several that fit the longest holds. What patterns
//! cannot tell apart stays with the gateway.

use common::http::ledger::{BASE_PATH, CALL_PATH, ROUTES};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The one function that needs no route: it has what no pattern fits.
const GATEWAY: &str = "gateway";
/// Paths of Workers among themselves, which nobody else may reach.
const INTERNAL: [&str; 2] = [CALL_PATH, "/healthz"];

/// What `scripts/deploy --routes` reads.
#[derive(Debug, Serialize)]
pub struct Routes {
    /// What stands before each prefix.
    pub bases: [&'static str; 2],
    /// The prefixes of each function.
    pub functions: BTreeMap<&'static str, Vec<&'static str>>,
}

/// A prefix and the function that answers what begins with it.
type Prefix = (&'static str, &'static str);

/// The routes, of the whole ledger.
#[must_use]
pub fn routes() -> Routes {
    let rows = ROUTES.iter().map(|route| (route.path, route.function));
    let mut functions: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (prefix, function) in prefixes(&rows.collect::<Vec<_>>()) {
        functions.entry(function).or_default().push(prefix);
    }
    Routes {
        bases: ["", BASE_PATH],
        functions,
    }
}

/// The prefixes for rows of path and function.
fn prefixes(rows: &[(&'static str, &'static str)]) -> Vec<Prefix> {
    let of_row = |(path, function): &(&'static str, &'static str)| {
        let literal = path.split('{').next().unwrap_or(path);
        (*function != GATEWAY).then_some((literal, *function))
    };
    let mut all: BTreeSet<Prefix> = rows.iter().filter_map(of_row).collect();
    // Taking one away may give its paths to a shorter one, so that all are looked at anew.
    while let Some(wrong) = misled(rows, &all) {
        all.retain(|prefix| !wrong.contains(prefix));
    }
    let is_needed = |&(prefix, function): &Prefix| {
        let shorter = all
            .iter()
            .filter(|(other, _)| *other != prefix && prefix.starts_with(other));
        shorter
            .max_by_key(|(other, _)| other.len())
            .is_none_or(|(_, owner)| *owner != function)
    };
    all.iter().copied().filter(is_needed).collect()
}

/// The prefixes that would take the path of another function, of the first such path.
fn misled(rows: &[(&'static str, &'static str)], all: &BTreeSet<Prefix>) -> Option<Vec<Prefix>> {
    let internal = INTERNAL.map(|path| (path, GATEWAY));
    rows.iter().chain(&internal).find_map(|(path, function)| {
        let path = path.replace("{connector}", "x").replace("{id}", "x");
        let path = path.replace("{path}", "x/y");
        let fitting = all.iter().filter(|(prefix, _)| path.starts_with(prefix));
        let longest = fitting
            .clone()
            .map(|(prefix, _)| bare(prefix).len())
            .max()?;
        // The platform takes `a*` for `a/*` and the other way round.
        let mut first = fitting
            .clone()
            .filter(|(prefix, _)| bare(prefix).len() == longest);
        if first.all(|(_, owner)| owner == function) {
            return None;
        }
        Some(
            fitting
                .copied()
                .filter(|(_, owner)| owner != function)
                .collect(),
        )
    })
}

fn bare(prefix: &str) -> &str {
    prefix.strip_suffix('/').unwrap_or(prefix)
}

#[cfg(test)]
mod tests {
    use super::{Prefix, prefixes, routes};
    use common::http::Access;
    use common::http::ledger::{Found, ROUTES, find};

    /// Which function the platform would call, as its documentation says: the longest prefix.
    fn called(path: &str) -> Option<&'static str> {
        let all = routes().functions.into_iter();
        let all = all.flat_map(|(function, list)| list.into_iter().map(move |one| (one, function)));
        all.filter(|(prefix, _)| path.starts_with(prefix))
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(_, function)| function)
    }

    #[test]
    fn every_path_goes_to_its_function_and_what_programs_call_without_the_gateway() {
        for route in ROUTES {
            let path = route
                .path
                .replace("{connector}", "kustomer")
                .replace("{id}", "an-id")
                .replace("{path}", "a/b.js");
            match called(&path) {
                Some(function) => assert_eq!(function, route.function, "{path}"),
                // Pages of settings may take the hop: patterns cannot tell those of a connector apart.
                None => {
                    let is_program = matches!(route.access, Access::Key(_) | Access::Provider);
                    assert!(!is_program, "{path} goes through the gateway");
                    continue;
                }
            }
            let Found::Route(found, _) = find(route.method.as_str(), &path) else {
                panic!("{path}")
            };
            assert_eq!(found.function, route.function);
        }
    }

    #[test]
    fn what_workers_say_among_themselves_and_the_gateways_own_paths_stay_with_it() {
        for path in [
            "/",
            "/healthz",
            "/livez",
            "/openapi.json",
            "/nothing",
            "/api",
            "/functions/v1",
        ] {
            assert_eq!(called(path), None, "{path}");
        }
    }

    #[test]
    fn a_prefix_that_a_shorter_one_of_the_same_function_covers_is_left_out() {
        let rows = [
            ("/a", "one"),
            ("/a/{id}", "one"),
            ("/a/{id}/b", "one"),
            ("/a/c", "two"),
            ("/a/c/d", "two"),
        ];
        let expected: Vec<Prefix> = vec![("/a", "one"), ("/a/c", "two")];
        assert_eq!(prefixes(&rows), expected);
    }

    #[test]
    fn what_differs_behind_a_wildcard_stays_with_the_gateway() {
        let rows = [
            ("/a", "one"),
            ("/a/{id}", "one"),
            ("/a/{id}/jobs", "two"),
            ("/b", "two"),
        ];
        assert_eq!(prefixes(&rows), vec![("/b", "two")]);
    }
}
