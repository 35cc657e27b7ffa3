//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::{is_here, statements};

/// Who the sender ?4 is in a conversation `v`, and whether another's mail still comes into it at ?5:
/// where the customer's next one would go, too.
macro_rules! sender_of {
    () => {
        "EXISTS (SELECT 1 FROM identities i WHERE i.business_id = ?1 AND i.kind = 'email'
             AND i.value = ?4 AND i.system = '' AND i.customer_id = v.customer_id) AS is_customer,
           coalesce(v.contact = ?4, 0) AS is_contact,
           coalesce(v.status <> 'closed' OR (NOT EXISTS (SELECT 1 FROM conversations o
               WHERE o.business_id = ?1 AND o.customer_id = v.customer_id
                 AND o.channel_id = v.channel_id AND o.status <> 'closed' AND o.thread = '')
             AND v.closed_at >= ?5 - 3600000000
               * (SELECT b.reopen_hours FROM businesses b WHERE b.id = ?1)), 0) AS is_live"
    };
}

statements! {
    /// ?1 domain, ?2 whether disabled accounts count, too. All that have proven it: under this name a
    /// routed account has a domain only then, so that nobody else comes among them.
    ACCOUNTS_BY_REPLY_DOMAIN, Everywhere("the envelope of a mail names an address alone"),
        concat!("SELECT business_id, id, address, settings FROM channels INDEXED BY channels_by_routed_reply_domain
         WHERE settings ->> 'reply_domain' = ?1 AND kind = 'email'
           AND settings ->> 'provider' = 'cloudflare' AND (status = 'active' OR ?2)
           AND deleted_at IS NULL AND ", is_here!("channels.business_id"));
    /// ?1 address, ?2 whether disabled accounts count, too.
    ACCOUNT_BY_EMAIL, Everywhere("the envelope of a mail names an address alone"),
        concat!("SELECT business_id, id, address, settings FROM channels
         WHERE kind = 'email' AND address = ?1 AND settings ->> 'provider' = 'cloudflare'
           AND verification <> 'pending' AND (status = 'active' OR ?2) AND deleted_at IS NULL
           AND ", is_here!("channels.business_id"));
    /// ?1 business, ?2 account, ?3 the provider's id, ?4 what stands in its place once the customer was erased.
    EMAIL_KNOWN, Business,
        "SELECT 1 FROM messages WHERE business_id = ?1 AND channel_id = ?2 AND provider_id IN (?3, ?4)";
    /// ?1 business, ?2 account, ?3 conversation, ?4 the sender, ?5 now: whose a conversation is, and who
    /// the sender is in it.
    EMAIL_SIGNED, Business,
        concat!("SELECT v.customer_id, ", sender_of!(), ", NULL AS answered
         FROM conversations v CROSS JOIN customers c ON c.business_id = ?1 AND c.id = v.customer_id
         WHERE v.business_id = ?1 AND v.id = ?3 AND v.channel_id = ?2 AND c.erased_at IS NULL");
    /// ?1 business, ?2 account, ?3 ids, the best first, ?4 the sender, ?5 now: of the known messages of a
    /// thread the newest, those of the sender's own conversations first. Gives whose it is, who the
    /// sender is there, and the provider's id of the message. Ids of ours are known by what the provider
    /// told of them.
    EMAIL_THREAD, Business,
        concat!("SELECT v.customer_id, ", sender_of!(), ", m.provider_id AS answered
         FROM json_each(?3) r CROSS JOIN messages m
           ON m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = coalesce((
             SELECT e.provider_id FROM email_ids e
             WHERE e.business_id = ?1 AND e.channel_id = ?2 AND e.message_id = r.value), r.value)
         CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = m.conversation_id
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = v.customer_id
         WHERE c.erased_at IS NULL
         ORDER BY is_customer OR is_contact DESC, r.key LIMIT 1");
    /// ?1 business, ?2 account, ?3 [[Message-ID, the provider's id], …], ?4 now.
    EMAIL_ID_LEARN, Business,
        "INSERT OR IGNORE INTO email_ids (business_id, channel_id, message_id, provider_id, created_at)
         SELECT ?1, ?2, r.value ->> 0, r.value ->> 1, ?4 FROM jsonb_each(?3) r";
}
