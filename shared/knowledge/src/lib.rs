//! CRM links: where a business's data is, how it is fetched and kept fresh, and how it is searched.

pub mod link;
pub mod source;
