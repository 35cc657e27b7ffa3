//! Reading threads and changing how they stand.

use crate::entry::{Entry, json, ok};
use crate::shapes::{
    AddedNote, ChangedConversation, ConversationPage, CustomerHistory, EscalatedConversation,
    NotePage,
};
use common::http::Kind;
use messaging::conversations::{ConversationChange, Escalating, NoteAdding};

pub(crate) static ENTRIES: &[Entry] = &[
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
        operation: "customer_history",
        summary: "Read a customer's history at the CRM",
        description: "A customer's conversations as the connected CRM has them, those before us and \
                      elsewhere too, the one that went on last first. Name the customer as in [Read \
                      a customer's conversations](#conversations_by_customer).\n\nThe CRM is asked \
                      at most every 10 minutes, with `refresh=true` every 30 seconds; `fetched_at` \
                      says when it was. Where it cannot be asked, what it told in the last day comes \
                      with `stale: true`.\n\nWith `include_messages=true` each comes with up to 100 \
                      of its messages, oldest first, or null where they could not be asked for: a \
                      later call has them.",
        sample_target: "?external_id=CRM-12345&include_messages=true",
        request: None,
        answers: &[ok(
            "The customer and what the CRM has.",
            &[json::<CustomerHistory>(
                "history",
                "One conversation, which is linked with ours",
                include_str!("../examples/customer_history.json"),
            )],
        )],
        errors: &[
            (
                Kind::NotFound,
                "There is no such customer, or it was erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
            (Kind::CrmNotConnected, ""),
            (Kind::CrmUnavailable, ""),
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
    Entry {
        operation: "conversation_escalate",
        summary: "Hand a conversation to people",
        description: "Makes a conversation open and as urgent as `priority` at least, notes `note` for \
                      the people who take over, raises `conversation.escalated`, and tells the \
                      customer, unless `notify` is false. What the customer is told is a setting.\n\n\
                      Within ten minutes of an escalation of an open conversation, that one is \
                      answered with `repeated: true`: nothing is raised, and the customer is told \
                      only where that failed before. So a call whose answer was lost may be made \
                      again. A customer who cannot be told hinders nothing; `notice_error` says why.",
        sample_target: "",
        request: Some(json::<Escalating>(
            "escalation",
            "Hand it to a team of the CRM",
            include_str!("../examples/escalate.request.json"),
        )),
        answers: &[ok(
            "The escalation, and the conversation as it now is.",
            &[json::<EscalatedConversation>(
                "escalated",
                "Escalated",
                include_str!("../examples/escalate.json"),
            )],
        )],
        errors: &[
            (Kind::NotFound, "There is no such conversation."),
            (
                Kind::Conflict,
                "It is closed, and the customer has another open conversation on this account.",
            ),
        ],
    },
    Entry {
        operation: "conversation_note_add",
        summary: "Note something about a conversation",
        description: "For the business's own people, in the embedded inbox and in the CRM. No \
                      customer and no webhook is told. Without an `author` it is what the key is \
                      called.",
        sample_target: "",
        request: Some(json::<NoteAdding>(
            "note",
            "A note",
            include_str!("../examples/note.request.json"),
        )),
        answers: &[ok(
            "The note.",
            &[json::<AddedNote>(
                "noted",
                "Noted",
                include_str!("../examples/note.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "There is no such conversation.")],
    },
    Entry {
        operation: "conversation_notes",
        summary: "Read the notes about a conversation",
        description: "What was noted by the API and in the embedded inbox, oldest first.",
        sample_target: "?conversation_id=$CONVERSATION_ID",
        request: None,
        answers: &[ok(
            "The notes.",
            &[json::<NotePage>(
                "notes",
                "One note",
                include_str!("../examples/notes.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "There is no such conversation.")],
    },
];
