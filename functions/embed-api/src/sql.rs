//! The statements of this function.

use common::db::Binding::Business;
use common::{statements, time_json};
use customer::customer_json;
use inbox::{row_json_open, row_parts};
use messaging::{attachments_json, message_json_open};

/// The conversation ?2, where the message ?3 is one of it and the caller, bound to ?4, may see it.
macro_rules! of_reader {
    () => {
        "v.business_id = ?1 AND v.id = ?2 AND (?4 IS NULL OR v.customer_id = ?4)
           AND EXISTS (SELECT 1 FROM messages r WHERE r.business_id = ?1 AND r.id = ?3
             AND r.conversation_id = ?2)"
    };
}

/// How many of `unread` a conversation `v` keeps once everything up to the message ?3 is read.
macro_rules! still_unread {
    () => {
        "min(v.unread_count, (SELECT count(*) FROM (
           SELECT 1 FROM messages n INDEXED BY messages_by_conversation
           WHERE n.business_id = ?1 AND n.conversation_id = v.id AND n.direction = 'inbound'
             AND n.created_at > (SELECT r.created_at FROM messages r
               WHERE r.business_id = ?1 AND r.id = ?3) LIMIT 1000)))"
    };
}

/// The inbound mail ?3 of the conversation ?2, where the caller, bound to ?4, may see it.
macro_rules! mail_of_reader {
    () => {
        "v.business_id = ?1 AND v.id = ?2 AND v.channel = 'email'
           AND (?4 IS NULL OR v.customer_id = ?4) AND m.business_id = ?1 AND m.id = ?3
           AND m.conversation_id = v.id AND m.direction = 'inbound'"
    };
}

/// As `mail_of_reader!`, where the customer has the address ?5, or the mail does and is not forged.
macro_rules! mail_with_address {
    () => {
        concat!(
            mail_of_reader!(),
            " AND (?5 = (SELECT c.email FROM customers c
               WHERE c.business_id = ?1 AND c.id = v.customer_id)
             OR (?5 IN (m.detail ->> 'from', m.detail ->> 'reply_to')
               AND coalesce(m.detail ->> 'sender_verified', '') <> 'fail'))"
        )
    };
}

statements! {

    /// ?1 business.
    FEED_NEWEST, Business,
        "SELECT (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1)";
    /// ?1 business, ?2 windows, ?3 after which event, ?4 how many events. First [the last event, how
    /// many, counts], then the conversations that they changed as [event, conversation, customer,
    /// row].
    FEED_PAGE, Business,
        concat!("WITH walked (sequence, event, subject_id) AS MATERIALIZED (
           SELECT sequence, event, subject_id FROM outbox
           WHERE business_id = ?1 AND sequence > ?3 ORDER BY sequence LIMIT ?4
         ), told (sequence, id) AS MATERIALIZED (
           SELECT w.sequence, w.subject_id FROM walked w
             WHERE w.event GLOB 'conversation.*' OR w.event GLOB 'inbox.*'
           UNION ALL SELECT w.sequence, x.conversation_id FROM walked w
             CROSS JOIN messages x ON x.business_id = ?1 AND x.id = w.subject_id
             WHERE w.event GLOB 'message.*'
           UNION ALL SELECT w.sequence, x.id FROM walked w
             CROSS JOIN conversations x INDEXED BY conversations_by_customer
               ON x.business_id = ?1 AND x.customer_id = w.subject_id
             WHERE w.event IN ('customer.updated', 'customer.erased')
         ), changed (id, sequence) AS MATERIALIZED (
           SELECT id, max(sequence) FROM told GROUP BY id)
         SELECT max(sequence), count(*), NULL,
           (SELECT json_group_object(t.kind, t.n) FROM inbox_counts t WHERE t.business_id = ?1)
         FROM walked
         UNION ALL SELECT sequence, id, customer_id, json FROM (
           SELECT g.sequence, g.id, v.customer_id, ", row_json_open!(), " || '}' AS json
           FROM changed g CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = g.id ",
           row_parts!(), " ORDER BY g.sequence)");

    /// ?1 business, ?2 windows, ?3 conversation, ?4 the customer of a bound caller: [customer, row
    /// without its closing brace, kind of the account, whether that sends, its settings, when the customer
    /// last wrote to it, the subject of an email or the post that comments are on, whether the customer said STOP, where answers
    /// by email go].
    THREAD_ROW, Business,
        concat!("SELECT v.customer_id, ", row_json_open!(), ", coalesce(h.kind, v.channel) AS kind,
           h.id IS NOT NULL AND h.deleted_at IS NULL AND h.status = 'active'
             AND h.credentials IS NOT NULL, h.settings,
           (SELECT max(o.last_inbound_at) FROM conversations o INDEXED BY conversations_by_customer
            WHERE o.business_id = ?1 AND o.customer_id = v.customer_id
              AND o.channel_id = v.channel_id),
           iif(coalesce(h.kind, v.channel) IN ('email', 'facebook_comments'), (SELECT x.detail ->> 'subject'
            FROM messages x INDEXED BY messages_by_conversation
            WHERE x.business_id = ?1 AND x.conversation_id = v.id
              AND x.detail ->> 'subject' IS NOT NULL
            ORDER BY x.created_at DESC LIMIT 1), NULL),
           EXISTS (SELECT 1 FROM opt_outs o WHERE o.business_id = ?1
             AND o.number = coalesce(v.contact, c.phone) AND o.channel_id = v.channel_id
             AND o.is_out),
           iif(coalesce(h.kind, v.channel) = 'email', coalesce(v.contact, c.email), NULL)
         FROM conversations v ", row_parts!(), "
         WHERE v.business_id = ?1 AND v.id = ?3 AND (?4 IS NULL OR v.customer_id = ?4)");
    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller.
    THREAD_CUSTOMER, Business,
        concat!("SELECT rtrim(", customer_json!(), ", '}') || ',\"conversation_count\":' ||
           (SELECT count(*) FROM conversations o INDEXED BY conversations_by_customer
            WHERE o.business_id = ?1 AND o.customer_id = c.id) || '}'
         FROM conversations v CROSS JOIN customers c ON c.business_id = ?1 AND c.id = v.customer_id
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)");
    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller, ?4 before when, ?5 how many:
    /// newest first.
    THREAD_MESSAGES, Business,
        concat!("SELECT ", message_json_open!(), " || ',\"attachments\":' || ",
         attachments_json!(), " || '}'
         FROM messages m INDEXED BY messages_by_conversation
         WHERE m.business_id = ?1 AND m.conversation_id = ?2 AND m.created_at < ?4
           AND (?3 IS NULL OR m.customer_id = ?3)
         ORDER BY m.created_at DESC LIMIT ?5");
    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller, ?4 before when, ?5 how many
    /// messages a page has: the notes since the first of the page.
    THREAD_NOTES, Business,
        concat!("SELECT json_object('id', n.id, 'author', n.author, 'content', n.content,
           'created_at', ", time_json!("n.created_at"), ")
         FROM conversations v CROSS JOIN conversation_notes n
           INDEXED BY conversation_notes_by_conversation
           ON n.business_id = ?1 AND n.conversation_id = v.id
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)
           AND n.created_at < ?4 AND n.created_at >= coalesce((SELECT x.created_at
             FROM messages x INDEXED BY messages_by_conversation
             WHERE x.business_id = ?1 AND x.conversation_id = ?2 AND x.created_at < ?4
             ORDER BY x.created_at DESC LIMIT 1 OFFSET ?5 - 1), 0)
         ORDER BY n.created_at LIMIT 500");

    /// ?1 business, ?2 conversation, ?3 message, ?4 the customer of a bound caller, ?5 event id,
    /// ?6 event, ?7 now: unless it changes nothing.
    READ_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5, ?6, v.id, ?7
         FROM conversations v WHERE ", of_reader!(), " AND v.unread_count > ", still_unread!());
    /// Parameters as READ_EVENT's first four.
    READ_MARK, Business,
        concat!("UPDATE conversations AS v SET unread_count = ", still_unread!(), "
         WHERE ", of_reader!(), " RETURNING unread_count");

    /// ?1 business, ?2 conversation, ?3 mail, ?4 the customer of a bound caller.
    CONTACT_MESSAGE, Business,
        concat!("SELECT m.id FROM conversations v CROSS JOIN messages m WHERE ", mail_of_reader!());
    /// Parameters as CONTACT_MESSAGE's, ?5 address, ?6 event id, ?7 event, ?8 now: unless answers go
    /// there already.
    CONTACT_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?6, ?7, v.id, ?8
         FROM conversations v CROSS JOIN messages m
         WHERE ", mail_with_address!(), " AND v.contact IS NOT ?5");
    /// Parameters as CONTACT_EVENT's first five, ?6 now.
    CONTACT_CONFIRM, Business,
        concat!("UPDATE conversations SET contact = ?5, updated_at = ?6
         WHERE business_id = ?1 AND id = (SELECT v.id FROM conversations v CROSS JOIN messages m
           WHERE ", mail_with_address!(), ")
         RETURNING contact");

    /// ?1 business, ?2 conversation, ?3 the customer of a bound caller: its account.
    TEMPLATE_ACCOUNT, Business,
        "SELECT v.channel, v.channel_id, h.settings, h.credentials FROM conversations v
         LEFT JOIN channels h ON h.business_id = ?1 AND h.id = v.channel_id
           AND h.deleted_at IS NULL
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?3 IS NULL OR v.customer_id = ?3)";
}
