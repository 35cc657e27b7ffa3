//! The statements of this function.

use common::db::Binding::Key;
use common::{is_here, statements};

statements! {
    /// ?1 id.
    ATTACHMENT_FIND, Key("an attachment's id is unique, and its signed link is the right"),
        concat!("SELECT business_id, filename, type, size, sha256 FROM attachments
         WHERE id = ?1 AND state = 'ready' AND ", is_here!("attachments.business_id"));
}
