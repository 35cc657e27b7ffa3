//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use messaging::{attachments_json, message_json_open};

statements! {
    /// ?1 business, ?2 since, ?3 now, ?4 channel or null, ?5 direction or null, ?6 how many,
    /// ?7 whether with attachments. Gives [time, has more, messages]: first where the page ends, or
    /// began if it is empty, without messages; then all of them joined, or each in a row of its own
    /// where together they would near the limit of a value. The start is no table of a join: the
    /// planner would sort all that comes after it.
    MESSAGE_PAGE, Business,
        concat!("WITH start (at) AS MATERIALIZED (
           SELECT min(?2, max(?3, coalesce((SELECT max(created_at) FROM messages
             WHERE business_id = ?1), 0)))
         ), page (at, json) AS MATERIALIZED (
           SELECT m.created_at, ", message_json_open!(), "
             || ',\"customer\":' || CASE WHEN c.id IS NULL THEN 'null' ELSE json_object(
               'id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone,
               'external_id', c.external_id,
               'external_system', nullif(c.external_system, '')) END
             || ',\"external_id\":' || json_quote(c.external_id)
             || CASE WHEN ?7 THEN ',\"attachments\":' || ", attachments_json!(), " ELSE '' END
             || '}'
           FROM messages m LEFT JOIN customers c
             ON c.business_id = ?1 AND c.id = m.customer_id AND c.erased_at IS NULL
           WHERE m.business_id = ?1 AND m.created_at > (SELECT at FROM start)
             AND (?4 IS NULL OR m.channel = ?4) AND (?5 IS NULL OR m.direction = ?5)
           ORDER BY m.created_at LIMIT ?6
         ), size (last, bytes) AS MATERIALIZED (
           SELECT max(at), sum(octet_length(json)) FROM page
         )
         SELECT coalesce(last, (SELECT at FROM start)), EXISTS (SELECT 1 FROM messages m
             WHERE m.business_id = ?1 AND m.created_at > size.last
               AND (?4 IS NULL OR m.channel = ?4) AND (?5 IS NULL OR m.direction = ?5)), NULL
           FROM size
         UNION ALL
         SELECT max(at), 0, group_concat(json, ',') FROM page
           WHERE (SELECT bytes FROM size) <= 1000000
         UNION ALL
         SELECT at, 0, json FROM page WHERE (SELECT bytes FROM size) > 1000000");
}
