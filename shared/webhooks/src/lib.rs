//! Outgoing webhooks: the endpoints of a business with their secrets, and how the queue of deliveries
//! names them.

pub mod endpoint;
pub mod erasure;
pub mod secret;
pub mod sql;
pub mod target;

pub use endpoint::{
    Endpoint, EndpointList, EndpointPatch, EndpointRequest, EndpointStatus, RetrySchedule,
    SUBSCRIBABLE, SavedEndpoint,
};
pub use secret::{CreatedEndpoint, RotationRequest};
