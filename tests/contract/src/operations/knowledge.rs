//! Searching what CRM links have, and asking for what may be told to one customer.

use crate::entry::{Entry, json, ok};
use common::http::Kind;
use crm_links::documents::DocumentList;
use crm_links::search::{SearchRequest, SearchResults};
use customer_context::request::ContextBody;
use knowledge::context::CustomerContext;

const NOBODY: (Kind, &str) = (
    Kind::NotFound,
    "There is no such customer or conversation, or the customer was erased.",
);

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "customer_context_get",
        summary: "Get a customer's context",
        description: "Returns what a bot may know when it answers this customer: their own records, the \
                      passages that answer `query`, and, with `conversation_id`, the end of the \
                      conversation. Without `query`, the customer's last message is the question. \
                      `text` has all of it for a prompt, at most `max_characters` long.\n\n\
                      A record that carries somebody's identity is given for that customer only. A key \
                      needs `conversations:read` as well for a `conversation_id`.",
        sample_target: "?customer=$CUSTOMER_ID&query=What+is+my+support+level%3F",
        request: None,
        answers: &[ok(
            "The context.",
            &[json::<CustomerContext>(
                "context",
                "Their record and a question",
                include_str!("../examples/customer_context.json"),
            )],
        )],
        errors: &[NOBODY],
    },
    Entry {
        operation: "customer_context",
        summary: "Get a customer's context by POST",
        description: "The same as [Get a customer's context](#customer_context_get), with the question in \
                      the body, where no log of URLs has it.",
        sample_target: "",
        request: Some(json::<ContextBody>(
            "question",
            "A question in a conversation",
            include_str!("../examples/customer_context.request.json"),
        )),
        answers: &[ok(
            "The context.",
            &[json::<CustomerContext>(
                "context",
                "Their record and a question",
                include_str!("../examples/customer_context.json"),
            )],
        )],
        errors: &[NOBODY],
    },
    Entry {
        operation: "document_list",
        summary: "List searchable documents",
        description: "Lists what can be searched of a page's links: the parts of each record, with the \
                      text that was embedded. Pass `next_cursor` as `cursor` until it is null.",
        sample_target: "?page_id=123456789&source=crm",
        request: None,
        answers: &[ok(
            "A page of documents.",
            &[json::<DocumentList>(
                "documents",
                "One document",
                include_str!("../examples/document_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "knowledge_search",
        summary: "Search CRM links",
        description: "Searches the links that are on, by words and by meaning. Without `customer`, it \
                      searches the records of everybody: use that for the staff, never for a bot. With \
                      `customer`, it finds what is public and what is theirs.",
        sample_target: "",
        request: Some(json::<SearchRequest>(
            "question",
            "A question",
            include_str!("../examples/knowledge_search.request.json"),
        )),
        answers: &[ok(
            "The hits, the best first.",
            &[json::<SearchResults>(
                "results",
                "One hit",
                include_str!("../examples/knowledge_search.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "There is no such customer.")],
    },
];
