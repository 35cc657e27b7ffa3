//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 business.
    CHANNEL_LIST, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at,
           verification
         FROM channels WHERE business_id = ?1 AND deleted_at IS NULL
         ORDER BY created_at, id";
    /// ?1 business, ?2 id.
    CHANNEL_FIND, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at,
           verification, credentials
         FROM channels WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 id, ?3 kind, ?4 name, ?5 address, ?6 settings, ?7 credentials, ?8 app secret
    /// id, ?9 verify token id, ?10 now, ?11 id of a second app secret, or empty, ?12 verification. Gives a row unless
    /// the business has the account already, under whichever secret. The plus signs keep the planner on the business's own rows.
    CHANNEL_INSERT, Business,
        "INSERT INTO channels (business_id, id, kind, name, address, settings, credentials,
           app_secret_id, verify_token_id, created_at, updated_at, second_secret_id,
           verification)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12
         WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.business_id = ?1
           AND +c.kind = ?3 AND +c.address = ?5 AND c.deleted_at IS NULL)
         RETURNING id";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 name, ?5 settings, ?6 credentials or
    /// null to leave them and what names them, ?7 app secret id, ?8 verify token id, ?9 status,
    /// ?10 now, ?11 id of a second app secret, or empty, ?12 verification. Gives a row unless
    /// another writer came between.
    CHANNEL_UPDATE, Business,
        "UPDATE channels SET name = ?4, settings = ?5, credentials = coalesce(?6, credentials),
           app_secret_id = CASE WHEN ?6 IS NULL THEN app_secret_id ELSE ?7 END,
           second_secret_id = CASE WHEN ?6 IS NULL THEN second_secret_id ELSE ?11 END,
           verify_token_id = CASE WHEN ?6 IS NULL THEN verify_token_id ELSE ?8 END,
           status = ?9, status_reason = CASE WHEN ?9 = status THEN status_reason END,
           verification = ?12, updated_at = max(?10, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING status_reason, updated_at";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 verification, ?5 settings, ?6 now. Gives a row
    /// unless another writer came between.
    CHANNEL_VERIFY, Business,
        "UPDATE channels SET verification = ?4, settings = ?5, updated_at = max(?6, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING id";
    /// ?1 business, ?2 id, ?3 now. Its conversations stay; its secrets, and what names them, go.
    CHANNEL_DELETE, Business,
        "UPDATE channels SET deleted_at = ?3, updated_at = max(?3, updated_at + 1),
           credentials = NULL, app_secret_id = '', second_secret_id = '', verify_token_id = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING id";
    /// ?1 business, ?2 kind, ?3 address: the accounts of other businesses that receive what is for the
    /// address, where accounts share a callback and an app secret.
    CHANNEL_OWNERS, Everywhere("an address has one owner in all businesses"),
        "SELECT business_id, id, verification FROM channels
         WHERE kind = ?2 AND address = ?3 AND app_secret_id = '' AND deleted_at IS NULL
           AND verification <> 'pending' AND business_id <> ?1
           AND (kind <> 'email' OR settings ->> 'provider' = 'cloudflare')";
    /// ?1 business, ?2 id, ?3 now, ?4 the business that has proven that the address is its, ?5 the account
    /// that gets it. Nothing happens where that business has another account of the address, for then
    /// this one is not connected.
    CHANNEL_RELEASE, Everywhere("an address goes from one business to another"),
        "UPDATE channels SET verification = 'pending', updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.business_id = ?4 AND c.id <> ?5
             AND +c.kind = channels.kind AND +c.address = channels.address AND c.deleted_at IS NULL)";
}
