//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 domain, ?2 whether disabled accounts count, too.
    ACCOUNTS_BY_REPLY_DOMAIN, Everywhere("the envelope of a mail names an address alone"),
        "SELECT business_id, id, address, settings FROM channels INDEXED BY channels_by_reply_domain
         WHERE settings ->> 'reply_domain' = ?1 AND kind = 'email' AND (status = 'active' OR ?2)
           AND deleted_at IS NULL LIMIT 50";
    /// ?1 address, ?2 whether disabled accounts count, too.
    ACCOUNT_BY_EMAIL, Everywhere("the envelope of a mail names an address alone"),
        "SELECT business_id, id, address, settings FROM channels
         WHERE kind = 'email' AND address = ?1 AND settings ->> 'provider' = 'cloudflare'
           AND verification <> 'pending' AND (status = 'active' OR ?2) AND deleted_at IS NULL";
    /// ?1 business, ?2 account, ?3 the provider's id.
    EMAIL_KNOWN, Business,
        "SELECT 1 FROM messages WHERE business_id = ?1 AND channel_id = ?2 AND provider_id = ?3";
    /// ?1 business, ?2 account, ?3 ids, the best first: whose the newest known message of a thread is,
    /// and the provider's id of that message. Ids of ours are known by what the provider told of them.
    EMAIL_THREAD, Business,
        "SELECT m.customer_id, m.provider_id FROM json_each(?3) r CROSS JOIN messages m
           ON m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = coalesce((
             SELECT e.provider_id FROM email_ids e
             WHERE e.business_id = ?1 AND e.channel_id = ?2 AND e.message_id = r.value), r.value)
         ORDER BY r.key LIMIT 1";
    /// ?1 business, ?2 account, ?3 [[Message-ID, the provider's id], …], ?4 now.
    EMAIL_ID_LEARN, Business,
        "INSERT OR IGNORE INTO email_ids (business_id, channel_id, message_id, provider_id, created_at)
         SELECT ?1, ?2, r.value ->> 0, r.value ->> 1, ?4 FROM jsonb_each(?3) r";
}
