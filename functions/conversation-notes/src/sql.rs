//! The statements of this function.

use common::db::Binding::Business;
use common::{statements, time_json};

statements! {
    /// ?1 business, ?2 conversation.
    NOTE_CONVERSATION, Business,
        "SELECT 1 FROM conversations WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 conversation, ?3 and ?4 time and id of the last note of the page before, ?5 how
    /// many: oldest first, as [time, id, note].
    NOTE_PAGE, Business,
        concat!("SELECT n.created_at, n.id, json_object('id', n.id,
           'conversation_id', n.conversation_id, 'author', n.author, 'content', n.content,
           'created_at', ", time_json!("n.created_at"), ")
         FROM conversation_notes n INDEXED BY conversation_notes_by_conversation
         WHERE n.business_id = ?1 AND n.conversation_id = ?2 AND (n.created_at, n.id) > (?3, ?4)
         ORDER BY n.created_at, n.id LIMIT ?5");
}
