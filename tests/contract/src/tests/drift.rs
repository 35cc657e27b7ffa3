use crate::generate;
use std::path::Path;

#[test]
fn the_generated_files_are_what_would_be_written_now() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in generate().unwrap() {
        let there = std::fs::read_to_string(root.join(file.path)).unwrap_or_default();
        let differs = there
            .lines()
            .zip(file.text.lines())
            .position(|(a, b)| a != b);
        assert!(
            there == file.text,
            "{} is not what the ledger and the types say (first at line {}). Run scripts/generate.",
            file.path,
            differs.map_or(there.lines().count(), |n| n + 1),
        );
    }
}
