//! The document's Markdown as markup. HTML in it is shown, never passed on.

use super::endpoint::panel;
use super::highlight;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A text and the code that stood in it, which goes beside it.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) prose: Markup,
    code: Vec<(String, String)>,
}

impl Section {
    /// A section under a title.
    pub(super) fn new(title: &str, text: &str) -> Self {
        Self {
            id: slug(title),
            title: title.to_owned(),
            ..render(text)
        }
    }

    /// The code as boxes, each under the words behind its language.
    pub(super) fn samples(&self) -> Markup {
        html! {
                    @for (info, text) in &self.code {
                        @let (language, title) = info.split_once(' ').unwrap_or((info, "Example"));
                        @match language {
                            "sh" => (panel(title, "curl", highlight::shell(text))),
                            _ => (panel(title, language, highlight::json(text))),
                        }
                    }
        }
    }
}

/// The sections of a text, cut at its second-level headings; the first has what stands before any.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut parts = text.split("\n## ");
    let first = Section::new("", parts.next().unwrap_or_default());
    let rest = parts.map(|part| {
        let (title, text) = part.split_once('\n').unwrap_or((part, ""));
        Section::new(title, text)
    });
    std::iter::once(first).chain(rest).collect()
}

/// A heading as the name of its place.
pub(super) fn slug(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

/// A text without headings.
pub(super) fn render(text: &str) -> Section {
    let mut code: Vec<(String, String)> = Vec::new();
    let mut in_code = false;
    let mut prose = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                code.push((info, String::new()));
                in_code = true;
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if in_code => {
                if let Some((_, block)) = code.last_mut() {
                    block.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => prose.push(Event::Text(html)),
            Event::Start(Tag::Table(columns)) => {
                let open = r#"<div class="scroll" tabindex="0" role="group" aria-label="Table">"#;
                prose.push(Event::Html(open.into()));
                prose.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                prose.push(event);
                prose.push(Event::Html("</div>".into()));
            }
            other => prose.push(other),
        }
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, prose.into_iter());
    for (_, block) in &mut code {
        block.truncate(block.trim_end().len());
    }
    Section {
        id: String::new(),
        title: String::new(),
        prose: PreEscaped(html),
        code,
    }
}
