//! The statements of `events`.

use crate::db::Binding::Business;
use crate::statements;

/// Whether anything is to be done for what happens to the business ?1: somebody is told of it, a CRM kept in step, or
/// what customers write is looked at.
#[macro_export]
macro_rules! has_listeners {
    () => {
        "(EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.deleted_at IS NULL)
          OR EXISTS (SELECT 1 FROM integrations i WHERE i.business_id = ?1 AND i.status = 'active')
          OR EXISTS (SELECT 1 FROM handoff_settings h WHERE h.business_id = ?1 AND h.enabled = 1)
          OR EXISTS (SELECT 1 FROM reply_settings r WHERE r.business_id = ?1 AND r.auto_reply <> '{}'))"
    };
}

statements! {
    /// ?1 business.
    LISTENERS_GET, Business,
        concat!("SELECT ", has_listeners!(), " AS has_listeners");
    /// ?1 business: passes over what nobody was there to listen to.
    EVENTS_PASS, Business,
        concat!("UPDATE businesses SET fanned_out = (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1)
         WHERE id = ?1 AND NOT ", has_listeners!());
    /// ?1 business, ?2 [[event id, subject], …], ?3 event, ?4 now.
    OUTBOX_INSERT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, r.key + 1
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           r.value ->> 0, ?3, r.value ->> 1, ?4
         FROM jsonb_each(?2) r";
    /// ?1 business, ?2 first customer, ?3 last customer, ?4 what the event ids begin with; they end
    /// as their customer's. ?5 event, ?6 now. Nothing where nobody listens: an import then writes a third fewer rows.
    CUSTOMERS_CREATED, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY c.id)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4 || substr(c.id, -4), ?5, c.id, ?6
         FROM customers c WHERE c.business_id = ?1 AND c.id BETWEEN ?2 AND ?3 AND ", has_listeners!());
}
