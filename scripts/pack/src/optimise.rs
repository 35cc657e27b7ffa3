//! wasm-opt, for size.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What rustc's WASM target uses, and what wasm-bindgen's wrappers around imports that throw use. Not all
/// that wasm-opt knows: it would then write encodings that workerd does not read yet.
const FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// The same program, smaller; `folder` is for what lies between. The names of functions, which are a fifth of
/// a Worker's weight, stay only where a profile needs them.
pub fn optimise(wasm_opt: &Path, wasm: &[u8], folder: &Path, keep_names: bool) -> Result<Vec<u8>> {
    let debug = if keep_names {
        "--debuginfo"
    } else {
        "--strip-debug"
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let (from, to) = (folder.join("from.wasm"), folder.join("to.wasm"));
    fs::write(&from, wasm)?;
    let output = Command::new(wasm_opt)
        .arg(&from)
        .arg("-o")
        .arg(&to)
        .args(["-Oz", debug, "--strip-producers"])
        // Rust's memory begins with the end of the stack, where no value lies.
        .arg("--low-memory-unused")
        // What is called once stays a function: in its caller, its locals have other numbers, and gzip knows less of
        // its code from elsewhere. 2 % more bytes, which gzip makes 7 % fewer, in half the time.
        .arg("--one-caller-inline-max-function-size=0")
        .args(FEATURES)
        .output()
        .with_context(|| format!("cannot run {}", wasm_opt.display()))?;
    if !output.status.success() {
        bail!(
            "wasm-opt failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    fs::read(&to).context("wasm-opt wrote nothing")
}
