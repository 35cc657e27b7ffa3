//! The statements of this function's own; those of the tables are in `tables`.

use common::db::Binding::{Business, Deployment, Everywhere};
use common::{is_here, statements};

statements! {
    /// ?1 the business behind which the page begins, ?2 how many.
    BUSINESSES_PAGE, Everywhere("the operator backs up all businesses"),
        concat!("SELECT id FROM businesses WHERE id > ?1 AND ", is_here!("businesses.id"), "
         ORDER BY id LIMIT ?2");
    /// ?1 business.
    BUSINESS_EXISTS, Business, "SELECT 1 AS found FROM businesses WHERE id = ?1";
    /// The keys by which the deployment names secrets.
    NAMING_KEYS, Deployment("names of secrets have one key throughout the deployment"),
        "SELECT purpose, sealed FROM data_keys WHERE business_id = ''";
}
