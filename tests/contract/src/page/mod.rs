//! The document as pages for people: static, without scripts, and nothing loaded from anywhere.
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
use std::collections::HashSet;

const STYLE: &str = include_str!("style.css");

/// One of the two pages: in one, the document would be more than a phone should have to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What every caller has to know, and the families that CRMs and providers call.
    Api,
    /// The families that a dashboard calls.
    Settings,
}

impl Part {
    const SETTINGS: [&str; 6] = [
        "People",
        "Sign-in",
        "Settings",
        "Channels",
        "Integrations",
        "CRM links",
    ];

    fn has(self, tag: &str) -> bool {
        (self == Self::Settings) == Self::SETTINGS.contains(&tag)
    }

    /// The gateway's asset.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Api => "functions/gateway/assets/docs.html",
            Self::Settings => "functions/gateway/assets/docs-settings.html",
        }
    }

    /// Where the origin's root is, as seen from the page.
    const fn root(self) -> &'static str {
        match self {
            Self::Api => "",
            Self::Settings => "../",
        }
    }

    const fn other(self) -> (Self, &'static str) {
        match self {
            Self::Api => (Self::Settings, "docs/settings"),
            Self::Settings => (Self::Api, "../docs"),
        }
    }
}

/// A page. What it links to and does not have is on the other.
#[must_use]
pub fn render(document: &Document, part: Part) -> String {
    let page = rendered(document, part);
    let (other, address) = part.other();
    let foreign = rendered(document, other);
    let ids = |page: &'_ str| -> HashSet<String> {
        let openings = page.split(" id=\"").skip(1);
        let id = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
        openings.map(id).collect()
    };
    let (own, theirs) = (ids(&page), ids(&foreign));
    let mut parts = page.split("href=\"#");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        let id = rest.split('"').next().unwrap_or_default();
        let leads_away = !own.contains(id) && theirs.contains(id);
        text += "href=\"";
        text += if leads_away { address } else { "" };
        text += "#";
        text += rest;
    }
    text
}

fn rendered(document: &Document, part: Part) -> String {
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
                        main #content tabindex="-1" { (main(document, &sections, part)) }
                        (footer(document, part))
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

fn main(document: &Document, sections: &[Section], part: Part) -> Markup {
    let places = Places::of(document);
    html! {
        @if part == Part::Settings {
            section.row.lead {
                div.prose {
                    h1 { (document.info.title) " settings" }
                    p.summary { "What a dashboard calls: the people of a business, its settings, its channels, its integrations and its CRM links." }
                    p {
                        a href="#authentication" { "Authentication" } ", "
                        a href="#errors" { "errors" } " and whatever else holds for every call stand with the rest of the "
                        a href="../docs" { "API" } "."
                    }
                }
            }
        }
        @for (n, section) in sections.iter().enumerate().filter(|_| part == Part::Api) {
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
        @for tag in document.tags.iter().filter(|tag| part.has(tag.name)) {
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

fn footer(document: &Document, part: Part) -> Markup {
    html! {
        footer {
            p {
                (document.info.title) " " (document.info.version) " · "
                a href={ (part.root()) "openapi.json" } { "OpenAPI document" } " · "
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
