//! The statements of `channels`.

use common::db::Binding::Everywhere;
use common::statements;

statements! {
    /// ?1 id.
    ACCOUNT_BY_ID, Everywhere("the address of a provider's webhook names the account alone"),
        "SELECT business_id, kind, address, settings, credentials, status FROM channels
         WHERE id = ?1 AND deleted_at IS NULL";
}
