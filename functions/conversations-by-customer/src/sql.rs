//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use messaging::{attachments_json, conversation_json_open, message_json_open};

/// Who is asked for, and the conversations of a page. ?2 the customer, or null, ?3 kind, ?4 value, ?5 system of an
/// identity, ?6 and ?7 time and id of the last of the page before, or null, ?8 how many.
macro_rules! page {
    () => {
        concat!(
            "WITH who (id) AS MATERIALIZED (
           SELECT ?2 WHERE ?2 IS NOT NULL
           UNION SELECT customer_id FROM identities WHERE business_id = ?1 AND kind = ?3
             AND value = ?4 AND ",
            customer::of_system!("system", "?5"),
            "
         ), page AS MATERIALIZED (
           SELECT v.id, v.last_message_at AS at FROM who CROSS JOIN conversations v
             INDEXED BY conversations_by_customer
             ON v.business_id = ?1 AND v.customer_id = who.id
           WHERE ?6 IS NULL OR (v.last_message_at, v.id) < (?6, ?7)
           ORDER BY v.last_message_at DESC, v.id DESC LIMIT ?8)"
        )
    };
}

/// The rows of those who are asked for, before those of the conversations; two are an ambiguity.
macro_rules! customer {
    () => {
        concat!(
            " SELECT ",
            customer::customer_marked!(),
            " AS json, NULL AS id, NULL AS at, NULL AS messages FROM who CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = who.id AND c.erased_at IS NULL
           UNION ALL"
        )
    };
}

/// A message `m` of a conversation, ?9 whether with attachments.
macro_rules! message {
    () => {
        concat!(
            message_json_open!(),
            " || CASE WHEN ?9 THEN ',\"attachments\":' || ",
            attachments_json!(),
            " ELSE '' END || '}'"
        )
    };
}

/// Whether a message `m` is among the newest ?10 of the conversation `p`.
macro_rules! newest {
    () => {
        "m.business_id = ?1 AND m.conversation_id = p.id
           AND m.created_at >= coalesce((SELECT x.created_at
             FROM messages x INDEXED BY messages_by_conversation
             WHERE x.business_id = ?1 AND x.conversation_id = p.id
             ORDER BY x.created_at DESC LIMIT 1 OFFSET ?10 - 1), 0)"
    };
}

statements! {
    /// See `page` and `customer`: [customer, null, null, null], then [conversation without its closing brace, id, time,
    /// null]. One statement costs D1 less than two, and finds the customer once.
    CONVERSATION_PAGE, Business,
        concat!(page!(), customer!(), "
         SELECT json, id, at, messages FROM (
           SELECT ", conversation_json_open!(), " AS json, v.id, p.at, NULL AS messages
           FROM page p CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = p.id
           ORDER BY p.at DESC, p.id DESC)");
    /// The same with all messages of each conversation joined, or null (see `message`). A statement of their own would
    /// find the page again.
    CONVERSATION_THREADS, Business,
        concat!(page!(), customer!(), "
         SELECT json, id, at, messages FROM (
           SELECT ", conversation_json_open!(), " AS json, v.id, p.at, (SELECT group_concat(json, ',') FROM (
             SELECT ", message!(), " AS json
             FROM messages m INDEXED BY messages_by_conversation
             WHERE ", newest!(), " ORDER BY m.created_at)) AS messages
           FROM page p CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = p.id
           ORDER BY p.at DESC, p.id DESC)");
    /// See `page` and `message`: [conversation, message], for conversations that are too large for one value.
    CONVERSATION_MESSAGE_ROWS, Business,
        concat!(page!(), "
         SELECT p.id, ", message!(), "
         FROM page p CROSS JOIN messages m INDEXED BY messages_by_conversation ON ", newest!(), "
         ORDER BY p.id, m.created_at");
}
