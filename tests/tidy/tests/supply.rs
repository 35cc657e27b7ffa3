//! What others wrote and we ship or build with: named to the version, and under licences that allow it.

#![expect(
    clippy::panic,
    reason = "a rule that cannot be checked should fail where it is"
)]

use semver::Version;
use serde_json::Value;
use std::process::Command;
use tidy::advisories::{Advisory, FILE};
use tidy::{files, names, read, root};

/// Licences under which what we ship may be used without publishing anything of ours.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an expression of SPDX allows us one of [`LICENCES`]: of `OR` one, of `AND` all.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    expression.split(" AND ").all(|part| {
        let mut alternatives = part.split(" OR ").map(str::trim);
        alternatives.any(|one| LICENCES.contains(&one))
    })
}

/// What a command prints as JSON.
fn json_of(command: &mut Command) -> Value {
    let output = command.current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

#[test]
fn an_expression_is_allowed_where_what_it_asks_for_is() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), expected, "{expression}");
    }
}

#[test]
fn every_crate_is_under_a_licence_that_allows_its_use() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--locked", "--offline", "--format-version", "1"]);
    let metadata = json_of(&mut cargo);
    let all = metadata["packages"].as_array().unwrap();
    assert!(all.len() > 100);
    for package in all {
        let (name, licence) = (&package["name"], package["license"].as_str());
        assert!(
            is_allowed(licence.unwrap_or_default()),
            "{name}: {licence:?}"
        );
    }
}

/// What is known of crates that we use all the same, and why we may.
const ACCEPTED: [(&str, &str); 0] = [];

#[test]
fn no_crate_is_known_to_be_vulnerable_unsound_or_given_up() {
    let rows: Vec<Value> = serde_json::from_str(&read(FILE)).unwrap();
    let advisories: Vec<_> = rows
        .iter()
        .map(|row| Advisory::of_row(row).unwrap_or_else(|| panic!("{row}")))
        .collect();
    assert!(advisories.len() > 500);
    let mut met = Vec::new();
    for path in ["Cargo.lock", "scripts/pack/Cargo.lock"] {
        let lock: toml::Table = read(path).parse().unwrap();
        let packages = lock["package"].as_array().unwrap().iter();
        for package in packages.filter(|package| package.get("source").is_some()) {
            let (name, version) = (package["name"].as_str(), package["version"].as_str());
            let version = Version::parse(version.unwrap()).unwrap();
            let own = advisories.iter().filter(|one| Some(&*one.package) == name);
            met.extend(own.filter(|one| one.concerns(&version)).map(|one| {
                let (id, kind, name) = (&one.id, &one.kind, &one.package);
                (
                    id.as_str(),
                    format!("{path}: {name} {version} is {kind} ({id})"),
                )
            }));
        }
    }
    let is_accepted = |id: &str| ACCEPTED.iter().any(|(accepted, _)| *accepted == id);
    let news: Vec<_> = met.iter().filter(|(id, _)| !is_accepted(id)).collect();
    assert!(news.is_empty(), "{news:#?}");
    for (id, why) in ACCEPTED {
        assert!(met.iter().any(|(met, _)| *met == id), "{id} is over: {why}");
    }
}

#[test]
fn an_advisory_concerns_the_versions_that_are_neither_patched_nor_older_than_the_fault() {
    let text = "```toml\n[advisory]\nid = \"RUSTSEC-2023-0096\"\npackage = \"aes-gcm\"\n[versions]\n\
                patched = [\">= 0.10.3\"]\nunaffected = [\"< 0.10.0\"]\n```\n\n# Plaintext exposed\n";
    let row = Advisory::row_of(text).unwrap().unwrap();
    let advisory = Advisory::of_row(&row).unwrap();
    assert_eq!(advisory.kind, "vulnerability");
    for (version, expected) in [("0.9.9", false), ("0.10.2", true), ("0.10.3", false)] {
        let version = Version::parse(version).unwrap();
        assert_eq!(advisory.concerns(&version), expected, "{version}");
    }
    let withdrawn = text.replace("[versions]", "withdrawn = \"2024-01-01\"\n[versions]");
    assert!(Advisory::row_of(&withdrawn).unwrap().is_none());
    assert!(Advisory::row_of("# Without a head").is_err());
}

#[test]
fn every_crate_comes_from_the_registry_or_from_here() {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    for package in packages {
        let source = package.get("source").and_then(toml::Value::as_str);
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        assert!(source.is_none_or(|source| source == registry), "{package}");
        assert_eq!(
            source.is_some(),
            package.get("checksum").is_some(),
            "{package}"
        );
    }
}

#[test]
fn the_scripts_build_what_the_lock_files_name() {
    let mut scripts: Vec<_> = names("scripts")
        .into_iter()
        .map(|name| format!("scripts/{name}"))
        .filter(|path| root().join(path).is_file())
        .collect();
    scripts.extend(files(&["scripts/lib"], ".sh"));
    let mut calls = 0;
    for path in scripts {
        for line in read(&path).lines() {
            let line = line.trim_start();
            let runs = ["build", "test", "clippy", "run", "check", "metadata"];
            let is_call = runs
                .iter()
                .any(|verb| line.contains(&format!("cargo {verb} ")));
            if is_call && !line.starts_with('#') {
                // Shared arguments may have it: `"${here[@]}"`.
                let is_locked = line.contains("--locked") || line.contains("${here[@]}");
                assert!(is_locked, "{path}: {line}");
                calls += 1;
            }
        }
    }
    assert!(calls > 10, "{calls}");
    let npm = read("scripts/lib/common.sh");
    assert!(npm.contains("npm ci ") && !npm.contains("npm install "));
}

#[test]
fn the_lock_file_of_npm_has_every_systems_build_of_what_it_names() {
    let lock: Value = serde_json::from_str(&read("package-lock.json")).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    for (name, package) in packages {
        let Some(optional) = package["optionalDependencies"].as_object() else {
            continue;
        };
        for (dependency, version) in optional {
            let ending = format!("node_modules/{dependency}");
            let found = packages.iter().find(|(path, _)| path.ends_with(&ending));
            let (_, found) = found.unwrap_or_else(|| panic!("{name}: {dependency} is missing"));
            assert!(
                found["version"].is_string(),
                "{name}: {dependency} {version}"
            );
        }
    }
}

#[test]
fn the_bill_of_materials_names_what_is_shipped_and_nothing_else() {
    let script = "import { billOfMaterials } from './scripts/lib/sbom.mjs'; \
                  console.log(JSON.stringify(billOfMaterials()));";
    let mut node = Command::new("node");
    let bill = json_of(node.args(["--input-type=module", "-e", script]));
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&"CycloneDX".into(), &"1.6".into())
    );
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|one| one["name"] == name);
    for function in names("functions") {
        assert!(named(&function).is_some(), "{function}");
    }
    let serde = named("serde").unwrap();
    let hash = serde["hashes"][0]["content"].as_str().unwrap();
    assert_eq!(hash.len(), 64);
    assert!(
        serde["purl"]
            .as_str()
            .is_some_and(|purl| purl.starts_with("pkg:cargo/serde@"))
    );
    for build_or_test in ["testkit", "rusqlite", "insta", "schemars"] {
        assert!(named(build_or_test).is_none(), "{build_or_test}");
    }
}
