//! The statements of this function.

use common::db::Binding::{Business, Each, Everywhere};
use common::{is_here, is_open, statements};

/// The 200 that are due longest by ?1 and may be written to, each numbered among those of its business.
macro_rules! due_in_turn {
    () => {
        concat!(
            "SELECT business_id, id, verify_at,
               row_number() OVER (PARTITION BY business_id ORDER BY verify_at, id) AS turn
             FROM (SELECT business_id, id, verify_at FROM channels INDEXED BY channels_by_verify_at
               WHERE verify_at <= ?1 AND deleted_at IS NULL AND ",
            is_open!("channels.business_id"),
            " ORDER BY verify_at LIMIT 200)"
        )
    };
}

statements! {
    /// ?1 business.
    CHANNEL_LIST, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at,
           verification, verification_error
         FROM channels WHERE business_id = ?1 AND deleted_at IS NULL
         ORDER BY created_at, id";
    /// ?1 business, ?2 id.
    CHANNEL_FIND, Business,
        "SELECT id, kind, name, address, settings, status, status_reason, created_at, updated_at,
           verification, verification_error, credentials
         FROM channels WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 id, ?3 kind, ?4 name, ?5 address, ?6 settings, ?7 credentials, ?8 app secret
    /// id, ?9 verify token id, ?10 now, ?11 id of a second app secret, or empty, ?12 verification, ?13 why it is
    /// pending, ?14 when to ask again. Gives a row unless the business has the account already, under
    /// whichever secret. The plus signs keep the planner on the business's own rows.
    CHANNEL_INSERT, Business,
        "INSERT INTO channels (business_id, id, kind, name, address, settings, credentials,
           app_secret_id, verify_token_id, created_at, updated_at, second_secret_id,
           verification, verification_error, verify_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14
         WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.business_id = ?1
           AND +c.kind = ?3 AND +c.address = ?5 AND c.deleted_at IS NULL)
         RETURNING id";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 name, ?5 settings, ?6 credentials or
    /// null to leave them and what names them, ?7 app secret id, ?8 verify token id, ?9 status,
    /// ?10 now, ?11 id of a second app secret, or empty, ?12 verification, ?13 why it is pending, ?14 when
    /// to ask again. Gives a row unless another writer came between.
    CHANNEL_UPDATE, Business,
        "UPDATE channels SET name = ?4, settings = ?5, credentials = coalesce(?6, credentials),
           app_secret_id = CASE WHEN ?6 IS NULL THEN app_secret_id ELSE ?7 END,
           second_secret_id = CASE WHEN ?6 IS NULL THEN second_secret_id ELSE ?11 END,
           verify_token_id = CASE WHEN ?6 IS NULL THEN verify_token_id ELSE ?8 END,
           status = ?9, status_reason = CASE WHEN ?9 = status THEN status_reason END,
           token_ends_at = CASE WHEN ?6 IS NULL THEN token_ends_at END,
           token_check_at = CASE WHEN ?6 IS NULL THEN token_check_at ELSE 0 END,
           verification = ?12, verification_error = ?13, verify_at = ?14,
           updated_at = max(?10, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING status_reason, updated_at";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 verification, ?5 why it is pending, ?6 settings,
    /// ?7 when to ask again, ?8 now. Gives a row unless another writer came between.
    CHANNEL_VERIFY, Business,
        "UPDATE channels SET verification = ?4, verification_error = ?5, settings = ?6, verify_at = ?7,
           updated_at = max(?8, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING id";
    /// ?1 now, ?2 how many, ?3 how many of one business: those of which something is pending and due. Each is
    /// asked about again after half of the time since it was last changed, a minute at least and a day at most.
    CHANNELS_TO_VERIFY, Each("the cron asks for all businesses"),
        concat!("UPDATE channels
         SET verify_at = ?1 + max(60000000, min(86400000000, (?1 - updated_at) / 2))
         WHERE (business_id, id) IN (
           SELECT business_id, id FROM (", due_in_turn!(), ")
           WHERE turn <= ?3 ORDER BY verify_at LIMIT ?2)
         RETURNING business_id, id");
    /// ?1 now, ?2 how many of one business a minute: those that are due beyond that become due in as many
    /// minutes as their business has before them, so that they do not stand in front of another's.
    CHANNELS_VERIFIED_LATER, Each("the cron asks for all businesses"),
        concat!("UPDATE channels SET verify_at = ?1 + 60000000 * ((due.turn - 1) / ?2)
         FROM (", due_in_turn!(), ") due
         WHERE due.turn > ?2 AND channels.business_id = due.business_id AND channels.id = due.id");
    /// ?1 business, ?2 id, ?3 now. Its conversations stay; its secrets, and what names them, go.
    CHANNEL_DELETE, Business,
        "UPDATE channels SET deleted_at = ?3, updated_at = max(?3, updated_at + 1),
           credentials = NULL, app_secret_id = '', second_secret_id = '', verify_token_id = NULL,
           verify_at = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING id";
    /// ?1 business, ?2 kind, ?3 address, ?4 app secret id, ?5 id of a second app secret, or empty: the accounts
    /// of other businesses that receive what is for the address by the same callback.
    CHANNEL_OWNERS, Everywhere("an address has one owner in all businesses"),
        concat!("SELECT business_id, id, verification, settings, credentials, updated_at FROM channels
         WHERE kind = ?2 AND address = ?3 AND deleted_at IS NULL AND verification <> 'pending'
           AND business_id <> ?1
           AND CASE kind WHEN 'email' THEN settings ->> 'provider' = 'cloudflare'
             ELSE app_secret_id = ?4 OR (?5 <> '' AND second_secret_id = ?5) END
           AND ", is_here!("channels.business_id"));
    /// ?1 business, ?2 id, ?3 now, ?4 the business that has proven that the address is its, ?5 the account
    /// that gets it, ?6 verification as it was read, ?7 updated_at, as it was read, of the account that gets
    /// it, ?8 why it is pending, ?9 its own updated_at as it was read. Nothing happens, and no row is given, where it
    /// was changed since, or where that account, if it is in the same database, is not written behind it: it was
    /// changed meanwhile, or its business has another of the same address.
    CHANNEL_RELEASE, Business,
        "UPDATE channels SET verification = 'pending', verification_error = ?8, verify_at = ?3 + 60000000,
           updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL AND verification = ?6
           AND updated_at = ?9 AND ?7 = coalesce((SELECT c.updated_at FROM channels c
             WHERE c.business_id = ?4 AND c.id = ?5), ?7)
           AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.business_id = ?4 AND c.id <> ?5
             AND +c.kind = channels.kind AND +c.address = channels.address AND c.deleted_at IS NULL)
         RETURNING id";
    /// ?1 business: ends the transaction where the statement before wrote a row.
    CHANNEL_HELD_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() > 0 AND ?1 IS NOT NULL";

    /// ?1 business, ?2 kind, ?3 address: that no other business has an account of a source of conversations.
    /// Behind what takes it from those who no longer have it there.
    SOURCE_OWNER_GUARD, Everywhere("an address has one owner in all businesses"),
        concat!("INSERT INTO stale_writes (ok) SELECT 0 WHERE EXISTS (
           SELECT 1 FROM channels INDEXED BY channels_by_address WHERE kind = ?2 AND address = ?3
             AND deleted_at IS NULL AND verification <> 'pending' AND business_id <> ?1
             AND ", is_here!("channels.business_id"), ")");
    /// ?1 business, ?2 kind: what the ids of each account's contacts are told apart by; those of removed accounts,
    /// too, since their contacts stay.
    SOURCE_SYSTEMS, Business,
        "SELECT address, settings ->> 'external_system' AS system FROM channels
         WHERE business_id = ?1 AND +kind = ?2 ORDER BY created_at, id";
    /// ?1 business, ?2 kind, ?3 address, ?4 system: that no other account has it.
    SOURCE_SYSTEM_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE EXISTS (
           SELECT 1 FROM channels WHERE business_id = ?1 AND +kind = ?2 AND +address <> ?3
             AND settings ->> 'external_system' = ?4)";
    /// ?1 business, ?2 connector, ?3 credentials of none, sealed, ?4 now: what works for all accounts of a
    /// source. It has no key of its own: null would be the deployment's.
    SOURCE_CONNECT, Business,
        "INSERT INTO integrations AS i (business_id, connector, status, credentials, reconcile_at,
           created_at, updated_at)
         VALUES (?1, ?2, 'active', ?3, ?4, ?4, ?4)
         ON CONFLICT (business_id, connector) DO UPDATE SET status = 'active',
           credentials = coalesce(i.credentials, excluded.credentials),
           reconcile_at = excluded.reconcile_at, updated_at = excluded.updated_at
         WHERE i.status <> 'active'";
    /// ?1 business, ?2 kind, which is the connector's name, ?3 now: unless an account of it is left.
    SOURCE_DISCONNECT, Business,
        "UPDATE integrations SET status = 'disabled', updated_at = ?3
         WHERE business_id = ?1 AND connector = ?2 AND status = 'active' AND NOT EXISTS (
           SELECT 1 FROM channels c WHERE c.business_id = ?1 AND +c.kind = ?2 AND c.deleted_at IS NULL)";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 credentials, ?5 the provider's id of the webhook,
    /// ?6 now. Gives a row unless another writer came between.
    CHANNEL_WEBHOOK, Business,
        "UPDATE channels SET credentials = ?4, settings = json_set(settings, '$.webhook_id', ?5),
           updated_at = max(?6, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING updated_at";
    /// ?1 business, ?2 id, ?3 updated_at as it was read, ?4 id of the token of its CRM card, ?5 now. Gives a row
    /// unless another writer came between.
    CHANNEL_CARD, Business,
        "UPDATE channels SET settings = json_set(settings, '$.card_token_id', ?4),
           updated_at = max(?5, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?3 AND deleted_at IS NULL
         RETURNING updated_at";
    /// ?1 business, ?2 id, ?3 now: its CRM card has no token any more.
    CHANNEL_CARD_FORGET, Business,
        "UPDATE channels SET settings = json_remove(settings, '$.card_token_id'),
           updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
}
