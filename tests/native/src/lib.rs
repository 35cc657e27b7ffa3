//! The native tests of every function in one program, which links SQLite once, and those of what
//! several of them share.

#![cfg(test)]
mod attachments;
mod batches;
mod calls;
mod crm_example;
mod details;
mod fairness;
mod handoff_triggers;
mod head;
mod kustomer;
mod master_keys;
mod migrations;
mod rate_limit;
mod regions;
mod repeated_answers;
mod sealed_columns;
mod statements;
mod threads;
mod what_is_bound;

mod functions {
    include!(concat!(env!("OUT_DIR"), "/functions.rs"));
}
