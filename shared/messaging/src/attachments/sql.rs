//! The statements of attachments.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 id, ?3 filename, ?4 type, ?5 size, ?6 SHA-256, ?7 now. One that is there is
    /// left as it is.
    ATTACHMENT_STORE, Business,
        "INSERT INTO attachments (business_id, id, state, filename, type, size, sha256, created_at)
         VALUES (?1, ?2, 'ready', ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO NOTHING";
}
