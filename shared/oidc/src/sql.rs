//! The statements of `oidc`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business.
    PROVIDER_GET, Business,
        "SELECT id, name, issuer, client_id, client_secret, allowed_domains, default_role, updated_at
         FROM sign_in_providers WHERE business_id = ?1";
}
