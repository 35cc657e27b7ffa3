//! Businesses, sessions and keys.

use crate::entry::{Entry, created, deleted, json, ok};
use access::business::{CreatedBusiness, NewBusiness};
use access::keys::{CreatedKey, KeyList, KeyRequest};
use access::sessions::CreatedSession;
use common::http::Kind;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "business_create",
        summary: "Create a business",
        description: "Makes a business with its first two keys. They are shown in this answer and \
                      never again.",
        sample_target: "",
        request: Some(json::<NewBusiness>(
            "business",
            "A business in Ireland",
            include_str!("../examples/business.request.json"),
        )),
        answers: &[created(
            "The business and its keys.",
            &[json::<CreatedBusiness>(
                "created",
                "Created",
                include_str!("../examples/business.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidToken,
            "This is not the deployment's platform token.",
        )],
    },
    Entry {
        operation: "session_create",
        summary: "Open a session",
        description: "Trades an admin key for a session token, which opens the other settings. It \
                      lives for 12 hours, and ends with the key that opened it. Send no body.",
        sample_target: "",
        request: None,
        answers: &[created(
            "The session. Its token is shown this once.",
            &[json::<CreatedSession>(
                "opened",
                "Opened",
                include_str!("../examples/session.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "key_list",
        summary: "List API keys",
        description: "Every key of the business, revoked and expired ones included, oldest first. \
                      Never their secrets.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The keys.",
            &[json::<KeyList>(
                "keys",
                "Two keys",
                include_str!("../examples/key_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "key_create",
        summary: "Create an API key",
        description: "Makes a key with the scopes that you give it. The key is shown in this \
                      answer and never again: we store a hash of it.",
        sample_target: "",
        request: Some(json::<KeyRequest>(
            "key",
            "A key that reads customers",
            include_str!("../examples/key.request.json"),
        )),
        answers: &[created(
            "The key, with its secret.",
            &[json::<CreatedKey>(
                "created",
                "Created",
                include_str!("../examples/key.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "key_revoke",
        summary: "Revoke an API key",
        description: "Ends a key, and with an admin key the sessions that it opened. It is refused \
                      everywhere within 60 seconds. A revoked key cannot be brought back.",
        sample_target: "$KEY_ID",
        request: None,
        answers: &[deleted("The key is revoked.")],
        errors: &[(Kind::NotFound, "The business has no such key.")],
    },
];
