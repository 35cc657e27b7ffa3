use super::endpoint::method_badge;
use super::markdown::{Section, slug};
use crate::openapi::Document;
use maud::{Markup, html};

/// The contents list: the sections before the endpoints, then each family with its own.
pub(super) fn contents(document: &Document, sections: &[Section]) -> Markup {
    html! {
        ul {
            @for section in sections.iter().skip(1) {
                li { a href={ "#" (section.id) } { (section.title) } }
            }
        }
        @for tag in &document.tags {
            p.group { a href={ "#" (slug(tag.name)) } { (tag.name) } }
            ul {
                @for (_, method, operation) in document.operations_of(tag.name) {
                    li {
                        a href={ "#" (operation.operation_id) } {
                            span { (operation.summary) } " "
                            (method_badge(method))
                        }
                    }
                }
            }
        }
    }
}
