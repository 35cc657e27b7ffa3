//! Who may depend on whom (ARCHITECTURE.md, Invariants).

use tidy::{files, keys, members, names, read, toml};

/// Crates that name the platform.
const PLATFORM: [&str; 6] = [
    "worker",
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "js-sys",
    "web-sys",
    "getrandom",
];

fn dependencies(member: &str, table: &str) -> Vec<String> {
    keys(&toml(&format!("{member}/Cargo.toml")), table)
}

#[test]
fn the_common_crate_names_neither_the_platform_nor_anything_above_it() {
    let above = ["edge", "testkit", "rusqlite"];
    for name in dependencies("shared/common", "dependencies") {
        assert!(
            !PLATFORM.contains(&name.as_str()) && !above.contains(&name.as_str()),
            "{name}"
        );
    }
}

#[test]
fn a_function_depends_on_edge_and_common_and_on_no_other_function() {
    let allowed = ["common", "edge", "serde", "serde_json", "worker"];
    for function in names("functions") {
        let folder = format!("functions/{function}");
        for name in dependencies(&folder, "dependencies") {
            assert!(
                allowed.contains(&name.as_str()),
                "{function} depends on {name}"
            );
        }
        assert_eq!(
            dependencies(&folder, "dev-dependencies"),
            ["testkit"],
            "{function}"
        );
    }
}

#[test]
fn the_test_kit_is_a_dev_dependency_and_alone_has_sqlite() {
    for member in members() {
        let of = |table| dependencies(&member, table);
        let is_test = member.starts_with("tests/");
        assert!(
            is_test || !of("dependencies").contains(&"testkit".into()),
            "{member}"
        );
        let has_sqlite = of("dependencies").contains(&"rusqlite".into());
        assert_eq!(has_sqlite, member == "shared/testkit", "{member}");
    }
}

#[test]
fn a_function_names_the_platform_in_its_entry_line_alone() {
    for path in files(&["functions"], ".rs") {
        let text = read(&path);
        for word in [
            "worker::",
            "wasm_bindgen",
            "js_sys",
            "web_sys",
            "env.d1",
            "edge::",
        ] {
            let entry = path.ends_with("/lib.rs") && word == "edge::";
            assert!(entry || !text.contains(word), "{path} says {word}");
        }
    }
}

#[test]
fn a_function_holds_no_sql() {
    for path in files(&["functions"], "handler.rs") {
        let text = read(&path);
        for word in ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM"] {
            assert!(!text.contains(word), "{path} says {word}");
        }
    }
}

#[test]
fn the_common_crates_modules_depend_downwards() {
    // Each may use those before it.
    let layers = [
        &[
            "time",
            "ids",
            "db",
            "signatures",
            "remembered",
            "json",
            "form",
        ][..],
        &["http"],
        &["outside"],
        &["context"],
        &["access", "events"],
        &["customers"],
        &["channels"],
        &["attachments"],
        &["messages"],
        &["conversations"],
        &["crm"],
        &["analytics", "inbox", "receivers"],
        &["webhooks"],
        &["serve"],
    ];
    for (n, layer) in layers.iter().enumerate() {
        for module in *layer {
            let source = "shared/common/src";
            let mut sources = files(&[source], ".rs");
            sources.retain(|path| {
                path.starts_with(&format!("{source}/{module}/"))
                    || *path == format!("{source}/{module}.rs")
            });
            assert!(!sources.is_empty(), "{module} is gone");
            for path in sources {
                let text = read(&path);
                for above in layers[n + 1..].iter().copied().flatten() {
                    assert!(
                        !text.contains(&format!("crate::{above}")),
                        "{path} uses {above}"
                    );
                }
            }
        }
    }
}
