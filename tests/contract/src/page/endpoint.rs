use super::fields::{Field, Places, fields, table, value_of};
use super::{anchored, highlight, markdown, responses};
use crate::openapi::{Document, Operation, Parameter};
use maud::{Markup, PreEscaped, html};

/// One operation: what it is on the left, how it looks on the right.
pub(super) fn endpoint(
    places: &Places<'_>,
    document: &Document,
    path: &str,
    method: &str,
    operation: &Operation,
) -> Markup {
    let id = operation.operation_id;
    html! {
        section.row.endpoint aria-labelledby=(id) {
            div.prose {
                h3 id=(id) { (anchored(id, operation.summary)) }
                p.route { (method_badge(method)) " " code { (path) } }
                p.access { (access(operation)) }
                (markdown::render(operation.description).prose)
                (parameters(document, operation))
                @if let Some(body) = &operation.request_body {
                    @for media in body.content.values() {
                        h4 { "Request body" }
                        (markdown::render(&body.description).prose)
                        (table("Request body", &fields(document, &media.schema)))
                    }
                }
                (responses::fields_of(places, document, operation))
                (responses::errors(document, operation))
            }
            div.samples {
                @for sample in &operation.code_samples {
                    (panel("Request", sample.label, highlight::shell(&sample.source)))
                }
                (responses::examples(document, operation))
            }
        }
    }
}

/// The method, coloured by what it does.
pub(super) fn method_badge(method: &str) -> Markup {
    html! { span class={ "method " (method) } { (method.to_uppercase()) } }
}

fn access(operation: &Operation) -> Markup {
    let Some((scheme, scopes)) = operation.security.iter().flatten().next() else {
        return html! { (operation.without_security.unwrap_or("Open to everyone")) };
    };
    html! {
        @match scheme.as_str() {
            "apiKey" => { "API key with the scope " },
            "session" => { "Session token of an admin key" },
            "platformToken" => { "Platform token of the deployment" },
            other => { (other) },
        }
        @for scope in scopes { code { (scope) } }
    }
}

fn parameters(document: &Document, operation: &Operation) -> Markup {
    let groups = [
        ("path", "Path parameters"),
        ("query", "Query parameters"),
        ("header", "Header parameters"),
    ];
    html! {
        @for (place, title) in groups {
            @let rows: Vec<Field> = operation
                .parameters
                .iter()
                .filter(|parameter| parameter.place == place)
                .map(|parameter| row(document, parameter))
                .collect();
            @if !rows.is_empty() {
                h4 { (title) }
                (table(title, &rows))
            }
        }
    }
}

fn row(document: &Document, parameter: &Parameter) -> Field {
    Field {
        name: parameter.name.to_owned(),
        required: parameter.required,
        description: parameter.description.to_owned(),
        ..value_of(document, &parameter.schema)
    }
}

/// A box of code, which can be scrolled by keyboard.
pub(super) fn panel(title: &str, note: &str, code: Markup) -> Markup {
    html! {
        figure.code {
            figcaption { span { (title) } span.tag { (note) } }
            pre tabindex="0" role="group" aria-label=(title) { code { (PreEscaped(code.into_string())) } }
        }
    }
}
