//! Finds the tests of every function, so that they are one program, and every list of statements, so
//! that none is left out of the test that reads their plans.

#![expect(
    clippy::expect_used,
    reason = "a build that cannot list its tests should fail"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut crates = Vec::new();
    for folder in ["shared", "functions"] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
        crates.extend(entries(&root.join(folder)));
    }
    let (mut tests, mut statements) = (String::new(), String::new());
    for folder in crates {
        let name = name_of(&folder).replace('-', "_");
        let source = folder.join("src");
        let files = ["tests.rs", "tests/mod.rs"].map(|file| source.join(file));
        if folder.starts_with(root.join("functions"))
            && let Some(file) = files.iter().find(|file| file.exists())
        {
            tests.push_str(&format!("#[path = {file:?}]\nmod {name};\n"));
        }
        // common declares the macro, and has a list like any other crate.
        for module in lists(&source, &name) {
            statements.push_str(&format!("{module}::ALL,\n"));
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo says where"));
    fs::write(out.join("functions.rs"), tests).expect("the tests are listed");
    let statements = format!("&[\n{statements}]");
    fs::write(out.join("statements.rs"), statements).expect("the statements are listed");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The modules below a folder that declare statements.
fn lists(folder: &Path, module: &str) -> Vec<String> {
    let mut found = Vec::new();
    for path in entries(folder) {
        let name = name_of(&path);
        if path.is_dir() {
            found.extend(lists(&path, &format!("{module}::{name}")));
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("\nstatements! {")) {
            found.push(match name.as_str() {
                "mod" | "lib" => module.to_owned(),
                _ => format!("{module}::{name}"),
            });
        }
    }
    found
}
