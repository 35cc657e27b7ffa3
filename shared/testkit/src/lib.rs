//! Native only: SQLite as the database with D1's limits, whole requests through a function's
//! handler, and failures on command. A dev-dependency alone.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up should fail where it is"
)]

mod accounts;
mod answer;
mod bound;
mod call;
mod credentials;
mod crm_example;
mod databases;
mod entropy;
mod fixtures;
mod identity_provider;
mod injections;
mod limiter;
mod limits;
mod links;
mod members;
mod model_server;
mod plans;
mod ports;
mod postgres;
mod public_keys;
mod sockets;
mod sqlite;
mod stack;
mod twilio;
mod zones;

pub use accounts::{ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN};
pub use answer::Answer;
pub use bound::bound_without_use;
pub use call::Call;
pub use crm_example::Example;
pub use databases::Several;
pub use entropy::entropy;
pub use fixtures::{CONVERSATION_ID, CUSTOMER_ID};
pub use identity_provider::IdentityProvider;
pub use injections::{INJECTIONS, obeying};
pub use links::{LINKED_PAGE, Links};
pub use members::SignedIn;
pub use model_server::{
    MODEL_KEY, MODEL_SERVER, completion, keeps_the_key_of_its_model_server, model_server,
    refuses_model_servers,
};
pub use plans::check_statements;
pub use ports::{Fake, answer, refused, timed_out};
pub use postgres::{DATABASE_PASSWORD, Postgres, Rows, Statements, keyed, wire_message};
pub use sockets::{Peer, Said};
pub use sqlite::{Failure, Sqlite};
pub use stack::{Connection, PLATFORM_TOKEN, Stack, Tenant};
pub use twilio::{ACCOUNT_SID, AUTH_TOKEN, signed_by_twilio};

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future whose parts are all ready at once, as everything is that has no network.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
