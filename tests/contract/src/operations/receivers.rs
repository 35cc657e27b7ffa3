//! What providers call.

use crate::entry::{Entry, JSON, json, ok, other};
use crate::shapes::{meta_delivery, plain};
use common::http::Kind;
use common::receivers::meta::Receipt;

pub(super) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "meta_handshake",
        summary: "Meta's handshake",
        description: "Meta asks once, when the callback is entered, whether it is ours. The answer \
                      is the bare challenge, where the token is some account's.",
        sample_target: "?hub.mode=subscribe&hub.verify_token=$VERIFY_TOKEN&hub.challenge=1158201444",
        request: None,
        answers: &[ok(
            "The challenge.",
            &[other(
                "text/plain",
                "challenge",
                "The challenge",
                plain,
                "1158201444",
            )],
        )],
        errors: &[(
            Kind::InvalidVerifyToken,
            "Another mode, or the token of no account.",
        )],
    },
    Entry {
        operation: "meta_receive",
        summary: "Meta's events",
        description: "Messages and statuses of WhatsApp, for all accounts of all businesses. No \
                      key: Meta signs the bytes of the body in `X-Hub-Signature-256` with the app \
                      secret, and every account's secret is tried. A message that comes again is \
                      taken in once; what this version does not understand is kept as \
                      `unsupported`. 200 means that it is in the database, or kept to be taken in \
                      once the database is back.",
        sample_target: "",
        request: Some(other(
            JSON,
            "text",
            "A text from a customer",
            meta_delivery,
            include_str!("../examples/meta.request.json"),
        )),
        answers: &[ok(
            "It is taken in, or kept.",
            &[json::<Receipt>(
                "received",
                "Received",
                include_str!("../examples/meta.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidSignature,
            "The signature is missing, or is not that of an account that the delivery is for.",
        )],
    },
];
