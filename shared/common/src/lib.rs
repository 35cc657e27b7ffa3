//! What two functions or more need: the domains with their rules and their SQL, the HTTP contract,
//! and the one way a request takes through a function.
//!
//! Nothing here knows the platform: no clock, no entropy, no sockets. The time and the randomness
//! of a request come in with its [`Context`], so that everything runs natively under tests, on a
//! real SQLite, in milliseconds.
//!
//! Direction of dependence: `serve` → domains (`inbox`, `analytics`, `webhooks` → `crm` →
//! `conversations` → `channels` → `customers`, `attachments` → `access`, `events`) → `context` →
//! `ports` → `http`, `db`, `signatures`, `time`, `ids`; never back.

pub mod allowance;
pub mod calls;
pub mod context;
pub mod csv;
pub mod date;
pub mod day;
pub mod db;
pub mod effects;
pub mod email;
pub mod erasing;
pub mod events;
pub mod form;
pub mod http;
pub mod ids;
pub mod in_flight;
pub mod join;
pub mod json;
pub mod oauth;
pub mod ports;
pub mod sender_quota;
pub mod signatures;
pub mod sorted;
pub mod text;
pub mod time;
pub mod ttl_cache;

pub use context::Context;
