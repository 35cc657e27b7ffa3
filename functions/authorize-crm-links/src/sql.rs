//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use knowledge::link_columns;

statements! {
    /// ?1 business, ?2 link.
    LINK_GET, Business,
        concat!("SELECT ", link_columns!(), " FROM knowledge_links
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL");
    /// ?1 business, ?2 link, ?3 the state's digest, ?4 the session, ?5 the digest of what the link is set to, ?6 until
    /// when. In the place of a state that was given before; no row where the link is gone.
    STATE_GIVE, Business,
        "INSERT INTO link_tokens (business_id, link_id, state, state_session, state_client, state_until)
         SELECT ?1, id, ?3, ?4, ?5, ?6 FROM knowledge_links
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         ON CONFLICT (business_id, link_id) DO UPDATE SET state = ?3, state_session = ?4,
           state_client = ?5, state_until = ?6
         RETURNING link_id";
    /// ?1 business, ?2 the state's digest. Gives a row once.
    STATE_TAKE, Business,
        "UPDATE link_tokens SET state = NULL WHERE business_id = ?1 AND state = ?2
         RETURNING link_id, state_session, state_client, state_until";
    /// ?1 business, ?2 session, ?3 now. A row where it goes on, and still is an admin's.
    SESSION_OPEN, Business,
        "SELECT s.id FROM sessions s
         LEFT JOIN api_keys k ON k.business_id = ?1 AND k.id = s.key_id
         LEFT JOIN members m ON m.business_id = ?1 AND m.id = s.member_id
         WHERE s.business_id = ?1 AND s.id = ?2 AND s.expires_at > ?3
           AND (m.role IN ('owner', 'admin')
                OR (k.revoked_at IS NULL AND k.id IS NOT NULL AND coalesce(k.expires_at, ?3 + 1) > ?3))";
    /// ?1 business, ?2 link, ?3 now. A row where the link is on.
    LINK_DUE, Business,
        "UPDATE knowledge_links SET fetch_at = ?3, attempts = 0
         WHERE business_id = ?1 AND id = ?2 AND is_active = 1 AND deleted_at IS NULL RETURNING id";
}
