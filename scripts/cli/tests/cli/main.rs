//! Whole commands against a scripted server on the loopback; none of them waits.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod backup;
mod chatwoot;
mod commands;
mod help;
mod import_csv;
mod import_jsonl;
mod import_trouble;
mod keys;
mod krayin;
mod kustomer;
mod links;
mod member;
mod moving;
mod operate;
mod operations;
mod parked;
mod resume;
mod rotate;
mod server;
mod setup;
mod terminal;
