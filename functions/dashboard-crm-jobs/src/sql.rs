//! The statements of `dashboard-crm-jobs`.

use common::db::Binding::Business;
use common::statements;

/// The columns of a job as people see it, in the order in which `CrmJob` reads them.
macro_rules! job_columns {
    () => {
        "j.id, j.kind, j.subject, j.stream, j.state, j.priority, j.ordered_at, j.tries, j.failures,
         j.error, j.created_at, j.updated_at"
    };
}

/// Whether a job is not running.
macro_rules! is_free {
    () => {
        "NOT EXISTS (SELECT 1 FROM crm_streams s WHERE s.business_id = ?1 AND s.connector = ?2
           AND s.stream = crm_jobs.stream AND s.lease IS NOT NULL AND s.due_at > ?4)"
    };
}

statements! {
    /// ?1 business, ?2 connector, ?3 before which id, ?4 how many.
    JOB_PAGE, Business,
        concat!("SELECT ", job_columns!(), " FROM crm_jobs j INDEXED BY crm_jobs_by_id
         WHERE j.business_id = ?1 AND j.id < ?3 AND j.connector = ?2 ORDER BY j.id DESC LIMIT ?4");
    /// ?1 business, ?2 connector, ?3 before which id, ?4 how many, ?5 state.
    JOB_PAGE_OF_STATE, Business,
        concat!("SELECT ", job_columns!(), " FROM crm_jobs j INDEXED BY crm_jobs_by_state
         WHERE j.business_id = ?1 AND j.connector = ?2 AND j.state = ?5 AND j.id < ?3
         ORDER BY j.id DESC LIMIT ?4");
    /// ?1 business, ?2 connector, ?3 job: its columns, its detail, and its attempts as [[number, at,
    /// milliseconds, outcome, requests, error], …].
    JOB_GET, Business,
        concat!("SELECT ", job_columns!(), ", j.detail, (
           SELECT json_group_array(json_array(a.number, a.at, a.duration_ms, a.outcome,
             json(a.requests), json(a.error)))
           FROM (SELECT number, at, duration_ms, outcome, requests, error FROM crm_attempts
             WHERE business_id = ?1 AND connector = ?2 AND key = j.key ORDER BY number) a)
         FROM crm_jobs j INDEXED BY crm_jobs_by_id
         WHERE j.business_id = ?1 AND j.id = ?3 AND j.connector = ?2");
    /// ?1 business, ?2 connector, ?3 job, ?4 now, ?5 detail. No row for one that is done, or that
    /// somebody is at.
    JOB_EDIT, Business,
        concat!("UPDATE crm_jobs SET detail = ?5, updated_at = ?4
         WHERE business_id = ?1 AND id = ?3 AND connector = ?2
           AND (state = 'failed' OR (state = 'waiting' AND ", is_free!(), "))
         RETURNING id");
    /// ?1 business, ?2 connector, ?3 job, ?4 now: it is wanted anew. One that waits goes on waiting.
    JOB_RETRY, Business,
        "UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, failures = 0,
           error = NULL, updated_at = ?4
         WHERE business_id = ?1 AND id = ?3 AND connector = ?2 AND state <> 'waiting'";
    /// ?1 business, ?2 connector, ?3 job, ?4 now: what its stream waits for is over.
    STREAM_HASTEN, Business,
        "UPDATE crm_streams SET due_at = ?4
         WHERE business_id = ?1 AND connector = ?2 AND lease IS NULL AND due_at > ?4
           AND stream = (SELECT stream FROM crm_jobs WHERE business_id = ?1 AND id = ?3)";
    /// ?1 business, ?2 connector, ?3 since when they failed, ?4 now, ?5 of which code, or null, ?6 how
    /// many.
    JOBS_RETRY, Business,
        "UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, failures = 0,
           error = NULL, updated_at = ?4
         WHERE business_id = ?1 AND connector = ?2 AND key IN (
           SELECT key FROM crm_jobs INDEXED BY crm_jobs_by_state
           WHERE business_id = ?1 AND connector = ?2 AND state = 'failed' AND updated_at >= ?3
             AND (?5 IS NULL OR error ->> 'code' = ?5)
           ORDER BY id LIMIT ?6)
         RETURNING 1";
    /// ?1 business, ?2 connector, ?3 job. No row for one that did not fail.
    JOB_DISMISS, Business,
        "DELETE FROM crm_jobs
         WHERE business_id = ?1 AND id = ?3 AND connector = ?2 AND state = 'failed'
         RETURNING id";

    /// ?1 business, ?2 after when, ?3 until when.
    BACKFILL_TOTAL, Business,
        "SELECT count(*) FROM messages
         WHERE business_id = ?1 AND created_at > ?2 AND created_at <= ?3";
    /// ?1 business, ?2 after when, ?3 until when, ?4 how many: [up to when these are, how many].
    BACKFILL_PAGE, Business,
        "SELECT max(created_at), count(*) FROM (SELECT created_at FROM messages
           WHERE business_id = ?1 AND created_at > ?2 AND created_at <= ?3
           ORDER BY created_at LIMIT ?4)";
    /// ?1 business, ?2 connector, ?3 after when, ?4 until when, ?5 what the ids begin with, ?6 now, ?7
    /// what BACKFILL_PUT wrote: nothing where it did not, ?8 the kind of the jobs. As the jobs of
    /// events, so that nothing is done twice.
    BACKFILL_JOBS, Business,
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, priority,
           ordered_at, created_at, updated_at)
         SELECT ?1, ?2, ?8 || ':' || m.id,
           ?5 || printf('%04x', row_number() OVER (ORDER BY m.created_at)), m.customer_id, ?8,
           m.id, 1, m.created_at, ?6, ?6
         FROM messages m
         WHERE m.business_id = ?1 AND m.created_at > ?3 AND m.created_at <= ?4 AND EXISTS (
           SELECT 1 FROM integrations i
           WHERE i.business_id = ?1 AND i.connector = ?2 AND i.backfill = ?7)
         ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting', priority = 1,
           generation = generation + 1, failures = 0, error = NULL, updated_at = excluded.updated_at
         WHERE state = 'skipped'";
}
