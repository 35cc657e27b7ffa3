//! The statements of `inbox`.
//!
//! A list reads the rows it returns and a bounded number more, however many conversations the business
//! has: filters look at the newest of a status, and where they find too few, the page ends early with a
//! cursor.

use common::db::Binding::Business;
use common::statements;

/// When a conversation's window ends: ?2 is {kind of account: [microseconds, those of a human agent or
/// null]} for kinds that have one.
#[macro_export]
macro_rules! window_end {
    () => {
        "(v.last_inbound_at + coalesce(
            iif(h.settings ->> 'human_agent' = 'true', ?2 -> coalesce(h.kind, v.channel) ->> 1, NULL),
            ?2 -> coalesce(h.kind, v.channel) ->> 0))"
    };
}

/// A conversation `v` as the list shows it, without its closing brace. Its last value is a time or
/// null, so that no other brace ends it.
#[macro_export]
macro_rules! row_json_open {
    () => {
        concat!(
            "rtrim(json_object('id', v.id,
               'customer', json_object('id', v.customer_id, 'name', coalesce(nullif(c.name, ''),
                 nullif(trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')), ''),
                 c.phone, c.whatsapp_number, c.email)),
               'channel', v.channel, 'channel_id', v.channel_id, 'channel_name', h.name,
               'status', v.status, 'priority', v.priority, 'assignee', v.assignee,
               'tags', json(v.tags),
               'last_message', json(iif(m.id IS NULL, NULL, json_object('id', m.id,
                 'type', m.type, 'content', substr(m.content, 1, 160),
                 'direction', m.direction, 'status', m.status, 'created_at', ",
            common::time_json!("m.created_at"),
            "))),
               'last_message_at', ",
            common::time_json!("v.last_message_at"),
            ", 'unread_count', v.unread_count, 'created_at', ",
            common::time_json!("v.created_at"),
            ", 'window_open_until', strftime('%Y-%m-%dT%H:%M:%S', ",
            $crate::window_end!(),
            " / 1000000, 'unixepoch') || printf('.%06dZ', ",
            $crate::window_end!(),
            " % 1000000)), '}')"
        )
    };
}

/// What a row is made of. A conversation's newest message is the one of its last time.
#[macro_export]
macro_rules! row_parts {
    () => {
        "LEFT JOIN customers c ON c.business_id = ?1 AND c.id = v.customer_id
         LEFT JOIN channels h ON h.business_id = ?1 AND h.id = v.channel_id
         LEFT JOIN messages m ON m.business_id = ?1 AND m.created_at = v.last_message_at
           AND m.conversation_id = v.id"
    };
}

/// The newest conversations of a status, before ?3 and ?4, so many.
macro_rules! newest {
    ($status:literal, $most:literal) => {
        concat!(
            "SELECT id, at FROM (SELECT v.id, v.last_message_at AS at
             FROM conversations v INDEXED BY conversations_by_status
             WHERE v.business_id = ?1 AND v.status = ",
            $status,
            " AND (v.last_message_at, v.id) < (?3, ?4)
             ORDER BY v.last_message_at DESC, v.id DESC LIMIT ",
            $most,
            ")"
        )
    };
}

/// As `newest`, of every status.
macro_rules! newest_of_all {
    ($most:literal) => {
        concat!(
            "SELECT id, at FROM (",
            newest!("'open'", $most),
            " UNION ALL ",
            newest!("'pending'", $most),
            " UNION ALL ",
            newest!("'snoozed'", $most),
            " UNION ALL ",
            newest!("'closed'", $most),
            ") ORDER BY at DESC, id DESC LIMIT ",
            $most
        )
    };
}

/// What is listed of the CTE `walked`: ?6 how many that had at most, ?7 channel, ?8 whether unread,
/// ?9 assignees, of whom nobody is an empty text, ?10 how many to give, ?12 a text in the newest message; null for what is not asked.
/// First [how many were walked, the last of them], then the rows.
macro_rules! listed {
    () => {
        concat!(
            ", page (id, at) AS MATERIALIZED (
               SELECT w.id, w.at FROM walked w
               CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = w.id
               WHERE (?7 IS NULL OR v.channel = ?7) AND (NOT ?8 OR v.unread_count > 0)
                 AND (?9 IS NULL OR coalesce(v.assignee, '') IN (SELECT a.value FROM json_each(?9) a))
                 AND (?12 IS NULL OR EXISTS (SELECT 1 FROM messages x WHERE x.business_id = ?1
                   AND x.created_at = w.at AND x.conversation_id = w.id
                   AND instr(lower(x.content), ?12)))
               ORDER BY w.at DESC, w.id DESC LIMIT ?10)
             SELECT count(*), min(at), (SELECT id FROM walked ORDER BY at, id LIMIT 1), NULL
             FROM walked
             UNION ALL SELECT NULL, at, id, json FROM (
               SELECT p.at, p.id, ",
            row_json_open!(),
            " || '}' AS json
               FROM page p CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = p.id ",
            row_parts!(),
            " ORDER BY p.at DESC, p.id DESC)"
        )
    };
}

/// The customers that the terms may mean: {words: [prefix in several spellings, …], others: [word, …],
/// names: [[kind, prefix], …]}. A prefix that is too common is looked at in part.
macro_rules! meant {
    ($terms:literal) => {
        concat!("meant (id) AS MATERIALIZED (
           SELECT id FROM (SELECT w.customer_id AS id FROM (
               SELECT w.customer_id FROM json_each(", $terms, ", '$.words') p
               CROSS JOIN customer_words w ON w.business_id = ?1
                AND w.word >= p.value AND w.word < p.value || char(1114111) LIMIT 2000) w
             CROSS JOIN customers c ON c.business_id = ?1 AND c.id = w.customer_id
             WHERE NOT EXISTS (SELECT 1 FROM json_each(", $terms, ", '$.others') o
               WHERE NOT instr(' ' || lower(replace(coalesce(c.name, '') || ' ' ||
                 coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, ''), '-', ' ')),
                 ' ' || o.value))
             LIMIT 500)
           UNION SELECT id FROM (SELECT i.customer_id AS id FROM json_each(", $terms, ", '$.names') k
             CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = k.value ->> 0
              AND i.value >= k.value ->> 1 AND i.value < (k.value ->> 1) || char(1114111) LIMIT 500)
         )")
    };
}

/// The conversations of those customers, and the newest ones whose last message has the text
/// ", $terms, " -> text; ?5 the status or null.
macro_rules! found {
    () => {
        "walked (id, at) AS MATERIALIZED (
           SELECT id, at FROM (
             SELECT v.id, v.last_message_at AS at FROM meant k
             CROSS JOIN conversations v INDEXED BY conversations_by_customer
               ON v.business_id = ?1 AND v.customer_id = k.id
             WHERE (?5 IS NULL OR v.status = ?5) AND (v.last_message_at, v.id) < (?3, ?4)
             UNION SELECT n.id, n.at FROM late n CROSS JOIN messages x
               ON x.business_id = ?1 AND x.created_at = n.at AND x.conversation_id = n.id
             WHERE instr(lower(x.content), ?11 ->> 'text'))
           ORDER BY at DESC, id DESC LIMIT ?6)"
    };
}

statements! {
    /// ?1 business: the newest event, and how many conversations there are of each sort.
    INBOX_STATE, Business,
        "SELECT (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           (SELECT json_group_object(t.kind, t.n) FROM inbox_counts t WHERE t.business_id = ?1)";
    /// As INBOX_STATE, of the customer ?2.
    INBOX_STATE_OF_CUSTOMER, Business,
        "SELECT (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           json_object('open', count(*) FILTER (WHERE v.status = 'open'),
             'pending', count(*) FILTER (WHERE v.status = 'pending'),
             'snoozed', count(*) FILTER (WHERE v.status = 'snoozed'),
             'closed', count(*) FILTER (WHERE v.status = 'closed'),
             'unread', count(*) FILTER (WHERE v.unread_count > 0 AND v.status <> 'closed'))
         FROM conversations v INDEXED BY conversations_by_customer
         WHERE v.business_id = ?1 AND v.customer_id = ?2";
    /// See the macros; ?5 the status. ?11 is not used.
    INBOX_LIST_OF_STATUS, Business,
        concat!("WITH walked (id, at) AS MATERIALIZED (", newest!("?5", "?6"), ")", listed!());
    /// As INBOX_LIST_OF_STATUS, of every status.
    INBOX_LIST_OF_ALL, Business,
        concat!("WITH walked (id, at) AS MATERIALIZED (", newest_of_all!("?6"), ")", listed!());
    /// As INBOX_LIST_OF_STATUS, of the customer ?11; ?5 the status or null.
    INBOX_LIST_OF_CUSTOMER, Business,
        concat!("WITH walked (id, at) AS MATERIALIZED (
           SELECT v.id, v.last_message_at FROM conversations v INDEXED BY conversations_by_customer
           WHERE v.business_id = ?1 AND v.customer_id = ?11 AND (?5 IS NULL OR v.status = ?5)
             AND (v.last_message_at, v.id) < (?3, ?4)
           ORDER BY v.last_message_at DESC, v.id DESC LIMIT ?6)", listed!());
    /// See the macros; ?5 the status.
    INBOX_SEARCH_OF_STATUS, Business,
        concat!("WITH ", meant!("?11"), ", late (id, at) AS MATERIALIZED (", newest!("?5", "300"), "), ",
         found!(), listed!());
    /// As INBOX_SEARCH_OF_STATUS, of every status.
    INBOX_SEARCH_OF_ALL, Business,
        concat!("WITH ", meant!("?11"), ", late (id, at) AS MATERIALIZED (", newest_of_all!("300"),
         "), ", found!(), listed!());
    /// ?1 business, ?2 roles, ?3 how many: the members who have one of them, by their names.
    ASSIGNEE_LIST, Business,
        "SELECT g.id, g.name, g.email FROM members g
         WHERE g.business_id = ?1 AND g.role IN (SELECT r.value FROM json_each(?2) r)
         ORDER BY g.name COLLATE NOCASE, g.email LIMIT ?3";
    /// ?1 business, ?2 roles, ?3 a member's id or address.
    ASSIGNEE_FIND, Business,
        "SELECT g.email FROM members g
         WHERE g.business_id = ?1 AND (g.id = ?3 OR g.email = ?3)
           AND g.role IN (SELECT r.value FROM json_each(?2) r)";
    /// ?1 business, ?2 the terms, ?3 how many: the customers who are meant.
    CUSTOMERS_MEANT, Business,
        concat!("WITH ", meant!("?2"), " SELECT id FROM meant LIMIT ?3");
}
