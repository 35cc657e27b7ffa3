//! What is about no business.

use crate::entry::{Entry, JSON, answer, json, ok, other};
use crate::shapes;
use common::http::Kind;
use gateway::health::{Health, Live};

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "live",
        summary: "Check that the service answers",
        description: "Answers 200 and asks nothing else. For monitors that have no token.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "It answers.",
            &[json::<Live>(
                "live",
                "It answers",
                include_str!("../examples/live.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "health",
        summary: "Check health",
        description: "Reports whether the database and every function respond. For monitors: 200 \
                      if all respond, 503 if any does not. One request may call 32 Workers, so \
                      that it asks a part of the functions: ask with each `part` up to `parts`.",
        sample_target: "",
        request: None,
        answers: &[
            ok(
                "Everything responds.",
                &[json::<Health>(
                    "ok",
                    "Everything responds",
                    include_str!("../examples/health.json"),
                )],
            ),
            answer(
                503,
                "A component does not respond; the body names it.",
                &[json::<Health>(
                    "degraded",
                    "The database is down",
                    include_str!("../examples/health.degraded.json"),
                )],
            ),
        ],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "openapi",
        summary: "Get this document",
        description: "Returns this API as an OpenAPI 3.1 document, for client generators and for \
                      tools such as Postman.",
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
        description: "Returns this documentation as an HTML page, without scripts. What a dashboard \
                      calls has a [page](#docs_settings) of its own.",
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
    Entry {
        operation: "docs_settings",
        summary: "Read the page on settings",
        description: "Returns the documentation of the settings, the channels and the integrations as an \
                      HTML page, without scripts.",
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
