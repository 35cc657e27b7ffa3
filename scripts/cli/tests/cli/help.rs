//! What the program says of itself.

use std::process::Command;

use crate::terminal::{Folder, run};

#[test]
fn help_has_examples_exit_codes_and_variables() {
    let outcome = run(&["--help"]);
    assert_eq!((outcome.exit, outcome.err.as_str()), (0, ""));
    for part in [
        "tieline import contacts.csv",
        "Exit codes",
        "TIELINE_BASE_URL",
        "scripts/dev",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

#[test]
fn help_on_import_names_fields_files_and_defaults() {
    let outcome = run(&["import", "--help"]);
    for part in [
        "custom_fields.KEY",
        "contacts.failed.csv",
        "--map <COLUMN=FIELD>",
        "[default: 1000]",
        "[default: 8]",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

#[test]
fn help_does_not_show_secrets_of_the_environment() {
    let output = Command::new(env!("CARGO_BIN_EXE_tieline"))
        .args(["key", "create", "--help"])
        .env("TIELINE_API_KEY", "tl_hidden_1")
        .env("TIELINE_ADMIN_KEY", "tl_hidden_2")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("TIELINE_ADMIN_KEY"), "{text}");
    assert!(!text.contains("hidden"), "{text}");
}

#[test]
fn without_a_server_it_says_how_to_name_one() {
    let folder = Folder::new();
    let output = Command::new(env!("CARGO_BIN_EXE_tieline"))
        .args(["key", "list"])
        .current_dir(folder.path("."))
        .env_remove("TIELINE_BASE_URL")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("scripts/dev") && text.contains("--base-url"),
        "{text}"
    );
}

#[test]
fn without_a_key_it_says_how_to_give_one() {
    let folder = Folder::with("c.csv", "email\n");
    let output = Command::new(env!("CARGO_BIN_EXE_tieline"))
        .args(["import", "c.csv", "--base-url", "http://127.0.0.1:9"])
        .current_dir(folder.path("."))
        .env_remove("TIELINE_API_KEY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no API key for http://127.0.0.1:9"), "{text}");
}
