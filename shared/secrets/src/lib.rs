//! What is stored sealed, and the data keys that seal it. Each business has a data key of its own, which
//! is stored sealed under a master key of the deployment's ring; [`common::ports::Ports::open`] opens
//! what it sealed.

mod column;
mod data_key;
mod naming;
pub mod sql;

pub use column::{
    ALERT_URL, CHANNEL_CREDENTIALS, DATA_KEYS, EMBEDDER_KEY, ENDPOINT_OLD_SECRET, ENDPOINT_SECRET,
    INTEGRATION_CREDENTIALS, LINK_CREDENTIALS, LINK_TOKENS, PROVIDER_SECRET, REPLY_KEY,
    SEALED_COLUMNS, SealedColumn,
};
pub use data_key::{Purpose, data_key_of, digest_key, seal};
pub use naming::{naming_keys_begin, secret_name};
