//! The statements of `conversations::escalate`.

use crate::conversations::sql::key_name;
use common::db::Binding::Business;
use common::{statements, time_json};

/// Priorities in their order, by where they stand in it.
macro_rules! rank {
    ($priority:literal) => {
        concat!("instr('low medium high urgent', ", $priority, ")")
    };
}

/// An escalation in its public shape.
macro_rules! escalation_json {
    () => {
        concat!(
            "json_object('id', e.id, 'conversation_id', e.conversation_id,
           'priority', e.priority, 'team_id', e.team_id, 'reason', e.reason, 'source', e.source,
           'note_id', e.note_id, 'created_at', ",
            time_json!("e.created_at"),
            ")"
        )
    };
}

statements! {
    /// ?1 business, ?2 conversation, ?3 id, ?4 source, ?5 reason, ?6 priority, ?7 team, ?8 id of the
    /// note, ?9 now, ?10 after when an escalation still counts, ?11 when the customer asked, or null.
    /// It is no older than the message that asked, whose time may be ahead of the clock in a burst.
    /// None where one counts; nor where whoever closed the conversation did so after it was asked.
    ESCALATION_INSERT, Business,
        "INSERT INTO escalations (business_id, id, conversation_id, source, reason, priority, team_id,
           note_id, created_at)
         SELECT ?1, ?3, v.id, ?4, ?5, ?6, ?7, ?8, max(?9, coalesce(?11, 0))
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?2 AND (?11 IS NULL OR v.status <> 'closed')
           AND NOT EXISTS (SELECT 1 FROM escalations e INDEXED BY escalations_by_conversation
             WHERE e.business_id = ?1 AND e.conversation_id = v.id
               AND (e.created_at >= ?11 OR (v.status <> 'closed' AND e.created_at > ?10)))";
    /// ?1 business, ?2 escalation, if it is new, ?3 what is noted, ?4 the caller's key.
    ESCALATION_NOTE, Business,
        concat!("INSERT INTO conversation_notes (business_id, id, conversation_id, author, content,
           created_at)
         SELECT ?1, e.note_id, e.conversation_id, coalesce(", key_name!("?4"), ", 'API'), ?3,
           e.created_at
         FROM escalations e WHERE e.business_id = ?1 AND e.id = ?2 AND e.note_id IS NOT NULL");
    /// ?1 business, ?2 escalation, if it is new, ?3 event id, ?4 now.
    ESCALATION_STATUS_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, 'conversation.status_changed', v.id, ?4,
           json_object('status', 'open', 'previous_status', v.status)
         FROM escalations e CROSS JOIN conversations v
           ON v.business_id = ?1 AND v.id = e.conversation_id
         WHERE e.business_id = ?1 AND e.id = ?2 AND v.status <> 'open'";
    /// ?1 business, ?2 escalation, if it is new, ?3 event id, ?4 now, ?5 event.
    ESCALATION_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, ?5, e.conversation_id, ?4,
           json_object('escalation', json_object('id', e.id, 'reason', e.reason,
             'priority', e.priority, 'team_id', e.team_id, 'source', e.source,
             'note_id', e.note_id))
         FROM escalations e WHERE e.business_id = ?1 AND e.id = ?2";
    /// ?1 business, ?2 escalation, if it is new, ?3 its priority, ?4 now: open, and as urgent as that
    /// at least.
    ESCALATION_RAISE, Business,
        concat!("UPDATE conversations SET status = 'open', closed_at = NULL, updated_at = ?4,
           priority = CASE WHEN ", rank!("?3"), " > ", rank!("priority"), "
             THEN ?3 ELSE priority END
         WHERE business_id = ?1 AND id = (
           SELECT e.conversation_id FROM escalations e WHERE e.business_id = ?1 AND e.id = ?2)");
    /// ?1 business, ?2 conversation, ?3 its escalation, as ESCALATION_FIND.
    ESCALATION_GET, Business,
        concat!("SELECT e.id, ", escalation_json!(), " FROM escalations e
         WHERE e.business_id = ?1 AND e.id = ?3 AND e.conversation_id = ?2");
    /// ?1 business, ?2 conversation, ?3 since when: the one that counts, as [id, escalation].
    ESCALATION_FIND, Business,
        concat!("SELECT e.id, ", escalation_json!(), "
         FROM escalations e INDEXED BY escalations_by_conversation
         WHERE e.business_id = ?1 AND e.conversation_id = ?2 AND e.created_at >= ?3
         ORDER BY e.created_at DESC, e.id DESC LIMIT 1");
    /// ?1 business: what customers are told.
    ESCALATION_MESSAGE, Business,
        "SELECT h.message FROM handoff_settings h WHERE h.business_id = ?1 AND h.message IS NOT NULL";
}
