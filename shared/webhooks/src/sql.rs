//! The statements of `webhooks`.

use common::db::Binding::{Business, Everywhere};
use common::{statements, time_json};
use customer::customer_json;

/// The columns of an endpoint, in the order in which `Endpoint` reads them.
macro_rules! endpoint_columns {
    () => {
        "id, name, url, events, status, disabled_reason, failing_since, old_secret_until,
         created_at, updated_at"
    };
}

/// The columns of a delivery, in the order in which `Delivery` reads them.
macro_rules! delivery_columns {
    () => {
        "d.id, d.endpoint_id, d.event, d.event_id, d.sequence, d.status, d.reason,
         iif(d.status = 'pending', d.due_at, NULL), d.created_at,
         (SELECT json_group_array(json_array(a.number, a.at, a.status_code, a.duration_ms,
                    a.response_excerpt, a.error) ORDER BY a.number)
          FROM delivery_attempts a
          WHERE a.business_id = ?1 AND a.delivery_id = d.id AND a.number > d.attempts - 10)"
    };
}

statements! {
    /// ?1 business.
    ENDPOINT_LIST, Business,
        concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoints
         WHERE business_id = ?1 AND deleted_at IS NULL ORDER BY created_at, id");
    /// ?1 business, ?2 endpoint.
    ENDPOINT_GET, Business,
        concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL");
    /// ?1 business, ?2 id, ?3 name, ?4 URL, ?5 events, ?6 secret, ?7 now, ?8 how many there may be.
    ENDPOINT_INSERT, Business,
        concat!("INSERT INTO webhook_endpoints
           (business_id, id, name, url, events, secret, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 WHERE ?8 > (
           SELECT count(*) FROM webhook_endpoints WHERE business_id = ?1 AND deleted_at IS NULL)
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 name, ?4 URL, ?5 events, ?6 status, null for what stays, ?7 now.
    ENDPOINT_UPDATE, Business,
        concat!("UPDATE webhook_endpoints SET name = coalesce(?3, name), url = coalesce(?4, url),
           events = coalesce(?5, events), status = coalesce(?6, status),
           disabled_reason = CASE ?6 WHEN 'active' THEN NULL
             WHEN 'disabled' THEN coalesce(disabled_reason, 'by_request')
             ELSE disabled_reason END,
           failing_since = iif(?6 = 'active' AND status <> 'active', NULL, failing_since),
           updated_at = ?7
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 now. The row stays for its deliveries; its secrets go.
    ENDPOINT_DELETE, Business,
        "UPDATE webhook_endpoints SET deleted_at = ?3, updated_at = ?3, status = 'disabled',
           secret = '', old_secret = NULL, old_secret_until = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL RETURNING id";
    /// ?1 business, ?2 endpoint, ?3 the new secret, ?4 when the old one ends, ?5 now. Not while
    /// another rotation goes on.
    ENDPOINT_ROTATE, Business,
        concat!("UPDATE webhook_endpoints SET
           old_secret = iif(?4 > ?5, secret, NULL), old_secret_until = iif(?4 > ?5, ?4, NULL),
           secret = ?3, updated_at = ?5
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
           AND coalesce(old_secret_until, 0) <= ?5
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 now.
    ENDPOINT_FINISH_ROTATION, Business,
        concat!("UPDATE webhook_endpoints SET old_secret = NULL, old_secret_until = NULL,
           updated_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 event id, ?4 now.
    ENDPOINT_TEST, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, 'webhook.test', id, ?4,
           json_object('webhook', json_object('id', id, 'name', name))
         FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'
         RETURNING id";

    /// ?1 business, ?2 endpoint, ?3 sequence below which the page begins, ?4 how many. Newest first.
    DELIVERY_PAGE, Business,
        concat!("SELECT ", delivery_columns!(), " FROM deliveries d
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.sequence < ?3
         ORDER BY d.sequence DESC LIMIT ?4");
    /// As DELIVERY_PAGE, ?5 the status.
    DELIVERY_PAGE_OF_STATUS, Business,
        concat!("SELECT ", delivery_columns!(), " FROM deliveries d
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.status = ?5 AND d.sequence < ?3
         ORDER BY d.sequence DESC LIMIT ?4");
    /// ?1 business, ?2 delivery. The last column is its endpoint's status; no row where the
    /// endpoint was deleted.
    DELIVERY_GET, Business,
        concat!("SELECT ", delivery_columns!(), ", e.status FROM deliveries d
         CROSS JOIN webhook_endpoints e
           ON e.business_id = ?1 AND e.id = d.endpoint_id AND e.deleted_at IS NULL
         WHERE d.business_id = ?1 AND d.id = ?2");
    /// ?1 business, ?2 delivery, ?3 now. One that is still being tried needs no second life.
    DELIVERY_REPLAY, Business,
        "UPDATE deliveries SET status = 'pending', reason = NULL, tries = 0, due_at = ?3,
           lease = NULL, updated_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND status <> 'pending' AND EXISTS (
           SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1
             AND e.id = deliveries.endpoint_id AND e.deleted_at IS NULL AND e.status = 'active')";
    /// ?1 business, ?2 endpoint, ?3 since, ?4 now, ?5 how many at most.
    DELIVERY_RECOVER, Business,
        "UPDATE deliveries SET status = 'pending', reason = NULL, tries = 0, due_at = ?4,
           lease = NULL, updated_at = ?4
         WHERE business_id = ?1 AND id IN (
           SELECT id FROM deliveries
           WHERE business_id = ?1 AND endpoint_id = ?2 AND status = 'failed' AND created_at >= ?3
           ORDER BY sequence LIMIT ?5)
         RETURNING id";
    /// ?1 business, ?2 endpoint, ?3 now. What waits for an endpoint that is not active has failed,
    /// until somebody recovers it.
    DELIVERY_ABANDON, Business,
        "UPDATE deliveries INDEXED BY deliveries_due_of_endpoint
         SET status = 'failed', reason = 'endpoint_disabled', due_at = NULL, lease = NULL, updated_at = ?3
         WHERE business_id = ?1 AND endpoint_id = ?2 AND due_at IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.id = ?2
             AND e.deleted_at IS NULL AND e.status = 'active')";

    /// ?1 business. Its cursor, its last event, its endpoints as [[id, events, created, status], …],
    /// whether it is connected to a CRM, whether hand-off triggers are on.
    FAN_OUT_STATE, Business,
        "SELECT b.fanned_out,
           (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           (SELECT json_group_array(json_array(e.id, json(e.events), e.created_at, e.status))
            FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.deleted_at IS NULL),
           EXISTS (SELECT 1 FROM integrations i WHERE i.business_id = ?1 AND i.status = 'active'),
           EXISTS (SELECT 1 FROM handoff_settings h WHERE h.business_id = ?1 AND h.enabled = 1)
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
             'error', json(m.error), 'detail', json(m.detail))),
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
           s.customer_id, iif(v.wanted AND v.event GLOB 'customer.*', v.subject_id, NULL))
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

    /// ?1 business, ?2 endpoint.
    TARGET_GET, Business,
        "SELECT url, secret, old_secret, old_secret_until, failing_since FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'";
    /// ?1 business, ?2 endpoint, ?3 now, ?4 the lease, ?5 when it ends, ?6 how many may be under
    /// way at once. A lease that has ended is nobody's.
    DELIVERY_CLAIM, Business,
        "UPDATE deliveries SET lease = ?4, due_at = ?5, updated_at = ?3
         WHERE business_id = ?1 AND id IN (
           SELECT id FROM deliveries
           WHERE business_id = ?1 AND endpoint_id = ?2 AND due_at IS NOT NULL AND due_at <= ?3
           ORDER BY due_at, sequence LIMIT max(0, ?6 - (
             SELECT count(*) FROM deliveries
             WHERE business_id = ?1 AND endpoint_id = ?2 AND lease IS NOT NULL AND due_at > ?3)))
           AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.id = ?2
             AND e.deleted_at IS NULL AND e.status = 'active')";
    /// ?1 business, ?2 endpoint, ?3 lease.
    DELIVERY_CLAIMED, Business,
        "SELECT d.id, d.event, d.event_id, d.tries, o.body
         FROM deliveries d INDEXED BY deliveries_leased
         CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence = d.sequence
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.lease = ?3 ORDER BY d.sequence";
    /// ?1 business, ?2 [[delivery, at, status code, duration, excerpt, error, status, reason, due,
    /// lease], …].
    ATTEMPT_INSERT, Business,
        "INSERT INTO delivery_attempts (business_id, delivery_id, number, at, status_code,
           duration_ms, response_excerpt, error)
         SELECT ?1, d.id, d.attempts + 1, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5
         FROM jsonb_each(?2) r
         CROSS JOIN deliveries d ON d.business_id = ?1 AND d.id = r.value ->> 0";
    /// ?1 business, ?2 as ATTEMPT_INSERT, ?3 now. Success stands whatever happened meanwhile;
    /// failure counts only for who still holds the lease.
    DELIVERY_SETTLE, Business,
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status,
           reason, due_at, lease, created_at, updated_at)
         SELECT d.business_id, d.id, d.endpoint_id, d.sequence, d.event, d.event_id, r.value ->> 6,
           r.value ->> 7, r.value ->> 8, r.value ->> 9, d.created_at, ?3
         FROM jsonb_each(?2) r
         CROSS JOIN deliveries d ON d.business_id = ?1 AND d.id = r.value ->> 0
         WHERE true
         ON CONFLICT (business_id, id) DO UPDATE SET attempts = deliveries.attempts + 1,
           updated_at = excluded.updated_at,
           tries = deliveries.tries + (deliveries.lease IS excluded.lease),
           status = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.status, deliveries.status),
           reason = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.reason, deliveries.reason),
           due_at = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.due_at, deliveries.due_at),
           lease = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease, NULL,
             deliveries.lease)";
    /// ?1 business, ?2 endpoint.
    ENDPOINT_SUCCEEDED, Business,
        "UPDATE webhook_endpoints SET failing_since = NULL
         WHERE business_id = ?1 AND id = ?2 AND failing_since IS NOT NULL";
    /// ?1 business, ?2 endpoint, ?3 now.
    ENDPOINT_FAILED, Business,
        "UPDATE webhook_endpoints SET failing_since = ?3
         WHERE business_id = ?1 AND id = ?2 AND failing_since IS NULL";
    /// ?1 business, ?2 endpoint, ?3 reason, ?4 since when it must have failed, ?5 now.
    ENDPOINT_DISABLE, Business,
        "UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = ?3, updated_at = ?5
         WHERE business_id = ?1 AND id = ?2 AND status = 'active' AND failing_since <= ?4";
    /// ?1 business, ?2 endpoint, ?3 event id, ?4 now: where the statement before disabled it.
    ENDPOINT_DISABLED_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, 'webhook.disabled', id, ?4, json_object('webhook', json_object('id', id,
             'name', name, 'status', status, 'disabled_reason', disabled_reason,
             'failing_since', ", time_json!("failing_since"), "))
         FROM webhook_endpoints WHERE business_id = ?1 AND id = ?2 AND changes() > 0");

    /// ?1 the last business of the page before, ?2 how many. The last of this page, how many there
    /// are, and which of them have events to hand out.
    DUE_EVENTS, Everywhere("the cron looks after every business"),
        "SELECT max(id), count(*), json_group_array(id) FILTER (WHERE is_behind) FROM (
           SELECT b.id, EXISTS (SELECT 1 FROM outbox o
               WHERE o.business_id = b.id AND o.sequence > b.fanned_out) AS is_behind
           FROM businesses b WHERE b.id > ?1 ORDER BY b.id LIMIT ?2)";
    /// ?1 now, ?2 how many.
    DUE_HELD, Everywhere("the cron looks after every business"),
        "SELECT DISTINCT business_id FROM (
           SELECT business_id FROM held_events WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2)";
    /// ?1 and ?2 the last endpoint of the page before, ?3 how many, ?4 now. As DUE_EVENTS.
    DUE_DELIVERIES, Everywhere("the cron looks after every business"),
        "SELECT max(json_array(business_id, id)), count(*),
           json_group_array(json_array(business_id, id)) FILTER (WHERE is_due) FROM (
           SELECT e.business_id, e.id, EXISTS (SELECT 1 FROM deliveries d
               WHERE d.business_id = e.business_id AND d.endpoint_id = e.id
                 AND d.due_at IS NOT NULL AND d.due_at <= ?4) AS is_due
           FROM webhook_endpoints e WHERE (e.business_id, e.id) > (?1, ?2)
           ORDER BY e.business_id, e.id LIMIT ?3)";
    /// ?1 now, ?2 how many.
    DUE_MEDIA, Everywhere("the cron looks after every business"),
        "SELECT DISTINCT business_id, message_id FROM (
           SELECT business_id, message_id FROM attachments
           WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2)
         WHERE message_id IS NOT NULL";
    /// ?1 now, ?2 how many.
    DUE_SENDS, Everywhere("the cron looks after every business"),
        "SELECT business_id, message_id FROM sends
         WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2";
}
