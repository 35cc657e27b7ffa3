//! The statements of `customer-history`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 connector, ?3 keys, ?4 now: [key, value].
    HISTORY_GET, Business,
        "SELECT c.key, c.value FROM json_each(?3) k CROSS JOIN crm_cache c
           ON c.business_id = ?1 AND c.connector = ?2 AND c.key = k.value
         WHERE c.expires_at > ?4";
}
