//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business: people that a conversation can be assigned to.
    AGENT_LIST, Business,
        "SELECT json_object('id', g.id, 'name', g.name) FROM sso_agents g
         WHERE g.business_id = ?1 ORDER BY g.name, g.id LIMIT 200";
    /// ?1 business: a row where somebody writes drafts of replies.
    REPLIES_SET_UP, Business, "SELECT 1 FROM reply_settings WHERE business_id = ?1";
}
