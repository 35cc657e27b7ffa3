//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements};

/// The deliveries of ?1 that succeeded up to ?2 and were not looked at since, at most ?3.
macro_rules! unswept {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " FROM deliveries INDEXED BY deliveries_unswept
             WHERE business_id = ?1 AND status = 'delivered' AND is_swept = 0 AND updated_at <= ?2
             ORDER BY updated_at, id LIMIT ?3"
        )
    };
}

/// The deliveries of ?1 whose ids lie before ?2, at most ?3. One that is being tried stays.
macro_rules! expired {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " FROM deliveries WHERE business_id = ?1 AND id < ?2 AND status <> 'pending'
             ORDER BY id LIMIT ?3"
        )
    };
}

/// Takes the bodies out of these events. REPLACE, since it takes the row out and puts it in again: an UPDATE
/// leaves the room of a body empty in its page, where no other event can use it.
macro_rules! without_bodies {
    ($sequences:expr, $only:literal) => {
        concat!(
            "INSERT OR REPLACE INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
             SELECT o.business_id, o.sequence, o.id, o.event, o.subject_id, o.created_at, o.detail
             FROM (SELECT DISTINCT sequence FROM (",
            $sequences,
            ")) s
             CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence = s.sequence
             WHERE o.body IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM webhook_endpoints e
               CROSS JOIN deliveries d INDEXED BY deliveries_by_event
                 ON d.business_id = ?1 AND d.endpoint_id = e.id AND d.sequence = o.sequence
               WHERE e.business_id = ?1 AND ",
            $only,
            ")"
        )
    };
}

statements! {
    /// ?1 business.
    RETENTION_GET, Business,
        "SELECT r.event_bodies_days, r.deliveries_days, r.uploads_days, r.updated_at
         FROM retention_settings r WHERE r.business_id = ?1";
    /// ?1 business, ?2 now, ?3, ?5, ?7 whether a setting changes, ?4, ?6, ?8 to what.
    RETENTION_PUT, Business,
        "INSERT INTO retention_settings AS r (business_id, event_bodies_days, deliveries_days,
           uploads_days, updated_at)
         VALUES (?1, ?4, ?6, ?8, ?2)
         ON CONFLICT (business_id) DO UPDATE SET
           event_bodies_days = iif(?3, excluded.event_bodies_days, r.event_bodies_days),
           deliveries_days = iif(?5, excluded.deliveries_days, r.deliveries_days),
           uploads_days = iif(?7, excluded.uploads_days, r.uploads_days),
           updated_at = excluded.updated_at
         RETURNING event_bodies_days, deliveries_days, uploads_days, updated_at";

    /// Asks for nothing: the answer tells how large the database is.
    SIZE_PROBE, Each("it reads no table"),
        "SELECT 1 AS one";

    /// ?1 now, ?2 how many.
    SWEEP_DUE, Each("the sweep looks after every business"),
        concat!("SELECT b.id, r.event_bodies_days, r.deliveries_days, r.uploads_days, r.updated_at
         FROM businesses b INDEXED BY businesses_by_sweep
         LEFT JOIN retention_settings r ON r.business_id = b.id
         WHERE b.sweep_at <= ?1 AND ", is_open!("b.id"), " ORDER BY b.sweep_at LIMIT ?2");
    /// ?1 business, ?2 when it is swept next.
    SWEEP_NEXT, Business,
        "UPDATE businesses SET sweep_at = ?2 WHERE id = ?1";
    /// ?1 business, ?2 now, ?3 how many rows the statement before may write at most: where it wrote as
    /// many, there may be more.
    SWEEP_AGAIN, Business,
        "UPDATE businesses SET sweep_at = ?2 WHERE id = ?1 AND changes() >= ?3";

    /// ?1 business, ?2 until when it was delivered, ?3 how many deliveries: the events that no endpoint
    /// waits for any more. One whose other deliveries are younger, or fail, is looked at with those.
    BODY_RELEASE, Business,
        without_bodies!(unswept!("sequence"),
          "e.deleted_at IS NULL AND (d.status <> 'delivered' OR d.updated_at > ?2)");
    /// As BODY_RELEASE.
    DELIVERY_SWEPT, Business,
        concat!("UPDATE deliveries SET is_swept = 1 WHERE business_id = ?1 AND id IN (",
          unswept!("id"), ")");

    /// ?1 business, ?2 the lowest id that is kept, ?3 how many deliveries.
    BODY_EXPIRE, Business,
        without_bodies!(expired!("sequence"), "d.status = 'pending'");
    /// As BODY_EXPIRE.
    ATTEMPT_EXPIRE, Business,
        concat!("DELETE FROM delivery_attempts WHERE business_id = ?1 AND delivery_id IN (",
          expired!("id"), ")");
    /// As BODY_EXPIRE.
    DELIVERY_EXPIRE, Business,
        concat!("DELETE FROM deliveries WHERE business_id = ?1 AND id IN (", expired!("id"), ")");

    /// ?1 business, ?2 the lowest id that is kept, ?3 how many: the audit log of more than a year ago.
    AUDIT_EXPIRE, Business,
        "DELETE FROM audit_log WHERE business_id = ?1 AND id IN (
           SELECT id FROM audit_log WHERE business_id = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";

    /// ?1 business, ?2 the time from which calls are kept, ?3 how many.
    API_CALL_EXPIRE, Business,
        "DELETE FROM api_calls WHERE business_id = ?1 AND n IN (
           SELECT n FROM api_calls WHERE business_id = ?1 AND n < ?2 ORDER BY n LIMIT ?3)";
    /// ?1 business, ?2 the first day that is kept, ?3 how many.
    API_USAGE_EXPIRE, Business,
        "DELETE FROM api_usage WHERE (business_id, day, operation, key_id, member_id) IN (
           SELECT business_id, day, operation, key_id, member_id FROM api_usage
           WHERE business_id = ?1 AND day < ?2 ORDER BY day LIMIT ?3)";
    /// ?1 business, ?2 the first hour that is kept, ?3 how many.
    API_HOUR_EXPIRE, Business,
        "DELETE FROM api_hours WHERE business_id = ?1 AND hour IN (
           SELECT hour FROM api_hours WHERE business_id = ?1 AND hour < ?2 ORDER BY hour LIMIT ?3)";

    /// ?1 business, ?2 until when they were given, ?3 how many: links to sign in that nobody used.
    SIGN_IN_LINK_EXPIRE, Business,
        "DELETE FROM sign_in_links WHERE business_id = ?1 AND id IN (
           SELECT id FROM sign_in_links WHERE business_id = ?1 AND created_at <= ?2 LIMIT ?3)";
    /// ?1 business, ?2 now: visits to a provider that nobody came back from.
    SIGN_IN_VISIT_EXPIRE, Business,
        "DELETE FROM sign_in_visits WHERE business_id = ?1 AND expires_at <= ?2";

    /// ?1 business, ?2 the first hour that is kept, ?3 how many.
    CRM_HOUR_EXPIRE, Business,
        "DELETE FROM crm_hours WHERE (business_id, connector, hour) IN (
           SELECT h.business_id, h.connector, h.hour FROM integrations i
           CROSS JOIN crm_hours h ON h.business_id = ?1 AND h.connector = i.connector AND h.hour < ?2
           WHERE i.business_id = ?1 LIMIT ?3)";
    /// ?1 business, ?2 until when they ended, ?3 how many.
    CRM_OUTAGE_EXPIRE, Business,
        "DELETE FROM crm_outages WHERE (business_id, connector, began_at) IN (
           SELECT o.business_id, o.connector, o.began_at FROM integrations i
           CROSS JOIN crm_outages o ON o.business_id = ?1 AND o.connector = i.connector AND o.began_at < ?2
           WHERE i.business_id = ?1 AND o.ended_at < ?2 LIMIT ?3)";

    /// ?1 business, ?2 until when they were uploaded, ?3 how many. From here on no message can carry them.
    UPLOAD_EXPIRE, Business,
        "UPDATE attachments SET state = 'expired' WHERE business_id = ?1 AND id IN (
           SELECT id FROM attachments INDEXED BY attachments_unsent
           WHERE business_id = ?1 AND message_id IS NULL AND created_at <= ?2
           ORDER BY created_at, id LIMIT ?3)";
    /// As UPLOAD_EXPIRE: those of before, too, whose deletion was cut off.
    UPLOAD_EXPIRED, Business,
        "SELECT id, size FROM attachments INDEXED BY attachments_unsent
         WHERE business_id = ?1 AND message_id IS NULL AND created_at <= ?2 AND state = 'expired'
         ORDER BY created_at, id LIMIT ?3";
    /// ?1 business, ?2 ids.
    UPLOAD_DELETE, Business,
        "DELETE FROM attachments WHERE business_id = ?1 AND message_id IS NULL AND state = 'expired'
           AND id IN (SELECT value FROM json_each(?2))";
}
