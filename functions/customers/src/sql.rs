//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements};

statements! {
    /// ?1 now, ?2 until when they are somebody's, ?3 how many: takes erasures that are due.
    ERASURE_CLAIM, Each("the cron looks after every business"),
        concat!("UPDATE erasures SET due_at = ?2 WHERE (business_id, customer_id) IN (
           SELECT business_id, customer_id FROM erasures
           WHERE due_at IS NOT NULL AND due_at <= ?1 AND ", is_open!("erasures.business_id"), "
           ORDER BY due_at LIMIT ?3)
         RETURNING business_id, customer_id, names, eraser, progress, is_second");
    /// ?1 business, ?2 customer, ?3 eraser, ?4 how far it has come, ?5 when to go on.
    ERASURE_SAVE, Business,
        "UPDATE erasures SET eraser = ?3, progress = ?4, due_at = ?5
         WHERE business_id = ?1 AND customer_id = ?2 AND due_at IS NOT NULL";
    /// ?1 business, ?2 customer, ?3 now, ?4 whether that was the second look, ?5 when that one is due.
    ERASURE_DONE, Business,
        "UPDATE erasures SET names = iif(?4, '{}', names), eraser = '', progress = '',
           due_at = iif(?4, NULL, ?5), done_at = coalesce(done_at, ?3), is_second = 1
         WHERE business_id = ?1 AND customer_id = ?2 AND is_second = ?4";
}
