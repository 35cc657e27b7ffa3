//! The rows that a function needs, as a constant of its own: the whole ledger is some kilobytes of WASM.

use super::workers::is_same;
use super::{ROUTES, Route};

/// Whether a function needs a row: its own, and those of others for the same path, by which it says what
/// methods there are.
const fn is_needed(route: &Route, function: &str) -> bool {
    let mut rest: &[Route] = ROUTES;
    while let [own, others @ ..] = rest {
        if is_same(own.function, function) && is_same(own.path, route.path) {
            return true;
        }
        rest = others;
    }
    false
}

/// How many rows a function needs.
#[must_use]
pub const fn own_count(function: &str) -> usize {
    let (mut rest, mut count): (&[Route], _) = (ROUTES, 0);
    while let [route, others @ ..] = rest {
        if is_needed(route, function) {
            count += 1;
        }
        rest = others;
    }
    count
}

/// The rows that a function needs, [`own_count`] of them.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when an entry line is compiled"
)]
pub const fn own_routes<const N: usize>(function: &str) -> [Route; N] {
    let mut own = [ROUTES[0]; N];
    let (mut rest, mut count): (&[Route], _) = (ROUTES, 0);
    while let [route, others @ ..] = rest {
        if is_needed(route, function) {
            own[count] = *route;
            count += 1;
        }
        rest = others;
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ledger::functions;

    #[test]
    fn a_function_has_its_rows_and_those_of_their_paths() {
        for function in functions() {
            let own: Vec<_> = ROUTES
                .iter()
                .filter(|route| route.function == function)
                .collect();
            let needed: Vec<_> = ROUTES
                .iter()
                .filter(|route| is_needed(route, function))
                .collect();
            assert_eq!(own_count(function), needed.len());
            assert!(
                own.iter()
                    .all(|own| needed.iter().any(|one| one.operation == own.operation))
            );
            for route in needed {
                assert!(own.iter().any(|own| own.path == route.path), "{function}");
            }
        }
        const N: usize = own_count("conversations");
        let rows: [Route; N] = own_routes("conversations");
        assert!(rows.iter().any(|row| row.function == "embed-api"));
    }
}
