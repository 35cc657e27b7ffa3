//! The statements of `conversations::phrases`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 connector: [settings, up to where was looked].
    PHRASES_SETTINGS, Business,
        "SELECT i.settings, i.phrases_to FROM integrations i
         WHERE i.business_id = ?1 AND i.connector = ?2 AND i.status = 'active'";
    /// ?1 business, ?2 after when, ?3 how many: [time, conversation, what a customer wrote], the last
    /// null for all else. What a program answered to a mail asks for nothing.
    PHRASES_PAGE, Business,
        "SELECT m.created_at, m.conversation_id, CASE WHEN m.direction = 'inbound'
             AND m.type IN ('text', 'button', 'interactive', 'email')
             AND coalesce(m.detail ->> 'auto_submitted', 0) = 0
           THEN substr(m.content, 1, 2000) END
         FROM messages m WHERE m.business_id = ?1 AND m.created_at > ?2
         ORDER BY m.created_at LIMIT ?3";
    /// ?1 business, ?2 connector, ?3 up to where was looked; never back.
    PHRASES_ADVANCE, Business,
        "UPDATE integrations SET phrases_to = ?3
         WHERE business_id = ?1 AND connector = ?2 AND phrases_to < ?3";
}
