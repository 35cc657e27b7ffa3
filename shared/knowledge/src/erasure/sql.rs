//! The statements of erasures, of the system's database.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 customer, ?3 now. Only where the business has CRM links, of which something may be searched.
    ERASURE_ASK, Business,
        "INSERT INTO knowledge_erasures (business_id, customer_id, asked_at, due_at)
         SELECT ?1, ?2, ?3, ?3 WHERE EXISTS (SELECT 1 FROM knowledge_links WHERE business_id = ?1)
         ON CONFLICT (business_id, customer_id) DO UPDATE SET
           asked_at = ?3, due_at = ?3, progress = ''
         RETURNING customer_id";
    /// ?1 business, ?2 customer. A row while it is not done.
    ERASURE_RUNS, Business,
        "SELECT due_at FROM knowledge_erasures
         WHERE business_id = ?1 AND customer_id = ?2 AND due_at IS NOT NULL";
}
