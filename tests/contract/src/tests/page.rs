use crate::document::document;
use crate::page::{Part, render};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::io::Write;

const PARTS: [Part; 2] = [Part::Api, Part::Settings];

fn page(part: Part) -> String {
    render(&document().unwrap(), part)
}

fn pages() -> [String; 2] {
    PARTS.map(page)
}

/// Every tag of a page, as it is written.
fn tags(page: &str) -> Vec<&str> {
    let body = page.split_once("</style>").unwrap().1;
    body.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap())
        .collect()
}

/// The values of an attribute.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let opening = format!(" {attribute}=\"");
    let of = |tag: &'p str| Some(tag.split_once(&opening)?.1.split('"').next().unwrap());
    tags(page).into_iter().filter_map(of).collect()
}

#[test]
fn the_pages_run_nothing_and_load_nothing() {
    for page in pages() {
        loads_nothing(&page);
    }
}

fn loads_nothing(page: &str) {
    let tags = tags(page);
    for tag in &tags {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        let loads = [
            "script", "link", "img", "iframe", "object", "embed", "form", "base", "svg", "video",
        ];
        assert!(!loads.contains(&name), "{tag}");
        let unquoted: String = tag.split('"').step_by(2).collect();
        let runs = [" on", " src=", " style="];
        assert!(
            !runs.iter().any(|attribute| unquoted.contains(attribute)),
            "{tag}"
        );
    }
    let style = page
        .split_once("<style>")
        .unwrap()
        .1
        .split("</style>")
        .next()
        .unwrap();
    assert!(!style.contains("url(") && !style.contains("@import") && !style.contains('<'));
    let others = [
        "../docs",
        "docs/settings",
        "openapi.json",
        "../openapi.json",
    ];
    for link in values(page, "href") {
        let path = link.split('#').next().unwrap();
        assert!(path.is_empty() || others.contains(&path), "{link}");
    }
}

#[test]
fn each_page_is_below_60_kb_gzip() {
    for page in pages() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(page.as_bytes()).unwrap();
        let size = encoder.finish().unwrap().len();
        assert!(size < 60_000, "{size} bytes");
    }
}

#[test]
fn every_link_leads_to_one_place() {
    let pages = pages();
    let all = pages.each_ref().map(|page| values(page, "id"));
    for (ids, page) in all.iter().zip(&pages) {
        let unique: HashSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        for label in values(page, "aria-labelledby") {
            assert!(unique.contains(&label), "{label}");
        }
        for link in values(page, "href") {
            let (path, id) = link.split_once('#').unwrap_or((link, "content"));
            let there = match path {
                "" => ids,
                "docs/settings" => &all[1],
                "../docs" => &all[0],
                _ => continue,
            };
            assert!(there.contains(&id), "{link}");
        }
    }
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_were_opened() {
    for page in pages() {
        let mut open = vec!["html", "head"];
        for tag in tags(&page) {
            let name = tag.split(' ').next().unwrap();
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "</{name}>");
            } else if !["wbr", "br", "hr"].contains(&name) {
                open.push(name);
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }
}

#[test]
fn headings_never_skip_a_level_and_there_is_one_at_the_top() {
    for page in pages() {
        levels_of(&page);
    }
}

fn levels_of(page: &str) {
    let is_heading = |tag: &&str| matches!(tag.as_bytes(), [b'h', b'1'..=b'6', ..]);
    let levels = tags(page)
        .into_iter()
        .filter(is_heading)
        .map(|tag| tag.as_bytes()[1] - b'0');
    let levels: Vec<_> = levels.collect();
    assert_eq!(levels[0], 1);
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(
        levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "{levels:?}"
    );
}

#[test]
fn every_operation_has_its_part_with_path_scope_call_and_failures() {
    let document = document().unwrap();
    let page = PARTS.map(|part| render(&document, part)).concat();
    for (path, methods) in &document.paths {
        for operation in methods.values() {
            let id = operation.operation_id;
            let part = page.split_once(&format!("<h3 id=\"{id}\">")).unwrap().1;
            let part = part.split("<h3").next().unwrap();
            assert!(part.contains(&format!("<code>{path}</code>")), "{id}");
            for scope in operation
                .security
                .iter()
                .flat_map(|scheme| scheme.values())
                .flatten()
            {
                assert!(
                    part.contains(&format!("<code>{scope}</code>")),
                    "{id} {scope}"
                );
            }
            for parameter in &operation.parameters {
                assert!(
                    part.contains(&format!("<code>{}</code>", parameter.name)),
                    "{id}"
                );
            }
            assert!(part.contains("class=\"f\">curl</span>"), "{id}");
            assert!(part.contains("<summary>Errors "), "{id}");
            assert!(part.contains("<code>internal</code>"), "{id}");
        }
    }
}

#[test]
fn html_in_a_text_is_shown_and_not_run() {
    let mut document = document().unwrap();
    let hostile = "<script>alert(1)</script> & <img src=x onerror=y>";
    document.info.description =
        format!("{hostile}\n\n## {hostile}\n\n{hostile}\n\n```sh\n{hostile}\n```\n");
    for operation in document
        .paths
        .values_mut()
        .flat_map(|methods| methods.values_mut())
    {
        operation.summary = hostile;
        operation.description = hostile;
        operation.code_samples[0].source = hostile.to_owned();
    }
    for part in PARTS {
        let page = render(&document, part);
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(page.contains("&lt;script&gt;"));
    }
}
