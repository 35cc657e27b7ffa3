//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use messaging::{attachments_json, message_json_open};

/// After which time a page begins. It is no table of a join: the planner would sort all that comes after it. ?1 business, ?2
/// since, ?3 now.
macro_rules! start {
    () => {
        "WITH start (at) AS MATERIALIZED (
           SELECT min(?2, max(?3, coalesce((SELECT max(created_at) FROM messages
             WHERE business_id = ?1), 0)))
         )"
    };
}

/// The messages of a page as [at, json], in their order. ?4 channel or null, ?5 direction or null, ?6 how many, ?7 whether
/// with attachments.
macro_rules! page {
    () => {
        concat!(
            "(SELECT m.created_at AS at, ",
            message_json_open!(),
            "
             || ',\"customer\":' || CASE WHEN c.id IS NULL THEN 'null' ELSE json_object(
               'id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone,
               'external_id', c.external_id,
               'external_system', nullif(c.external_system, '')) END
             || ',\"external_id\":' || json_quote(c.external_id)
             || CASE WHEN ?7 THEN ',\"attachments\":' || ",
            attachments_json!(),
            " ELSE '' END
             || '}' AS json
           FROM messages m LEFT JOIN customers c
             ON c.business_id = ?1 AND c.id = m.customer_id AND c.erased_at IS NULL
           WHERE m.business_id = ?1 AND m.created_at > (SELECT at FROM start)
             AND (?4 IS NULL OR m.channel = ?4) AND (?5 IS NULL OR m.direction = ?5)
           ORDER BY m.created_at LIMIT ?6)"
        )
    };
}

/// Whether there is a message after a time.
macro_rules! has_more_after {
    ($at:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1 AND m.created_at > ",
            $at,
            " AND (?4 IS NULL OR m.channel = ?4) AND (?5 IS NULL OR m.direction = ?5))"
        )
    };
}

statements! {
    /// See `start` and `page`. Gives one row: where the page ends, or began if it is empty, whether there is more, and its
    /// messages, joined.
    MESSAGE_PAGE, Business,
        concat!(start!(), "
         SELECT coalesce(last, (SELECT at FROM start)), ", has_more_after!("last"), ", messages
         FROM (SELECT max(at) AS last, group_concat(json, ',') AS messages FROM ", page!(), ")");
    /// The same with a row for each message, for a page that is too large for one value: the last row tells where it ends,
    /// and whether there is more.
    MESSAGE_ROWS, Business,
        concat!(start!(), " SELECT at AS last, ", has_more_after!("at"), ", json FROM ", page!());
}
