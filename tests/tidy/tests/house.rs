//! How files look.

use tidy::{files, members, names, read, root, toml};

#[test]
fn every_member_takes_the_lints_and_the_edition_of_the_workspace() {
    for member in members() {
        let manifest = toml(&format!("{member}/Cargo.toml"));
        let inherited = |value: Option<&toml::Value>| {
            value
                .and_then(|v| v.get("workspace"))
                .and_then(toml::Value::as_bool)
        };
        assert_eq!(
            inherited(manifest.get("lints")),
            Some(true),
            "{member}: lints"
        );
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            assert_eq!(
                inherited(manifest["package"].get(key)),
                Some(true),
                "{member}: {key}"
            );
        }
    }
}

#[test]
fn a_function_is_nearly_all_its_own() {
    for function in names("functions") {
        for (file, most) in [
            ("src/lib.rs", 50),
            ("src/handler.rs", 200),
            ("wrangler.toml", 60),
        ] {
            let path = format!("functions/{function}/{file}");
            if root().join(&path).exists() {
                let lines = read(&path).lines().count();
                assert!(
                    lines <= most,
                    "{path} has {lines} lines; what two functions share belongs in edge or common"
                );
            }
        }
    }
}

#[test]
fn files_are_short() {
    let mut sizes: Vec<(usize, String)> =
        files(&["shared", "functions", "tests", "scripts"], ".rs")
            .into_iter()
            .map(|path| (read(&path).lines().count(), path))
            .collect();
    sizes.sort();
    let long: Vec<_> = sizes
        .iter()
        .rev()
        .take_while(|(lines, _)| *lines > 350)
        .collect();
    println!(
        "longest: {:?}; {} files above 350 lines",
        sizes.last(),
        long.len()
    );
    assert!(
        long.iter().all(|(lines, _)| *lines <= 500),
        "split these: {long:?}"
    );
    assert!(
        long.len() * 20 <= sizes.len(),
        "more than one file in twenty is long: {long:?}"
    );
}

#[test]
fn nothing_is_left_open() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("#[", "allow("),
        concat!("#[", "ignore"),
    ];
    for path in files(&["shared", "functions", "tests", "scripts"], ".rs") {
        let text = read(&path);
        for mark in marks {
            assert!(!text.contains(mark), "{path} says {mark}");
        }
    }
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    for folder in ["shared/migrations", "shared/migrations/search"] {
        let mut files = names(folder);
        files.retain(|name| name != "search");
        for (n, name) in files.iter().enumerate() {
            assert!(
                name.starts_with(&format!("{:04}_", n + 1)) && name.ends_with(".sql"),
                "{name}"
            );
        }
    }
}

#[test]
fn the_lock_file_names_no_registry() {
    assert!(!read("package-lock.json").contains("\"resolved\""));
}
