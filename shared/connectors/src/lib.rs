//! The CRMs that there are. A new connector is a crate that implements the parts of
//! [`crm::connector`], and one row here; no route, statement or function says its name.

use crm::history::History;
use crm::{Connector, Receive, Setup, Sync};

/// Lists each connector by its parts. A Worker takes the list of the part that it runs, and carries the
/// others' code no more than a function that nobody calls.
macro_rules! connectors {
    ($($connector:expr),+ $(,)?) => {
        /// What every connector is: its name, its limits, its jobs.
        pub static CONNECTORS: &[&dyn Connector] = &[$(&$connector),+];
        /// What does jobs.
        pub static SYNC: &[&dyn Sync] = &[$(&$connector),+];
        /// What sets connections up.
        pub static SETUP: &[&dyn Setup] = &[$(&$connector),+];
        /// What takes in events.
        pub static RECEIVE: &[&dyn Receive] = &[$(&$connector),+];
        /// What tells of the past.
        pub static HISTORY: &[&dyn History] = &[$(&$connector),+];
    };
}

connectors! {
    crm_kustomer::Kustomer,
}
