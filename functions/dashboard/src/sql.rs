//! The statements of this function.

use common::db::Binding::{Business, Deployment, New};
use common::statements;

/// A page of the audit log: ?1 business, ?2 the lowest id, ?3 the id before which, ?4 how many.
macro_rules! audit_page {
    ($only:literal) => {
        concat!(
            "SELECT a.id, a.operation, a.target, a.fields, a.key_id, k.name AS key_name, a.member_id,
               m.name AS member_name, a.address, a.request_id, a.error, a.created_at, a.reason
             FROM audit_log a
             LEFT JOIN api_keys k ON k.business_id = ?1 AND k.id = a.key_id
             LEFT JOIN members m ON m.business_id = ?1 AND m.id = a.member_id
             WHERE a.business_id = ?1",
            $only,
            " AND a.id >= ?2 AND a.id < ?3 ORDER BY a.id DESC LIMIT ?4"
        )
    };
}

statements! {
    /// See `audit_page`.
    AUDIT_PAGE, Business, audit_page!("");
    /// As AUDIT_PAGE, ?5 operation.
    AUDIT_BY_OPERATION, Business, audit_page!(" AND a.operation = ?5");
    /// As AUDIT_PAGE, ?5 target, ?6 operation or null for any.
    AUDIT_BY_TARGET, Business, audit_page!(" AND a.target = ?5 AND (?6 IS NULL OR +a.operation = ?6)");
    /// As AUDIT_PAGE, ?5 key, ?6 operation or null for any.
    AUDIT_BY_KEY, Business, audit_page!(" AND a.key_id = ?5 AND (?6 IS NULL OR +a.operation = ?6)");
    /// As AUDIT_PAGE, ?5 member, ?6 operation or null for any.
    AUDIT_BY_MEMBER, Business, audit_page!(" AND a.member_id = ?5 AND (?6 IS NULL OR +a.operation = ?6)");
    /// ?1 business, ?2 id, ?3 name, ?4 hash, ?5 scopes, ?6 expiry, ?7 now.
    KEY_INSERT, Business,
        "INSERT INTO api_keys (business_id, id, name, secret_hash, scopes, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    /// ?1 business.
    KEY_LIST, Business,
        "SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at
         FROM api_keys WHERE business_id = ?1 ORDER BY created_at, id";
    /// ?1 business, ?2 key id, ?3 now. A key stays revoked at its first time.
    KEY_REVOKE, Business,
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?3)
         WHERE business_id = ?1 AND id = ?2 RETURNING id";
    /// ?1 id, ?2 name, ?3 default region, ?4 now.
    BUSINESS_INSERT, New("makes the business"),
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES (?1, ?2, ?3, ?4)";
    /// ?1 business, ?2 id, ?3 hash, ?4 key id, ?5 expiry, ?6 now.
    SESSION_INSERT, Business,
        "INSERT INTO sessions (business_id, id, secret_hash, key_id, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    /// ?1 business, ?2 now.
    SESSION_PRUNE, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND expires_at <= ?2";
    /// ?1 business, ?2 now, ?3 the member whose they are, or null.
    SESSION_LIST, Business,
        "SELECT s.id, s.key_id, s.member_id, m.name, s.created_at, s.expires_at, s.support_reason
         FROM sessions s
         LEFT JOIN api_keys k ON k.business_id = ?1 AND k.id = s.key_id
         LEFT JOIN members m ON m.business_id = ?1 AND m.id = s.member_id
         WHERE s.business_id = ?1 AND s.expires_at > ?2 AND (?3 IS NULL OR s.member_id = ?3)
           AND (m.id IS NOT NULL OR s.support_reason IS NOT NULL
                OR (k.id IS NOT NULL AND k.revoked_at IS NULL AND coalesce(k.expires_at, ?2 + 1) > ?2))
         ORDER BY s.expires_at DESC LIMIT 100";
    /// ?1 business, ?2 session id, ?3 the member whose it has to be, or null.
    SESSION_END, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND id = ?2 AND (?3 IS NULL OR member_id = ?3) RETURNING id";
    /// ?1 business.
    BUSINESS_EXISTS, Business, "SELECT 1 FROM businesses WHERE id = ?1";
    /// ?1 business: what the operator set.
    QUOTAS_SET, Business,
        "SELECT kind, n FROM quotas WHERE business_id = ?1
           AND kind IN ('channels', 'webhooks', 'api_keys', 'stored_bytes', 'messages_per_day')";
    /// ?1 business, ?2 today: what there is, and of messages what there was today.
    USAGE, Business,
        "SELECT kind, n FROM usage_counts
         WHERE business_id = ?1 AND kind IN ('channels', 'webhooks', 'api_keys', 'stored_bytes') AND day = 0
         UNION ALL
         SELECT kind, n FROM usage_counts
         WHERE business_id = ?1 AND kind IN ('sent', 'received') AND day = ?2";
    /// ?1 business, ?2 quota, ?3 how much, ?4 now.
    QUOTA_SET, Business,
        "INSERT INTO quotas (business_id, kind, n, updated_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (business_id, kind) DO UPDATE SET n = excluded.n, updated_at = excluded.updated_at";
    /// ?1 business, ?2 quota.
    QUOTA_CLEAR, Business, "DELETE FROM quotas WHERE business_id = ?1 AND kind = ?2";
    /// ?1 the last key of the page before, or empty, ?2 how many: parked deliveries that failed, by key.
    PARKED_PAGE, Deployment("the operator reads it, for the whole deployment"),
        "SELECT key, receiver, tries, state, code, message, first_tried_at, last_tried_at
         FROM parked_deliveries WHERE key > ?1 ORDER BY key LIMIT ?2";
}
