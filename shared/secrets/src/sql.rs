//! The statements of `secrets`.

use common::db::Binding::{Business, Everywhere};
use common::{is_here, statements};

statements! {
    /// ?1 business, ?2 purpose, ?3 the sealed key, ?4 now.
    DATA_KEY_BEGIN, Business,
        "INSERT INTO data_keys (business_id, purpose, sealed, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (business_id, purpose) DO NOTHING";
    /// ?1 business, which is empty for the deployment itself, ?2 purpose.
    DATA_KEY_OF, Business,
        "SELECT sealed FROM data_keys WHERE business_id = ?1 AND purpose = ?2";
    /// A few names of app secrets, with what they name. Said twice, the condition is found by the index and
    /// allows it.
    APP_SECRETS_NAMED, Everywhere("names of secrets have one key throughout the deployment"),
        concat!("SELECT business_id, id, app_secret_id AS name, credentials FROM channels
         WHERE app_secret_id > '' AND app_secret_id <> '' AND deleted_at IS NULL
           AND ", is_here!("channels.business_id"), " LIMIT 20");
    /// A few names of verify tokens, with what they name.
    VERIFY_TOKENS_NAMED, Everywhere("names of secrets have one key throughout the deployment"),
        concat!("SELECT business_id, id, verify_token_id AS name, credentials FROM channels
         WHERE verify_token_id > '' AND verify_token_id IS NOT NULL AND deleted_at IS NULL
           AND ", is_here!("channels.business_id"), " LIMIT 20");
}
