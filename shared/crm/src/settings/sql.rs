//! The statements by which people set up connections, and look after what is done for them.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 business, ?2 connectors that there are: [connector, status, when that changed].
    INTEGRATION_LIST, Business,
        "SELECT k.value, coalesce(i.status, 'disabled'), i.updated_at FROM json_each(?2) k
         LEFT JOIN integrations i ON i.business_id = ?1 AND i.connector = k.value
         ORDER BY k.key";

    /// ?1 connector, ?2 business: whether another is connected by the deployment's key.
    DEPLOYMENT_KEY_USER, Everywhere("the deployment's key is all businesses' affair"),
        "SELECT 1 FROM integrations i INDEXED BY integrations_by_default_key
         WHERE i.connector = ?1 AND i.status = 'active'
           AND (i.credentials IS NULL OR i.default_key = 1) AND i.business_id <> ?2";

    /// ?1 business, ?2 connector, ?3 since when a failure is a recent one: [how many wait, since when
    /// the first does that somebody waits for, how many failed, how many of them recently].
    QUEUE_STATUS, Business,
        "SELECT
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'waiting'),
           (SELECT min(updated_at) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'waiting' AND priority = 0),
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'failed'),
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'failed' AND updated_at > ?3)";

    /// ?1 business, ?2 connector: [how many wait of what was there before, how many failed].
    BACKFILL_COUNTS, Business,
        "SELECT
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'waiting' AND priority = 1),
           (SELECT count(*) FROM crm_jobs WHERE business_id = ?1 AND connector = ?2
             AND state = 'failed' AND priority = 1)";
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
    /// ?1 business, ?2 connector, ?3 what was read, ?4 what it is now. No row where another wrote
    /// first.
    BACKFILL_PUT, Business,
        "UPDATE integrations SET backfill = ?4
         WHERE business_id = ?1 AND connector = ?2 AND backfill IS ?3
         RETURNING connector";
}
