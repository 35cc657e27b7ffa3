//! The kinds of calls that the connector makes, the roles that each needs (kustomer.md §2), and what a
//! key that has none of them goes without.

/// A kind of call.
pub(crate) struct Call {
    /// What its requests are called in the jobs' logs.
    pub(crate) requests: &'static [&'static str],
    /// Any one of these is enough; the first is what we ask for.
    pub(crate) roles: &'static [&'static str],
    /// The permission, as the setup guide names it or would.
    pub(crate) needed_for: &'static str,
    /// What does not work without it.
    pub(crate) turns_off: &'static str,
}

impl Call {
    /// The role that we ask for.
    pub(crate) fn role(&self) -> &'static str {
        self.roles.first().copied().unwrap_or_default()
    }
}

/// The call that a request is of.
pub(crate) fn call_of(request: &str) -> Option<&'static Call> {
    CALLS.iter().find(|call| call.requests.contains(&request))
}

/// Every kind, those that the setup guide asks for first.
pub(crate) static CALLS: [Call; 22] = [
    Call {
        requests: &[
            "customer by externalId",
            "customer by email",
            "customer by phone",
            "customer",
        ],
        roles: &["org.permission.customer.read", "org.user.customer.read"],
        needed_for: "customers:read",
        turns_off: "Customers are not found, so that nothing is written.",
    },
    Call {
        requests: &["create customer"],
        roles: &["org.permission.customer.create", "org.user.customer.write"],
        needed_for: "customers:write",
        turns_off: "Nothing is written of customers whom Kustomer does not know.",
    },
    Call {
        requests: &["update customer"],
        roles: &["org.permission.customer.update", "org.user.customer.write"],
        needed_for: "customers:write",
        turns_off: "Changes of customers are not written.",
    },
    Call {
        requests: &[
            "conversation by externalId",
            "conversation",
            "conversations of a customer",
        ],
        roles: &[
            "org.permission.conversation.read",
            "org.user.conversation.read",
        ],
        needed_for: "conversations:read",
        turns_off: "The customer's history is empty, and retries may fail.",
    },
    Call {
        requests: &["create conversation"],
        roles: &[
            "org.permission.conversation.create",
            "org.user.conversation.write",
        ],
        needed_for: "conversations:write",
        turns_off: "No conversation is created, so that no message is written.",
    },
    Call {
        requests: &["update conversation", "add tags"],
        roles: &[
            "org.permission.conversation.update",
            "org.user.conversation.write",
        ],
        needed_for: "conversations:write",
        turns_off: "Status, priority, assignment and tags are not written, and escalations fail.",
    },
    Call {
        requests: &["create message", "create attachment"],
        roles: &["org.permission.message.create", "org.user.message.write"],
        needed_for: "messages:write",
        turns_off: "No message is written.",
    },
    Call {
        requests: &["tell failure"],
        roles: &["org.permission.message.update", "org.user.message.write"],
        needed_for: "messages:write",
        turns_off: "Agents are not told which of their messages were not delivered.",
    },
    Call {
        requests: &["create note"],
        // Their description prints the second for it.
        roles: &[
            "org.permission.note.create",
            "org.user.note.read",
            "org.user.note.write",
        ],
        needed_for: "notes:write",
        turns_off: "Notes and the transcripts of escalations are not written.",
    },
    Call {
        requests: &[],
        roles: &["org.permission.note.update", "org.user.note.write"],
        needed_for: "notes:write",
        turns_off: "Nothing yet; the setup guide asks for it.",
    },
    Call {
        requests: &["teams"],
        roles: &["org.permission.team.read", "org.user.team.read"],
        needed_for: "teams:read",
        turns_off: "The test cannot list teams, nor check those of the settings.",
    },
    Call {
        requests: &["remove tags"],
        roles: &[
            "org.permission.conversation.delete",
            "org.user.conversation.write",
        ],
        needed_for: "conversations:delete",
        turns_off: "Tags that are removed here stay in Kustomer.",
    },
    Call {
        requests: &["message by externalId", "messages of a conversation"],
        roles: &["org.permission.message.read", "org.user.message.read"],
        needed_for: "messages:read",
        turns_off: "The messages of earlier conversations are not shown; retries rely on the unique external id.",
    },
    Call {
        requests: &["notes"],
        roles: &["org.permission.note.read", "org.user.note.read"],
        needed_for: "notes:read",
        turns_off: "Nothing that is seen: retries of notes rely on the unique external id.",
    },
    Call {
        requests: &["attachment"],
        roles: &["org.permission.attachment.read", "org.user.attachment.read"],
        needed_for: "attachments:read",
        turns_off: "Agents' files are not sent; the agents are told.",
    },
    Call {
        requests: &["users"],
        roles: &["org.permission.user.read", "org.user.user.read"],
        needed_for: "users:read",
        turns_off: "Agents have no names, and assignees are not written.",
    },
    Call {
        requests: &["tags"],
        roles: &["org.permission.tag.read", "org.user.tag.read"],
        needed_for: "tags:read",
        turns_off: "Tags that agents set do not arrive here.",
    },
    Call {
        requests: &["search"],
        roles: &[
            "org.permission.search.create",
            "org.permission.search.update",
            "org.user.search.read",
        ],
        needed_for: "search:create",
        turns_off: "Changes that no webhook reports are not found.",
    },
    // A key without it is told so by the test alone: all that it takes is time.
    Call {
        requests: &[],
        roles: &["org.permission.bulk.read", "org.user.bulk.read"],
        needed_for: "bulk:read",
        turns_off: "A backfill writes each message by a request of its own.",
    },
    Call {
        requests: &["webhook"],
        roles: &[
            "org.permission.outbound_webhook.read",
            "org.admin.outbound_webhooks",
        ],
        needed_for: "webhooks:read",
        turns_off: "The status cannot say whether Kustomer calls us.",
    },
    Call {
        requests: &[],
        roles: &[
            "org.permission.outbound_webhook.create",
            "org.admin.outbound_webhooks",
        ],
        needed_for: "webhooks:write",
        turns_off: "The webhook has to be created by hand.",
    },
    Call {
        requests: &[],
        roles: &[
            "org.permission.outbound_webhook.delete",
            "org.admin.outbound_webhooks",
        ],
        needed_for: "webhooks:write",
        turns_off: "A webhook that was switched off has to be removed by hand.",
    },
];
