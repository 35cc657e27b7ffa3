//! Lists the tests of every function, so that they are one program.

#![expect(
    clippy::expect_used,
    reason = "a build that cannot list its tests should fail"
)]

use std::path::Path;
use std::{env, fs};

fn main() {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    println!("cargo::rerun-if-changed={}", functions.display());
    let mut names: Vec<_> = fs::read_dir(&functions)
        .expect("the folder of the functions")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let mut modules = String::new();
    for name in names {
        let tests =
            ["src/tests.rs", "src/tests/mod.rs"].map(|file| functions.join(&name).join(file));
        if let Some(file) = tests.iter().find(|file| file.exists()) {
            let module = name.replace('-', "_");
            modules.push_str(&format!("#[path = {file:?}]\nmod {module};\n"));
        }
    }
    let out = Path::new(&env::var("OUT_DIR").expect("cargo says where")).join("functions.rs");
    fs::write(out, modules).expect("the list is written");
}
