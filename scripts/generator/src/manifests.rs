use crate::{Generated, Result};
use common::http::ledger::functions;
use std::fs;
use std::path::Path;

/// Between these lines of a manifest nothing is written by hand.
const BEGIN: &str = "# scripts/generate writes from here …\n";
const END: &str = "# … to here.\n";

/// The manifests that list functions.
pub(crate) fn files(root: &Path) -> Result<[Generated; 2]> {
    let native = dependencies(|_| "");
    let contract = dependencies(|function| match has_schema(root, function) {
        true => ", features = [\"schema\"]",
        false => "",
    });
    Ok([
        with_list(root, "tests/native/Cargo.toml", &native)?,
        with_list(root, "tests/contract/Cargo.toml", &contract)?,
    ])
}

fn dependencies(more: impl Fn(&str) -> &'static str) -> String {
    let line = |function| {
        let more = more(function);
        format!("{function} = {{ path = \"../../functions/{function}\"{more} }}\n")
    };
    functions().map(line).collect()
}

/// Whether a function has types of the document of its own.
fn has_schema(root: &Path, function: &str) -> bool {
    let manifest = root.join("functions").join(function).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap_or_default();
    let manifest = manifest.parse::<toml::Table>().unwrap_or_default();
    let features = manifest.get("features").and_then(toml::Value::as_table);
    features.is_some_and(|features| features.contains_key("schema"))
}

fn with_list(root: &Path, path: &str, list: &str) -> Result<Generated> {
    let there = fs::read_to_string(root.join(path))?;
    let parts = there.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) =
        parts.ok_or_else(|| format!("{path} has lost the line {BEGIN:?} or {END:?}"))?;
    Ok(Generated {
        path: path.to_owned(),
        text: [before, BEGIN, list, END, after].concat(),
    })
}
