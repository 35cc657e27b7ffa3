//! The statements of `access`.

use common::db::Binding::{Business, Deployment, Key};
use common::{is_here, statements};

statements! {
    /// ?1 key id. Whose key it is, is the question.
    KEY_FIND, Key("a key's id is unique and tells the business"),
        concat!("SELECT k.business_id, k.secret_hash, k.scopes, k.expires_at, k.revoked_at, k.last_used_at,
                b.default_region, b.suspended_at IS NOT NULL AS is_suspended
         FROM api_keys k CROSS JOIN businesses b ON b.id = k.business_id
         WHERE k.id = ?1 AND ", is_here!("k.business_id"));
    /// ?1 business, ?2 key id, ?3 now, ?4 the time before which a use is worth a write.
    KEY_TOUCH, Business,
        "UPDATE api_keys SET last_used_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND coalesce(last_used_at, 0) < ?4";
    /// ?1 session id. A session lives no longer than the key that opened it, or the member.
    SESSION_FIND, Key("a session's id is unique and tells the business"),
        concat!("SELECT s.business_id, s.secret_hash, s.expires_at, s.ends_at, s.key_id, k.scopes,
                k.expires_at AS key_expires_at, k.revoked_at, s.member_id, m.role, m.name, m.email,
                b.default_region, b.suspended_at IS NOT NULL AS is_suspended, s.support_role, s.support_reason
         FROM sessions s
         CROSS JOIN businesses b ON b.id = s.business_id
         LEFT JOIN api_keys k ON k.business_id = s.business_id AND k.id = s.key_id
         LEFT JOIN members m ON m.business_id = s.business_id AND m.id = s.member_id
         WHERE s.id = ?1 AND ", is_here!("s.business_id"));
    /// ?1 business, ?2 session, ?3 until when it goes on.
    SESSION_RENEW, Business,
        "UPDATE sessions SET expires_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND expires_at < ?3";
    /// ?1 business, ?2 member.
    SIGN_IN_LINKS_END, Business,
        "DELETE FROM sign_in_links WHERE business_id = ?1 AND member_id = ?2";
    /// ?1 business, ?2 id, ?3 hash, ?4 member, ?5 expiry, ?6 now. Nothing for a member that is not there.
    SIGN_IN_LINK_INSERT, Business,
        "INSERT INTO sign_in_links (business_id, id, secret_hash, member_id, expires_at, created_at)
         SELECT ?1, ?2, ?3, m.id, ?5, ?6 FROM members m WHERE m.business_id = ?1 AND m.id = ?4";
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
    /// ?10 whether the statement before it is the change: where that changed nothing, nothing is noted;
    /// ?11 member, ?12 why, where the operator did it. One entry for a request, in the first transaction that it writes.
    AUDIT_INSERT, Business,
        "INSERT INTO audit_log (business_id, id, operation, target, fields, key_id, address, request_id,
           created_at, member_id, reason)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?11, ?12 WHERE ?10 = 0 OR changes() > 0
         ON CONFLICT (business_id, id) DO NOTHING";
    /// ?1 business, ?2 id, ?3 the code of the answer.
    AUDIT_FAIL, Business,
        "UPDATE audit_log SET error = ?3 WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 now, ?3 calls as [[at, key, member, operation, status, ms, request, error], …], ?4 the day, ?5 how
    /// many of a day are kept, and twice as many of those that were refused or failed.
    API_CALL_INSERT, Business,
        "INSERT INTO api_calls (business_id, n, at, key_id, member_id, operation, status, ms, request_id, error)
         SELECT ?1, max(?2, (SELECT coalesce(max(n), 0) FROM api_calls WHERE business_id = ?1)) + 1 + r.key,
           r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7
         FROM json_each(?3) r
         WHERE (SELECT coalesce(sum(kept), 0) FROM api_usage WHERE business_id = ?1 AND day = ?4)
           < iif(r.value ->> 4 >= 400, 2 * ?5, ?5)";
    /// ?1 business, ?2 [[day, operation, key, member, calls, refused, failed, ms, kept], …].
    API_USAGE_ADD, Business,
        "INSERT INTO api_usage (business_id, day, operation, key_id, member_id, calls, refused, failed, ms, kept)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8
         FROM json_each(?2) r
         WHERE true ON CONFLICT (business_id, day, operation, key_id, member_id) DO UPDATE SET
           calls = calls + excluded.calls, refused = refused + excluded.refused,
           failed = failed + excluded.failed, ms = ms + excluded.ms, kept = kept + excluded.kept";
    /// ?1 business, ?2 [[hour, calls, refused, failed, ms, up to 50 ms, …], …].
    API_HOUR_ADD, Business,
        "INSERT INTO api_hours (business_id, hour, calls, refused, failed, ms,
           up_to_50, up_to_100, up_to_250, up_to_500, up_to_1000, up_to_2000, up_to_5000)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
           r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, r.value ->> 10, r.value ->> 11
         FROM json_each(?2) r
         WHERE true ON CONFLICT (business_id, hour) DO UPDATE SET
           calls = calls + excluded.calls, refused = refused + excluded.refused,
           failed = failed + excluded.failed, ms = ms + excluded.ms,
           up_to_50 = up_to_50 + excluded.up_to_50,
           up_to_100 = up_to_100 + excluded.up_to_100,
           up_to_250 = up_to_250 + excluded.up_to_250,
           up_to_500 = up_to_500 + excluded.up_to_500,
           up_to_1000 = up_to_1000 + excluded.up_to_1000,
           up_to_2000 = up_to_2000 + excluded.up_to_2000,
           up_to_5000 = up_to_5000 + excluded.up_to_5000";
    /// ?1 [[operation, calls, refused, failed, ms, up to 50 ms, …], …].
    API_TOTAL_ADD, Deployment("the operator counts requests, whose ever they are"),
        "INSERT INTO api_totals (operation, calls, refused, failed, ms,
           up_to_50, up_to_100, up_to_250, up_to_500, up_to_1000, up_to_2000, up_to_5000)
         SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
           r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, r.value ->> 10, r.value ->> 11
         FROM json_each(?1) r
         WHERE true ON CONFLICT (operation) DO UPDATE SET
           calls = calls + excluded.calls, refused = refused + excluded.refused,
           failed = failed + excluded.failed, ms = ms + excluded.ms,
           up_to_50 = up_to_50 + excluded.up_to_50,
           up_to_100 = up_to_100 + excluded.up_to_100,
           up_to_250 = up_to_250 + excluded.up_to_250,
           up_to_500 = up_to_500 + excluded.up_to_500,
           up_to_1000 = up_to_1000 + excluded.up_to_1000,
           up_to_2000 = up_to_2000 + excluded.up_to_2000,
           up_to_5000 = up_to_5000 + excluded.up_to_5000";
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
