//! The statements of `crm`.

use common::db::Binding::{Business, Everywhere};
use common::{is_here, statements};

/// The columns of an integration, in the order in which [`Integration::of_row`](crate::Integration::of_row)
/// reads them.
#[macro_export]
macro_rules! integration_columns {
    () => {
        "connector, status, remote_org, remote_user, settings, credentials, revision, webhook_id,
         broken_until, broken_reason, failures, succeeded_at, failed_at, last_error, reconciled_to,
         reconcile_at, backfill, cursors, updated_at"
    };
}

/// How much may be asked at once, of which ?6 says how many percent of a minute that is: enough for
/// one request however low the limit.
macro_rules! burst {
    () => {
        "max(2.0, per_minute * ?6 / 100.0)"
    };
}

/// What is left of the burst, as of ?3.
macro_rules! tokens_now {
    () => {
        concat!(
            "min(",
            burst!(),
            ", tokens + max(0, ?3 - filled_at) * per_minute * (100 - ?6) / 6000000000.0)"
        )
    };
}

statements! {
    /// ?1 business, ?2 connector.
    INTEGRATION_GET, Business,
        concat!("SELECT ", integration_columns!(), " FROM integrations i
         WHERE i.business_id = ?1 AND i.connector = ?2");
    /// ?1 business.
    INTEGRATIONS_ACTIVE, Business,
        concat!("SELECT ", integration_columns!(), " FROM integrations i
         WHERE i.business_id = ?1 AND i.status = 'active'");
    /// ?1 connector, ?2 organisation.
    INTEGRATIONS_OF_ORG, Everywhere("a webhook names the organisation, not the business"),
        concat!("SELECT business_id, ", integration_columns!(), "
         FROM integrations i INDEXED BY integrations_by_org
         WHERE i.connector = ?1 AND i.remote_org = ?2 AND i.status = 'active' AND i.remote_org <> ''
           AND ", is_here!("i.business_id"), "
         LIMIT 20");
    /// ?1 business, ?2 connector, ?3 now.
    INTEGRATION_SUCCEEDED, Business,
        "UPDATE integrations SET succeeded_at = ?3, failures = 0, broken_until = NULL,
           broken_reason = NULL
         WHERE business_id = ?1 AND connector = ?2
           AND (failures > 0 OR coalesce(succeeded_at, 0) < ?3 - 30000000)";
    /// ?1 business, ?2 connector, ?3 now, ?4 why, ?5 from how many failures on it is left alone, ?6
    /// for how long at first, ?7 when the run began: a pause is twice as long as the one before, once
    /// for each run, up to ?8.
    INTEGRATION_FAILED, Business,
        "UPDATE integrations SET last_error = ?4, failures = failures + 1,
           failed_at = iif(broken_until > ?7, failed_at, ?3),
           broken_reason = iif(failures + 1 >= ?5, ?4, broken_reason),
           broken_until = CASE
             WHEN broken_until > ?7 THEN max(broken_until, iif(?5 = 1, ?3 + ?6, 0))
             WHEN failures + 1 < ?5 THEN broken_until
             WHEN broken_until IS NULL THEN ?3 + ?6
             ELSE ?3 + min(?8, max(?6, 2 * (broken_until - failed_at))) END
         WHERE business_id = ?1 AND connector = ?2";
    /// ?1 business, ?2 connector, ?3 up to when.
    INTEGRATION_RECONCILED, Business,
        "UPDATE integrations SET reconciled_to = max(coalesce(reconciled_to, 0), ?3)
         WHERE business_id = ?1 AND connector = ?2";
    /// ?1 business, ?2 connector, ?3 cursors as a JSON object: what it does not name stays.
    CURSORS_PUT, Business,
        "UPDATE integrations SET cursors = json_patch(coalesce(cursors, '{}'), ?3)
         WHERE business_id = ?1 AND connector = ?2";

    /// ?1 business, ?2 customer, ?3 what was read, ?4 what is to be, ?5 now. The next revision stops whoever read
    /// before.
    CRM_IDS_PUT, Business,
        "UPDATE customers SET crm_ids = ?4, revision = revision + 1, updated_at = ?5
         WHERE business_id = ?1 AND id = ?2 AND crm_ids IS ?3 AND erased_at IS NULL";
    /// ?1 business: ends the transaction where the statement before wrote no row.
    CRM_IDS_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() <> 1 AND ?1 IS NOT NULL";
    /// ?1 business, ?2 id of the event, ?3 event, ?4 customer, ?5 detail, ?6 now.
    CRM_EVENT_INSERT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, detail, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1), ?2, ?3, c.id, ?5, ?6
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?4 AND c.erased_at IS NULL";

    /// ?1 business, ?2 sequence up to which events have been handed out, ?3 up to which they are
    /// now, ?4 now, ?5 which jobs they make, as [[connector, event, kind, whether the event itself is
    /// the subject, condition], …], ?6 what the ids begin with. What is done for the CRMs because of
    /// them.
    JOBS_OF_EVENTS, Business,
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail,
           ordered_at, sequence, created_at, updated_at)
         SELECT ?1, i.connector, w.kind || ':' || w.subject,
           ?6 || printf('%04x', row_number() OVER (ORDER BY w.sequence)), w.stream, w.kind,
           w.subject, json_set(w.said, '$.' || w.record || '_id', w.record_id), w.ordered_at, w.sequence, ?4, ?4
         FROM integrations i CROSS JOIN (
           SELECT r.value ->> 0 AS connector, r.value ->> 2 AS kind, r.value ->> 4 AS condition,
             o.sequence, iif(r.value ->> 3, o.id, o.subject_id) AS subject,
             CASE WHEN o.event GLOB 'message.*' THEN 'message'
               WHEN o.event GLOB 'customer.*' OR o.event GLOB 'crm.*' THEN 'customer' ELSE 'conversation' END AS record,
             o.subject_id AS record_id, iif(r.value ->> 3, coalesce(o.detail, '{}'), NULL) AS said,
             m.status AS status, coalesce(m.customer_id, v.customer_id, o.subject_id) AS stream,
             coalesce(iif(o.event = 'message.status_changed', NULL, m.created_at), o.created_at)
               AS ordered_at
           FROM outbox o
           CROSS JOIN json_each(?5) r ON r.value ->> 1 = o.event
           LEFT JOIN messages m ON m.business_id = ?1
             AND m.id = iif(o.event GLOB 'message.*', o.subject_id, NULL)
           LEFT JOIN conversations v ON v.business_id = ?1
             AND v.id = iif(o.event GLOB 'message.*' OR o.event GLOB 'customer.*' OR o.event GLOB 'crm.*',
               NULL, o.subject_id)
           WHERE o.business_id = ?1 AND o.sequence > ?2 AND o.sequence <= ?3
         ) w ON w.connector = i.connector
         WHERE i.business_id = ?1 AND i.status = 'active'
           AND (w.condition <> 'failed' OR w.status = 'failed')
           AND (w.condition <> 'linked' OR EXISTS (
             SELECT 1 FROM crm_links l WHERE l.business_id = ?1 AND l.connector = i.connector
               AND l.kind = w.record AND l.local_id = w.record_id))
         ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting',
           generation = generation + 1, failures = 0, error = NULL, priority = 0,
           ordered_at = excluded.ordered_at, sequence = excluded.sequence,
           updated_at = excluded.updated_at";
    /// ?1 business, ?2 connector, ?3 [[key, id, stream, kind, subject, detail, priority, ordered
    /// at], …], ?4 now. Each once; one that is there is left as it is.
    JOB_INSERT, Business,
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail,
           priority, ordered_at, created_at, updated_at)
         SELECT ?1, ?2, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
           r.value ->> 5, r.value ->> 6, r.value ->> 7, ?4, ?4
         FROM json_each(?3) r
         WHERE true ON CONFLICT (business_id, connector, key) DO NOTHING
         RETURNING key";
    /// As JOB_INSERT, and one that is there is wanted anew: what is done already is done again, and what is being done
    /// does not count as done. In the stream that it is in by now, unless it waits in another, in order.
    JOB_AGAIN, Business,
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail,
           priority, ordered_at, created_at, updated_at)
         SELECT ?1, ?2, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
           r.value ->> 5, r.value ->> 6, r.value ->> 7, ?4, ?4
         FROM json_each(?3) r
         WHERE true ON CONFLICT (business_id, connector, key) DO UPDATE SET
           stream = iif(state = 'waiting', stream, excluded.stream),
           ordered_at = iif(state = 'waiting', ordered_at, excluded.ordered_at),
           detail = excluded.detail, priority = min(priority, excluded.priority), state = 'waiting',
           generation = generation + 1, failures = 0, error = NULL, updated_at = excluded.updated_at";
    /// ?1 business, ?2 connector, ?3 the CRM's conversation or null, ?4 the CRM's customer or null.
    /// Whose stream a thing of theirs belongs to: our customer.
    STREAM_OF_REMOTE, Business,
        "SELECT coalesce(
           (SELECT v.customer_id FROM crm_links l
            CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = l.local_id
            WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = 'conversation' AND l.remote_id = ?3),
           (SELECT l.local_id FROM crm_links l
            WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = 'customer' AND l.remote_id = ?4))";
    /// ?1 business, ?2 connector, ?3 day, ?4 jobs done, ?5 failed, ?6 requests, ?7 throttled.
    DAY_COUNT, Business,
        "INSERT INTO crm_days (business_id, connector, day, done, failed, requests, throttled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (business_id, connector, day) DO UPDATE SET done = done + excluded.done,
           failed = failed + excluded.failed, requests = requests + excluded.requests,
           throttled = throttled + excluded.throttled";

    /// ?1 business, ?2 connector, ?3 hour, ?4 requests, ?5 of them errors, ?6 their milliseconds, ?7 jobs done, ?8
    /// failed, ?9 the job or null, ?10 now, ?11 to ?17 requests that took up to 100 ms, 250 ms and so on. A backfill's
    /// jobs may wait.
    HOUR_COUNT, Business,
        "INSERT INTO crm_hours AS h (business_id, connector, hour, requests, errors, ms, done, failed, waited_ms,
           up_to_100, up_to_250, up_to_500, up_to_1000, up_to_2000, up_to_5000, up_to_10000)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
           coalesce((SELECT cast(max(0, ?10 - j.updated_at) / 1000 AS INTEGER) FROM crm_jobs j
             WHERE j.business_id = ?1 AND j.connector = ?2 AND j.key = ?9 AND j.priority = 0), 0),
           ?11, ?12, ?13, ?14, ?15, ?16, ?17
         WHERE true ON CONFLICT (business_id, connector, hour) DO UPDATE SET
           requests = requests + excluded.requests, errors = errors + excluded.errors, ms = ms + excluded.ms,
           done = done + excluded.done, failed = failed + excluded.failed,
           waited_ms = max(h.waited_ms, excluded.waited_ms),
           up_to_100 = up_to_100 + excluded.up_to_100, up_to_250 = up_to_250 + excluded.up_to_250,
           up_to_500 = up_to_500 + excluded.up_to_500, up_to_1000 = up_to_1000 + excluded.up_to_1000,
           up_to_2000 = up_to_2000 + excluded.up_to_2000, up_to_5000 = up_to_5000 + excluded.up_to_5000,
           up_to_10000 = up_to_10000 + excluded.up_to_10000";

    /// ?1 business, ?2 connector, ?3 now, ?4 day, ?5 requests a minute where nothing is known, ?6 how
    /// many percent of them may be asked at once.
    BUDGET_OPEN, Business,
        "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day)
         VALUES (?1, ?2, ?5, ?5 * ?6 / 100.0, ?3, ?4)
         ON CONFLICT (business_id, connector) DO NOTHING";
    /// ?1 business, ?2 connector, ?3 now, ?4 day, ?5 1 for what can wait, which leaves half of the
    /// burst and a fifth of the day to what cannot, ?6 as BUDGET_OPEN, ?7 how many minutes' requests a
    /// day has.
    BUDGET_TAKE, Business,
        concat!("UPDATE crm_budgets SET tokens = ", tokens_now!(), " - 1,
           filled_at = max(filled_at, ?3), used = iif(day = ?4, used, 0) + 1, day = ?4
         WHERE business_id = ?1 AND connector = ?2 AND blocked_until <= ?3
           AND ", tokens_now!(), " >= 1 + ?5 * (", burst!(), " - 1) / 2
           AND iif(day = ?4, used, 0) < per_minute * ?7 * (5 - ?5) / 5
         RETURNING per_minute");
    /// As BUDGET_TAKE. When one more is allowed.
    BUDGET_NEXT, Business,
        concat!("SELECT max(blocked_until,
           iif(iif(day = ?4, used, 0) >= per_minute * ?7 * (5 - ?5) / 5, (?4 + 1) * 86400000000, 0),
           ?3 + cast(max(0, 1 + ?5 * (", burst!(), " - 1) / 2 - ", tokens_now!(), ")
             * 6000000000.0 / (per_minute * (100 - ?6)) AS INTEGER))
         FROM crm_budgets WHERE business_id = ?1 AND connector = ?2");
    /// ?1 business, ?2 connector, ?3 requests a minute or null, ?4 how many are left or null, ?5 not
    /// before, or 0.
    BUDGET_FEED, Business,
        "UPDATE crm_budgets SET per_minute = coalesce(?3, per_minute),
           tokens = min(tokens, coalesce(?4, tokens)), blocked_until = max(blocked_until, ?5)
         WHERE business_id = ?1 AND connector = ?2";

    /// ?1 business, ?2 connector, ?3 kind, ?4 ours.
    LINK_GET, Business,
        "SELECT local_id, remote_id, rev, fingerprint, created_at FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND local_id = ?4";
    /// ?1 business, ?2 connector, ?3 kind, ?4 theirs.
    LINK_OF_REMOTE, Business,
        "SELECT local_id, remote_id, rev, fingerprint, created_at FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND remote_id = ?4";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ids of theirs as a JSON array: a link for each that is
    /// linked.
    LINKS_OF_REMOTE, Business,
        "SELECT l.remote_id, l.local_id, l.rev, l.fingerprint, l.created_at FROM json_each(?4) k CROSS JOIN crm_links l
           ON l.business_id = ?1 AND l.connector = ?2 AND l.kind = ?3 AND l.remote_id = k.value";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ours, ?5 theirs, ?6 revision, ?7 fingerprint, ?8 now,
    /// ?9 since when a new one counts, or null. What is theirs is one thing of ours.
    LINK_PUT, Business,
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, rev, fingerprint,
           created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce(?9, ?8), ?8 WHERE NOT EXISTS (
           SELECT 1 FROM crm_links l WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = ?3
             AND l.remote_id = ?5 AND l.local_id <> ?4)
         ON CONFLICT (business_id, connector, kind, local_id) DO UPDATE SET
           remote_id = excluded.remote_id, rev = max(coalesce(rev, 0), coalesce(excluded.rev, 0)),
           fingerprint = coalesce(excluded.fingerprint, fingerprint), updated_at = ?8";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ours: theirs is gone.
    LINK_DELETE, Business,
        "DELETE FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND local_id = ?4";

    /// ?1 business, ?2 connector, ?3 [[id, name, email], …], with emails in lower case.
    AGENTS_PUT, Business,
        "INSERT INTO crm_agents (business_id, connector, id, name, email)
         SELECT ?1, ?2, r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM json_each(?3) r
         WHERE true ON CONFLICT (business_id, connector, id) DO UPDATE SET
           name = excluded.name, email = excluded.email
           WHERE name IS NOT excluded.name OR email IS NOT excluded.email";

    /// ?1 business, ?2 connector, ?3 key, ?4 now.
    CACHE_GET, Business,
        "SELECT value FROM crm_cache
         WHERE business_id = ?1 AND connector = ?2 AND key = ?3 AND expires_at > ?4";
    /// ?1 business, ?2 connector, ?3 key, ?4 value, ?5 until when.
    CACHE_PUT, Business,
        "INSERT INTO crm_cache (business_id, connector, key, value, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (business_id, connector, key) DO UPDATE SET value = excluded.value,
           expires_at = excluded.expires_at";

    /// ?1 business, ?2 connector, ?3 now: what is wrong and stops nothing else.
    TROUBLES_GET, Business,
        "SELECT value FROM crm_cache
         WHERE business_id = ?1 AND connector = ?2 AND key > 'trouble:' AND key < 'trouble;'
           AND expires_at > ?3
         ORDER BY key LIMIT 20";
    /// ?1 business, ?2 connector.
    TROUBLES_FORGET, Business,
        "DELETE FROM crm_cache
         WHERE business_id = ?1 AND connector = ?2 AND key > 'trouble:' AND key < 'trouble;'";

    /// ?1 business, ?2 connector, ?3 what was read, ?4 what it is now. No row where another wrote
    /// first.
    BACKFILL_PUT, Business,
        "UPDATE integrations SET backfill = ?4
         WHERE business_id = ?1 AND connector = ?2 AND backfill IS ?3
         RETURNING connector";
    /// ?1 business, ?2 connector: [how many wait of what was there before, how many failed].
    BACKFILL_COUNTS, Business,
        "SELECT
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'waiting' AND priority = 1),
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'failed' AND priority = 1)";
    /// ?1 business, ?2 customer: what was to be done for CRMs because of them, with what CRMs told
    /// before they were linked. Before CRM_LINK_ERASE, which forgets who they are there.
    CRM_JOB_ERASE, Business,
        "DELETE FROM crm_jobs WHERE (business_id, connector, key) IN (
           SELECT j.business_id, j.connector, j.key FROM (SELECT ?2 AS id UNION ALL
             SELECT 'remote:' || l.remote_id FROM integrations i CROSS JOIN crm_links l
               ON l.business_id = ?1 AND l.connector = i.connector AND l.kind = 'customer'
              AND l.local_id = ?2
             WHERE i.business_id = ?1) s
           CROSS JOIN crm_jobs j INDEXED BY crm_jobs_by_stream
             ON j.business_id = ?1 AND j.stream = s.id)";
    /// ?1 business, ?2 customer: their history at CRMs, whose keys are `history:<customer>` and what
    /// begins with that and a colon.
    CRM_CACHE_ERASE, Business,
        "DELETE FROM crm_cache WHERE (business_id, connector, key) IN (
           SELECT c.business_id, c.connector, c.key FROM integrations i CROSS JOIN crm_cache c
             ON c.business_id = ?1 AND c.connector = i.connector
            AND c.key >= 'history:' || ?2 AND c.key < 'history:' || ?2 || ';'
           WHERE i.business_id = ?1)";
    /// ?1 business, ?2 customer: in what order that was to be done, which names them as the CRM does.
    CRM_STREAM_ERASE, Business,
        "DELETE FROM crm_streams WHERE (business_id, connector, stream) IN (
           SELECT r.business_id, r.connector, r.stream FROM (
             SELECT i.connector AS connector, ?2 AS stream FROM integrations i WHERE i.business_id = ?1
             UNION ALL SELECT i.connector, 'remote:' || l.remote_id
             FROM integrations i CROSS JOIN crm_links l
               ON l.business_id = ?1 AND l.connector = i.connector AND l.kind = 'customer'
              AND l.local_id = ?2
             WHERE i.business_id = ?1) s
           CROSS JOIN crm_streams r
             ON r.business_id = ?1 AND r.connector = s.connector AND r.stream = s.stream)";
    /// ?1 business, ?2 customer: who they are at CRMs, and which conversations and notes there are about them.
    CRM_LINK_ERASE, Business,
        "DELETE FROM crm_links WHERE (business_id, connector, kind, local_id) IN (
           SELECT ?1, i.connector, s.kind, s.id FROM (
             SELECT 'customer' AS kind, ?2 AS id
             UNION ALL SELECT 'lead', ?2
             UNION ALL SELECT 'stage', ?2
             UNION ALL SELECT 'conversation', v.id
             FROM conversations v INDEXED BY conversations_by_customer
             WHERE v.business_id = ?1 AND v.customer_id = ?2
             UNION ALL SELECT 'note', n.id FROM conversations v INDEXED BY conversations_by_customer
             CROSS JOIN conversation_notes n INDEXED BY conversation_notes_by_conversation
               ON n.business_id = ?1 AND n.conversation_id = v.id
             WHERE v.business_id = ?1 AND v.customer_id = ?2) s
           CROSS JOIN integrations i ON i.business_id = ?1)";
    /// ?1 business, ?2 ids of messages: which they are at CRMs.
    CRM_MESSAGE_ERASE, Business,
        "DELETE FROM crm_links WHERE (business_id, connector, kind, local_id) IN (
           SELECT ?1, i.connector, 'message', m.value FROM json_each(?2) m
           CROSS JOIN integrations i ON i.business_id = ?1)";
    /// ?1 business, ?2 numbers and addresses: a customer who works for the business is an agent at its CRM,
    /// too, until the CRM names them again.
    CRM_AGENT_ERASE, Business,
        "DELETE FROM crm_agents WHERE (business_id, connector, id) IN (
           SELECT a.business_id, a.connector, a.id FROM json_each(?2) c
           CROSS JOIN crm_agents a INDEXED BY crm_agents_by_email
             ON a.business_id = ?1 AND a.email = lower(c.value))";
}
