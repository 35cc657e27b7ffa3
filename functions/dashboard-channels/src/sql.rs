//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business.
    CHANNEL_LIST, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at
         FROM channels WHERE business_id = ?1 AND deleted_at IS NULL
         ORDER BY created_at, id";
    /// ?1 business, ?2 id.
    CHANNEL_FIND, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at,
           credentials
         FROM channels WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 id, ?3 kind, ?4 name, ?5 address, ?6 settings, ?7 credentials, ?8 app secret
    /// id, ?9 verify token id, ?10 now, ?11 id of a second app secret, or empty. Gives a row unless the business has the account already,
    /// under whichever secret. The plus signs keep the planner on the business's own rows.
    CHANNEL_INSERT, Business,
        "INSERT INTO channels (business_id, id, kind, name, address, settings, credentials,
           app_secret_id, verify_token_id, created_at, updated_at, second_secret_id)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11
         WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.business_id = ?1
           AND +c.kind = ?3 AND +c.address = ?5 AND c.deleted_at IS NULL)
         RETURNING id";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 name, ?5 settings, ?6 credentials or
    /// null to leave them and what names them, ?7 app secret id, ?8 verify token id, ?9 status,
    /// ?10 now, ?11 id of a second app secret, or empty. Gives a row unless another writer came
    /// between.
    CHANNEL_UPDATE, Business,
        "UPDATE channels SET name = ?4, settings = ?5, credentials = coalesce(?6, credentials),
           app_secret_id = CASE WHEN ?6 IS NULL THEN app_secret_id ELSE ?7 END,
           second_secret_id = CASE WHEN ?6 IS NULL THEN second_secret_id ELSE ?11 END,
           verify_token_id = CASE WHEN ?6 IS NULL THEN verify_token_id ELSE ?8 END,
           status = ?9, status_reason = CASE WHEN ?9 = status THEN status_reason END,
           updated_at = max(?10, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING status_reason, updated_at";
    /// ?1 business, ?2 id, ?3 now. Its conversations stay; its secrets, and what names them, go.
    CHANNEL_DELETE, Business,
        "UPDATE channels SET deleted_at = ?3, updated_at = max(?3, updated_at + 1),
           credentials = NULL, app_secret_id = '', second_secret_id = '', verify_token_id = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING id";
}
