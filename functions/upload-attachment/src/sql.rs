//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 id, ?3 filename, ?4 type, ?5 size, ?6 SHA-256, ?7 now.
    ATTACHMENT_INSERT, Business,
        "INSERT INTO attachments (business_id, id, state, filename, type, size, sha256, created_at)
         VALUES (?1, ?2, 'ready', ?3, ?4, ?5, ?6, ?7)";
    /// ?1 business, ?2 id.
    ATTACHMENT_GET, Business,
        "SELECT filename, type, size, sha256 FROM attachments
         WHERE business_id = ?1 AND id = ?2 AND state = 'ready'";
}
