//! What an operation answers: the fields and failures in the text, the examples beside it.

use super::endpoint::panel;
use super::fields::{Places, answer, fields_of_answer, table};
use super::{highlight, markdown};
use crate::errors::{code_of, meaning};
use crate::openapi::{Document, Operation, Response};
use common::http::Kind;
use maud::{Markup, html};

/// Failures share their examples; an operation's own answers have their own.
fn is_failure(response: &Response) -> bool {
    let examples = response
        .content
        .values()
        .flat_map(|media| media.examples.values());
    examples
        .into_iter()
        .any(|example| example.reference.is_some())
}

/// The fields of what an operation answers when it succeeds; where the page had them before, only where.
pub(super) fn fields_of(places: &Places<'_>, document: &Document, operation: &Operation) -> Markup {
    let Some(media) = answer(document, operation) else {
        return html! {};
    };
    if let Some(first) = places.before(&media.schema, operation) {
        return html! {
            p { "Response fields: those of " a href={ "#" (first.operation_id) } { (first.summary) } "." }
        };
    }
    let one = std::slice::from_ref(&media.schema);
    let choices = media
        .schema
        .get("oneOf")
        .map_or(one, |choices| choices.list());
    html! {
        @for (schema, example) in choices.iter().zip(media.examples.values()) {
            @let rows = fields_of_answer(places, operation, schema);
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

/// Every failure of an operation. Those that mean what they mean everywhere are only named: the page has
/// one table of them.
pub(super) fn errors(document: &Document, operation: &Operation) -> Markup {
    let failures: Vec<_> = document
        .responses_of(operation)
        .filter(|(_, response)| is_failure(response))
        .collect();
    let statuses: Vec<_> = failures.iter().map(|(status, _)| *status).collect();
    let rows = failures.iter().flat_map(|(status, response)| {
        let examples = response.content.values().flat_map(|media| &media.examples);
        examples.map(move |(code, example)| (status, code, &example.summary))
    });
    let (common, own): (Vec<_>, Vec<_>) =
        rows.partition(|(_, code, summary)| is_common(code, summary));
    html! {
        details.more {
            summary {
                "Errors "
                span.statuses { (statuses.join(" ")) }
            }
            @if !own.is_empty() {
                dl.fields aria-label="Errors" {
                    @for (status, code, summary) in own {
                        div {
                            dt { code { (code) } i { (status) } }
                            dd { (markdown::render(summary).prose) }
                        }
                    }
                }
            }
            @if !common.is_empty() {
                p {
                    "As " a href="#errors" { "everywhere" } ": "
                    @for (n, (_, code, _)) in common.iter().enumerate() {
                        @if n > 0 { ", " }
                        code { (code) }
                    }
                    "."
                }
            }
        }
    }
}

/// Whether a failure means here what the table of all errors says of it.
fn is_common(code: &str, summary: &str) -> bool {
    let kind = Kind::ALL.into_iter().find(|kind| code_of(*kind) == code);
    kind.is_some_and(|kind| meaning(kind) == summary)
}

/// The examples of what an operation answers; where there are several, each says which it is.
pub(super) fn examples(document: &Document, operation: &Operation) -> Markup {
    let answers: Vec<_> = document
        .responses_of(operation)
        .filter(|(_, response)| !is_failure(response))
        .collect();
    let medias = || {
        answers
            .iter()
            .flat_map(|(_, response)| response.content.values())
    };
    let is_one = medias().map(|media| media.examples.len()).sum::<usize>() < 2;
    html! {
        @for (status, response) in &answers {
            @for example in response.content.values().flat_map(|media| media.examples.values()) {
                @let title = match is_one {
                    true => "Response".to_owned(),
                    false => format!("Response: {}", example.summary.to_lowercase()),
                };
                @let code = example.value.as_ref().map(|value| match value.text() {
                    Some(text) => html! { (text) },
                    None => highlight::json(&value.pretty()),
                });
                (panel(&title, status, code.unwrap_or_default()))
            }
            @if response.content.is_empty() {
                (panel("Response", status, html! { span.c { "No content" } }))
            }
        }
    }
}
