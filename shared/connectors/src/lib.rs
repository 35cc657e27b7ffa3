//! The CRMs that there are. A new connector is a crate that implements the parts of
//! [`crm::connector`], and one row here; no route, statement or function says its name.

use crm::history::History;
use crm::{Connector, Receive, Setup, Sync};

/// Lists the connectors by part. A Worker uses the list of the part that it runs, and does not contain
/// the code of the others.
macro_rules! connectors {
    ($($connector:expr),+ $(,)?) => {
        /// What every connector is: its name, its limits, its jobs.
        pub static CONNECTORS: &[&dyn Connector] = &[$(&$connector),+];
        /// What does jobs.
        pub static SYNC: &[&dyn Sync] = &[$(&$connector),+];
        /// What sets connections up.
        pub static SETUP: &[&dyn Setup] = &[$(&$connector),+];
        /// Connectors that receive events.
        pub static RECEIVE: &[&dyn Receive] = &[$(&$connector),+];
        /// Connectors that have conversation history.
        pub static HISTORY: &[&dyn History] = &[$(&$connector),+];
    };
}

connectors! {
    crm_kustomer::Kustomer,
    crm_krayin::Krayin,
}
