use super::fields::{Field, Side, fields, table, value_of};
use super::{anchored, highlight, markdown};
use crate::openapi::{Document, Media, Operation, Parameter, Response};
use maud::{Markup, PreEscaped, html};

/// One operation: what it is on the left, how it looks on the right.
pub(super) fn endpoint(
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
                        (table("Request body", &fields(document, &media.schema, Side::Request)))
                    }
                }
                (response_fields(document, operation))
                (errors(operation))
            }
            div.samples {
                @for sample in &operation.code_samples {
                    (panel("Request", sample.label, highlight::shell(&sample.source)))
                }
                @for (status, response) in &operation.responses {
                    (answers(operation, status, response))
                }
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
        return html! { "Open to everyone" };
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

fn response_fields(document: &Document, operation: &Operation) -> Markup {
    let Some((status, response)) = operation.responses.first() else { return html! {} };
    let Some(media) = response.content.get("application/json") else {
        return html! { @if status == "204" { p.note { "The answer is 204, without a body." } } };
    };
    let choices = media.schema.get("oneOf").map_or(std::slice::from_ref(&media.schema), |s| s.list());
    html! {
        @for (schema, example) in choices.iter().zip(media.examples.values()) {
            @let rows = fields(document, schema, Side::Response);
            @let title = match choices.len() {
                1 => "Response fields".to_owned(),
                _ => format!("Response fields: {}", example.summary.to_lowercase()),
            };
            @if !rows.is_empty() {
                details.more {
                    summary { (title) }
                    (table(&title, &rows))
                }
            }
        }
    }
}

fn errors(operation: &Operation) -> Markup {
    let failures = || operation.responses.iter().filter(|(_, response)| is_failure(response));
    html! {
        details.more {
            summary {
                "Errors "
                span.statuses { @for (status, _) in failures() { span { (status) } " " } }
            }
            div.fields role="table" aria-label="Errors" {
                @for (status, response) in failures() {
                    @for (code, example) in response.content.values().flat_map(|m| &m.examples) {
                        div role="row" {
                            div role="rowheader" { code { (code) } span.type { (status) } }
                            div role="cell" { (markdown::render(&example.summary).prose) }
                        }
                    }
                }
            }
        }
    }
}

/// Failures share their examples; an operation's own answers have their own.
fn is_failure(response: &Response) -> bool {
    response.content.values().flat_map(|media| media.examples.values()).any(|e| e.reference.is_some())
}

fn answers(operation: &Operation, status: &str, response: &Response) -> Markup {
    if is_failure(response) {
        return html! {};
    }
    let named = |summary: &str| match operation.responses.values().filter(|r| !is_failure(r)).count() {
        1 if response.content.values().all(|media| media.examples.len() < 2) => String::new(),
        _ => format!(": {}", summary.to_lowercase()),
    };
    html! {
        @for Media { examples, .. } in response.content.values() {
            @for example in examples.values() {
                @if let Some(value) = &example.value {
                    @let code = value.text().map_or_else(
                        || highlight::json(&value.pretty()),
                        |text| html! { (text) },
                    );
                    (panel(&format!("Response{}", named(&example.summary)), status, code))
                }
            }
        }
        @if response.content.is_empty() {
            (panel("Response", status, html! { span.c { "No content" } }))
        }
    }
}

/// A box of code, which can be scrolled by keyboard.
pub(super) fn panel(title: &str, note: &str, code: Markup) -> Markup {
    html! {
        figure.code {
            figcaption { span { (title) } span.tag { (note) } }
            pre tabindex="0" aria-label=(title) { code { (PreEscaped(code.into_string())) } }
        }
    }
}
