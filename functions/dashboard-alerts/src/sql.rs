//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements, stays, time_json};

/// An alert, in the order in which `Alert` reads it.
macro_rules! alert_columns {
    () => {
        "a.id, a.cause, a.severity, a.object, a.name, a.summary, a.began_at, a.raised_at, a.ended_at,
         a.acknowledged_at, a.acknowledged_by"
    };
}

/// A page of alerts, newest first. ?2 the id behind which it begins, ?3 how many.
macro_rules! alert_page {
    ($only:literal) => {
        concat!(
            "SELECT ",
            alert_columns!(),
            " FROM alerts a WHERE a.business_id = ?1 AND a.id < ?2 ",
            $only,
            " ORDER BY a.id DESC LIMIT ?3"
        )
    };
}

/// The ended alerts of before the id ?2, at most ?3.
macro_rules! alerts_expired {
    () => {
        "SELECT id FROM alerts WHERE business_id = ?1 AND id < ?2 AND ended_at IS NOT NULL
         ORDER BY id LIMIT ?3"
    };
}

/// How many messages came to an account in the window ?2 hours of $weeks weeks ago.
macro_rules! inbound_of_week {
    ($hours:literal) => {
        concat!(
            "(SELECT coalesce(sum(h.n), 0) FROM inbound_hours h
              WHERE h.business_id = ?1 AND h.channel_id = q.id
                AND h.hour > max(q.last_hour, ?2 - 169) - ",
            $hours,
            " AND h.hour < ?2 - ",
            $hours,
            ")"
        )
    };
}

/// The businesses that are due at ?1 and may be written to, at most ?2.
macro_rules! watch_due {
    () => {
        concat!(
            "SELECT id FROM businesses INDEXED BY businesses_by_watch WHERE watch_at <= ?1 AND ",
            is_open!("businesses.id"),
            " ORDER BY watch_at, id LIMIT ?2"
        )
    };
}

statements! {
    /// ?1 business, ?2 the id behind which the page begins, ?3 how many.
    ALERT_PAGE, Business, alert_page!("");
    /// As ALERT_PAGE.
    ALERT_PAGE_OPEN, Business, alert_page!("AND a.ended_at IS NULL");
    /// As ALERT_PAGE.
    ALERT_PAGE_PAST, Business, alert_page!("AND a.ended_at IS NOT NULL");
    /// ?1 business, ?2 alert.
    ALERT_GET, Business,
        concat!("SELECT ", alert_columns!(), " FROM alerts a WHERE a.business_id = ?1 AND a.id = ?2");
    /// ?1 business, ?2 alerts, a JSON list.
    NOTIFICATIONS_OF, Business,
        "SELECT n.alert_id, n.event, n.destination_id, d.name, n.state, n.attempts, n.sent_at, n.due_at, n.error
         FROM json_each(?2) r
         CROSS JOIN alert_notifications n ON n.business_id = ?1 AND n.alert_id = r.value
         LEFT JOIN alert_destinations d ON d.business_id = ?1 AND d.id = n.destination_id";
    /// ?1 business, ?2 alert, ?3 now, ?4 who. Whoever was first stays.
    ALERT_ACKNOWLEDGE, Business,
        "UPDATE alerts SET acknowledged_at = ?3, acknowledged_by = ?4
         WHERE business_id = ?1 AND id = ?2 AND acknowledged_at IS NULL";

    /// ?1 business.
    ALERT_SETTINGS_GET, Business,
        "SELECT rules, quiet_hours, updated_at FROM alert_settings WHERE business_id = ?1";
    /// ?1 business, ?2 now, ?3 a merge patch of rules, ?4 whether quiet hours change, ?5 to what.
    ALERT_SETTINGS_PUT, Business,
        "INSERT INTO alert_settings AS s (business_id, rules, quiet_hours, updated_at)
         VALUES (?1, json_patch('{}', ?3), ?5, ?2)
         ON CONFLICT (business_id) DO UPDATE SET rules = json_patch(s.rules, ?3),
           quiet_hours = iif(?4, excluded.quiet_hours, s.quiet_hours), updated_at = excluded.updated_at
         RETURNING rules, quiet_hours, updated_at";

    /// ?1 business.
    DESTINATION_LIST, Business,
        "SELECT id, type, name, address, created_at FROM alert_destinations
         WHERE business_id = ?1 ORDER BY created_at, id";
    /// ?1 business, ?2 destination.
    DESTINATION_GET, Business,
        "SELECT id, type, name, address, credentials FROM alert_destinations
         WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 id, ?3 type, ?4 name, ?5 address, ?6 sealed URL, ?7 now, ?8 how many there may be.
    DESTINATION_INSERT, Business,
        "INSERT INTO alert_destinations (business_id, id, type, name, address, credentials, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
         WHERE (SELECT count(*) FROM alert_destinations WHERE business_id = ?1) < ?8
         RETURNING id, type, name, address, created_at";
    /// ?1 business, ?2 destination.
    DESTINATION_DELETE, Business,
        "DELETE FROM alert_destinations WHERE business_id = ?1 AND id = ?2 RETURNING id";
    /// ?1 business.
    BUSINESS_NAME, Business, "SELECT name FROM businesses WHERE id = ?1";

    /// ?1 now, ?2 how many: the businesses that are due, those first that waited longest.
    WATCH_DUE, Each("every business is looked after"), watch_due!();
    /// ?1 and ?2 as WATCH_DUE, behind it, ?3 until when they are had.
    WATCH_CLAIM, Each("every business is looked after"),
        concat!("UPDATE businesses SET watch_at = ?3 WHERE id IN (", watch_due!(), ")");
    /// ?1 until when they are had, by whoever claimed them, ?2 now: they are due again.
    WATCH_RELEASE, Each("every business is looked after"),
        concat!("UPDATE businesses SET watch_at = ?2 WHERE watch_at = ?1 AND ", is_open!("businesses.id"));
    /// ?1 business, ?2 until when it is had, ?3 when it is looked after next.
    WATCH_DONE, Business,
        "UPDATE businesses SET watch_at = ?3 WHERE id = ?1 AND watch_at = ?2";
    /// ?1 business: ends the transaction where another has it by now.
    WATCH_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() <> 1 AND ?1 IS NOT NULL";

    /// ?1 now, ?2 how many: accounts at Meta whose tokens are asked about.
    TOKENS_DUE, Each("one look for every business"),
        concat!("SELECT business_id, id, settings, credentials, token_check_at
         FROM channels INDEXED BY channels_by_token_check
         WHERE token_check_at <= ?1 AND deleted_at IS NULL AND status = 'active'
           AND kind IN ('whatsapp', 'facebook', 'facebook_comments', 'instagram')
           AND ", is_open!("channels.business_id"), "
         ORDER BY token_check_at LIMIT ?2");
    /// ?1 business, ?2 account, ?3 when it was due as that was read, ?4 when it is next. No row where another asks, or the
    /// credentials are others.
    TOKEN_CLAIM, Business,
        concat!("UPDATE channels SET token_check_at = ?4
         WHERE business_id = ?1 AND id = ?2 AND token_check_at = ?3 AND ", stays!(), " RETURNING id");
    /// ?1 business, ?2 account, ?3 when it is next as that was claimed, ?4 when its token ends.
    TOKEN_PUT, Business,
        "UPDATE channels SET token_ends_at = ?4 WHERE business_id = ?1 AND id = ?2 AND token_check_at = ?3";

    /// ?1 until when they were stored, ?2 how many are looked at: whose messages wait to be sent, since when.
    SENDS_WAITING, Each("one look for every business"),
        concat!("SELECT business_id, min(created_at) AS since FROM (
           SELECT business_id, created_at FROM sends INDEXED BY sends_due
           WHERE due_at IS NOT NULL AND state IN ('queued', 'sending') AND ", is_open!("sends.business_id"), "
           ORDER BY due_at LIMIT ?2)
         WHERE created_at <= ?1 GROUP BY business_id");

    /// ?1 business, ?2 since when at the earliest, ?3 how many messages are looked at. What was there before an
    /// account was connected, and is only read now, says nothing of when people write.
    INBOUND_COUNT, Business,
        "INSERT INTO inbound_hours AS i (business_id, channel_id, hour, n, last_at)
         SELECT ?1, p.channel_id, p.created_at / 3600000000, count(*), max(p.created_at) FROM (
           SELECT m.channel_id, m.created_at, m.direction, m.sent_at FROM businesses b
           CROSS JOIN messages m ON m.business_id = ?1 AND m.created_at > max(b.inbound_counted_to, ?2)
           WHERE b.id = ?1 ORDER BY m.created_at LIMIT ?3) p
         WHERE p.direction = 'inbound' AND coalesce(p.sent_at, p.created_at) > p.created_at - 86400000000
         GROUP BY p.channel_id, p.created_at / 3600000000
         ON CONFLICT (business_id, channel_id, hour) DO UPDATE SET n = i.n + excluded.n,
           last_at = max(i.last_at, excluded.last_at)";
    /// As INBOUND_COUNT, behind it.
    INBOUND_COUNTED, Business,
        "UPDATE businesses SET inbound_counted_to = w.counted_to FROM (
           SELECT max(p.created_at) AS counted_to FROM (
             SELECT m.created_at FROM businesses b
             CROSS JOIN messages m ON m.business_id = ?1 AND m.created_at > max(b.inbound_counted_to, ?2)
             WHERE b.id = ?1 ORDER BY m.created_at LIMIT ?3) p) w
         WHERE businesses.id = ?1 AND w.counted_to IS NOT NULL";
    /// ?1 business, ?2 the time, in whole steps, ?3 the day.
    SAMPLE_PUT, Business,
        "INSERT INTO alert_samples (business_id, connector, at, day, done, failed)
         SELECT ?1, i.connector, ?2, ?3, coalesce(d.done, 0), coalesce(d.failed, 0)
         FROM integrations i
         LEFT JOIN crm_days d ON d.business_id = ?1 AND d.connector = i.connector AND d.day = ?3
         WHERE i.business_id = ?1 AND i.status = 'active'
         ON CONFLICT (business_id, connector, at) DO NOTHING";
    /// ?1 business. What is set, and whether every message is counted; since when events wait to be handed out.
    WATCH_STATE, Business,
        "SELECT coalesce(s.rules, '{}') AS rules,
           NOT EXISTS (SELECT 1 FROM messages m
             WHERE m.business_id = ?1 AND m.created_at > b.inbound_counted_to) AS is_counted,
           (SELECT o.created_at FROM outbox o WHERE o.business_id = ?1 AND o.sequence > b.fanned_out
            ORDER BY o.sequence LIMIT 1) AS events_since
         FROM businesses b LEFT JOIN alert_settings s ON s.business_id = ?1 WHERE b.id = ?1";
    /// ?1 business, ?2 behind which id, ?3 how many.
    ALERTS_OPEN, Business,
        "SELECT id, cause, object, clear_since FROM alerts INDEXED BY alerts_open
         WHERE business_id = ?1 AND id > ?2 AND ended_at IS NULL ORDER BY id LIMIT ?3";
    /// ?1 business, ?2 day, ?3 since when the sample of an hour ago is: what was asked today, the first sample of
    /// the hour as [day, done, failed], and what this day and the one before have come to.
    CRM_FIGURES, Business,
        "SELECT i.connector, b.per_minute, iif(b.day = ?2, b.used, 0) AS used,
           (SELECT json_array(s.day, s.done, s.failed) FROM alert_samples s
            WHERE s.business_id = ?1 AND s.connector = i.connector AND s.at >= ?3
            ORDER BY s.at LIMIT 1) AS sample,
           coalesce(t.done, 0) AS done, coalesce(t.failed, 0) AS failed,
           coalesce(y.done, 0) AS done_before, coalesce(y.failed, 0) AS failed_before
         FROM integrations i
         LEFT JOIN crm_budgets b ON b.business_id = ?1 AND b.connector = i.connector
         LEFT JOIN crm_days t ON t.business_id = ?1 AND t.connector = i.connector AND t.day = ?2
         LEFT JOIN crm_days y ON y.business_id = ?1 AND y.connector = i.connector AND y.day = ?2 - 1
         WHERE i.business_id = ?1 AND i.status = 'active'";
    /// ?1 business, ?2 how many streams of a CRM are looked at, those that are due first: since when the next job of
    /// each waits that somebody waits for. There may be many jobs, and no index by their age.
    JOBS_WAITING, Business,
        "SELECT w.connector, min(w.since) AS since FROM (
           SELECT i.connector, (
             SELECT j.updated_at FROM crm_jobs j INDEXED BY crm_jobs_waiting
             WHERE j.business_id = ?1 AND j.connector = s.connector AND j.stream = s.stream
               AND j.state = 'waiting' AND j.priority = 0
             ORDER BY j.ordered_at, j.sequence LIMIT 1) AS since
           FROM integrations i CROSS JOIN crm_streams s INDEXED BY crm_streams_due
             ON s.business_id = ?1 AND s.connector = i.connector AND s.priority = 0 AND s.due_at IS NOT NULL
           WHERE i.business_id = ?1 AND i.status = 'active' LIMIT ?2) w
         GROUP BY w.connector HAVING min(w.since) IS NOT NULL";
    /// ?1 business, ?2 how many. Since when the next delivery of each should have been tried.
    ENDPOINTS_WATCHED, Business,
        "SELECT e.id, e.name, e.status, e.disabled_reason, e.failing_since, e.updated_at,
           (SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_due_of_endpoint
            WHERE d.business_id = ?1 AND d.endpoint_id = e.id AND d.due_at IS NOT NULL) AS waits_since
         FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.deleted_at IS NULL
         ORDER BY e.id LIMIT ?2";
    /// ?1 business, ?2 the hour, ?3 how many: each account, its first and its last hour with a message, and how many
    /// came in each of the last four weeks in the hours in which none came now, at most a week of them.
    CHANNELS_WATCHED, Business,
        concat!("WITH q AS MATERIALIZED (
           SELECT c.id, c.kind, c.name, c.status_reason, c.updated_at, c.token_ends_at,
             (SELECT min(h.hour) FROM inbound_hours h
              WHERE h.business_id = ?1 AND h.channel_id = c.id) AS first_hour,
             (SELECT max(h.hour) FROM inbound_hours h
              WHERE h.business_id = ?1 AND h.channel_id = c.id) AS last_hour
           FROM channels c
           WHERE c.business_id = ?1 AND c.deleted_at IS NULL AND c.status = 'active'
             AND c.verification <> 'pending'
           ORDER BY c.id LIMIT ?3)
         SELECT q.id, q.kind, q.name, q.status_reason, q.updated_at, q.token_ends_at, q.first_hour, q.last_hour,
           (SELECT h.last_at FROM inbound_hours h
            WHERE h.business_id = ?1 AND h.channel_id = q.id AND h.hour = q.last_hour) AS last_at, ",
           inbound_of_week!("168"), " AS week_1, ", inbound_of_week!("336"), " AS week_2, ",
           inbound_of_week!("504"), " AS week_3, ", inbound_of_week!("672"), " AS week_4
         FROM q");
    /// ?1 business, ?2 how many.
    LINKS_FAILING, Business,
        "SELECT id, name, failing_since, suspect FROM knowledge_links
         WHERE business_id = ?1 AND deleted_at IS NULL AND is_active = 1
           AND (failing_since IS NOT NULL OR suspect IS NOT NULL)
         ORDER BY id LIMIT ?2";

    /// ?1 business, ?2 [[id, cause, severity, object, name, summary, began], …], ?3 now. None of which there is one.
    ALERTS_RAISE, Business,
        "INSERT INTO alerts (business_id, id, cause, severity, object, name, summary, began_at, raised_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5,
           r.value ->> 6, ?3
         FROM json_each(?2) r WHERE true ON CONFLICT DO NOTHING";
    /// ?1 business, ?2 [[id, event id], …], ?3 event, ?4 now, ?5 what is said of them.
    ALERT_EVENTS, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, row_number() OVER (ORDER BY r.key)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           r.value ->> 1, ?3, a.id, ?4, json_object('alert', json_object('id', a.id, 'cause', a.cause,
             'severity', a.severity, 'status', ?5, 'object', json_object('id', a.object, 'name', a.name),
             'summary', a.summary, 'began_at', ", time_json!("a.began_at"), ",
             'raised_at', ", time_json!("a.raised_at"), ", 'ended_at', ", time_json!("a.ended_at"), "))
         FROM json_each(?2) r CROSS JOIN alerts a ON a.business_id = ?1 AND a.id = r.value ->> 0");
    /// ?1 business, ?2 as ALERTS_RAISE, ?3 now: everybody is told of what was just raised.
    NOTIFY_RAISED, Business,
        "INSERT INTO alert_notifications (business_id, alert_id, destination_id, event, due_at, created_at)
         SELECT ?1, a.id, d.id, 'raised', ?3, ?3 FROM json_each(?2) r
         CROSS JOIN alerts a ON a.business_id = ?1 AND a.id = r.value ->> 0
         CROSS JOIN alert_destinations d ON d.business_id = ?1
         WHERE true ON CONFLICT DO NOTHING";
    /// ?1 business, ?2 alerts, a JSON list, ?3 now: what they were raised for is not seen any more.
    ALERTS_CLEARING, Business,
        "UPDATE alerts SET clear_since = ?3
         WHERE business_id = ?1 AND id IN (SELECT value FROM json_each(?2)) AND clear_since IS NULL";
    /// ?1 business, ?2 alerts, a JSON list: it is seen again.
    ALERTS_BACK, Business,
        "UPDATE alerts SET clear_since = NULL
         WHERE business_id = ?1 AND id IN (SELECT value FROM json_each(?2))";
    /// ?1 business, ?2 [[id, event id], …].
    ALERTS_RESOLVE, Business,
        "UPDATE alerts SET ended_at = clear_since
         WHERE business_id = ?1 AND id IN (SELECT value ->> 0 FROM json_each(?2)) AND ended_at IS NULL";
    /// ?1 business, ?2 [[id, event id], …]: who was not told yet that it began need not be told at all.
    NOTIFY_NEVER, Business,
        "UPDATE alert_notifications SET state = 'skipped', due_at = NULL, error = 'It ended before it was sent.'
         WHERE business_id = ?1 AND alert_id IN (SELECT value ->> 0 FROM json_each(?2))
           AND event = 'raised' AND state = 'pending' AND attempts = 0";
    /// ?1 business, ?2 [[id, event id], …], ?3 now: who was told that it began, or may have been.
    NOTIFY_RESOLVED, Business,
        "INSERT INTO alert_notifications (business_id, alert_id, destination_id, event, due_at, created_at)
         SELECT ?1, n.alert_id, n.destination_id, 'resolved', ?3, ?3 FROM json_each(?2) r
         CROSS JOIN alert_notifications n ON n.business_id = ?1 AND n.alert_id = r.value ->> 0
         WHERE n.event = 'raised' AND n.state IN ('pending', 'sent') ON CONFLICT DO NOTHING";

    /// ?1 business, ?2 the lowest id that is kept, ?3 how many alerts.
    NOTIFICATIONS_EXPIRE, Business,
        concat!("DELETE FROM alert_notifications WHERE business_id = ?1 AND alert_id IN (", alerts_expired!(), ")");
    /// As NOTIFICATIONS_EXPIRE, behind it.
    ALERTS_EXPIRE, Business,
        concat!("DELETE FROM alerts WHERE business_id = ?1 AND id IN (", alerts_expired!(), ")");
    /// ?1 business, ?2 the first hour that is kept.
    HOURS_EXPIRE, Business,
        "DELETE FROM inbound_hours WHERE (business_id, channel_id, hour) IN (
           SELECT h.business_id, h.channel_id, h.hour FROM channels c
           CROSS JOIN inbound_hours h ON h.business_id = ?1 AND h.channel_id = c.id AND h.hour < ?2
           WHERE c.business_id = ?1)";
    /// ?1 business, ?2 since when they are kept.
    SAMPLES_EXPIRE, Business,
        "DELETE FROM alert_samples WHERE (business_id, connector, at) IN (
           SELECT s.business_id, s.connector, s.at FROM integrations i
           CROSS JOIN alert_samples s ON s.business_id = ?1 AND s.connector = i.connector AND s.at < ?2
           WHERE i.business_id = ?1)";

    /// ?1 now, ?2 how many, ?3 how many are looked at: what is to be sent, and to whom; nobody where the destination is
    /// deleted. Businesses take turns, so that one that has many to send keeps no other waiting.
    NOTIFICATIONS_DUE, Each("one look for every business"),
        concat!("WITH n AS MATERIALIZED (
           SELECT business_id, alert_id, destination_id, event, due_at, attempts,
             row_number() OVER (PARTITION BY business_id ORDER BY due_at) AS turn FROM (
             SELECT business_id, alert_id, destination_id, event, due_at, attempts
             FROM alert_notifications INDEXED BY alert_notifications_due
             WHERE due_at IS NOT NULL AND due_at <= ?1 AND ", is_open!("alert_notifications.business_id"), "
             ORDER BY due_at LIMIT ?3))
         SELECT n.business_id, b.name AS business, n.event, n.due_at, n.attempts, n.destination_id,
           d.type, d.name AS destination, d.address, d.credentials, s.quiet_hours, ",
           alert_columns!(), "
         FROM n CROSS JOIN businesses b ON b.id = n.business_id
         CROSS JOIN alerts a ON a.business_id = n.business_id AND a.id = n.alert_id
         LEFT JOIN alert_destinations d ON d.business_id = n.business_id AND d.id = n.destination_id
         LEFT JOIN alert_settings s ON s.business_id = n.business_id
         ORDER BY n.turn, n.due_at LIMIT ?2");
    /// ?1 business, ?2 alert, ?3 destination, ?4 event, ?5 when it was due, ?6 until when it is had. No row where
    /// another has it.
    NOTIFICATION_CLAIM, Business,
        concat!("UPDATE alert_notifications SET attempts = attempts + 1, due_at = ?6
         WHERE business_id = ?1 AND alert_id = ?2 AND destination_id = ?3 AND event = ?4 AND due_at = ?5
           AND ", stays!(), "
         RETURNING attempts");
    /// ?1 business, ?2 alert, ?3 destination, ?4 event, ?5 when it was due, ?6 state, ?7 when to try again, ?8 when it
    /// was sent, ?9 why not.
    NOTIFICATION_SETTLE, Business,
        "UPDATE alert_notifications SET state = ?6, due_at = ?7, sent_at = ?8, error = ?9
         WHERE business_id = ?1 AND alert_id = ?2 AND destination_id = ?3 AND event = ?4 AND due_at = ?5";
}
