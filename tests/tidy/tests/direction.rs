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
fn edge_alone_names_the_platform_and_nothing_shared_depends_on_it() {
    for name in names("shared").iter().filter(|name| *name != "migrations") {
        let of = dependencies(&format!("shared/{name}"), "dependencies");
        if name != "edge" {
            assert!(!of.contains(&"edge".into()), "{name} depends on edge");
            for platform in PLATFORM {
                assert!(
                    !of.contains(&platform.into()),
                    "{name} depends on {platform}"
                );
            }
        }
    }
}

#[test]
fn common_depends_on_no_other_crate_of_ours() {
    let ours = names("shared");
    for name in dependencies("shared/common", "dependencies") {
        assert!(!ours.contains(&name), "{name}");
    }
}

#[test]
fn a_channel_of_a_provider_has_no_database_and_uses_no_use_case() {
    let allowed = ["channels", "common", "customer"];
    let ours = names("shared");
    for name in ours.iter().filter(|name| name.starts_with("channels-")) {
        for dependency in dependencies(&format!("shared/{name}"), "dependencies") {
            assert!(
                allowed.contains(&dependency.as_str()) || !ours.contains(&dependency),
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn no_function_depends_on_another() {
    let functions = names("functions");
    for function in &functions {
        for table in ["dependencies", "dev-dependencies"] {
            for name in dependencies(&format!("functions/{function}"), table) {
                assert!(!functions.contains(&name), "{function} depends on {name}");
            }
        }
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
            assert!(entry || !has_word(&text, word), "{path} says {word}");
        }
    }
}

/// Whether a text has this where a name begins: `edge::` is none of `knowledge::`.
fn has_word(text: &str, word: &str) -> bool {
    let is_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_of_a_name))
}

#[test]
fn sql_stands_in_the_statement_lists_alone() {
    for path in files(&["functions", "shared"], ".rs") {
        let is_elsewhere = path.contains("/tests")
            || path.ends_with("sql.rs")
            || path.starts_with("shared/testkit/");
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM"] {
            let is_listed = code.contains("statements! {");
            assert!(
                is_elsewhere || is_listed || !code.contains(word),
                "{path} says {word}"
            );
        }
    }
}
