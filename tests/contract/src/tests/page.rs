use crate::document::document;
use crate::page::render;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::io::Write;

fn page() -> String {
    render(&document().unwrap())
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
fn the_page_runs_nothing_and_loads_nothing() {
    let page = page();
    let tags = tags(&page);
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
    for link in values(&page, "href") {
        assert!(link.starts_with('#') || link == "openapi.json", "{link}");
    }
}

#[test]
fn the_page_is_below_60_kb_gzip() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(page().as_bytes()).unwrap();
    let size = encoder.finish().unwrap().len();
    assert!(size < 60_000, "{size} bytes");
}

#[test]
fn every_link_leads_to_one_place() {
    let page = page();
    let ids = values(&page, "id");
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for attribute in ["href", "aria-labelledby"] {
        for value in values(&page, attribute) {
            let target = value.strip_prefix('#').unwrap_or(value);
            assert!(
                target == "openapi.json" || unique.contains(&target),
                "{value}"
            );
        }
    }
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_were_opened() {
    let page = page();
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

#[test]
fn headings_never_skip_a_level_and_there_is_one_at_the_top() {
    let page = page();
    let is_heading = |tag: &&str| matches!(tag.as_bytes(), [b'h', b'1'..=b'6', ..]);
    let levels = tags(&page)
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
    let page = render(&document);
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
    let page = render(&document);
    assert!(!page.contains("<script") && !page.contains("<img"));
    assert!(page.contains("&lt;script&gt;"));
}
