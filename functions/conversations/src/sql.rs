//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 conversation, ?3 customer: whether it is theirs.
    CONVERSATION_OF_CUSTOMER, Business,
        "SELECT 1 FROM conversations WHERE business_id = ?1 AND id = ?2 AND customer_id = ?3";
}
