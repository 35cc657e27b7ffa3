//! The statements of `channels`.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 id. A number that is not the account's gets nothing; of email, an address may be pending whose
    /// provider has news of what was sent.
    ACCOUNT_BY_ID, Everywhere("the address of a provider's webhook names the account alone"),
        "SELECT business_id, kind, address, settings, credentials, status FROM channels
         WHERE id = ?1 AND deleted_at IS NULL AND (kind <> 'sms' OR verification <> 'pending')";
    /// ?1 business, ?2 customer.
    SOURCE_CONTACT_ERASE, Business,
        "DELETE FROM source_contacts INDEXED BY source_contacts_by_customer
         WHERE business_id = ?1 AND customer_id = ?2";
}
