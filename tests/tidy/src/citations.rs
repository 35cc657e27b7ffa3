//! What comments cite: documents of this repository, by name and by section.

/// One citation of a comment, such as `channels.md §1.4, §2` or `contract.md, Sending`.
#[derive(Debug, PartialEq, Eq)]
pub struct Citation {
    /// The document as it is named, with folders where the comment names them.
    pub document: String,
    /// The numbered sections.
    pub numbers: Vec<String>,
    /// What follows a comma and begins with a capital: it must begin with a heading.
    pub heading: Option<String>,
}

/// Documents of others whose sections may be cited.
const STANDARDS: [&str; 3] = ["RFC ", "ITU-T ", "WHATWG "];
/// Where the clause that holds a citation ends.
const ENDS: [&str; 4] = [";", ")", ". ", "RFC "];

/// The comments of a source, with successive lines of a comment joined by a space.
#[must_use]
pub fn comments(source: &str, marks: &[&str]) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if let Some(text) = marks.iter().find_map(|mark| line.strip_prefix(mark)) {
            let text = text.trim_end_matches("*/").trim();
            match blocks.last_mut().filter(|_| open) {
                Some(block) => *block = format!("{block} {text}"),
                None => blocks.push(text.to_owned()),
            }
            open = true;
        } else {
            blocks.extend(line.split_once(" // ").map(|(_, text)| text.to_owned()));
            open = false;
        }
    }
    blocks
}

/// What a comment cites.
#[must_use]
pub fn citations(comment: &str) -> Vec<Citation> {
    let documents = documents(comment);
    let starts = documents.iter().skip(1).map(|(start, _)| *start);
    let ends = starts.chain([comment.len()]);
    documents
        .iter()
        .zip(ends)
        .map(|((start, name), end)| {
            let rest = &comment[start + name.len()..end];
            let most = ENDS.iter().filter_map(|end| rest.find(end)).min();
            let clause = &rest[..most.unwrap_or(rest.len())];
            let heading = clause
                .strip_prefix(", ")
                .map(|heading| heading.trim_start_matches('"'))
                .filter(|heading| heading.starts_with(char::is_uppercase))
                .map(str::to_owned);
            Citation {
                document: (*name).to_owned(),
                numbers: numbers(clause),
                heading,
            }
        })
        .collect()
}

/// Sections that no document precedes in the same clause.
#[must_use]
pub fn unnamed_sections(comment: &str) -> Vec<String> {
    let marks = comment.match_indices('§').map(|(at, _)| at);
    marks
        .filter(|at| {
            let before = &comment[..*at];
            let begins = [";", "(", ". "].iter().filter_map(|end| before.rfind(end));
            let clause = &before[begins.max().unwrap_or_default()..];
            !clause.contains(".md") && !STANDARDS.iter().any(|name| clause.contains(name))
        })
        .map(|at| comment[at..].chars().take(8).collect())
        .collect()
}

/// The headings of a document, without their marks; what looks like one in a code block is none.
#[must_use]
pub fn headings(document: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in document.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code && line.starts_with('#') {
            found.push(line.trim_start_matches('#').trim().to_owned());
        }
    }
    found
}

/// Whether a document has what is cited of it.
#[must_use]
pub fn holds(document: &str, citation: &Citation) -> bool {
    let headings = headings(document);
    let number_of = |heading: &str| {
        let first = heading.split(' ').next().unwrap_or_default();
        first.trim_end_matches('.').to_owned()
    };
    let has_number = |number: &String| headings.iter().any(|own| number_of(own) == *number);
    let has_heading = |cited: &String| headings.iter().any(|own| cited.starts_with(own));
    citation.numbers.iter().all(has_number) && citation.heading.iter().all(has_heading)
}

/// Names that end in `.md`, and where each begins.
fn documents(comment: &str) -> Vec<(usize, &str)> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let mut found = Vec::new();
    for (at, ending) in comment.match_indices(".md") {
        let end = at + ending.len();
        let before = &comment[..at];
        let start = before.rfind(|c| !is_of_name(c)).map_or(0, |last| {
            last + before[last..].chars().next().map_or(1, char::len_utf8)
        });
        let goes_on = comment[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if start < at && !goes_on {
            found.push((start, &comment[start..end]));
        }
    }
    found
}

fn numbers(clause: &str) -> Vec<String> {
    let sections = clause.split('§').skip(1);
    sections
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
            let number = &rest[..end.unwrap_or(rest.len())];
            number.trim_end_matches('.').to_owned()
        })
        .collect()
}
