//! What people should know of each operation of the ledger: the one table of its texts.
//!
//! A test fails for a row of the ledger without an entry, and for an entry without a row.

use crate::entry::{Answer, Entry, JSON, Shape, created, json, ok};
use crate::shapes::{self, CustomerBatch, CustomerPage, LookupResponse};
use common::access::business::{CreatedBusiness, NewBusiness};
use common::access::keys::{CreatedKey, KeyList, KeyRequest};
use common::access::sessions::CreatedSession;
use common::customers::{
    BulkCreateResponse, Customer, ErasedCustomer, LookupRequest, SyncResponse,
};
use common::http::Kind;
use common::serve::Health;

/// Every operation, in the ledger's order.
pub static OPERATIONS: &[Entry] = &[
    Entry {
        operation: "customer_get",
        summary: "Get or list customers",
        description: "With one of `id`, `external_id`, `email` and `phone`: the customer that it \
                      names, at the top level of the answer.\n\nWithout any: a page of all \
                      customers, in the order in which they were made. Pass `next_cursor` on as \
                      `cursor` while `has_more` is true.",
        sample_target: "?external_id=CRM-12345",
        request: None,
        answers: &[ok(
            "The customer, or a page of customers.",
            &[
                json::<Customer>(
                    "customer",
                    "One customer",
                    include_str!("examples/customer.json"),
                ),
                json::<CustomerPage>(
                    "page",
                    "A page",
                    include_str!("examples/customer_page.json"),
                ),
            ],
        )],
        errors: &[
            (
                Kind::NotFound,
                "There is no such customer, or it was erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
            (
                Kind::InvalidRequest,
                "Two keys at once, a value that cannot be of its kind, or an unknown parameter. \
                 `details` names it.",
            ),
        ],
    },
    Entry {
        operation: "customer_erase",
        summary: "Erase a customer",
        description: "Erases a person, as the GDPR asks for: every name, address and field goes. A \
                      row without personal data stays, so that counts keep adding up. Afterwards \
                      the customer is not found by anything, and cannot be brought back; the same \
                      record sent again makes a new customer.",
        sample_target: "?id=$CUSTOMER_ID",
        request: None,
        answers: &[ok(
            "The customer is erased.",
            &[json::<ErasedCustomer>(
                "erased",
                "Erased",
                include_str!("examples/erased_customer.json"),
            )],
        )],
        errors: &[(
            Kind::NotFound,
            "There is no such customer, or it was erased before.",
        )],
    },
    Entry {
        operation: "customers_lookup",
        summary: "Look up many customers",
        description: "Finds up to 1000 customers at once, by any mix of keys. Each customer comes \
                      once, however many of the keys name it; `not_found` repeats the keys that \
                      have no customer, as you sent them.",
        sample_target: "",
        request: Some(json::<LookupRequest>(
            "keys",
            "Four keys",
            include_str!("examples/lookup.request.json"),
        )),
        answers: &[ok(
            "The customers found, and the keys that have none.",
            &[json::<LookupResponse>(
                "found",
                "One found",
                include_str!("examples/lookup.json"),
            )],
        )],
        errors: &[(
            Kind::TooManyRecords,
            "More than 1000 keys in all. Send them in batches.",
        )],
    },
    Entry {
        operation: "customers_bulk_create",
        summary: "Import customers",
        description: "Creates or updates up to 1000 customers. Records and rules are those of \
                      [Sync customers](#customers_sync); the answer is made for an import. \
                      `errors` lists the records that failed, `customers` tells which customer \
                      each `external_id` has become: store that mapping in your CRM.\n\nTo import \
                      more, send batches one after the other. A batch that is sent again changes \
                      nothing.",
        sample_target: "",
        request: Some(json::<CustomerBatch>(
            "batch",
            "Two records, one of which will fail",
            include_str!("examples/bulk_create.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: look at `failed` and `errors`.",
            &[json::<BulkCreateResponse>(
                "imported",
                "One created, one failed",
                include_str!("examples/bulk_create.json"),
            )],
        )],
        errors: &[(
            Kind::TooManyRecords,
            "More than 1000 records. Send them in batches.",
        )],
    },
    Entry {
        operation: "customers_sync",
        summary: "Sync customers",
        description: "Creates or updates up to 1000 customers, and tells what became of each \
                      record. Use it whenever a customer changes in your CRM.\n\nRecords are \
                      applied in order and fail one by one, never the batch. A record that changes \
                      nothing reports `\"changed\": false` and raises no event, so sending too \
                      much does no harm. `?dry_run=true` answers the same and writes nothing.\n\nA \
                      failed record has a `code`: `invalid_record` where a field breaks a rule, \
                      `identity_conflict` where the record names two customers.",
        sample_target: "",
        request: Some(json::<CustomerBatch>(
            "batch",
            "Two records, one of which will fail",
            include_str!("examples/sync.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: look at `failed` and `details`.",
            &[json::<SyncResponse>(
                "synced",
                "One updated, one failed",
                include_str!("examples/sync.json"),
            )],
        )],
        errors: &[(
            Kind::TooManyRecords,
            "More than 1000 records. Send them in batches.",
        )],
    },
    Entry {
        operation: "business_create",
        summary: "Create a business",
        description: "Makes a business with its first two keys. They are shown in this answer and \
                      never again.",
        sample_target: "",
        request: Some(json::<NewBusiness>(
            "business",
            "A business in Ireland",
            include_str!("examples/business.request.json"),
        )),
        answers: &[created(
            "The business and its keys.",
            &[json::<CreatedBusiness>(
                "created",
                "Created",
                include_str!("examples/business.json"),
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
                include_str!("examples/session.json"),
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
                include_str!("examples/key_list.json"),
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
            include_str!("examples/key.request.json"),
        )),
        answers: &[created(
            "The key, with its secret.",
            &[json::<CreatedKey>(
                "created",
                "Created",
                include_str!("examples/key.json"),
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
        answers: &[Answer {
            status: 204,
            description: "The key is revoked.",
            shapes: &[],
        }],
        errors: &[(Kind::NotFound, "The business has no such key.")],
    },
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
                    include_str!("examples/health.json"),
                )],
            ),
            Answer {
                status: 503,
                description: "A part does not answer; the body says which.",
                shapes: &[json::<Health>(
                    "degraded",
                    "The database is away",
                    include_str!("examples/health.degraded.json"),
                )],
            },
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
            &[Shape {
                name: "document",
                summary: "Its beginning",
                media: JSON,
                schema: shapes::openapi_document,
                example: include_str!("examples/openapi.json"),
            }],
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
            &[Shape {
                name: "page",
                summary: "Its beginning",
                media: "text/html",
                schema: shapes::html,
                example: "<!DOCTYPE html>\n<html lang=\"en\">\n…",
            }],
        )],
        errors: &[],
    },
];

/// The entry of an operation.
#[must_use]
pub fn entry(operation: &str) -> Option<&'static Entry> {
    OPERATIONS.iter().find(|entry| entry.operation == operation)
}
