//! The statements of this function.

use common::db::Binding::{Business, Deployment, Everywhere, Key};
use common::{is_here, statements};

/// What is shown of businesses `b`: ?1 up to how many customers are counted, ?2 the first day of the month, ?3 today.
/// All but customers and members are counters that are kept; of members there are at most 1,000.
macro_rules! business_columns {
    () => {
        "SELECT b.id, b.name, b.default_region, b.created_at, b.suspended_at, b.suspended_reason,
           (SELECT count(*) FROM (SELECT 1 FROM customers c
              WHERE c.business_id = b.id AND c.id > '' AND c.erased_at IS NULL LIMIT ?1)) AS customers,
           (SELECT count(*) FROM members m WHERE m.business_id = b.id AND m.email > '') AS members,
           (SELECT json_group_object(q.kind, q.n) FROM quotas q
            WHERE q.business_id = b.id AND q.kind > '') AS quotas,
           (SELECT json_group_object(u.kind, u.n) FROM usage_counts u
            WHERE u.business_id = b.id AND u.day = 0
              AND u.kind IN ('channels', 'webhooks', 'api_keys', 'stored_bytes')) AS used,
           (SELECT coalesce(sum(u.n), 0) FROM usage_counts u
            WHERE u.business_id = b.id AND u.kind = 'received' AND u.day BETWEEN ?2 AND ?3) AS received,
           (SELECT coalesce(sum(u.n), 0) FROM usage_counts u
            WHERE u.business_id = b.id AND u.kind = 'sent' AND u.day BETWEEN ?2 AND ?3) AS sent,
           (SELECT coalesce(sum(u.n), 0) FROM usage_counts u
            WHERE u.business_id = b.id AND u.kind = 'sent' AND u.day = ?3) AS sent_today
         FROM businesses b WHERE "
    };
}

/// How much of a table is due, and since when: ?1 now, ?2 up to how many are counted.
macro_rules! due {
    ($table:literal, $at:literal) => {
        concat!(
            "SELECT count(*) AS n, min(at) AS oldest FROM (SELECT ",
            $at,
            " AS at FROM ",
            $table,
            " t WHERE ",
            $at,
            " IS NOT NULL AND ",
            $at,
            " <= ?1 AND ",
            is_here!("t.business_id"),
            " ORDER BY ",
            $at,
            " LIMIT ?2)"
        )
    };
}

statements! {
    /// See `business_columns`, ?4 the name from which, in lower case, ?5 the name before which, ?6 the business of that
    /// name after which, ?7 how many. By their names.
    BUSINESS_PAGE, Everywhere("the operator reads it, for the whole deployment"),
        concat!(business_columns!(), "lower(b.name) >= ?4 AND lower(b.name) < ?5
           AND (lower(b.name) > ?4 OR b.id > ?6) AND ", is_here!("b.id"), "
         ORDER BY lower(b.name), b.id LIMIT ?7");
    /// See `business_columns`, ?4 business.
    BUSINESS_GET, Key("the operator names the business"),
        concat!(business_columns!(), "b.id = ?4 AND ", is_here!("b.id"));
    /// ?1 business, ?2 name or null, ?3 whether it is suspended, or null, ?4 now, ?5 why. What is suspended already
    /// stays so since then.
    BUSINESS_UPDATE, Business,
        "UPDATE businesses SET name = coalesce(?2, name),
           suspended_at = CASE ?3 WHEN 1 THEN coalesce(suspended_at, ?4) WHEN 0 THEN NULL ELSE suspended_at END,
           suspended_reason = CASE ?3 WHEN 1 THEN ?5 WHEN 0 THEN NULL ELSE suspended_reason END
         WHERE id = ?1 RETURNING id";
    /// ?1 business: the days in which nothing was delivered do not count as days of failure.
    ENDPOINTS_RESUME, Business,
        "UPDATE webhook_endpoints SET failing_since = NULL
         WHERE business_id = ?1 AND failing_since IS NOT NULL";
    /// ?1 business, ?2 id, ?3 hash, ?4 expiry, ?5 now, ?6 role, ?7 why. No row where there is no such business.
    SUPPORT_SESSION_INSERT, Business,
        "INSERT INTO sessions (business_id, id, secret_hash, key_id, expires_at, ends_at, created_at,
           support_role, support_reason)
         SELECT b.id, ?2, ?3, 'support', ?4, ?4, ?5, ?6, ?7 FROM businesses b WHERE b.id = ?1
         RETURNING (SELECT name FROM businesses WHERE id = ?1) AS name";

    /// Asks for nothing: the answer tells how large the database is.
    SIZE_PROBE, Everywhere("it reads no table"),
        "SELECT 1 AS one";
    /// ?1 now, ?2 up to how many. Businesses with events that were not handed out; of the first so many.
    WAITING_EVENTS, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT count(*) AS n, min(at) AS oldest FROM (
           SELECT (SELECT o.created_at FROM outbox o WHERE o.business_id = b.id AND o.sequence > b.fanned_out
                   ORDER BY o.sequence LIMIT 1) AS at
           FROM businesses b WHERE b.id > '' AND ", is_here!("b.id"), " ORDER BY b.id LIMIT ?2)
         WHERE at IS NOT NULL AND at <= ?1");
    /// ?1 now, ?2 up to how many. Deliveries of the first so many endpoints, of each at most 100.
    WAITING_DELIVERIES, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT coalesce(sum(n), 0) AS n, min(at) AS oldest FROM (
           SELECT (SELECT count(*) FROM (SELECT 1 FROM deliveries d
                     WHERE d.business_id = e.business_id AND d.endpoint_id = e.id
                       AND d.due_at IS NOT NULL AND d.due_at <= ?1 LIMIT 100)) AS n,
             (SELECT min(d.due_at) FROM deliveries d
              WHERE d.business_id = e.business_id AND d.endpoint_id = e.id
                AND d.due_at IS NOT NULL AND d.due_at <= ?1) AS at
           FROM webhook_endpoints e WHERE (e.business_id, e.id) > ('', '') AND ", is_here!("e.business_id"), "
           ORDER BY e.business_id, e.id LIMIT ?2)");
    /// ?1 now, ?2 up to how many. What is due of the first so many connections, of each at most 100 streams.
    WAITING_CRM, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT coalesce(sum(n), 0) AS n, min(at) AS oldest FROM (
           SELECT (SELECT count(*) FROM (SELECT 1 FROM crm_streams s
                     WHERE s.business_id = i.business_id AND s.connector = i.connector
                       AND s.priority IN (0, 1) AND s.due_at IS NOT NULL AND s.due_at <= ?1 LIMIT 100)) AS n,
             (SELECT min(s.due_at) FROM crm_streams s
              WHERE s.business_id = i.business_id AND s.connector = i.connector
                AND s.priority IN (0, 1) AND s.due_at IS NOT NULL AND s.due_at <= ?1) AS at
           FROM integrations i WHERE (i.business_id, i.connector) > ('', '') AND i.status = 'active'
             AND ", is_here!("i.business_id"), "
           ORDER BY i.business_id, i.connector LIMIT ?2)");
    /// See `due`.
    WAITING_SENDS, Everywhere("the operator reads it, for the whole deployment"),
        due!("sends", "due_at");
    /// See `due`.
    WAITING_MEDIA, Everywhere("the operator reads it, for the whole deployment"),
        due!("attachments", "due_at");
    /// See `due`.
    WAITING_REPLIES, Everywhere("the operator reads it, for the whole deployment"),
        due!("auto_replies", "due_at");
    /// See `due`.
    WAITING_LINKS, Everywhere("the operator reads it, for the whole deployment"),
        due!("knowledge_links", "fetch_at");
    /// See `due`.
    WAITING_ERASURES, Everywhere("the operator reads it, for the whole deployment"),
        due!("erasures", "due_at");
    /// ?1 up to how many operations: all requests, since they are counted.
    METRIC_CALLS, Deployment("the operator counts requests, whose ever they are"),
        "SELECT operation, calls, refused, failed, ms,
           up_to_50, up_to_100, up_to_250, up_to_500, up_to_1000, up_to_2000, up_to_5000
         FROM api_totals WHERE operation > '' ORDER BY operation LIMIT ?1";
    /// ?1 the hour, ?2 of up to how many connections: how they are, and what they came to in that hour and the one before.
    METRIC_INTEGRATIONS, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT p.connector, count(DISTINCT p.business_id) AS n,
           count(DISTINCT iif(p.is_down, p.business_id, NULL)) AS down,
           coalesce(sum(h.requests), 0) AS requests, coalesce(sum(h.errors), 0) AS errors,
           coalesce(sum(h.done), 0) AS done, coalesce(sum(h.failed), 0) AS failed
         FROM (SELECT i.business_id, i.connector, i.broken_until IS NOT NULL AS is_down FROM integrations i
           WHERE (i.business_id, i.connector) > ('', '') AND i.status = 'active'
             AND ", is_here!("i.business_id"), "
           ORDER BY i.business_id, i.connector LIMIT ?2) p
         LEFT JOIN crm_hours h ON h.business_id = p.business_id AND h.connector = p.connector
           AND h.hour >= ?1 - 1 AND h.hour <= ?1
         GROUP BY p.connector");
    /// ?1 up to how many: alerts that last.
    METRIC_ALERTS, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT count(*) FILTER (WHERE severity = 'critical') AS critical,
           count(*) FILTER (WHERE severity = 'warning') AS warning
         FROM (SELECT severity FROM alerts INDEXED BY alerts_open
           WHERE ended_at IS NULL AND (business_id, id) > ('', '') AND ", is_here!("alerts.business_id"), "
           LIMIT ?1)");
    /// ?1 up to how many: parked deliveries that failed.
    PARKED, Deployment("the operator reads it, for the whole deployment"),
        "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'dead') AS dead
         FROM (SELECT state FROM parked_deliveries WHERE key > '' ORDER BY key LIMIT ?1)";
}
