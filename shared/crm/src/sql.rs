//! The statements of `crm`.

use common::db::Binding::{Business, Everywhere};
use common::statements;

/// The columns of an integration, in the order in which `Integration` reads them.
macro_rules! integration_columns {
    () => {
        "connector, status, remote_org, remote_user, settings, credentials, revision, webhook_id,
         broken_until, broken_reason, failures, succeeded_at, failed_at, last_error, reconciled_to,
         reconcile_at, backfill, updated_at"
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
         LIMIT 20");
    /// ?1 business, ?2 connector, ?3 organisation, ?4 settings, ?5 sealed credentials, ?6 the revision
    /// that was read, ?7 now, ?8 whether the key is the deployment's. No row where another wrote first.
    INTEGRATION_PUT, Business,
        concat!("INSERT INTO integrations AS i (business_id, connector, remote_org, settings, credentials,
           default_key, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?8, ?7, ?7)
         ON CONFLICT (business_id, connector) DO UPDATE SET remote_org = excluded.remote_org,
           settings = excluded.settings, credentials = excluded.credentials,
           default_key = excluded.default_key,
           revision = i.revision + 1, updated_at = ?7, broken_until = NULL, broken_reason = NULL
         WHERE i.revision = ?6
         RETURNING ", integration_columns!());
    /// ?1 business, ?2 connector, ?3 who we are there, ?4 the webhook, ?5 now. What there was before
    /// is not sent unless somebody asks for it; what agents did within a day while it was off is found.
    INTEGRATION_ENABLE, Business,
        concat!("UPDATE integrations AS i SET status = 'active', remote_user = ?3,
           webhook_id = coalesce(?4, i.webhook_id), broken_until = NULL, broken_reason = NULL, failures = 0,
           reconciled_to = max(coalesce(i.reconciled_to, ?5), ?5 - 86400000000), reconcile_at = ?5,
           updated_at = ?5
         WHERE i.business_id = ?1 AND i.connector = ?2
         RETURNING ", integration_columns!());
    /// ?1 business, ?2 connector, ?3 now. What waits goes on waiting, for the day it is enabled again.
    INTEGRATION_DISABLE, Business,
        concat!("UPDATE integrations AS i SET status = 'disabled', updated_at = ?3
         WHERE i.business_id = ?1 AND i.connector = ?2
         RETURNING ", integration_columns!());
    /// ?1 business, ?2 connector, ?3 now.
    INTEGRATION_SUCCEEDED, Business,
        "UPDATE integrations SET succeeded_at = ?3, failures = 0, broken_until = NULL,
           broken_reason = NULL
         WHERE business_id = ?1 AND connector = ?2
           AND (failures > 0 OR coalesce(succeeded_at, 0) < ?3 - 30000000)";
    /// ?1 business, ?2 connector, ?3 now, ?4 why, ?5 from how many failures on it is left alone, ?6
    /// for how long at first.
    INTEGRATION_FAILED, Business,
        "UPDATE integrations SET failed_at = ?3, last_error = ?4, failures = failures + 1,
           broken_reason = iif(failures + 1 >= ?5, ?4, broken_reason),
           broken_until = iif(failures + 1 >= ?5,
             ?3 + min(3600000000, ?6 * (1 << min(6, failures + 1 - ?5))), broken_until)
         WHERE business_id = ?1 AND connector = ?2";
    /// ?1 business, ?2 connector, ?3 up to when.
    INTEGRATION_RECONCILED, Business,
        "UPDATE integrations SET reconciled_to = max(coalesce(reconciled_to, 0), ?3)
         WHERE business_id = ?1 AND connector = ?2";

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
               WHEN o.event GLOB 'customer.*' THEN 'customer' ELSE 'conversation' END AS record,
             o.subject_id AS record_id, iif(r.value ->> 3, coalesce(o.detail, '{}'), NULL) AS said,
             m.status AS status, coalesce(m.customer_id, v.customer_id, o.subject_id) AS stream,
             coalesce(iif(o.event = 'message.status_changed', NULL, m.created_at), o.created_at)
               AS ordered_at
           FROM outbox o
           CROSS JOIN json_each(?5) r ON r.value ->> 1 = o.event
           LEFT JOIN messages m ON m.business_id = ?1
             AND m.id = iif(o.event GLOB 'message.*', o.subject_id, NULL)
           LEFT JOIN conversations v ON v.business_id = ?1
             AND v.id = iif(o.event GLOB 'message.*' OR o.event GLOB 'customer.*', NULL, o.subject_id)
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
    /// ?1 business, ?2 connector, ?3 the CRM's conversation or null, ?4 the CRM's customer or null.
    /// Whose stream a thing of theirs belongs to: our customer.
    STREAM_OF_REMOTE, Business,
        "SELECT coalesce(
           (SELECT v.customer_id FROM crm_links l
            CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = l.local_id
            WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = 'conversation' AND l.remote_id = ?3),
           (SELECT l.local_id FROM crm_links l
            WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = 'customer' AND l.remote_id = ?4))";

    /// ?1 business, ?2 connector, ?3 now, ?4 the lease, ?5 when it ends, ?6 the least urgent
    /// priority. One stream that is due, now ours.
    STREAM_CLAIM, Business,
        "UPDATE crm_streams SET lease = ?4, due_at = ?5
         WHERE business_id = ?1 AND connector = ?2 AND stream = (
           SELECT stream FROM crm_streams
           WHERE business_id = ?1 AND connector = ?2 AND priority IN (0, ?6)
             AND due_at IS NOT NULL AND due_at <= ?3
           ORDER BY priority, due_at LIMIT 1)
         RETURNING stream, minute, used";
    /// ?1 business, ?2 connector, ?3 the lease, ?4 how many.
    STREAM_JOBS, Business,
        "SELECT j.key, j.id, j.kind, j.subject, j.detail, j.priority, j.generation, j.tries, j.failures,
           j.ordered_at
         FROM crm_streams s INDEXED BY crm_streams_leased
         CROSS JOIN crm_jobs j INDEXED BY crm_jobs_waiting
           ON j.business_id = ?1 AND j.connector = ?2 AND j.stream = s.stream AND j.state = 'waiting'
         WHERE s.business_id = ?1 AND s.connector = ?2 AND s.lease = ?3
         ORDER BY j.priority, j.ordered_at, j.sequence LIMIT ?4";
    /// ?1 business, ?2 connector, ?3 the lease, ?4 job, ?5 generation. No row where either is another's by now.
    JOB_BEGIN, Business,
        "UPDATE crm_jobs SET tries = tries + 1
         WHERE business_id = ?1 AND connector = ?2 AND key = ?4 AND generation = ?5
           AND state = 'waiting' AND EXISTS (
             SELECT 1 FROM crm_streams s WHERE s.business_id = ?1 AND s.connector = ?2
               AND s.stream = crm_jobs.stream AND s.lease = ?3)
         RETURNING tries";
    /// ?1 business, ?2 connector, ?3 the lease, ?4 when it is to end.
    STREAM_EXTEND, Business,
        "UPDATE crm_streams SET due_at = ?4
         WHERE business_id = ?1 AND connector = ?2 AND lease = ?3";
    /// ?1 business, ?2 connector, ?3 the lease, ?4 when to go on, ?5 minute, ?6 used.
    STREAM_RELEASE, Business,
        "UPDATE crm_streams SET lease = NULL, minute = ?5, used = ?6,
           due_at = iif(EXISTS (SELECT 1 FROM crm_jobs j WHERE j.business_id = ?1 AND j.connector = ?2
             AND j.stream = crm_streams.stream AND j.state = 'waiting'), ?4, NULL),
           priority = coalesce((SELECT min(j.priority) FROM crm_jobs j WHERE j.business_id = ?1
             AND j.connector = ?2 AND j.stream = crm_streams.stream AND j.state = 'waiting'), 0)
         WHERE business_id = ?1 AND connector = ?2 AND lease = ?3";
    /// ?1 business, ?2 connector, ?3 job, ?4 generation, ?5 its new state, ?6 error, ?7 whether that
    /// counts as a failure, ?8 now. Of a job that is wanted anew by now only the trace is kept.
    JOB_SETTLE, Business,
        "UPDATE crm_jobs SET state = ?5, error = ?6, failures = failures + ?7,
           updated_at = iif(?5 = 'waiting', updated_at, ?8)
         WHERE business_id = ?1 AND connector = ?2 AND key = ?3 AND generation = ?4
           AND state = 'waiting'";
    /// ?1 business, ?2 connector, ?3 job, ?4 at, ?5 milliseconds, ?6 outcome, ?7 requests, ?8 error.
    ATTEMPT_INSERT, Business,
        "INSERT INTO crm_attempts (business_id, connector, key, number, at, duration_ms, outcome,
           requests, error)
         SELECT ?1, ?2, ?3, 1 + (SELECT coalesce(max(number), 0) FROM crm_attempts
             WHERE business_id = ?1 AND connector = ?2 AND key = ?3), ?4, ?5, ?6, ?7, ?8";
    /// ?1 business, ?2 connector, ?3 job: all but the last ten.
    ATTEMPT_PRUNE, Business,
        "DELETE FROM crm_attempts WHERE business_id = ?1 AND connector = ?2 AND key = ?3
           AND number <= (SELECT max(number) - 10 FROM crm_attempts
             WHERE business_id = ?1 AND connector = ?2 AND key = ?3)";
    /// ?1 business, ?2 connector, ?3 day, ?4 jobs done, ?5 failed, ?6 requests, ?7 throttled.
    DAY_COUNT, Business,
        "INSERT INTO crm_days (business_id, connector, day, done, failed, requests, throttled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (business_id, connector, day) DO UPDATE SET done = done + excluded.done,
           failed = failed + excluded.failed, requests = requests + excluded.requests,
           throttled = throttled + excluded.throttled";

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
    /// ?1 business, ?2 connector.
    BUDGET_GET, Business,
        "SELECT per_minute, day, used, blocked_until FROM crm_budgets
         WHERE business_id = ?1 AND connector = ?2";

    /// ?1 business, ?2 connector, ?3 kind, ?4 ours.
    LINK_GET, Business,
        "SELECT local_id, remote_id, rev, fingerprint FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND local_id = ?4";
    /// ?1 business, ?2 connector, ?3 kind, ?4 theirs.
    LINK_OF_REMOTE, Business,
        "SELECT local_id, remote_id, rev, fingerprint FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND remote_id = ?4";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ids of theirs as a JSON array: [theirs, ours, the revision
    /// that we know] of those that are linked.
    LINKS_OF_REMOTE, Business,
        "SELECT l.remote_id, l.local_id, l.rev FROM json_each(?4) k CROSS JOIN crm_links l
           ON l.business_id = ?1 AND l.connector = ?2 AND l.kind = ?3 AND l.remote_id = k.value";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ours, ?5 theirs, ?6 revision, ?7 fingerprint, ?8 now.
    /// What is theirs is one thing of ours.
    LINK_PUT, Business,
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, rev, fingerprint,
           created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8 WHERE NOT EXISTS (
           SELECT 1 FROM crm_links l WHERE l.business_id = ?1 AND l.connector = ?2 AND l.kind = ?3
             AND l.remote_id = ?5 AND l.local_id <> ?4)
         ON CONFLICT (business_id, connector, kind, local_id) DO UPDATE SET
           remote_id = excluded.remote_id, rev = max(coalesce(rev, 0), coalesce(excluded.rev, 0)),
           fingerprint = coalesce(excluded.fingerprint, fingerprint), updated_at = ?8";
    /// ?1 business, ?2 connector, ?3 kind, ?4 ours: theirs is gone.
    LINK_DELETE, Business,
        "DELETE FROM crm_links
         WHERE business_id = ?1 AND connector = ?2 AND kind = ?3 AND local_id = ?4";

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

    /// ?1 business, ?2 connector: when a stream is due next.
    STREAM_NEXT, Business,
        "SELECT min(due_at) FROM crm_streams INDEXED BY crm_streams_due
         WHERE business_id = ?1 AND connector = ?2 AND priority IN (0, 1) AND due_at IS NOT NULL";
    /// ?1 now, ?2 how many.
    DUE_STREAMS, Everywhere("the cron looks after every business"),
        "SELECT i.business_id FROM integrations i INDEXED BY integrations_by_reconcile
         WHERE i.status = 'active' AND i.reconcile_at > 0 AND coalesce(i.broken_until, 0) <= ?1
           AND EXISTS (SELECT 1 FROM crm_streams s WHERE s.business_id = i.business_id
             AND s.connector = i.connector AND s.priority IN (0, 1) AND s.due_at IS NOT NULL
             AND s.due_at <= ?1)
         ORDER BY i.reconcile_at LIMIT ?2";
    /// ?1 now. For each connection that is to be asked what changed.
    DUE_RECONCILES, Everywhere("the cron looks after every business"),
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, ordered_at,
           created_at, updated_at)
         SELECT business_id, connector, 'reconcile:' || connector, 'reconcile-' || connector,
           'reconcile', 'reconcile', connector, ?1, ?1, ?1
         FROM integrations INDEXED BY integrations_by_reconcile
         WHERE status = 'active' AND reconcile_at IS NOT NULL AND reconcile_at <= ?1
         ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting',
           generation = generation + 1, failures = 0, error = NULL, updated_at = excluded.updated_at
           WHERE state <> 'waiting'";
    /// ?1 now, ?2 when to ask next.
    RECONCILE_LATER, Everywhere("the cron looks after every business"),
        "UPDATE integrations SET reconcile_at = ?2
         WHERE status = 'active' AND reconcile_at IS NOT NULL AND reconcile_at <= ?1";
    /// ?1 how long what was done is remembered: until when, ?2 how many.
    JOB_PRUNE, Everywhere("the cron looks after every business"),
        "DELETE FROM crm_jobs WHERE (business_id, connector, key) IN (
           SELECT business_id, connector, key FROM crm_jobs INDEXED BY crm_jobs_by_age
           WHERE state IN ('done', 'skipped') AND updated_at < ?1 ORDER BY updated_at LIMIT ?2)";
    /// ?1 now, ?2 how many.
    CACHE_PRUNE, Everywhere("the cron looks after every business"),
        "DELETE FROM crm_cache WHERE (business_id, connector, key) IN (
           SELECT business_id, connector, key FROM crm_cache INDEXED BY crm_cache_by_expiry
           WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
}
