//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business: people that a conversation can be assigned to.
    AGENT_LIST, Business,
        "SELECT json_object('id', g.id, 'name', g.name) FROM sso_agents g
         WHERE g.business_id = ?1 ORDER BY g.name, g.id LIMIT 200";
}
