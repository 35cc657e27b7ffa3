use crate::Generated;
use common::http::ledger::{functions, public_routes};

/// The tests of the contract call each function that has a public route.
pub(crate) fn file() -> Generated {
    let is_public = |function: &&str| public_routes().any(|route| route.function == *function);
    let arm = |function: &str| {
        let package = function.replace('-', "_");
        format!("        {function:?} => call.send({package}::handler::handle),\n")
    };
    let arms: String = functions().filter(is_public).map(arm).collect();
    Generated {
        path: "tests/contract/src/tests/live/handlers.rs".to_owned(),
        text: format!(
            "//! Written by scripts/generate from the ledger.\n\n\
             use testkit::{{Answer, Call}};\n\n\
             /// Sends a call through the handler of its function.\n\
             #[rustfmt::skip]\n\
             pub(super) fn send(function: &str, call: Call<'_>) -> Answer {{\n    \
                 match function {{\n{arms}        \
                     other => panic!(\"no public route is of {{other}}\"),\n    \
                 }}\n\
             }}\n"
        ),
    }
}
