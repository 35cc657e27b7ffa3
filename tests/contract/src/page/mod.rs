//! The document as one page for people: static, without scripts, and nothing loaded from anywhere.
//!
//! `maud` escapes whatever is put into the markup; what is put in as it is was made by this module
//! alone.

mod contents;
mod endpoint;
mod fields;
mod highlight;
mod markdown;
mod responses;

use crate::openapi::Document;
use fields::Places;
use markdown::Section;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// The page.
#[must_use]
pub fn render(document: &Document) -> String {
    let sections = markdown::sections(&document.info.description);
    let contents = contents::contents(document, &sections);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="description" content=(document.info.summary);
                title { (document.info.title) " API reference" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header.bar {
                    (brand(document))
                    details {
                        summary { "Contents" }
                        nav aria-label="Contents" { (contents) }
                    }
                }
                div.shell {
                    div.side {
                        (brand(document))
                        nav aria-label="Contents" { (contents) }
                    }
                    div.page {
                        main #content tabindex="-1" { (main(document, &sections)) }
                        (footer(document))
                    }
                }
            }
        }
    };
    plain_quotes(&page.into_string()) + "\n"
}

/// Quotes between tags need no escape, and the examples are full of them.
fn plain_quotes(page: &str) -> String {
    let parts = page
        .split_inclusive('<')
        .map(|part| match part.split_once('>') {
            Some((tag, text)) => [tag, ">", &text.replace("&quot;", "\"")].concat(),
            None => part.to_owned(),
        });
    parts.collect()
}

fn brand(document: &Document) -> Markup {
    html! {
        a.brand href="#content" {
            span.mark aria-hidden="true" {}
            (document.info.title) " "
            span.version { "API " (document.info.version) }
        }
    }
}

fn main(document: &Document, sections: &[Section]) -> Markup {
    let places = Places::of(document);
    html! {
        @for (n, section) in sections.iter().enumerate() {
            @if n == 0 {
                section.row.lead {
                    div.prose {
                        h1 { (document.info.title) " API" }
                        p.summary { (document.info.summary) }
                        (section.prose)
                        (base_url(document))
                    }
                }
            } @else {
                section.row aria-labelledby=(section.id) {
                    div.prose {
                        h2 id=(section.id) { (anchored(&section.id, &section.title)) }
                        (section.prose)
                    }
                    div.samples { (section.samples()) }
                }
            }
        }
        @for tag in &document.tags {
            @let section = Section::new(tag.name, tag.description);
            section.family aria-labelledby=(section.id) {
                div.row {
                    div.prose {
                        h2 id=(section.id) { (anchored(&section.id, tag.name)) }
                        (section.prose)
                    }
                    div.samples {
                        (overview(document, tag.name))
                        (section.samples())
                    }
                }
                @for (path, method, operation) in document.operations_of(tag.name) {
                    (endpoint::endpoint(&places, document, path, method, operation))
                }
            }
        }
    }
}

fn footer(document: &Document) -> Markup {
    html! {
        footer {
            p {
                (document.info.title) " " (document.info.version) " · "
                a href="openapi.json" { "OpenAPI document" } " · "
                (document.info.license.name) " licence"
            }
        }
    }
}

/// A heading's text as a link to itself.
fn anchored(id: &str, text: &str) -> Markup {
    html! { a.anchor href={ "#" (id) } { (text) } }
}

fn base_url(document: &Document) -> Markup {
    html! {
        dl.facts {
            @for server in &document.servers {
                @let origin = server.variables.get("origin").map_or("", |origin| origin.default);
                dt { "Base URL" }
                dd { code { (server.url.replace("{origin}", origin)) } }
            }
            dt { "For machines" }
            dd { a href="openapi.json" { "openapi.json" } ", OpenAPI 3.1" }
        }
    }
}

/// The endpoints of a family at a glance.
fn overview(document: &Document, tag: &str) -> Markup {
    html! {
        nav.overview aria-label={ "Endpoints: " (tag) } {
            p { "Endpoints" }
            ul {
                @for (path, method, operation) in document.operations_of(tag) {
                    li {
                        a href={ "#" (operation.operation_id) } {
                            (endpoint::method_badge(method)) " "
                            code { (path) }
                        }
                    }
                }
            }
        }
    }
}
