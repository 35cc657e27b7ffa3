//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 now, ?3 when the oldest token was made that may live: what a token's check depends
    /// on. An API key that ended before that has no tokens left.
    SSO_STATE, Business,
        "SELECT b.name, b.default_region, b.embed_origins,
           (SELECT json_group_array(k.id) FROM sso_keys k
            WHERE k.business_id = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)),
           (SELECT json_group_array(json_array(r.kind, r.subject_id, r.up_to))
            FROM sso_revocations r WHERE r.business_id = ?1 AND r.expires_at > ?2),
           (SELECT json_group_array(a.id) FROM api_keys a
            WHERE a.business_id = ?1
              AND (a.revoked_at > ?3 OR (a.expires_at > ?3 AND a.expires_at <= ?2))),
           (SELECT json_group_array(json_array(m.id, m.role)) FROM members m WHERE m.business_id = ?1),
           b.suspended_at IS NOT NULL AS is_suspended
         FROM businesses b WHERE b.id = ?1";
}
