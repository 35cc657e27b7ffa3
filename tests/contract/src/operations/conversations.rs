//! Reading threads and changing how they stand.

use crate::entry::{Entry, json, ok};
use crate::shapes::{ChangedConversation, ConversationPage};
use common::conversations::ConversationChange;
use common::http::Kind;

pub(super) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "conversations_by_customer",
        summary: "Read a customer's conversations",
        description: "A customer's threads over all channels, the one that went on last first. Name \
                      the customer by exactly one of `customer_id`, `external_id`, `email` and \
                      `phone`.\n\nWith `include_messages=true` each comes with its newest 200 \
                      messages, oldest first; `message_count` tells whether there are more, and \
                      [Poll messages](#messages_since) gives all.",
        sample_target: "?external_id=CRM-12345&include_messages=true&include_attachments=true",
        request: None,
        answers: &[ok(
            "The customer and the threads.",
            &[json::<ConversationPage>(
                "threads",
                "One thread",
                include_str!("../examples/conversations.json"),
            )],
        )],
        errors: &[
            (
                Kind::NotFound,
                "There is no such customer, or it was erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
        ],
    },
    Entry {
        operation: "conversation_change",
        summary: "Change a conversation",
        description: "Assigns a conversation, closes or reopens it, sets its priority or its tags. \
                      What is absent is kept; `assignee: null` is nobody. What changes raises \
                      `conversation.assigned` and `conversation.status_changed`.",
        sample_target: "",
        request: Some(json::<ConversationChange>(
            "change",
            "Give it to Sarah, and mark it urgent",
            include_str!("../examples/conversation_change.request.json"),
        )),
        answers: &[ok(
            "The conversation as it now is.",
            &[json::<ChangedConversation>(
                "changed",
                "Changed",
                include_str!("../examples/conversation_change.json"),
            )],
        )],
        errors: &[
            (Kind::NotFound, "There is no such conversation."),
            (
                Kind::Conflict,
                "It cannot be reopened: the customer has another open conversation on this \
                 account.",
            ),
        ],
    },
];
