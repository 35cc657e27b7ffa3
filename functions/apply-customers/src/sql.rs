//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business.
    BUSINESS_REGION, Business,
        "SELECT default_region FROM businesses WHERE id = ?1";
}
