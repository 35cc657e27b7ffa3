//! Importing, finding and erasing customers.

use crate::entry::{Entry, json, ok};
use crate::shapes::{CustomerBatch, CustomerPage, LookupResponse};
use common::http::Kind;
use customer::{BulkCreateResponse, Customer, ErasedCustomer, LookupRequest, SyncResponse};

pub(crate) static ENTRIES: &[Entry] = &[
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
                    include_str!("../examples/customer.json"),
                ),
                json::<CustomerPage>(
                    "page",
                    "A page",
                    include_str!("../examples/customer_page.json"),
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
                include_str!("../examples/erased_customer.json"),
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
            include_str!("../examples/lookup.request.json"),
        )),
        answers: &[ok(
            "The customers found, and the keys that have none.",
            &[json::<LookupResponse>(
                "found",
                "One found",
                include_str!("../examples/lookup.json"),
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
            include_str!("../examples/bulk_create.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: look at `failed` and `errors`.",
            &[json::<BulkCreateResponse>(
                "imported",
                "One created, one failed",
                include_str!("../examples/bulk_create.json"),
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
            include_str!("../examples/sync.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: look at `failed` and `details`.",
            &[json::<SyncResponse>(
                "synced",
                "One updated, one failed",
                include_str!("../examples/sync.json"),
            )],
        )],
        errors: &[(
            Kind::TooManyRecords,
            "More than 1000 records. Send them in batches.",
        )],
    },
];
