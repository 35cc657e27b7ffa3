//! Endpoints of the business, and what was delivered to them.

use crate::entry::{Entry, JSON, Shape, created, deleted, json, ok};
use common::http::Kind;
use schemars::SchemaGenerator;
use webhooks::{
    CreatedEndpoint, DeliveryList, EndpointList, EndpointPatch, EndpointRequest, Recovered,
    RecoveryRequest, Replayed, RotationRequest, SavedEndpoint, TestEvent,
};

const NO_ENDPOINT: (Kind, &str) = (Kind::NotFound, "The business has no such endpoint.");
const DISABLED: (Kind, &str) = (
    Kind::Conflict,
    "The endpoint is disabled. Set its status to `active` first.",
);
const UNSAFE: (Kind, &str) = (Kind::UnsafeUrl, "");

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "webhook_list",
        summary: "List endpoints",
        description: "The business's endpoints, oldest first. Never their secrets.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The endpoints.",
            &[json::<EndpointList>(
                "webhooks",
                "One endpoint",
                include_str!("../examples/webhook_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "webhook_create",
        summary: "Create an endpoint",
        description: "Makes an endpoint, active at once, for what happens from now on. At most 50 \
                      in a business. The secret is shown in this answer and never again.",
        sample_target: "",
        request: Some(json::<EndpointRequest>(
            "endpoint",
            "For messages and conversations",
            include_str!("../examples/webhook.request.json"),
        )),
        answers: &[created(
            "The endpoint, with its secret.",
            &[json::<CreatedEndpoint>(
                "created",
                "Created",
                include_str!("../examples/webhook.json"),
            )],
        )],
        errors: &[UNSAFE],
    },
    Entry {
        operation: "webhook_update",
        summary: "Change an endpoint",
        description: "Changes name, URL, events or status. `disabled` gives up what waits for it; \
                      `active` takes it up again, and [Recover deliveries](#webhook_recover) brings \
                      what it missed.",
        sample_target: "$WEBHOOK_ID",
        request: Some(json::<EndpointPatch>(
            "enable",
            "Enable it",
            include_str!("../examples/webhook_patch.request.json"),
        )),
        answers: &[ok(
            "The endpoint as it now is.",
            &[json::<SavedEndpoint>(
                "changed",
                "Changed",
                include_str!("../examples/webhook_saved.json"),
            )],
        )],
        errors: &[NO_ENDPOINT, UNSAFE],
    },
    Entry {
        operation: "webhook_delete",
        summary: "Delete an endpoint",
        description: "Deletes an endpoint and gives up what waits for it.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[deleted("The endpoint is deleted.")],
        errors: &[NO_ENDPOINT],
    },
    Entry {
        operation: "webhook_test",
        summary: "Test an endpoint",
        description: "Sends the endpoint a `webhook.test`, whatever events it asked for, on the way \
                      that every event takes. [List deliveries](#delivery_list) shows how it went. \
                      Send no body.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "The event is on its way.",
            &[json::<TestEvent>(
                "test",
                "A test",
                include_str!("../examples/webhook_test.json"),
            )],
        )],
        errors: &[NO_ENDPOINT, DISABLED],
    },
    Entry {
        operation: "webhook_rotate_secret",
        summary: "Rotate a secret",
        description: "Makes a new secret, shown in this answer and never again. For 24 hours, or as \
                      `overlap_hours` says, `webhook-signature` carries a signature of each, and \
                      `X-Webhook-Signature` stays with the old one.",
        sample_target: "$WEBHOOK_ID",
        request: Some(Shape {
            name: "overlap",
            summary: "Two days of overlap",
            media: JSON,
            schema: SchemaGenerator::subschema_for::<RotationRequest>,
            example: include_str!("../examples/webhook_rotate.request.json"),
            is_optional: true,
        }),
        answers: &[ok(
            "The endpoint, with its new secret.",
            &[json::<CreatedEndpoint>(
                "rotated",
                "Rotated",
                include_str!("../examples/webhook.json"),
            )],
        )],
        errors: &[
            NO_ENDPOINT,
            (
                Kind::Conflict,
                "An earlier rotation goes on. Finish it first.",
            ),
        ],
    },
    Entry {
        operation: "webhook_finish_rotation",
        summary: "Finish a rotation",
        description: "From now on the new secret alone signs. Changes nothing where no rotation \
                      goes on. Send no body.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "The endpoint as it now is.",
            &[json::<SavedEndpoint>(
                "finished",
                "Finished",
                include_str!("../examples/webhook_saved.json"),
            )],
        )],
        errors: &[NO_ENDPOINT],
    },
    Entry {
        operation: "webhook_recover",
        summary: "Recover deliveries",
        description: "Makes every delivery again that failed since a time, those among them that \
                      the endpoint missed while it was disabled.",
        sample_target: "$WEBHOOK_ID",
        request: Some(json::<RecoveryRequest>(
            "since",
            "Since a time",
            include_str!("../examples/webhook_recover.request.json"),
        )),
        answers: &[ok(
            "How many are made again.",
            &[json::<Recovered>(
                "recovered",
                "Recovered",
                include_str!("../examples/webhook_recover.json"),
            )],
        )],
        errors: &[NO_ENDPOINT, DISABLED],
    },
    Entry {
        operation: "delivery_list",
        summary: "List deliveries",
        description: "What was delivered to an endpoint, newest event first, each with its last ten \
                      attempts.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "A page of deliveries.",
            &[json::<DeliveryList>(
                "deliveries",
                "One that failed",
                include_str!("../examples/delivery_list.json"),
            )],
        )],
        errors: &[NO_ENDPOINT],
    },
    Entry {
        operation: "delivery_replay",
        summary: "Replay a delivery",
        description: "Makes one delivery again, whatever became of it: the same bytes under the \
                      same event id. One that is still being tried is left alone. Send no body.",
        sample_target: "$DELIVERY_ID",
        request: None,
        answers: &[ok(
            "The delivery, pending again.",
            &[json::<Replayed>(
                "replayed",
                "Replayed",
                include_str!("../examples/delivery.json"),
            )],
        )],
        errors: &[
            (
                Kind::NotFound,
                "The business has no such delivery, or its endpoint was deleted.",
            ),
            DISABLED,
        ],
    },
];
