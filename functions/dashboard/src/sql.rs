//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
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
}
