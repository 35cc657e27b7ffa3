//! The statements of this function.

use common::db::Binding::{Business, Key};
use common::{is_here, statements};

statements! {
    /// ?1 link. Its business, and what signs for it.
    LINK_BY_ID, Key("a push names the link, whose secret then proves it"),
        concat!("SELECT business_id, credentials FROM knowledge_links
         WHERE id = ?1 AND type = 'webhook' AND deleted_at IS NULL
           AND ", is_here!("knowledge_links.business_id"));
    /// ?1 business, ?2 link, ?3 id, ?4 body, ?5 when it was sent, ?6 now. A repeat changes nothing.
    PUSH_INSERT, Business,
        "INSERT INTO knowledge_pushes (business_id, link_id, id, body, sent_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (business_id, link_id, id) DO NOTHING";
    /// ?1 business, ?2 link, ?3 now. Behind [`PUSH_INSERT`], where that wrote. Who puts in what was pushed before sees
    /// by a later time that there is more, also of a push that began earlier and was stored later.
    LINK_PUSHED, Business,
        "UPDATE knowledge_links SET
           fetch_at = max(coalesce(fetch_at, 0) + iif(lease_until > ?3, 1, 0), ?3)
         WHERE business_id = ?1 AND id = ?2 AND changes() > 0";
}
