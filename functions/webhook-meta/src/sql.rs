//! The statements of this function.

use common::db::Binding::Everywhere;
use common::statements;

statements! {
    /// ?1 kind, ?2 address.
    ACCOUNT_BY_ADDRESS, Everywhere("a provider names the account, not the business"),
        "SELECT business_id, id, app_secret_id, second_secret_id, settings FROM channels
         WHERE kind = ?1 AND address = ?2 AND status = 'active' AND deleted_at IS NULL";
    /// ?1 and ?2 the last of those before, or empty: one account for each app secret, with each
    /// second one that goes along with it.
    APP_SECRET_PAGE, Everywhere("a provider's signature is tried with every app secret"),
        "SELECT app_secret_id, second_secret_id, business_id, id, credentials FROM channels
         WHERE (app_secret_id, second_secret_id) > (?1, ?2) AND app_secret_id <> ''
           AND deleted_at IS NULL
         GROUP BY app_secret_id, second_secret_id
         ORDER BY app_secret_id, second_secret_id LIMIT 500";
    /// ?1 the token's name.
    VERIFY_TOKEN_FIND, Everywhere("a handshake tells its token alone"),
        "SELECT 1 FROM channels WHERE verify_token_id = ?1 AND verify_token_id IS NOT NULL
           AND deleted_at IS NULL LIMIT 1";
}
