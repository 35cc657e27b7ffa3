//! The statements of `conversations`.

use common::db::Binding::Business;
use common::statements;

/// A conversation `v` without its closing brace, so that more may follow. Its last value is a time or
/// null, so that no other brace ends it.
#[macro_export]
macro_rules! conversation_json_open {
    () => {
        concat!(
            "rtrim(json_object('id', v.id,
               'customer_id', v.customer_id, 'channel', v.channel, 'platform', v.channel,
               'channel_id', v.channel_id,
               'whatsapp_account_id', CASE v.channel WHEN 'whatsapp' THEN v.channel_id END,
               'status', v.status, 'priority', v.priority, 'assignee', v.assignee,
               'tags', json(v.tags), 'message_count', v.message_count,
               'last_message_at', ",
            common::time_json!("v.last_message_at"),
            ",
               'last_inbound_at', ",
            common::time_json!("v.last_inbound_at"),
            ",
               'created_at', ",
            common::time_json!("v.created_at"),
            ",
               'updated_at', ",
            common::time_json!("v.updated_at"),
            ",
               'closed_at', ",
            common::time_json!("v.closed_at"),
            "), '}')"
        )
    };
}

/// What the business calls one of its keys.
macro_rules! key_name {
    ($key:literal) => {
        concat!(
            "(SELECT nullif(k.name, '') FROM api_keys k WHERE k.business_id = ?1 AND k.id = ",
            $key,
            ")"
        )
    };
}
pub(super) use key_name;

statements! {
    /// ?1 business, ?2 conversation.
    CONVERSATION_FIND, Business,
        concat!("SELECT ", conversation_json_open!(), " || '}' FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2");
    /// ?1 business, ?2 conversation, ?3 status, ?4 priority, ?5 tags, each null to keep, ?6 whether
    /// the assignee changes, ?7 to whom, ?8 event id, ?9 now: what the inbox is to show and no
    /// other event tells.
    INBOX_CHANGE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?8, 'inbox.changed', v.id, ?9
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2
           AND (v.priority <> coalesce(?4, v.priority) OR v.tags <> coalesce(?5, v.tags))
           AND v.status = coalesce(?3, v.status) AND (NOT ?6 OR v.assignee IS ?7)";
    /// ?1 business, ?2 conversation, ?3 the new status or null, ?4 event id, ?5 now.
    STATUS_CHANGE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4, 'conversation.status_changed', v.id, ?5,
           json_object('status', ?3, 'previous_status', v.status)
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2 AND ?3 IS NOT NULL AND v.status <> ?3";
    /// ?1 business, ?2 conversation, ?3 the new assignee or null, ?4 event id, ?5 now.
    ASSIGNEE_CHANGE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4, 'conversation.assigned', v.id, ?5,
           json_object('assignee', ?3, 'previous_assignee', v.assignee)
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2 AND v.assignee IS NOT ?3";
    /// ?1 business, ?2 conversation, ?3 status, ?4 priority, ?5 tags, each null to keep, ?6 whether
    /// the assignee changes, ?7 to whom, ?8 now.
    CONVERSATION_CHANGE, Business,
        "UPDATE conversations SET status = coalesce(?3, status), priority = coalesce(?4, priority),
           tags = coalesce(?5, tags), assignee = CASE WHEN ?6 THEN ?7 ELSE assignee END,
           closed_at = CASE coalesce(?3, status) WHEN 'closed'
             THEN coalesce(closed_at, ?8) END,
           updated_at = ?8
         WHERE business_id = ?1 AND id = ?2";

    /// ?1 business, ?2 customer, ?3 kind: the active account where they were last talked to, else the
    /// oldest.
    BEGIN_ACCOUNT, Business,
        "SELECT h.id FROM channels h
         WHERE h.business_id = ?1 AND h.kind = ?3 AND h.status = 'active' AND h.deleted_at IS NULL
         ORDER BY h.id = (SELECT v.channel_id
             FROM conversations v INDEXED BY conversations_by_customer
             WHERE v.business_id = ?1 AND v.customer_id = ?2 AND v.channel = ?3 AND v.thread = ''
             ORDER BY v.last_message_at DESC LIMIT 1) DESC, h.created_at, h.id LIMIT 1";
    /// ?1 business, ?2 customer, ?3 account, ?4 conversation id, ?5 event id, ?6 event, ?7 now.
    BEGIN_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5, ?6, ?4, ?7
         WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE business_id = ?1
           AND customer_id = ?2 AND channel_id = ?3 AND status <> 'closed'
           AND thread = '')";
    /// ?1 business, ?2 customer, ?3 account, ?4 id, ?5 kind, ?6 now: unless one goes on already.
    BEGIN_INSERT, Business,
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
           last_message_at, created_at, updated_at)
         SELECT ?1, ?4, ?2, ?3, ?5, ?6, ?6, ?6
         WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE business_id = ?1
           AND customer_id = ?2 AND channel_id = ?3 AND status <> 'closed'
           AND thread = '')";
    /// ?1 business, ?2 customer, ?3 account: the conversation that goes on.
    BEGIN_FIND, Business,
        "SELECT id FROM conversations
         WHERE business_id = ?1 AND customer_id = ?2 AND channel_id = ?3 AND status <> 'closed'
           AND thread = ''";

    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller, ?4 event id, ?5 now.
    NOTE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4, 'inbox.changed', v.id, ?5
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)";
    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller, ?4 id, ?5 author's id,
    /// ?6 author, or null for what the key ?9 is called, ?7 content, ?8 now. Gives the author where
    /// there is such a conversation.
    NOTE_INSERT, Business,
        concat!("INSERT INTO conversation_notes (business_id, id, conversation_id, author_id, author,
           content, created_at)
         SELECT ?1, ?4, v.id, ?5, coalesce(?6, ", key_name!("?9"), ", 'API'), ?7, ?8
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)
         RETURNING author");
    /// ?1 business, ?2 note, ?3 the customer of a bound caller.
    NOTE_FIND, Business,
        "SELECT n.author, n.content, n.created_at FROM conversation_notes n
         CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = n.conversation_id
         WHERE n.business_id = ?1 AND n.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)";
}
