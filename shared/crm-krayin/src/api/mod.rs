//! Krayin's API: base URL, requests, and the meaning of answers. It does no I/O: the caller makes the
//! requests that it builds.

mod activity;
mod answer;
mod base;
mod bodies;
mod comment;
mod headers;
mod records;
mod requests;
mod stage;
mod zone;

pub use activity::{ActivityKind, conversation_title, message_title};
pub use answer::{FieldError, Refusal, body_of};
pub use base::base_of;
pub use bodies::{
    Address, LeadFields, NewActivity, NewLead, NewOrganization, NewPerson, lead_value, object,
};
pub use comment::{Comment, MAX_COMMENT_BYTES, plain_text};
pub use headers::{has_limits, limits, remaining};
pub use records::{
    Activity, Contact, Lead, Named, Person, Pipeline, Record, Stage, all, digits_of, one,
};
pub use requests::{Api, PAGE, Search, shown};
pub use stage::{Facts, Move, StageRules, wanted};
pub use zone::{day_of, schedule};

#[cfg(test)]
mod tests;
