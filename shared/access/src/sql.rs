//! The statements of `access`.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 key id. Whose key it is, is the question.
    KEY_FIND, Everywhere("a key's id is unique and tells the business"),
        "SELECT k.business_id, k.secret_hash, k.scopes, k.expires_at, k.revoked_at, k.last_used_at,
                b.default_region
         FROM api_keys k CROSS JOIN businesses b ON b.id = k.business_id
         WHERE k.id = ?1";
    /// ?1 business, ?2 key id, ?3 now, ?4 the time before which a use is worth a write.
    KEY_TOUCH, Business,
        "UPDATE api_keys SET last_used_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND coalesce(last_used_at, 0) < ?4";
    /// ?1 session id. A session lives no longer than the key that opened it.
    SESSION_FIND, Everywhere("a session's id is unique and tells the business"),
        "SELECT s.business_id, s.secret_hash, s.expires_at, k.id, k.scopes,
                k.expires_at AS key_expires_at,
                k.revoked_at, b.default_region
         FROM sessions s
         CROSS JOIN api_keys k ON k.business_id = s.business_id AND k.id = s.key_id
         CROSS JOIN businesses b ON b.id = s.business_id
         WHERE s.id = ?1";
    /// ?1 business, ?2 quota, ?3 what counts for it, ?4 its day: how much there may be, null for the
    /// default, and how much there is.
    QUOTA_STATE, Business,
        "SELECT (SELECT n FROM quotas WHERE business_id = ?1 AND kind = ?2) AS quota,
                (SELECT n FROM usage_counts WHERE business_id = ?1 AND kind = ?3 AND day = ?4) AS used";
    /// ?1 business, ?2 quota, ?3 what counts for it, ?4 its day, ?5 the default, ?6 how much more. Ends the
    /// transaction where the quota does not have it.
    QUOTA_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE
           coalesce((SELECT n FROM usage_counts WHERE business_id = ?1 AND kind = ?3 AND day = ?4), 0) + ?6
           > coalesce((SELECT n FROM quotas WHERE business_id = ?1 AND kind = ?2), ?5)";
    /// ?1 business, ?2 key, ?3 request hash, ?4 now, ?5 when a running request counts as dead.
    /// Gives a row when the key is now ours: it was free, had expired, or its request had died.
    IDEMPOTENCY_CLAIM, Business,
        "INSERT INTO idempotency (business_id, key, request_hash, claimed_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?4 + 86400000000)
         ON CONFLICT (business_id, key) DO UPDATE
         SET request_hash = excluded.request_hash, claimed_at = excluded.claimed_at,
             expires_at = excluded.expires_at, status = NULL, response = NULL, recall = NULL
         WHERE idempotency.expires_at <= ?4
            OR (idempotency.status IS NULL AND idempotency.claimed_at <= ?5
                AND idempotency.request_hash = excluded.request_hash)
         RETURNING claimed_at";
    /// ?1 business, ?2 key.
    IDEMPOTENCY_FIND, Business,
        "SELECT request_hash, status, response, recall FROM idempotency
         WHERE business_id = ?1 AND key = ?2";
    /// ?1 business, ?2 key, ?3 when we claimed it, ?4 status, ?5 response, or null and ?6 what makes it again.
    IDEMPOTENCY_STORE, Business,
        "UPDATE idempotency SET status = ?4, response = ?5, recall = ?6
         WHERE business_id = ?1 AND key = ?2 AND claimed_at = ?3";
    /// ?1 business, ?2 key, ?3 when we claimed it.
    IDEMPOTENCY_RELEASE, Business,
        "DELETE FROM idempotency
         WHERE business_id = ?1 AND key = ?2 AND claimed_at = ?3 AND status IS NULL";
    /// ?1 business, ?2 now, ?3 most of them.
    IDEMPOTENCY_PRUNE, Business,
        "DELETE FROM idempotency WHERE business_id = ?1 AND key IN (
           SELECT key FROM idempotency WHERE business_id = ?1 AND expires_at <= ?2 LIMIT ?3)";
    /// ?1 business, ?2 id, ?3 operation, ?4 target, ?5 names of fields, ?6 key, ?7 address, ?8 request, ?9 now,
    /// ?10 whether the statement before it is the change: where that changed nothing, nothing is noted. One
    /// entry for a request, in the first transaction that it writes.
    AUDIT_INSERT, Business,
        "INSERT INTO audit_log (business_id, id, operation, target, fields, key_id, address, request_id,
           created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ?10 = 0 OR changes() > 0
         ON CONFLICT (business_id, id) DO NOTHING";
    /// ?1 business, ?2 id, ?3 the code of the answer.
    AUDIT_FAIL, Business,
        "UPDATE audit_log SET error = ?3 WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 the key before, ?3 how many.
    IDEMPOTENCY_SLICE, Business,
        "SELECT key FROM idempotency WHERE business_id = ?1 AND key > ?2 ORDER BY key LIMIT ?3";
    /// ?1 business, ?2 the key before, ?3 the last key, ?4 a text, ?5 what takes its place.
    IDEMPOTENCY_ERASE, Business,
        "UPDATE idempotency SET response = replace(response, ?4, ?5)
         WHERE business_id = ?1 AND key > ?2 AND key <= ?3 AND instr(response, ?4) > 0";

    /// ?1 business, ?2 id, ?3 now: the first key, where there is none.
    SSO_KEY_BEGIN, Business,
        "INSERT INTO sso_keys (business_id, id, created_at) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM sso_keys k
           WHERE k.business_id = ?1 AND k.expires_at IS NULL)";
    /// ?1 business: the key that signs.
    SSO_KEY_ACTIVE, Business,
        "SELECT k.id FROM sso_keys k WHERE k.business_id = ?1 AND k.expires_at IS NULL
         ORDER BY k.id DESC LIMIT 1";
}
