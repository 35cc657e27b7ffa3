//! The statements of a customer's history at a CRM.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 connector, ?3 key, ?4 value, ?5 until when, ?6 customer. Nothing is remembered
    /// of whoever was erased while the CRM was asked.
    HISTORY_PUT, Business,
        "INSERT INTO crm_cache (business_id, connector, key, value, expires_at)
         SELECT ?1, ?2, ?3, ?4, ?5 FROM customers c
         WHERE c.business_id = ?1 AND c.id = ?6 AND c.erased_at IS NULL
         ON CONFLICT (business_id, connector, key) DO UPDATE SET value = excluded.value,
           expires_at = excluded.expires_at";
}
