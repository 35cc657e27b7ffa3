//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements, time_json};
use customer::customer_json;

statements! {

    /// ?1 business. Its cursor, its last event, its endpoints as [[id, events, created, status], …],
    /// whether it is connected to a CRM, whether hand-off triggers are on, whether replies are sent by themselves.
    FAN_OUT_STATE, Business,
        "SELECT b.fanned_out,
           (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           (SELECT json_group_array(json_array(e.id, json(e.events), e.created_at, e.status))
            FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.deleted_at IS NULL),
           EXISTS (SELECT 1 FROM integrations i WHERE i.business_id = ?1 AND i.status = 'active'),
           EXISTS (SELECT 1 FROM handoff_settings h WHERE h.business_id = ?1 AND h.enabled = 1),
           EXISTS (SELECT 1 FROM reply_settings r WHERE r.business_id = ?1 AND r.auto_reply <> '{}')
         FROM businesses b WHERE b.id = ?1";
    /// ?1 business, ?2 now, ?3 how many of either sort, ?4 how much of a message's content, in
    /// characters. The held events that are due and those past the cursor, in order; with what
    /// their bodies are made of, where an endpoint wants them and they are not held back.
    FAN_OUT_PAGE, Business,
        concat!("WITH endpoint AS MATERIALIZED (
           SELECT events, created_at FROM webhook_endpoints
           WHERE business_id = ?1 AND deleted_at IS NULL
         ), page (sequence, hold) AS MATERIALIZED (
           SELECT sequence, due_at FROM (
             SELECT h.sequence, h.due_at FROM businesses b
             CROSS JOIN held_events h
               ON h.business_id = ?1 AND h.sequence <= b.fanned_out AND +h.due_at <= ?2
             WHERE b.id = ?1 ORDER BY h.sequence LIMIT ?3)
           UNION ALL
           SELECT sequence, due_at FROM (
             SELECT o.sequence, h.due_at FROM businesses b
             CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence > b.fanned_out
             LEFT JOIN held_events h ON h.business_id = ?1 AND h.sequence = o.sequence
             WHERE b.id = ?1 ORDER BY o.sequence LIMIT ?3)
         ), happened AS MATERIALIZED (
           SELECT o.sequence, o.id, o.event, o.subject_id, o.created_at, o.detail, p.hold,
             coalesce(p.hold, 0) <= ?2 AND EXISTS (
               SELECT 1 FROM endpoint e
               WHERE e.created_at <= o.created_at AND o.event NOT GLOB 'inbox.*' AND (instr(e.events, '\"' || o.event || '\"')
                 OR instr(e.events, '\"*\"') OR o.event GLOB 'webhook.*')) AS wanted
           FROM page p CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence = p.sequence
         )
         SELECT v.sequence, v.id, v.event, v.subject_id, v.created_at, v.detail, v.hold, v.wanted,
           iif(m.id IS NULL, NULL, json_object('id', m.id, 'conversation_id', m.conversation_id,
             'customer_id', m.customer_id, 'content', substr(m.content, 1, ?4),
             'platform', m.channel, 'channel', m.channel, 'direction', m.direction,
             'type', m.type, 'created_at', ", time_json!("m.created_at"), ", 'status', m.status,
             'sent_at', ", time_json!("m.sent_at"), ", 'reply_to', m.reply_to,
             'error', json(m.error), 'sender_verified', m.detail ->> 'sender_verified',
             'participant', m.detail ->> 'participant', 'detail', json(m.detail))),
           iif(m.id IS NULL, NULL, (
             SELECT json_group_array(json_object('id', a.id, 'filename', a.filename,
                'type', a.type, 'size', a.size, 'sha256', a.sha256, 'state', a.state)
                ORDER BY a.position)
             FROM attachments a INDEXED BY attachments_by_message
              WHERE a.business_id = ?1 AND a.message_id = m.id)),
           iif(s.id IS NULL, NULL, json_object('id', s.id, 'customer_id', s.customer_id,
             'channel', s.channel, 'status', s.status, 'priority', s.priority,
             'assignee', s.assignee, 'tags', json(s.tags),
             'last_message_at', ", time_json!("s.last_message_at"), ",
             'created_at', ", time_json!("s.created_at"), ",
             'updated_at', ", time_json!("s.updated_at"), ")),
           iif(c.id IS NULL, NULL, ", customer_json!(), ")
         FROM happened v
         LEFT JOIN messages m ON m.business_id = ?1
           AND m.id = iif(v.wanted AND v.event GLOB 'message.*', v.subject_id, NULL)
         LEFT JOIN conversations s ON s.business_id = ?1
           AND s.id = iif(v.wanted AND v.event GLOB 'conversation.*', v.subject_id, NULL)
         LEFT JOIN customers c ON c.business_id = ?1 AND c.id = coalesce(m.customer_id,
           s.customer_id, iif(v.wanted AND (v.event GLOB 'customer.*' OR v.event GLOB 'crm.*'), v.subject_id, NULL))
         ORDER BY v.sequence");
    /// ?1 business, ?2 the cursor that was read, ?3 where it goes.
    FAN_OUT_MOVE, Business,
        "UPDATE businesses SET fanned_out = ?3 WHERE id = ?1 AND fanned_out = ?2";
    /// ?1 business, ?2 [[sequence, due_at], …] as they were read.
    HELD_DELETE, Business,
        "DELETE FROM held_events WHERE business_id = ?1 AND (sequence, due_at) IN (
           SELECT r.value ->> 0, r.value ->> 1 FROM json_each(?2) r)";
    /// ?1 business, ?2 sequence up to which nobody wants them.
    HELD_DROP, Business,
        "DELETE FROM held_events WHERE business_id = ?1 AND sequence <= ?2";
    /// ?1 business, ?2 how many rows the statement before must have written.
    WRITE_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() <> ?2 AND ?1 IS NOT NULL";
    /// ?1 business, ?2 [[sequence, body], …]. A body is built once.
    BODY_WRITE, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, body)
         SELECT o.business_id, o.sequence, o.id, o.event, o.subject_id, o.created_at, r.value ->> 1
         FROM jsonb_each(?2) r
         CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence = r.value ->> 0
         WHERE o.body IS NULL
         ON CONFLICT (business_id, sequence) DO UPDATE SET body = excluded.body";
    /// ?1 business, ?2 [[id, endpoint, sequence, event, event id, status, reason], …], ?3 now.
    DELIVERY_INSERT, Business,
        "INSERT OR IGNORE INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id,
           status, reason, due_at, created_at, updated_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
           r.value ->> 5, r.value ->> 6, iif(r.value ->> 5 = 'pending', ?3, NULL), ?3, ?3
         FROM jsonb_each(?2) r";

    /// ?1 business, ?2 and ?3 the sequences between which, ?4 now, ?5 when it is replied to, ?6 since when what was
    /// written is: what customers wrote where replies are sent by themselves, each once. What they wrote long before it
    /// came here is past, and so is what was read of an account's past. Nothing while the business is suspended.
    REPLY_PUT, Business,
        "INSERT INTO auto_replies (business_id, message_id, conversation_id, state, written_at, due_at,
           created_at, updated_at)
         SELECT ?1, m.id, m.conversation_id, 'waiting', m.created_at, ?5, ?4, ?4
         FROM reply_settings r CROSS JOIN outbox o
           ON o.business_id = ?1 AND o.sequence > ?2 AND o.sequence <= ?3 AND o.event = 'message.received'
         CROSS JOIN messages m INDEXED BY messages_by_id ON m.business_id = ?1 AND m.id = o.subject_id
         WHERE r.business_id = ?1 AND m.direction = 'inbound' AND m.type NOT IN ('reaction', 'sticker')
           AND m.created_at > (r.auto_reply ->> m.channel) AND o.created_at > ?6 AND m.created_at > ?6
           AND coalesce(m.sent_at, m.created_at) > ?6
           AND EXISTS (SELECT 1 FROM businesses b WHERE b.id = ?1 AND b.suspended_at IS NULL)
         ON CONFLICT DO NOTHING
         RETURNING conversation_id";

    /// ?1 the last business of the page before, ?2 how many. The last of this page, how many there
    /// are, and which of them have events to hand out.
    DUE_EVENTS, Each("the cron looks after every business"),
        concat!("SELECT max(id), count(*), json_group_array(id) FILTER (WHERE is_behind) FROM (
           SELECT b.id, EXISTS (SELECT 1 FROM outbox o
               WHERE o.business_id = b.id AND o.sequence > b.fanned_out) AS is_behind
           FROM businesses b WHERE b.id > ?1 AND ", is_open!("b.id"), " ORDER BY b.id LIMIT ?2)");
    /// ?1 now, ?2 how many.
    DUE_HELD, Each("the cron looks after every business"),
        concat!("SELECT DISTINCT business_id FROM (
           SELECT business_id FROM held_events WHERE due_at <= ?1 AND ", is_open!("held_events.business_id"), "
           ORDER BY due_at LIMIT ?2)");
    /// ?1 and ?2 the last endpoint of the page before, ?3 how many, ?4 now. As DUE_EVENTS.
    DUE_DELIVERIES, Each("the cron looks after every business"),
        concat!("SELECT max(json_array(business_id, id)), count(*),
           json_group_array(json_array(business_id, id)) FILTER (WHERE is_due) FROM (
           SELECT e.business_id, e.id, EXISTS (SELECT 1 FROM deliveries d
               WHERE d.business_id = e.business_id AND d.endpoint_id = e.id
                 AND d.due_at IS NOT NULL AND d.due_at <= ?4)
             AND NOT EXISTS (SELECT 1 FROM businesses b
               WHERE b.id = e.business_id AND b.suspended_at IS NOT NULL) AS is_due
           FROM webhook_endpoints e WHERE (e.business_id, e.id) > (?1, ?2) AND ", is_open!("e.business_id"), "
           ORDER BY e.business_id, e.id LIMIT ?3)");
    /// ?1 now, ?2 how many.
    DUE_MEDIA, Each("the cron looks after every business"),
        concat!("SELECT DISTINCT business_id, message_id FROM (
           SELECT business_id, message_id FROM attachments
           WHERE due_at IS NOT NULL AND due_at <= ?1 AND ", is_open!("attachments.business_id"), "
           ORDER BY due_at LIMIT ?2)
         WHERE message_id IS NOT NULL");
    /// ?1 now, ?2 how many. What a suspended business sends waits: no more than was queued when it was suspended, and
    /// what its CRMs have said since.
    DUE_SENDS, Each("the cron looks after every business"),
        concat!("SELECT s.business_id, s.message_id FROM sends s
         WHERE s.due_at IS NOT NULL AND s.due_at <= ?1
           AND NOT EXISTS (SELECT 1 FROM businesses b WHERE b.id = s.business_id AND b.suspended_at IS NOT NULL)
           AND ", is_open!("s.business_id"), "
         ORDER BY s.due_at LIMIT ?2");
}
