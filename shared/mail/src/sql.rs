//! The statements of `mail`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business: by what its mail is sent, accounts that are in order first.
    MAIL_ACCOUNTS, Business,
        "SELECT id, address, settings, credentials FROM channels
         WHERE business_id = ?1 AND kind = 'email' AND status = 'active' AND deleted_at IS NULL
           AND credentials IS NOT NULL AND verification <> 'pending'
         ORDER BY status_reason IS NOT NULL, created_at, id LIMIT 10";
}
