//! Importing, finding and erasing customers.

use crate::entry::{Entry, json, ok};
use crate::shapes::{CustomerBatch, CustomerPage, LookupResponse};
use common::http::Kind;
use customer::{BulkCreateResponse, Customer, LookupRequest, SyncResponse};
use customers::erasure::ErasedCustomer;

const BUSY: (Kind, &str) = (Kind::Busy, "");

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "customer_get",
        summary: "Get or list customers",
        description: "With one of `id`, `external_id`, `email` and `phone`, returns that customer \
                      at the top level of the response.\n\n\
                      Without any of them, returns a page of all customers in order of creation. \
                      Pass `next_cursor` as `cursor` while `has_more` is true.\n\n\
                      With `search`, returns one page of at most 100 customers who may be meant: by the beginning of an \
                      email address, a phone number or an external id, and, of those who have a conversation, of any word \
                      of the name.",
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
                "There is no such customer, or they were erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
            (
                Kind::InvalidRequest,
                "Two keys at once, a malformed value, or an unknown parameter. `details` names it.",
            ),
        ],
    },
    Entry {
        operation: "customer_erase",
        summary: "Erase a customer",
        description: "Erases a person, as the GDPR requires: every name, address and field is \
                      deleted. A row without personal data remains so that counts stay correct. \
                      The customer can no longer be found or restored; sending the same record \
                      again creates a new customer. With CRM links or many files `status` is `running`: the rest \
                      is deleted in the background.",
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
            "There is no such customer, or they were already erased.",
        )],
    },
    Entry {
        operation: "customers_lookup",
        summary: "Look up many customers",
        description: "Finds up to 1000 customers at once by any mix of keys. Each customer is \
                      returned once, however many keys match it. `not_found` lists the keys \
                      without a customer, as you sent them.",
        sample_target: "",
        request: Some(json::<LookupRequest>(
            "keys",
            "Four keys",
            include_str!("../examples/lookup.request.json"),
        )),
        answers: &[ok(
            "The customers found, and the keys without a customer.",
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
                      [Sync customers](#customers_sync); the response is made for imports. \
                      `errors` lists the records that failed. `customers` maps each `external_id` \
                      to its customer: store that mapping in your CRM.\n\n\
                      To import more, send batches one after another. Sending a batch again \
                      changes nothing.",
        sample_target: "",
        request: Some(json::<CustomerBatch>(
            "batch",
            "Two records, one of which will fail",
            include_str!("../examples/bulk_create.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: check `failed` and `errors`.",
            &[json::<BulkCreateResponse>(
                "imported",
                "One created, one failed",
                include_str!("../examples/bulk_create.json"),
            )],
        )],
        errors: &[
            BUSY,
            (
                Kind::TooManyRecords,
                "More than 1000 records. Send them in batches.",
            ),
        ],
    },
    Entry {
        operation: "customers_sync",
        summary: "Sync customers",
        description: "Creates or updates up to 1000 customers and reports the result of each \
                      record. Call it whenever a customer changes in your CRM.\n\n\
                      Records are applied in order and fail one by one, never as a batch. A \
                      record that changes nothing reports `\"changed\": false` and emits no \
                      event, so sending too much does no harm. `?dry_run=true` returns the same \
                      response and writes nothing.\n\n\
                      A failed record has a `code`: `invalid_record` if a field breaks a rule, \
                      `identity_conflict` if the record matches two customers.",
        sample_target: "",
        request: Some(json::<CustomerBatch>(
            "batch",
            "Two records, one of which will fail",
            include_str!("../examples/sync.request.json"),
        )),
        answers: &[ok(
            "The batch was processed. Records may have failed: check `failed` and `details`.",
            &[json::<SyncResponse>(
                "synced",
                "One updated, one failed",
                include_str!("../examples/sync.json"),
            )],
        )],
        errors: &[
            BUSY,
            (
                Kind::TooManyRecords,
                "More than 1000 records. Send them in batches.",
            ),
        ],
    },
];
