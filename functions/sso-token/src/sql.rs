//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 the customer by our id, or null, ?3 by the CRM's. Two rows are an ambiguity.
    SSO_CUSTOMER, Business,
        "SELECT c.id FROM (
           SELECT ?2 AS id WHERE ?2 IS NOT NULL
           UNION SELECT i.customer_id FROM identities i
             WHERE i.business_id = ?1 AND i.kind = 'external_id' AND i.value = ?3) n
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = n.id
         WHERE c.erased_at IS NULL LIMIT 2";
    /// ?1 business, ?2 id, ?3 name.
    SSO_AGENT_SEEN, Business,
        "INSERT INTO sso_agents (business_id, id, name) VALUES (?1, ?2, ?3)
         ON CONFLICT (business_id, id) DO UPDATE SET name = excluded.name
         WHERE name <> excluded.name";
    /// ?1 business, ?2 now: the origins, then the keys as [[id, created, expires], …].
    SSO_SETTINGS, Business,
        "SELECT b.embed_origins,
           (SELECT json_group_array(json_array(k.id, k.created_at, k.expires_at) ORDER BY k.id)
            FROM sso_keys k
            WHERE k.business_id = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2))
         FROM businesses b WHERE b.id = ?1";
    /// ?1 business, ?2 the origins.
    SSO_ORIGINS, Business,
        "UPDATE businesses SET embed_origins = ?2 WHERE id = ?1";
    /// ?1 business, ?2 now, ?3 until when the key that signs is good for what it signed.
    SSO_KEY_RETIRE, Business,
        "UPDATE sso_keys SET expires_at = ?3
         WHERE business_id = ?1 AND id IN (SELECT k.id FROM sso_keys k
           WHERE k.business_id = ?1 AND (k.expires_at IS NULL OR k.expires_at > max(?2, ?3)))";
    /// ?1 business, ?2 id, ?3 now.
    SSO_KEY_INSERT, Business,
        "INSERT INTO sso_keys (business_id, id, created_at) VALUES (?1, ?2, ?3)";
    /// ?1 business, ?2 now.
    SSO_KEY_PRUNE, Business,
        "DELETE FROM sso_keys WHERE business_id = ?1
           AND id IN (SELECT k.id FROM sso_keys k WHERE k.business_id = ?1 AND k.expires_at <= ?2)";
    /// ?1 business, ?2 kind, ?3 subject, ?4 the last token's id, ?5 when no such token lives.
    SSO_REVOKE, Business,
        "INSERT INTO sso_revocations (business_id, kind, subject_id, up_to, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (business_id, kind, subject_id) DO UPDATE SET up_to = excluded.up_to,
           expires_at = excluded.expires_at";
    /// ?1 business, ?2 the token's id, ?3 now: the account whose CRM card it opens has it no more.
    CARD_REVOKE, Business,
        "UPDATE channels SET settings = json_remove(settings, '$.card_token_id'),
           updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND settings ->> 'card_token_id' = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 now.
    SSO_REVOCATION_PRUNE, Business,
        "DELETE FROM sso_revocations WHERE business_id = ?1 AND (kind, subject_id) IN (
           SELECT r.kind, r.subject_id FROM sso_revocations r
           WHERE r.business_id = ?1 AND r.expires_at <= ?2)";
}
