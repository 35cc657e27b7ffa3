//! What comments cite is in the repository, and links between documents lead somewhere.

use tidy::citations::{Citation, citations, comments, headings, holds, unnamed_sections};
use tidy::{files, names, read, root};

/// Folders whose comments may cite, and how a comment's line begins in each kind of file.
const SOURCES: [&str; 4] = ["shared", "functions", "tests", "scripts"];
const MARKS: [(&str, &[&str]); 5] = [
    (".rs", &["//!", "///", "//"]),
    (".mjs", &["//", "/**", "/*", "*"]),
    (".js", &["//", "/**", "/*", "*"]),
    (".sql", &["--"]),
    (".toml", &["#"]),
];
/// Where a document may be, the first that has it: facts for developers, guides for users.
const PLACES: [&str; 3] = ["docs/reference/", "docs/", ""];

/// Every comment, with the file that it is in.
fn all_comments() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (ending, marks) in MARKS {
        for path in files(&SOURCES, ending) {
            let blocks = comments(&read(&path), marks);
            found.extend(blocks.into_iter().map(|block| (path.clone(), block)));
        }
    }
    found
}

/// The path of a document by the name that a comment gives it.
fn place_of(document: &str) -> Option<String> {
    let mut paths = PLACES.iter().map(|place| format!("{place}{document}"));
    paths.find(|path| root().join(path).is_file())
}

#[test]
fn every_document_and_section_that_a_comment_cites_is_there() {
    let mut missing = Vec::new();
    let mut known = 0;
    for (path, comment) in all_comments() {
        for citation in citations(&comment) {
            known += 1;
            let place = place_of(&citation.document);
            if !place.is_some_and(|place| holds(&read(&place), &citation)) {
                missing.push(format!("{path}: {citation:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(known > 50, "only {known} citations were found");
}

#[test]
fn every_section_that_a_comment_cites_is_of_a_document_it_names() {
    let unnamed: Vec<_> = all_comments()
        .iter()
        .flat_map(|(path, comment)| {
            let sections = unnamed_sections(comment).into_iter();
            sections.map(move |section| format!("{path}: {section}"))
        })
        .collect();
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let roots = names("").into_iter().filter(|name| name.ends_with(".md"));
    let mut broken = Vec::new();
    for path in roots.chain(files(&["docs"], ".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in links(&read(&path)) {
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let place = match file {
                "" => root().join(&path),
                file => root().join(folder).join(file),
            };
            let text = std::fs::read_to_string(&place);
            let is_there = text.is_ok_and(|text| {
                anchor.is_empty() || headings(&text).iter().any(|own| slug(own) == anchor)
            });
            if !is_there && !place.is_dir() {
                broken.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The relative targets of a document's links.
fn links(document: &str) -> Vec<String> {
    let targets = document.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .filter(|target| !target.contains("://"))
        .collect()
}

/// The anchor that GitHub gives a heading.
fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn a_citation_is_read_with_its_sections_over_the_lines_of_a_comment() {
    let source = "/// The window (channels.md\n/// §2.7, §3.3; RFC 3834 §2).\nlet a = 1; // contract.md, Sending, says\n";
    let cited: Vec<_> = comments(source, &["///"])
        .iter()
        .flat_map(|comment| citations(comment))
        .collect();
    let expected = [
        Citation {
            document: "channels.md".into(),
            numbers: vec!["2.7".into(), "3.3".into()],
            heading: None,
        },
        Citation {
            document: "contract.md".into(),
            numbers: vec![],
            heading: Some("Sending, says".into()),
        },
    ];
    assert_eq!(cited, expected);
}

#[test]
fn a_section_that_is_missing_is_noticed() {
    let document = "# Channels\n## 2. Meta\n### 2.7 Window\n```\n# 9. no heading\n```\n";
    let cites = |comment: &str| {
        let cited = citations(comment);
        cited.iter().all(|citation| holds(document, citation))
    };
    assert!(cites("as channels.md §2, §2.7 and the end of it say"));
    assert!(!cites("as channels.md §2.8 says"));
    assert!(!cites("as channels.md §9 says"));
    assert!(!cites("as channels.md, Sending, says"));
    assert_eq!(
        unnamed_sections("an answer (§5), RFC 9110 §14.2"),
        ["§5), RFC"]
    );
}
