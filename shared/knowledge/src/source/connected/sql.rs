//! The statements of connected CRMs.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 connector. A row where it is on.
    CONNECTION_GET, Business,
        "SELECT settings, credentials, broken_until FROM integrations
         WHERE business_id = ?1 AND connector = ?2 AND status = 'active'";
}
