//! The statements of `channels`.

use common::db::Binding::{Business, Key};
use common::{is_here, statements};

statements! {
    /// ?1 id. A number that is not the account's gets nothing; of email, an address may be pending whose
    /// provider has news of what was sent.
    ACCOUNT_BY_ID, Key("the address of a provider's webhook names the account alone"),
        concat!("SELECT business_id, kind, address, settings, credentials, status FROM channels
         WHERE id = ?1 AND deleted_at IS NULL AND (kind <> 'sms' OR verification <> 'pending')
           AND ", is_here!("channels.business_id"));
    /// ?1 business, ?2 id, ?3 id of a token: the account, where its CRM card is on and that token is the card's.
    CARD_ACCOUNT, Business,
        "SELECT settings ->> 'base_url' AS base_url FROM channels
         WHERE business_id = ?1 AND id = ?2 AND settings ->> 'card_token_id' = ?3
           AND settings ->> 'crm_card' = 'true' AND status = 'active' AND verification <> 'pending'
           AND deleted_at IS NULL";
    /// ?1 business, ?2 customer.
    SOURCE_CONTACT_ERASE, Business,
        "DELETE FROM source_contacts INDEXED BY source_contacts_by_customer
         WHERE business_id = ?1 AND customer_id = ?2";
}
