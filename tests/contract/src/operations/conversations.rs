//! Reading threads and changing how they stand.

use crate::entry::{Entry, json, ok, other};
use crate::shapes::{
    AddedNote, ChangedConversation, ConversationPage, CustomerHistory, EscalatedConversation,
    NotePage, plain,
};
use common::http::Kind;
use conversation_notes::request::NoteAdding;
use conversations::request::ConversationChange;
use messaging::conversations::EscalationRequest;
use suggest_reply::suggestion::{SuggestRequest, Suggestion};

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "conversations_by_customer",
        summary: "List a customer's conversations",
        description: "Lists a customer's threads across all channels, most recently active first. \
                      Name the customer by exactly one of `customer_id`, `external_id`, `email` \
                      and `phone`.\n\n\
                      With `include_messages=true`, each thread has its newest 200 messages, \
                      oldest first. `message_count` shows whether there are more; [Poll \
                      messages](#messages_since) returns all.",
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
                "There is no such customer, or they were erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
        ],
    },
    Entry {
        operation: "customer_history",
        summary: "Get a customer's history from the CRM",
        description: "Lists a customer's conversations from the connected CRM, including those \
                      from before Tieline and from other channels, most recently active first. \
                      Name the customer as in [List a customer's \
                      conversations](#conversations_by_customer).\n\n\
                      The CRM is asked at most every 10 minutes, or every 30 seconds with \
                      `refresh=true`; `fetched_at` is when it was asked. If it cannot be asked, \
                      its response of the last day is returned with `stale: true`.\n\n\
                      With `include_messages=true`, each conversation has up to 100 of its \
                      messages, oldest first, or null if they could not be fetched; a later call \
                      returns them.",
        sample_target: "?external_id=CRM-12345&include_messages=true",
        request: None,
        answers: &[ok(
            "The customer, and the CRM's conversations.",
            &[json::<CustomerHistory>(
                "history",
                "One conversation, linked to ours",
                include_str!("../examples/customer_history.json"),
            )],
        )],
        errors: &[
            (
                Kind::NotFound,
                "There is no such customer, or they were erased.",
            ),
            (Kind::AmbiguousExternalId, ""),
            (Kind::CrmNotConnected, ""),
            (Kind::CrmUnavailable, ""),
        ],
    },
    Entry {
        operation: "conversation_change",
        summary: "Update a conversation",
        description: "Assigns a conversation, closes or reopens it, or sets its priority or tags. \
                      Absent fields stay as they are; `assignee: null` unassigns it. Changes emit \
                      `conversation.assigned` and `conversation.status_changed`.",
        sample_target: "",
        request: Some(json::<ConversationChange>(
            "change",
            "Assign it to Sarah, and mark it urgent",
            include_str!("../examples/conversation_change.request.json"),
        )),
        answers: &[ok(
            "The updated conversation.",
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
        summary: "Escalate a conversation",
        description: "Hands a conversation to people: opens it, raises its priority to at least \
                      `priority`, adds `note` for those who take over, emits \
                      `conversation.escalated`, and notifies the customer unless `notify` is \
                      false. The text of the notification is a setting.\n\n\
                      Within ten minutes of an escalation, while the conversation is open, the \
                      same escalation is returned with `repeated: true`: no event is emitted, and \
                      the customer is notified only if that failed before. Repeat the call if its \
                      response was lost. A failed notification does not fail the call; \
                      `notice_error` has the reason.",
        sample_target: "",
        request: Some(json::<EscalationRequest>(
            "escalation",
            "Hand it to a team of the CRM",
            include_str!("../examples/escalate.request.json"),
        )),
        answers: &[ok(
            "The escalation, and the updated conversation.",
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
        summary: "Add a note to a conversation",
        description: "Adds an internal note, which the business's own people see in the embedded \
                      inbox and in the CRM. No customer and no endpoint receives it. Without an \
                      `author`, the note carries the name of the key.",
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
                "Added",
                include_str!("../examples/note.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "There is no such conversation.")],
    },
    Entry {
        operation: "conversation_notes",
        summary: "List a conversation's notes",
        description: "Lists notes written by the API and in the embedded inbox, oldest first.",
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
    Entry {
        operation: "reply_suggest",
        summary: "Suggest a reply",
        description: "Drafts a reply to what the customer wrote last, from the records of CRM links: the \
                      customer's own, and those that are for all. A model that the business sets writes \
                      it ([Set who writes drafts](#reply_settings_put)). Nothing is sent and nothing is \
                      stored: an agent reads the draft, changes it and sends it.\n\n\
                      The draft is plain text. Show it as text, never as HTML. `sources` are the records \
                      that the model was given, whether it used them or not.\n\n\
                      With `Accept: text/event-stream` the draft comes while it is written, as \
                      server-sent events (WHATWG HTML): `sources` first; `delta` for each piece of the text, to be joined as they come; at the \
                      end `done`, whose data is what the call answers without events, or `error`, whose data is \
                      the body of an error. What fails before the draft begins is answered as without events. A \
                      call with an `Idempotency-Key` is answered as a whole.",
        sample_target: "",
        request: Some(json::<SuggestRequest>(
            "suggest",
            "In a conversation",
            include_str!("../examples/suggest.request.json"),
        )),
        answers: &[ok(
            "The draft and its sources.",
            &[
                json::<Suggestion>(
                    "suggestion",
                    "A draft from one record",
                    include_str!("../examples/suggestion.json"),
                ),
                other(
                    "text/event-stream",
                    "suggestion_events",
                    "The same in pieces",
                    plain,
                    include_str!("../examples/suggestion.events.txt"),
                ),
            ],
        )],
        errors: &[
            (Kind::NotFound, "There is no such conversation."),
            (Kind::NotSetUp, "Nobody writes drafts for the business."),
            (
                Kind::ProviderRejected,
                "The server that writes drafts refuses, or the model declines; the message quotes it.",
            ),
            (
                Kind::UnsafeUrl,
                "The server that is set may not be called any more.",
            ),
            (
                Kind::Unavailable,
                "The server that writes drafts cannot be reached, is too slow, or fails; the message \
                 quotes it.",
            ),
        ],
    },
];
