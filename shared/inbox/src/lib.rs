//! What the page of the embedded inbox and its API both read.

pub mod assignees;
pub mod list;
pub mod scope;
pub mod search;
pub mod sql;
pub mod windows;
