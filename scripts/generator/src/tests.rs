use crate::{generate, root};
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
