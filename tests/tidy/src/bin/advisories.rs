//! `cargo run --locked -p tidy --bin advisories -- <checkout of rustsec/advisory-db>`: writes what the
//! repository keeps of it.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use tidy::advisories::{Advisory, FILE};

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: advisories <checkout of https://github.com/rustsec/advisory-db>";
    let database = env::args_os().nth(1).ok_or(usage)?;
    let mut rows = Vec::new();
    for file in files(&Path::new(&database).join("crates"))? {
        let text = fs::read_to_string(&file)?;
        let row = Advisory::row_of(&text).map_err(|why| format!("{}: {why}", file.display()))?;
        rows.extend(row.map(|row| row.to_string()));
    }
    if rows.is_empty() {
        return Err("there are no advisories in it".into());
    }
    rows.sort();
    fs::write(
        tidy::root().join(FILE),
        format!("[\n{}\n]\n", rows.join(",\n")),
    )?;
    println!("{FILE}: {} advisories", rows.len());
    Ok(())
}

/// The advisories: `crates/<crate>/RUSTSEC-….md`.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for crate_folder in fs::read_dir(folder)? {
        for file in fs::read_dir(crate_folder?.path())? {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    Ok(found)
}
