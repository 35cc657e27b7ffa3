//! The statements of a run.

use common::db::Binding::Business;
use common::{statements, stays};

statements! {
    /// ?1 business, ?2 connector, ?3 now, ?4 the lease, ?5 when it ends, ?6 the least urgent
    /// priority. One stream that is due, now ours.
    STREAM_CLAIM, Business,
        concat!("UPDATE crm_streams SET lease = ?4, due_at = ?5
         WHERE business_id = ?1 AND connector = ?2 AND stream = (
           SELECT stream FROM crm_streams
           WHERE business_id = ?1 AND connector = ?2 AND priority IN (0, ?6)
             AND due_at IS NOT NULL AND due_at <= ?3
           ORDER BY priority, due_at LIMIT 1)
           AND ", stays!(), "
         RETURNING stream, minute, used");
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
    /// ?1 business, ?2 connector, ?3 customer, ?4 now: what was skipped while nobody knew who they are. A row for each.
    JOBS_RECALL, Business,
        "UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, failures = 0, error = NULL,
           updated_at = ?4
         WHERE business_id = ?1 AND connector = ?2 AND key IN (
           SELECT j.key FROM crm_jobs j INDEXED BY crm_jobs_by_stream
           WHERE j.business_id = ?1 AND j.stream = ?3 AND j.connector = ?2 AND j.state = 'skipped'
             AND j.error ->> 'code' = 'anonymous')
         RETURNING key";
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
    /// ?1 business, ?2 connector: when a stream is due next. Null where none may be claimed.
    STREAM_NEXT, Business,
        concat!("SELECT min(due_at) FROM crm_streams INDEXED BY crm_streams_due
         WHERE business_id = ?1 AND connector = ?2 AND priority IN (0, 1) AND due_at IS NOT NULL
           AND ", stays!());
}
