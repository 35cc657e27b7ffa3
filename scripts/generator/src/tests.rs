use crate::new_function::NewFunction;
use crate::{Generated, generate, root};
use std::fs;

#[test]
fn the_generated_files_are_what_would_be_written_now() {
    for file in generate(&root()).unwrap() {
        let there = fs::read_to_string(root().join(&file.path)).unwrap_or_default();
        assert!(
            there == file.text,
            "{} is not what the ledger says. Run scripts/generate.",
            file.path
        );
    }
}

fn new(arguments: &[&str]) -> Result<Vec<Generated>, String> {
    let arguments = arguments.iter().map(|word| (*word).to_owned());
    let new = NewFunction::parse(arguments).map_err(|error| error.to_string())?;
    new.files(&root()).map_err(|error| error.to_string())
}

#[test]
fn a_new_function_has_its_folder_two_rows_and_a_description() {
    let scope = ["--scope", "customers:read"];
    for (options, family, words) in [
        (&[][..], "customers", "Method::Get, \"/api-zebra-tags\""),
        (
            &[
                "--method",
                "POST",
                "--path",
                "/api-z",
                "--family",
                "analytics",
            ],
            "analytics",
            "Method::Post, \"/api-z\"",
        ),
    ] {
        let files = new(&[&["zebra-tags"], &scope[..], options].concat()).unwrap();
        for file in &files {
            assert!(!file.text.contains("{{"), "{}", file.path);
        }
        let text = |path: &str| &files.iter().find(|file| file.path == path).unwrap().text;
        let ledger = "shared/common/src/http/ledger";
        let route = format!("    route(\"zebra-tags\", \"zebra_tags\", {words}");
        assert!(text(&format!("{ledger}/routes.rs")).contains(&route));
        assert!(
            text(&format!("{ledger}/workers.rs")).contains("\n    worker(\"zebra-tags\"),\n];")
        );
        let operations = text(&format!("tests/contract/src/operations/{family}.rs"));
        assert!(operations.contains("operation: \"zebra_tags\""));
        assert!(text("functions/zebra-tags/src/handler.rs").contains("struct ZebraTags"));
    }
}

#[test]
fn the_entry_line_of_a_new_function_is_that_of_the_others() {
    let files = new(&["zebra-tags", "--scope", "customers:read"]).unwrap();
    let path = "functions/zebra-tags/src/lib.rs";
    let made = &files.iter().find(|file| file.path == path).unwrap().text;
    let other = fs::read_to_string(root().join("functions/customers-sync/src/lib.rs")).unwrap();
    assert_eq!(*made, other.replace("customers-sync", "zebra-tags"));
}

#[test]
fn a_row_stands_before_that_of_the_next_function_by_name() {
    let files = new(&["aardvarks", "--scope", "admin"]).unwrap();
    let text = |file: &str| {
        let path = format!("shared/common/src/http/ledger/{file}.rs");
        &files.iter().find(|file| file.path == path).unwrap().text
    };
    let row = text("workers").find("worker(\"aardvarks\")");
    assert!(row < text("workers").find("worker(\"apply-customers\")"));
    let row = text("routes").find("route(\"aardvarks\"");
    assert!(row < text("routes").find("route(\"conversation-notes\""));
}

#[test]
fn a_function_that_cannot_be_made_is_refused_with_the_reason() {
    for (arguments, reason) in [
        (&["x"][..], "Usage"),
        (&["Tags", "--scope", "customers:read"], "lower case"),
        (&["tags", "--scope", "all"], "no scope"),
        (&["customers", "--scope", "customers:read"], "already"),
        (&["tags", "--scope", "admin", "--path", "/docs"], "already"),
        (&["tags", "--scope", "admin", "--path", "/a/{id}"], "parts"),
        (
            &["tags", "--scope", "admin", "--method", "HEAD"],
            "no method",
        ),
        (&["tags", "--scope", "admin", "--family", "none"], "none.rs"),
    ] {
        let refused = new(arguments).unwrap_err();
        assert!(refused.contains(reason), "{arguments:?}: {refused}");
    }
}
