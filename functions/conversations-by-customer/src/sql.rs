//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use messaging::{attachments_json, conversation_json_open, message_json_open};

/// The conversations of a page. ?2 the customer, or null, ?3 kind, ?4 value, ?5 system of an
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

statements! {
    /// See `page`: [id, time, conversation without its closing brace].
    CONVERSATION_PAGE, Business,
        concat!(page!(), "
         SELECT v.id, p.at, ", conversation_json_open!(), "
         FROM page p CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = p.id
         ORDER BY p.at DESC, p.id DESC");
    /// See `page`, ?9 whether with attachments, ?10 how many messages of each: [conversation,
    /// messages], the newest ones, oldest first: all of one joined, or each in a row of its own where
    /// together they would near the limit of a value.
    CONVERSATION_MESSAGES, Business,
        concat!(page!(), ", newest AS MATERIALIZED (
           SELECT m.conversation_id AS id, m.created_at AS at, ", message_json_open!(), "
             || CASE WHEN ?9 THEN ',\"attachments\":' || ", attachments_json!(), " ELSE '' END
             || '}' AS json
           FROM page p CROSS JOIN messages m INDEXED BY messages_by_conversation
             ON m.business_id = ?1 AND m.conversation_id = p.id
            AND m.created_at >= coalesce((SELECT x.created_at
              FROM messages x INDEXED BY messages_by_conversation
              WHERE x.business_id = ?1 AND x.conversation_id = p.id
              ORDER BY x.created_at DESC LIMIT 1 OFFSET ?10 - 1), 0)
           ORDER BY p.id, m.created_at
         ), size (bytes) AS MATERIALIZED (SELECT sum(octet_length(json)) FROM newest)
         SELECT id, group_concat(json, ',') FROM newest
         WHERE (SELECT bytes FROM size) <= 1000000 GROUP BY id
         UNION ALL
         SELECT id, json FROM newest WHERE (SELECT bytes FROM size) > 1000000");
}
