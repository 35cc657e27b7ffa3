//! Outgoing webhooks: endpoints, the bodies of events, who gets them, and their delivery.
//!
//! An event takes this way: [`fan_out`] builds its body, once, and a delivery for each endpoint
//! that wants it; [`deliver`] posts what is due; [`wake_due`] finds what nobody was woken for.

mod attempt;
mod body;
mod deliver;
mod delivery;
mod due;
mod endpoint;
mod fan_out;
mod json;
mod outcome;
mod page;
mod row;
mod secret;
mod settings;
pub mod sql;
mod target;

pub use body::MAX_BODY_BYTES;
pub use deliver::{CONCURRENCY, LEASE_MICROS, deliver};
pub use delivery::{
    Attempt, Delivery, DeliveryList, DeliveryStatus, Replayed, delivery_list, delivery_replay,
};
pub use due::wake_due;
pub use endpoint::{
    Endpoint, EndpointList, EndpointPatch, EndpointRequest, EndpointStatus, SUBSCRIBABLE,
    SavedEndpoint,
};
pub use fan_out::fan_out;
pub use outcome::{MAX_RETRY_AFTER_SECONDS, RETRY_SECONDS};
pub use secret::{CreatedEndpoint, RotationRequest};
pub use settings::{
    MAX_ENDPOINTS, Recovered, RecoveryRequest, TestEvent, endpoint_create, endpoint_delete,
    endpoint_finish_rotation, endpoint_list, endpoint_recover, endpoint_rotate_secret,
    endpoint_test, endpoint_update,
};

#[cfg(test)]
mod tests;
