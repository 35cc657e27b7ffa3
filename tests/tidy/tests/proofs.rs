//! What the documents say is proven: by tests that there are.

use std::collections::BTreeSet;

use tidy::{files, read};

/// Documents with tables of proofs, and how many rows each has at least.
const TABLES: [(&str, usize); 1] = [("docs/krayin.md", 60)];
/// What a table begins and ends with.
const MARKS: (&str, &str) = ("<!-- proofs -->", "<!-- /proofs -->");

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files(&["shared", "functions", "tests", "scripts"], ".rs") {
        let text = read(&path);
        let marked = text.split("#[test]").skip(1);
        let named = marked.filter_map(|after| {
            let (_, name) = after.split_once("fn ")?;
            Some(name.split_once('(')?.0.to_owned())
        });
        names.extend(named);
    }
    names
}

/// The rows of a document's table: what each says, and the tests that it names.
fn rows(document: &str) -> Vec<(String, Vec<String>)> {
    let text = read(document);
    let (begin, end) = MARKS;
    let (_, table) = text.split_once(begin).unwrap_or_default();
    let (table, _) = table.split_once(end).unwrap_or_default();
    let cells = |line: &str| -> Option<(String, Vec<String>)> {
        // A bar within a cell stands between backticks.
        let (rest, last) = line.trim_end_matches(" |").rsplit_once(" | ")?;
        let names = last.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((rest.to_owned(), names.collect()))
    };
    let lines = table.lines().filter(|line| line.starts_with("| "));
    lines.skip(1).filter_map(cells).collect()
}

#[test]
fn every_test_that_a_document_names_as_a_proof_is_there() {
    let tests = tests();
    for (document, least) in TABLES {
        let rows = rows(document);
        // Headings of groups stand alone.
        let proven: Vec<_> = rows
            .iter()
            .filter(|(row, _)| !row.starts_with("| **"))
            .collect();
        assert!(proven.len() >= least, "{document}: {} rows", proven.len());
        for (row, names) in proven {
            assert!(!names.is_empty(), "{document}: nothing proves {row}");
            for name in names {
                assert!(tests.contains(name), "{document}: {row}: no test {name}");
            }
        }
    }
}
