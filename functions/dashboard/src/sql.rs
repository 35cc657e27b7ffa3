//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::db::Sql;
use common::statements;
use secrets::SEALED_COLUMNS;

/// Texts that are sealed under another master key, by how they begin.
macro_rules! sealed_page {
    ($table:literal, $id:literal, $sealed:literal) => {
        concat!(
            "SELECT substr(",
            $sealed,
            ", 1, 11) AS begins, business_id, ",
            $id,
            " AS id, ",
            $sealed,
            " AS sealed FROM ",
            $table,
            " WHERE ",
            $sealed,
            " <> ''
               AND (substr(",
            $sealed,
            ", 1, 11), business_id, ",
            $id,
            ") > (?1, ?2, ?3)
               AND substr(",
            $sealed,
            ", 1, 11) < ?4
             ORDER BY substr(",
            $sealed,
            ", 1, 11), business_id, ",
            $id,
            " LIMIT ?5"
        )
    };
}

/// A text, sealed anew.
macro_rules! sealed_replacement {
    ($table:literal, $id:literal, $sealed:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $sealed,
            " = ?4 WHERE business_id = ?1 AND ",
            $id,
            " = ?2 AND ",
            $sealed,
            " = ?3 RETURNING 1"
        )
    };
}

/// How many texts begin otherwise.
macro_rules! sealed_left {
    ($table:literal, $sealed:literal, $done:literal) => {
        concat!(
            "(SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " WHERE ",
            $sealed,
            " <> ''
               AND substr(",
            $sealed,
            ", 1, 11) < ",
            $done,
            " LIMIT 10000))
             + (SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " WHERE ",
            $sealed,
            " <> ''
               AND substr(",
            $sealed,
            ", 1, 11) > ",
            $done,
            " LIMIT 10000))"
        )
    };
}

/// A page of the audit log: ?1 business, ?2 the lowest id, ?3 the id before which, ?4 how many.
macro_rules! audit_page {
    ($only:literal) => {
        concat!(
            "SELECT a.id, a.operation, a.target, a.fields, a.key_id, k.name AS key_name, a.address,
               a.request_id, a.error, a.created_at
             FROM audit_log a LEFT JOIN api_keys k ON k.business_id = ?1 AND k.id = a.key_id
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
    /// As AUDIT_PAGE, ?5 target.
    AUDIT_BY_TARGET, Business, audit_page!(" AND a.target = ?5");
    /// As AUDIT_PAGE, ?5 key.
    AUDIT_BY_KEY, Business, audit_page!(" AND a.key_id = ?5");
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
    BUSINESS_INSERT, Everywhere("makes the business"),
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES (?1, ?2, ?3, ?4)";
    /// ?1 business, ?2 id, ?3 hash, ?4 key id, ?5 expiry, ?6 now.
    SESSION_INSERT, Business,
        "INSERT INTO sessions (business_id, id, secret_hash, key_id, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    /// ?1 business, ?2 now.
    SESSION_PRUNE, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND expires_at <= ?2";
    /// ?1 business, ?2 now.
    SESSION_LIST, Business,
        "SELECT s.id, s.key_id, s.created_at, s.expires_at
         FROM sessions s CROSS JOIN api_keys k ON k.business_id = ?1 AND k.id = s.key_id
         WHERE s.business_id = ?1 AND s.expires_at > ?2 AND k.revoked_at IS NULL
           AND coalesce(k.expires_at, ?2 + 1) > ?2
         ORDER BY s.expires_at DESC LIMIT 100";
    /// ?1 business, ?2 session id.
    SESSION_END, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND id = ?2 RETURNING id";
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
    PARKED_PAGE, Everywhere("the operator reads it, for the whole deployment"),
        "SELECT key, receiver, tries, state, code, message, first_tried_at, last_tried_at
         FROM parked_deliveries WHERE key > ?1 ORDER BY key LIMIT ?2";
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_DATA_KEYS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("data_keys", "purpose", "sealed");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_CHANNELS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("channels", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_SECRETS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("webhook_endpoints", "id", "secret");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_OLD_SECRETS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("webhook_endpoints", "id", "old_secret");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_INTEGRATIONS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("integrations", "connector", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_LINKS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("knowledge_links", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_REPLIES, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("reply_settings", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_DATA_KEY, Business, sealed_replacement!("data_keys", "purpose", "sealed");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_CHANNEL, Business, sealed_replacement!("channels", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_SECRET, Business, sealed_replacement!("webhook_endpoints", "id", "secret");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_OLD_SECRET, Business, sealed_replacement!("webhook_endpoints", "id", "old_secret");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_INTEGRATION, Business, sealed_replacement!("integrations", "connector", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_LINK, Business, sealed_replacement!("knowledge_links", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_REPLY, Business, sealed_replacement!("reply_settings", "id", "credentials");
    /// ?1 how data keys begin that are sealed under the present master key, ?2 how other texts do.
    SEALED_LEFT, Everywhere("the operator seals anew what all businesses have"),
        concat!(
            "SELECT ", sealed_left!("data_keys", "sealed", "?1"),
            " + ", sealed_left!("channels", "credentials", "?2"),
            " + ", sealed_left!("webhook_endpoints", "secret", "?2"),
            " + ", sealed_left!("webhook_endpoints", "old_secret", "?2"),
            " + ", sealed_left!("integrations", "credentials", "?2"),
            " + ", sealed_left!("knowledge_links", "credentials", "?2"),
            " + ", sealed_left!("reply_settings", "credentials", "?2"),
            " AS remaining"
        );
}

/// The pages of sealed texts, in the order of [`secrets::SEALED_COLUMNS`].
pub static SEALED_PAGES: [&Sql; SEALED_COLUMNS.len()] = [
    &SEALED_DATA_KEYS,
    &SEALED_CHANNELS,
    &SEALED_SECRETS,
    &SEALED_OLD_SECRETS,
    &SEALED_INTEGRATIONS,
    &SEALED_LINKS,
    &SEALED_REPLIES,
];

/// What replaces them, in the same order.
pub static SEALED_REPLACEMENTS: [&Sql; SEALED_COLUMNS.len()] = [
    &REPLACE_DATA_KEY,
    &REPLACE_CHANNEL,
    &REPLACE_SECRET,
    &REPLACE_OLD_SECRET,
    &REPLACE_INTEGRATION,
    &REPLACE_LINK,
    &REPLACE_REPLY,
];
