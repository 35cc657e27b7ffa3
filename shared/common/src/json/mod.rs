//! JSON that is read and written field by field, for Workers that have to stay small: serde_json's
//! own values weigh more than all that such a Worker does with them.

pub(crate) mod lenient;
pub(crate) mod raw;
pub(crate) mod written;

pub use raw::Fields;
