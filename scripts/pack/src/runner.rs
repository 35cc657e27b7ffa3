//! Runs a test program of `wasm-bindgen-test` in Node, as cargo's runner.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// What `wasm-bindgen-test` puts before the name of each test, in what the program exports.
const PREFIX: &str = "__wbgt_";

/// The program that Node runs.
const SCRIPT: &str = include_str!("run-tests.cjs");

/// Runs the tests whose name holds the filter. That there are none is a failure.
pub fn run(wasm: &Path, filter: Option<&str>) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen
        .nodejs(true)?
        .typescript(false)
        .export_wasm(true)
        .emit_start(false)
        .input_bytes("tests", bytes);
    let mut output = bindgen.generate_output()?;
    let tests = chosen(
        output
            .wasm()
            .exports
            .iter()
            .map(|export| export.name.as_str()),
        filter,
    );
    if tests.is_empty() {
        bail!("{} has no such test", wasm.display());
    }
    let folder = wasm.with_extension("run");
    output.emit(&folder)?;
    // Snippets are ES modules, the rest is not: Node finds that out where no package.json tells it.
    fs::write(folder.join("package.json"), "{}")?;
    let script = folder.join("run.cjs");
    fs::write(&script, SCRIPT)?;
    let status = Command::new("node")
        .arg(&script)
        .args(&tests)
        .status()
        .context("cannot run node")?;
    if !status.success() {
        bail!("tests failed");
    }
    Ok(())
}

/// The exports that are tests, and whose name holds the filter.
pub fn chosen<'a>(exports: impl Iterator<Item = &'a str>, filter: Option<&str>) -> Vec<String> {
    exports
        .filter(|export| export.starts_with(PREFIX))
        .filter(|export| filter.is_none_or(|filter| export.contains(filter)))
        .map(str::to_owned)
        .collect()
}
