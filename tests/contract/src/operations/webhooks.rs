//! Endpoints of the business, and what was delivered to them.

use crate::entry::{Entry, JSON, Shape, created, deleted, json, ok};
use common::http::Kind;
use dashboard_deliveries::delivery::{DeliveryList, Replayed};
use dashboard_deliveries::recovery::{Recovered, RecoveryRequest};
use dashboard_webhooks::settings::TestEvent;
use schemars::SchemaGenerator;
use webhooks::{
    CreatedEndpoint, EndpointList, EndpointPatch, EndpointRequest, RotationRequest, SavedEndpoint,
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
        description: "Lists the business's endpoints, oldest first, without their secrets.",
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
        description: "Creates an active endpoint for events from now on. A business has at most \
                      50. The secret is shown only in this response.",
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
        errors: &[(Kind::QuotaExceeded, "The quota is used up."), UNSAFE],
    },
    Entry {
        operation: "webhook_get",
        summary: "Get an endpoint",
        description: "Returns one endpoint, without its secret.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "The endpoint.",
            &[json::<SavedEndpoint>(
                "webhook",
                "An endpoint",
                include_str!("../examples/webhook_saved.json"),
            )],
        )],
        errors: &[NO_ENDPOINT],
    },
    Entry {
        operation: "webhook_update",
        summary: "Update an endpoint",
        description: "Changes the name, URL, events or status. `disabled` cancels pending \
                      deliveries; `active` resumes delivery, and [Recover \
                      deliveries](#webhook_recover) repeats what the endpoint missed.",
        sample_target: "$WEBHOOK_ID",
        request: Some(json::<EndpointPatch>(
            "enable",
            "Enable it",
            include_str!("../examples/webhook_patch.request.json"),
        )),
        answers: &[ok(
            "The updated endpoint.",
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
        description: "Deletes an endpoint and cancels its pending deliveries.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[deleted("The endpoint is deleted.")],
        errors: &[NO_ENDPOINT],
    },
    Entry {
        operation: "webhook_test",
        summary: "Test an endpoint",
        description: "Sends the endpoint a `webhook.test`, whatever events it subscribes to, on \
                      the same path as every event. [List deliveries](#delivery_list) shows the \
                      result. Send no body.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "The event is queued.",
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
        description: "Creates a new secret, shown only in this response. For 24 hours, or for \
                      `overlap_hours`, `webhook-signature` carries a signature of each secret, \
                      and `X-Webhook-Signature` stays with the old one.",
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
                "An earlier rotation is in progress. Finish it first.",
            ),
        ],
    },
    Entry {
        operation: "webhook_finish_rotation",
        summary: "Finish a rotation",
        description: "Ends the overlap: from now on only the new secret signs. Without a rotation \
                      in progress, nothing changes. Send no body.",
        sample_target: "$WEBHOOK_ID",
        request: None,
        answers: &[ok(
            "The updated endpoint.",
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
        description: "Repeats every delivery that failed since a time, including those that the \
                      endpoint missed while it was disabled.",
        sample_target: "$WEBHOOK_ID",
        request: Some(json::<RecoveryRequest>(
            "since",
            "Since a time",
            include_str!("../examples/webhook_recover.request.json"),
        )),
        answers: &[ok(
            "The number of deliveries.",
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
        description: "Lists deliveries to an endpoint, newest event first, each with its last ten \
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
        description: "Repeats one delivery, whatever its outcome was: the same bytes under the \
                      same event id. A delivery that is still being retried is left unchanged. \
                      The body of an event that was delivered everywhere is kept for as long as the \
                      retention settings say, by default not at all. Send no body.",
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
            (
                Kind::BodyExpired,
                "The event was delivered everywhere, and its body is not kept any more.",
            ),
        ],
    },
];
