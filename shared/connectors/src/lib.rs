//! The CRMs that there are. A new connector is a crate that implements the parts of
//! [`crm::connector`], and one row here; no route, statement or function says its name.

use crm::history::History;
use crm::lists::Lists;
use crm::{Connector, Receive, Setup, Sync};

/// Lists the connectors by part. A Worker uses the list of the part that it runs, and does not contain
/// the code of the others.
macro_rules! connectors {
    (service: $($service:expr),+; sales: $($sales:expr),+; sources: $($source:expr),+;) => {
        /// What every connector is: its name, its limits, its jobs.
        pub static CONNECTORS: &[&dyn Connector] = &[$(&$service),+, $(&$sales),+, $(&$source),+];
        /// Those of CRMs: what every connector is, but for sources of conversations.
        pub static CRMS: &[&dyn Connector] = &[$(&$service),+, $(&$sales),+];
        /// What does jobs at CRMs of service, whose matter is conversations: `sync-crm`.
        pub static SERVICE: &[&dyn Sync] = &[$(&$service),+];
        /// What does jobs at CRMs of sales, whose matter is leads: `sync-sales`.
        pub static SALES: &[&dyn Sync] = &[$(&$sales),+];
        /// What does jobs at sources of conversations, which are connected as accounts: `sync-sources`.
        pub static SOURCES: &[&dyn Sync] = &[$(&$source),+];
        /// What sets connections up.
        pub static SETUP: &[&dyn Setup] = &[$(&$service),+, $(&$sales),+];
        /// Connectors that receive events.
        pub static RECEIVE: &[&dyn Receive] = &[$(&$service),+, $(&$sales),+];
        /// Connectors that have conversation history.
        pub static HISTORY: &[&dyn History] = &[$(&$service),+, $(&$sales),+];
    };
}

connectors! {
    service: crm_kustomer::Kustomer;
    sales: crm_krayin::Krayin;
    sources: source_chatwoot::sync::ChatwootSource;
}

/// What CRM links read of connected CRMs.
pub static LISTS: &[&Lists] = &[&crm_kustomer::LISTS, &crm_krayin::LISTS];
