//! JSON that is read and written field by field, for Workers that have to stay small: serde_json's
//! own values weigh more than all that such a Worker does with them.

pub mod marks;
pub mod plain;
pub mod raw;
pub mod tolerant;
pub mod writer;

pub use raw::Fields;
