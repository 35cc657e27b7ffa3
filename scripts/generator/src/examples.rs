use crate::Generated;
use common::http::ledger::{HEALTH_PART, functions};

/// The examples of `/healthz`, which name every function of the first part.
pub(crate) fn files() -> [Generated; 2] {
    [
        example("health", "ok", "ok"),
        example("health.degraded", "degraded", "down"),
    ]
}

fn example(name: &str, status: &str, database: &str) -> Generated {
    let parts = functions().count().div_ceil(HEALTH_PART);
    let functions: Vec<_> = functions()
        .take(HEALTH_PART)
        .map(|function| format!("    {function:?}: \"ok\""))
        .collect();
    let functions = functions.join(",\n");
    Generated {
        path: format!("tests/contract/src/examples/{name}.json"),
        text: format!(
            "{{\n  \"status\": {status:?},\n  \"database\": {database:?},\n  \"functions\": {{\n{functions}\n  }},\n  \"part\": 1,\n  \"parts\": {parts}\n}}\n"
        ),
    }
}
