//! What docs/operations.md names: each command exists with its options, and so do tests and pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::terminal::run;

const DOCUMENT: &str = "docs/operations.md";
/// Named there and made elsewhere; whoever brings one takes its line out of here.
const AWAITED: [&str; 1] = ["scripts/doctor --url"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> String {
    fs::read_to_string(root().join(DOCUMENT)).unwrap()
}

/// What stands between backticks, and the lines of code blocks.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (n, part) in text.split("```").enumerate() {
        match n % 2 {
            1 => found.extend(part.lines().skip(1).map(str::to_owned)),
            _ => {
                let one_line = part.replace('\n', " ");
                found.extend(one_line.split('`').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    found
}

fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().collect()
}

fn is_awaited(command: &str) -> bool {
    AWAITED.iter().any(|awaited| {
        let mut awaited = awaited.split_whitespace();
        let first = awaited.next().unwrap();
        command.starts_with(first) && awaited.all(|word| words(command).contains(&word))
    })
}

/// What is wrong with a command of the command line.
fn wrong_with_tieline(command: &str) -> Option<String> {
    let given = words(command);
    let is_name = |word: &&&str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let named = given[1..].iter().take_while(|word| !word.starts_with("--"));
    let named: Vec<_> = named.take_while(is_name).copied().collect();
    let help = run(&[&named[..], &["--help"]].concat());
    if help.exit != 0 {
        return Some(format!("there is no `{command}`: {}", help.err));
    }
    let options = given.iter().filter(|word| word.starts_with("--"));
    let known: BTreeSet<_> = help.out.split([' ', ',', '\n', '=']).collect();
    let unknown: Vec<_> = options.filter(|option| !known.contains(**option)).collect();
    (!unknown.is_empty()).then(|| format!("`{command}` does not know {unknown:?}"))
}

/// What is wrong with a script: its text, or that of the program behind it, has each option.
fn wrong_with_script(command: &str) -> Option<String> {
    let given = words(command);
    let Ok(mut text) = fs::read_to_string(root().join(given[0])) else {
        return Some(format!("there is no {}", given[0]));
    };
    let program = given[0].replace("scripts/", "scripts/lib/");
    text += &fs::read_to_string(root().join(program + ".mjs")).unwrap_or_default();
    let options = given.iter().filter(|word| word.starts_with("--"));
    let unknown: Vec<_> = options.filter(|option| !text.contains(**option)).collect();
    (!unknown.is_empty()).then(|| format!("`{command}` does not know {unknown:?}"))
}

#[test]
fn every_command_of_the_operations_page_exists_with_its_options() {
    let all: BTreeSet<_> = code(&document()).into_iter().collect();
    let commands = |start: &'static str| all.iter().filter(move |code| code.starts_with(start));
    assert!(
        commands("tieline ").count() > 40 && commands("scripts/").count() > 10,
        "{all:?}"
    );
    let tieline = commands("tieline ").filter(|command| !is_awaited(command));
    let scripts = commands("scripts/").filter(|command| !is_awaited(command));
    let wrong = tieline.filter_map(|command| wrong_with_tieline(command));
    let wrong: Vec<_> = wrong
        .chain(scripts.filter_map(|command| wrong_with_script(command)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // They find what is wrong.
    assert!(wrong_with_tieline("tieline jobs mend kustomer").is_some());
    assert!(wrong_with_tieline("tieline jobs list kustomer --colour").is_some());
    assert!(wrong_with_script("scripts/undo").is_some());
    assert!(wrong_with_script("scripts/deploy --sideways").is_some());
}

/// The sources of the repository that may have tests in them.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_box_of_the_checklist_names_what_ticks_it_and_that_exists() {
    let document = document();
    let (_, table) = document.split_once("<!-- checklist -->").unwrap();
    let (table, _) = table.split_once("<!-- /checklist -->").unwrap();
    let mut tests = String::new();
    for folder in ["shared", "functions", "tests"] {
        sources(&root().join(folder), &mut tests);
    }
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .collect();
    assert!(rows.len() > 60, "{}", rows.len());
    for row in rows {
        let (_, by) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        let named = code(by);
        let has_page = by.contains("](") || by.contains("the page ") || by.contains("see it there");
        assert!(has_page || !named.is_empty(), "{row}");
        for name in named {
            let is_test = name.matches('_').count() > 1
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(
                !is_test || tests.contains(&format!("fn {name}(")),
                "{name}: {row}"
            );
        }
    }
}

#[test]
fn every_page_that_the_operations_page_links_exists() {
    let document = document();
    let links = document
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let wrong: Vec<_> = links
        .filter(|link| {
            let (page, heading) = link.split_once('#').unwrap_or((link, ""));
            let page = if page.is_empty() {
                "operations.md"
            } else {
                page
            };
            let text = fs::read_to_string(root().join("docs").join(page)).unwrap_or_default();
            let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
            let mut anchors = headings.map(|line| {
                let title = line
                    .trim_start_matches('#')
                    .trim()
                    .to_lowercase()
                    .replace(' ', "-");
                title
                    .chars()
                    .filter(|c| c.is_alphanumeric() || *c == '-')
                    .collect::<String>()
            });
            text.is_empty() || (!heading.is_empty() && !anchors.any(|anchor| anchor == heading))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let pages = code(&document);
    let pages = pages
        .iter()
        .filter(|name| name.starts_with("docs/") && !is_awaited(name));
    for page in pages {
        assert!(root().join(page).is_file(), "there is no {page}");
    }
}
