//! What is about no business.

use crate::entry::{Entry, JSON, answer, json, ok, other};
use crate::shapes;
use serve::Health;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "health",
        summary: "Check health",
        description: "Whether the database and every function answer. For monitors: the status is \
                      200 where all is well, and 503 where a part is away.",
        sample_target: "",
        request: None,
        answers: &[
            ok(
                "Everything answers.",
                &[json::<Health>(
                    "ok",
                    "All is well",
                    include_str!("../examples/health.json"),
                )],
            ),
            answer(
                503,
                "A part does not answer; the body says which.",
                &[json::<Health>(
                    "degraded",
                    "The database is away",
                    include_str!("../examples/health.degraded.json"),
                )],
            ),
        ],
        errors: &[],
    },
    Entry {
        operation: "openapi",
        summary: "Get this document",
        description: "This API as an OpenAPI 3.1 document, for generators of clients and for tools \
                      such as Postman.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The document.",
            &[other(
                JSON,
                "document",
                "Its beginning",
                shapes::openapi_document,
                include_str!("../examples/openapi.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "docs",
        summary: "Read this page",
        description: "The same for people: one page, without scripts.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The page.",
            &[other(
                "text/html",
                "page",
                "Its beginning",
                shapes::html,
                "<!DOCTYPE html>\n<html lang=\"en\">\n…",
            )],
        )],
        errors: &[],
    },
];
