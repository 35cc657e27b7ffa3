//! The statements of what people have authorized.

use common::db::Binding::Business;
use common::{statements, stays};

statements! {
    /// ?1 business, ?2 link.
    TOKENS_GET, Business,
        "SELECT tokens, version FROM link_tokens WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 link, ?3 the version that was read, ?4 now, ?5 until when. Gives a row to the one that renews
    /// these tokens.
    TOKENS_CLAIM, Business,
        concat!("UPDATE link_tokens SET lease_until = ?5
         WHERE business_id = ?1 AND link_id = ?2 AND version = ?3 AND lease_until <= ?4 AND ", stays!(), "
         RETURNING version");
    /// ?1 business, ?2 link, ?3 the version that was read, ?4 the lease, ?5 the tokens, or null to leave them. Gives a
    /// row where nobody else has changed them.
    TOKENS_RENEW, Business,
        "UPDATE link_tokens SET lease_until = 0, tokens = coalesce(?5, tokens),
           version = version + iif(?5 IS NULL, 0, 1)
         WHERE business_id = ?1 AND link_id = ?2 AND version = ?3 AND lease_until = ?4
         RETURNING version";
    /// ?1 business, ?2 link, ?3 the tokens. In the place of what was authorized before; no row where the link is gone.
    TOKENS_STORE, Business,
        "UPDATE link_tokens SET tokens = ?3, version = version + 1, lease_until = 0
         WHERE business_id = ?1 AND link_id = ?2 RETURNING version";
    /// ?1 business, ?2 link.
    TOKENS_FORGET, Business,
        "DELETE FROM link_tokens WHERE business_id = ?1 AND link_id = ?2";
}
