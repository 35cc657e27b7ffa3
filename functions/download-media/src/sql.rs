//! The statements of this function.

use common::db::Binding::Everywhere;
use common::statements;

statements! {
    /// ?1 id.
    ATTACHMENT_FIND, Everywhere("an attachment's id is unique, and its signed link is the right"),
        "SELECT business_id, filename, type, size, sha256 FROM attachments
         WHERE id = ?1 AND state = 'ready'";
}
