//! Kustomer's API: base URL, requests, and the meaning of responses. It does no I/O: the caller makes
//! the requests that it builds. Section numbers are kustomer.md's.

mod answer;
mod base;
mod bodies;
mod failed;
pub mod mapping;
mod path;
mod requests;
mod resource;
mod upload;
mod webhook;
mod words;

pub use answer::{
    MAX_PAGES, Page, bulk_results, done, file_of, found, gone, resource, resources, upload_of,
    uploaded,
};
pub use base::{base_of, subdomain};
pub use bodies::{
    AttachmentRef, ConversationPatch, CustomerPatch, DeliveryError, FacebookId, InstagramId,
    MAX_TEXT, NewConversation, NewCustomer, NewMessage, NewNote, Search, Social, accounts_united,
    contacts_united, parts_of, usable_tags,
};
pub use failed::{failure, forbidden, limits};
pub use path::Path;
pub use requests::{APP, Api, TIMEOUT_MS, shown};
pub use resource::Resource;
pub use upload::{UploadForm, upload};
pub use webhook::{Envelope, org_of, verified};
pub use words::{
    Direction, MessageStatus, Status, channel_from_kustomer, channel_to_kustomer,
    priority_from_kustomer, priority_to_kustomer, status_from_kustomer, status_to_kustomer,
};

#[cfg(test)]
mod tests;
