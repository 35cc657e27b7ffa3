//! The statements of `dashboard-integrations`.

use common::db::Binding::{Business, Everywhere};
use common::{is_here, statements};

statements! {
    /// ?1 business, ?2 connectors that there are: [connector, status, when that changed].
    INTEGRATION_LIST, Business,
        "SELECT k.value, coalesce(i.status, 'disabled'), i.updated_at FROM json_each(?2) k
         LEFT JOIN integrations i ON i.business_id = ?1 AND i.connector = k.value
         ORDER BY k.key";
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
         RETURNING ", crm::integration_columns!());
    /// ?1 business, ?2 connector, ?3 who we are there, ?4 the webhook, ?5 now. What there was before
    /// is not sent unless somebody asks for it; what agents did within a day while it was off is found.
    INTEGRATION_ENABLE, Business,
        concat!("UPDATE integrations AS i SET status = 'active', remote_user = ?3,
           webhook_id = coalesce(?4, i.webhook_id), broken_until = NULL, broken_reason = NULL, failures = 0,
           reconciled_to = max(coalesce(i.reconciled_to, ?5), ?5 - 86400000000), reconcile_at = ?5,
           updated_at = ?5
         WHERE i.business_id = ?1 AND i.connector = ?2
         RETURNING ", crm::integration_columns!());
    /// ?1 business, ?2 connector, ?3 now. What waits goes on waiting, for the day it is enabled again.
    INTEGRATION_DISABLE, Business,
        concat!("UPDATE integrations AS i SET status = 'disabled', updated_at = ?3
         WHERE i.business_id = ?1 AND i.connector = ?2
         RETURNING ", crm::integration_columns!());
    /// ?1 business, ?2 connector, ?3 now, ?4 how many: jobs that failed for a role that the key lacked.
    JOBS_REVIVE, Business,
        "UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, failures = 0,
           error = NULL, updated_at = ?3
         WHERE business_id = ?1 AND connector = ?2 AND key IN (
           SELECT j.key FROM crm_jobs j INDEXED BY crm_jobs_by_state
           WHERE j.business_id = ?1 AND j.connector = ?2 AND j.state = 'failed'
             AND j.error ->> '$.code' = 'missing_role'
           ORDER BY j.id LIMIT ?4)";
    /// ?1 connector, ?2 business: whether another is connected by the deployment's key.
    DEPLOYMENT_KEY_USER, Everywhere("the deployment's key is all businesses' affair"),
        concat!("SELECT 1 FROM integrations i INDEXED BY integrations_by_default_key
         WHERE i.connector = ?1 AND i.status = 'active'
           AND (i.credentials IS NULL OR i.default_key = 1) AND i.business_id <> ?2
           AND ", is_here!("i.business_id"));

    /// ?1 business: whether there is another. Two ranges of the key, since `<>` would read them all.
    OTHER_BUSINESS, Everywhere("whether it is alone is the question"),
        concat!("SELECT 1 WHERE EXISTS (SELECT 1 FROM businesses WHERE id > ?1 AND ", is_here!("businesses.id"), ")
                     OR EXISTS (SELECT 1 FROM businesses WHERE id < ?1 AND ", is_here!("businesses.id"), ")");

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
    /// ?1 business, ?2 connector.
    BUDGET_GET, Business,
        "SELECT per_minute, day, used, blocked_until FROM crm_budgets
         WHERE business_id = ?1 AND connector = ?2";
}
