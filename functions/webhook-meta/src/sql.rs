//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::{is_here, statements};

statements! {
    /// ?1 [[kind, address], …].
    ACCOUNTS_AT, Everywhere("a provider names the account, not the business"),
        concat!("SELECT c.kind, c.address, c.business_id, c.id, c.app_secret_id, c.second_secret_id,
           c.settings, c.credentials
         FROM json_each(?1) a CROSS JOIN channels c
           ON c.kind = a.value ->> 0 AND c.address = a.value ->> 1
         WHERE c.status = 'active' AND c.deleted_at IS NULL AND c.verification <> 'pending'
           AND ", is_here!("c.business_id"));
    /// ?1 kind, ?2 address: disabled accounts, too.
    ACCOUNTS_AT_ANY_STATUS, Everywhere("a provider names the account, not the business"),
        concat!("SELECT kind, address, business_id, id, app_secret_id, second_secret_id, settings, credentials
         FROM channels WHERE kind = ?1 AND address = ?2 AND deleted_at IS NULL
           AND verification <> 'pending' AND ", is_here!("channels.business_id"));
    /// ?1 business, ?2 account, ?3 the provider's ids of comments: the threads of those that are here.
    COMMENT_THREADS, Business,
        "SELECT m.provider_id, v.thread FROM json_each(?3) r
         CROSS JOIN messages m ON m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = r.value
         CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = m.conversation_id
         WHERE v.thread <> ''";
    /// ?1 business, ?2 account, ?3 [[the provider's id, what its thread begins with, text], …] of comments of the
    /// page, ?4 since when: the threads of answers of ours that they may be. The partial index is found by
    /// repeating its condition.
    OWN_THREADS, Business,
        "SELECT r.value ->> 0 AS provider_id, v.thread FROM jsonb_each(?3) r
         CROSS JOIN messages m INDEXED BY comments_unsettled ON m.business_id = ?1
           AND m.channel_id = ?2 AND m.created_at > ?4 AND m.channel = 'facebook_comments'
           AND m.direction = 'outbound' AND m.provider_id IS NULL AND m.status <> 'failed'
         CROSS JOIN conversations v ON v.business_id = ?1 AND v.id = m.conversation_id
         WHERE m.detail ->> 'private_reply' IS NULL
           AND trim(m.content, ' ' || char(9, 10, 13)) = r.value ->> 2
           AND substr(v.thread, 1, length(r.value ->> 1)) = r.value ->> 1
         ORDER BY m.created_at DESC";
    /// ?1 the token's name.
    VERIFY_TOKEN_FIND, Everywhere("a handshake tells its token alone"),
        concat!("SELECT 1 FROM channels WHERE verify_token_id = ?1 AND verify_token_id IS NOT NULL
           AND deleted_at IS NULL AND ", is_here!("channels.business_id"), " LIMIT 1");
}
