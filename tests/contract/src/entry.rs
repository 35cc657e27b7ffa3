//! What [`operations`](crate::operations) says of one operation.

use crate::schemas::SchemaOf;
use common::http::Kind;
use schemars::{JsonSchema, SchemaGenerator};

/// One operation.
#[derive(Debug)]
pub struct Entry {
    /// The ledger's name of it.
    pub operation: &'static str,
    /// A few words, as a heading.
    pub summary: &'static str,
    /// What it does, in Markdown.
    pub description: &'static str,
    /// What stands behind the path in the sample call, or for its `{id}`; `$NAME` is the reader's to
    /// set.
    pub sample_target: &'static str,
    /// What it is sent.
    pub request: Option<Shape>,
    /// What it answers, the usual answer first.
    pub answers: &'static [Answer],
    /// Failures that its handler adds to those of every operation, or that mean something of their
    /// own here.
    pub errors: &'static [(Kind, &'static str)],
}

/// An answer that is no [`Kind`] of failure.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When it comes.
    pub description: &'static str,
    /// What it may hold; nothing for a 204.
    pub shapes: &'static [Shape],
    /// Headers beside those of every answer.
    pub headers: &'static [&'static str],
}

/// A body: its schema and an example.
#[derive(Debug)]
pub struct Shape {
    /// The example's name in the document, in snake_case.
    pub name: &'static str,
    /// What the example shows.
    pub summary: &'static str,
    /// The media type.
    pub media: &'static str,
    /// The schema.
    pub schema: SchemaOf,
    /// The example; JSON, where the media type is. That of a form has its fields, files by name.
    pub example: &'static str,
    /// Whether a request may lack it.
    pub is_optional: bool,
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "multipart/form-data";
pub(crate) const CSV: &str = "text/csv";
pub(crate) const FORM_ENCODED: &str = "application/x-www-form-urlencoded";

pub(crate) const fn json<T: JsonSchema>(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
) -> Shape {
    Shape {
        name,
        summary,
        media: JSON,
        schema: SchemaGenerator::subschema_for::<T>,
        example,
        is_optional: false,
    }
}

pub(crate) const fn other(
    media: &'static str,
    name: &'static str,
    summary: &'static str,
    schema: SchemaOf,
    example: &'static str,
) -> Shape {
    Shape {
        name,
        summary,
        media,
        schema,
        example,
        is_optional: false,
    }
}

pub(crate) const fn answer(
    status: u16,
    description: &'static str,
    shapes: &'static [Shape],
) -> Answer {
    Answer {
        status,
        description,
        shapes,
        headers: &[],
    }
}

pub(crate) const fn ok(description: &'static str, shapes: &'static [Shape]) -> Answer {
    answer(200, description, shapes)
}

pub(crate) const fn created(description: &'static str, shapes: &'static [Shape]) -> Answer {
    answer(201, description, shapes)
}

pub(crate) const fn deleted(description: &'static str) -> Answer {
    answer(204, description, &[])
}
